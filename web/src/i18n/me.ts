// Texts of one’s own availability and preferences.
import { texts } from './texts'

export const me = texts({
  'me.available': ['Available', 'Disponible'],
  'me.away': ['Away', 'Ausente'],
  'me.away_as': ['Away: {reason}', 'Ausente: {reason}'],
  'me.availability': ['My availability', 'Mi disponibilidad'],
  'me.go_available': ['Become available', 'Ponerme disponible'],
  'me.reason.break': ['Break', 'Descanso'],
  'me.reason.lunch': ['Lunch', 'Comida'],
  'me.reason.meeting': ['Meeting', 'Reunión'],
  'me.reason.training': ['Training', 'Formación'],
  'me.reason.other': ['Other reason…', 'Otro motivo…'],
  'me.load': ['Load {load} of {capacity}', 'Carga: {load} de {capacity}'],
  'me.load_free': ['Load {load}, no limit', 'Carga: {load}, sin límite'],
  'me.sign_out': ['Sign out', 'Cerrar sesión'],
  'notices.title': ['Notifications', 'Notificaciones'],
  'notices.unseen.one': ['{count} new notification', '{count} notificación nueva'],
  'notices.unseen.other': ['{count} new notifications', '{count} notificaciones nuevas'],
  'notices.mute_ticket': ['Mute this ticket', 'Silenciar este ticket'],
  'notices.unmute_ticket': ['Hear of this ticket again', 'Volver a recibir avisos de este ticket'],
  'me.language': ['Language', 'Idioma'],
  'me.title': ['My account', 'Mi cuenta'],
  'me.open': ['My account', 'Mi cuenta'],
})
