// Texts of the words of a ticket and its panel.
import { texts } from './texts'

export const ticket = texts({
  'status.new': ['New', 'Nuevo'],
  'status.waiting_on_us': ['Waiting on us', 'Espera de nosotros'],
  'status.waiting_on_contact': ['Waiting on contact', 'Espera del contacto'],
  'status.closed': ['Closed', 'Cerrado'],

  'priority.low': ['Low', 'Baja'],
  'priority.normal': ['Normal', 'Normal'],
  'priority.high': ['High', 'Alta'],
  'priority.urgent': ['Urgent', 'Urgente'],

  'kind.email': ['Email', 'Correo'],
  'kind.chat': ['Web chat', 'Chat web'],
  'kind.messenger': ['Messenger', 'Messenger'],
  'kind.form': ['Form', 'Formulario'],
  'kind.whatsapp': ['WhatsApp', 'WhatsApp'],
  'kind.call': ['Phone', 'Teléfono'],
  'kind.custom': ['Custom', 'Propio'],

  'panel.label': ['Ticket', 'Ticket'],
  'panel.channel': ['Channel', 'Canal'],
  'panel.status': ['Status', 'Estado'],
  'panel.priority': ['Priority', 'Prioridad'],
  'panel.owner': ['Owner', 'Responsable'],
  'panel.nobody': ['Nobody', 'Nadie'],
  'panel.opened': ['Opened', 'Abierto'],
  'panel.waiting': ['Waiting since', 'Espera desde'],
  'panel.in_line': ['In line since', 'En cola desde'],
  'panel.routing': ['Routing', 'Asignación'],
  'panel.who_now': ['Why, and who now?', '¿Por qué, y quién ahora?'],
  'panel.take': ['Assign to me', 'Asignarme'],
  'panel.close': ['Close', 'Cerrar'],
  'panel.reopen': ['Reopen', 'Reabrir'],
  'panel.subject': ['Subject', 'Asunto'],
  'panel.rename': ['Rename', 'Renombrar'],
})
