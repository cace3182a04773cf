// Texts of the ticket list.
import { texts } from './texts'

export const list = texts({
  'list.label': ['Tickets', 'Tickets'],
  'list.loading': ['Loading…', 'Cargando…'],
  'list.new.one': ['{count} new above', '{count} nuevo arriba'],
  'list.new.other': ['{count} new above', '{count} nuevos arriba'],
  'list.no_subject': ['(no subject)', '(sin asunto)'],
  'list.desk_said': ['Team: ', 'Equipo: '],
  'list.note': ['Note: ', 'Nota: '],
  'list.waits': ['Waiting {time}', 'Espera {time}'],
  'list.in_line': ['In line', 'En cola'],
  'list.undelivered': ['Not delivered', 'No entregado'],
  'list.announce': ['New message from {name}: {subject}', 'Mensaje nuevo de {name}: {subject}'],
})
