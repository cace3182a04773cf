// Texts of the keyboard: what a shortcut does, and the headings of the sheet (one for each scope of state/keys.svelte.ts).
import { texts } from './texts'

export const keys = texts({
  'keys.title': ['Keyboard shortcuts', 'Atajos de teclado'],
  'keys.scope.app': ['Everywhere', 'En todas partes'],
  'keys.scope.go': ['Go to', 'Ir a'],
  'keys.scope.list': ['List', 'Lista'],
  'keys.scope.ticket': ['Ticket', 'Ticket'],
  'keys.scope.compose': ['Writing', 'Escribir'],
  'keys.scope.settings': ['Settings', 'Ajustes'],
  'keys.scope.search': ['Search', 'Buscar'],
  'keys.scope.look': ['Appearance', 'Apariencia'],
  'keys.scope.me': ['Me', 'Yo'],
  'keys.then': ['then', 'y luego'],
  'keys.help': ['Keyboard shortcuts', 'Atajos de teclado'],
  'keys.close': ['Back, close', 'Volver, cerrar'],
  'keys.next': ['Next ticket', 'Ticket siguiente'],
  'keys.previous': ['Previous ticket', 'Ticket anterior'],
  'keys.open': ['Open', 'Abrir'],
  'keys.reply': ['Reply', 'Responder'],
  'keys.note': ['Write a note', 'Escribir una nota'],
  'keys.close_ticket': ['Close or reopen', 'Cerrar o reabrir'],
  'keys.send': ['Send', 'Enviar'],
  'keys.send_close': ['Send and close', 'Enviar y cerrar'],
})
