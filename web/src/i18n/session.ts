// Texts of signing in and setting up.
import { texts } from './texts'

export const session = texts({
  'signin.title': ['Sign in', 'Iniciar sesión'],
  'signin.lead': ['Your team’s conversations, in one place.', 'Las conversaciones de tu equipo, en un solo lugar.'],
  'signin.email': ['Email', 'Correo'],
  'signin.password': ['Password', 'Contraseña'],
  'signin.submit': ['Sign in', 'Entrar'],
  'signin.wrong': ['That email and password do not match.', 'El correo y la contraseña no coinciden.'],
  'signin.limit': ['Too many attempts. Wait a minute and try again.', 'Demasiados intentos. Espera un minuto y vuelve a probar.'],
  'signin.expired': ['You were signed out. Sign in again to go on where you were; your drafts are kept.', 'Tu sesión terminó. Entra de nuevo para seguir donde estabas; tus borradores se conservan.'],
  'signin.setup_needed': ['This desk has no administrator yet. Open the set-up link that the server printed when it started.', 'Esta mesa de ayuda aún no tiene administrador. Abre el enlace de instalación que el servidor mostró al arrancar.'],
  'signin.code': ['Code', 'Código'],
  'signin.code_hint': ['From your authenticator app, or a recovery code.', 'De tu app de autenticación, o un código de recuperación.'],
  'signin.code_wrong': ['That code is wrong or was used before.', 'Ese código es incorrecto o ya se usó.'],
  'signin.code_title': ['One more step', 'Un paso más'],

  'setup.title': ['Set up your desk', 'Prepara tu mesa de ayuda'],
  'setup.lead': ['You will be its first administrator.', 'Serás su primer administrador.'],
  'setup.name': ['Your name', 'Tu nombre'],
  'setup.password_hint': ['At least 10 characters.', 'Al menos 10 caracteres.'],
  'setup.submit': ['Create administrator', 'Crear administrador'],
  'setup.no_token': ['This address lacks the one-time token. Use the whole link that the server printed.', 'A esta dirección le falta el token de un solo uso. Usa el enlace completo que mostró el servidor.'],
  'setup.done_already': ['This desk is set up already.', 'Esta mesa de ayuda ya está preparada.'],
})
