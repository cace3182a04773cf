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
  'me.load': ['{load} of {capacity} tickets', '{load} de {capacity} tickets'],
  'me.load_free': ['{load} tickets, no limit', '{load} tickets, sin límite'],
  'me.sign_out': ['Sign out', 'Cerrar sesión'],
  'me.language': ['Language', 'Idioma'],
})
