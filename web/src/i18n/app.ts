// Texts of the page itself, forms, the connection.
import { texts } from './texts'

export const app = texts({
  'app.name': ['Centralita', 'Centralita'],

  'skip.list': ['Skip to the ticket list', 'Ir a la lista de tickets'],
  'skip.conversation': ['Skip to the conversation', 'Ir a la conversación'],
  'skip.main': ['Skip to the content', 'Ir al contenido'],

  'link.connecting': ['Connecting…', 'Conectando…'],
  'link.waiting': ['Not connected. Trying again in {s} s.', 'Sin conexión. Nuevo intento en {s} s.'],
  'link.offline': ['You are offline. What you write is kept and sent later.', 'Estás sin conexión. Lo que escribas se guarda y se envía después.'],
  'link.parked': ['The connection was taken over by another window.', 'Otra ventana tomó la conexión.'],
  'link.now': ['Connect now', 'Conectar ahora'],
  'link.unsent.one': ['{count} message waits to be sent.', '{count} mensaje espera para enviarse.'],
  'link.unsent.other': ['{count} messages wait to be sent.', '{count} mensajes esperan para enviarse.'],

  'form.save': ['Save', 'Guardar'],
  'form.saved': ['Saved.', 'Guardado.'],
  'form.cancel': ['Cancel', 'Cancelar'],
  'form.remove': ['Remove {name}', 'Quitar {name}'],
  'form.create': ['Create “{name}”', 'Crear «{name}»'],
  'form.nothing_found': ['Nothing found.', 'No se encontró nada.'],
  'form.undo': ['Undo', 'Deshacer'],
  'form.close': ['Close', 'Cerrar'],
  'form.offline': ['The server cannot be reached. Try again.', 'No se puede contactar con el servidor. Prueba otra vez.'],

  'page.missing': ['There is no such page.', 'No existe esa página.'],
  'page.home': ['To the tickets', 'A los tickets'],
  'page.denied': ['You may not see this page. An administrator can change that.', 'No puedes ver esta página. Un administrador puede cambiarlo.'],
  'page.outdated': ['This page could not be loaded. There may be a newer version.', 'No se pudo cargar esta página. Puede haber una versión más nueva.'],
  'page.reload': ['Reload', 'Recargar'],
  'page.loading': ['Loading…', 'Cargando…'],
  'page.offline': ['The server cannot be reached. Trying again…', 'No se puede contactar con el servidor. Probando de nuevo…'],
})
