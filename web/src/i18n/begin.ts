// Texts of what a channel's tickets begin with. They come with its form.
import { texts } from './texts'

export const begin = texts({
  'begin.title': ['What tickets begin with', 'Con qué empiezan los tickets'],
  'begin.lead': ['A new ticket has this before any rule looks at it.', 'Un ticket nuevo lo tiene antes de que lo mire ninguna regla.'],
  'begin.priority_usual': ['Normal', 'Normal'],
  'begin.team_none': ['No team', 'Ningún equipo'],
  'begin.team_hint': ['One of its main members gets the ticket, whatever the rules say.', 'Lo recibe uno de sus miembros principales, digan lo que digan las reglas.'],
  'begin.stage_none': ['New', 'Nuevo'],
  'begin.gone': ['{name} (removed)', '{name} (eliminado)'],
  'begin.removed': ['Removed', 'Eliminado'],
  'begin.within': ['First answer within', 'Primera respuesta en'],
  'begin.within_hint': ['Empty: due by no time.', 'Vacío: sin plazo.'],
  'begin.unit': ['Unit of time', 'Unidad de tiempo'],
  'begin.unit.1': ['minutes', 'minutos'],
  'begin.unit.60': ['hours', 'horas'],
  'begin.unit.1440': ['days', 'días'],
  'begin.properties': ['Properties', 'Propiedades'],
})
