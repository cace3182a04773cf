// Texts of why an agent was, or was not, chosen. They come with what shows candidates.
import { texts } from './texts'

export const verdict = texts({
  'verdict.chosen': ['chosen', 'elegido'],
  'verdict.away': ['away', 'ausente'],
  'verdict.not_connected': ['not connected', 'sin conexión'],
  'verdict.at_capacity': ['at capacity', 'al límite'],
  'verdict.at_capacity_calls': ['at the limit for calls', 'al límite de llamadas'],
  'verdict.at_capacity_messaging': ['at the limit for messages', 'al límite de mensajes'],
  'verdict.at_capacity_email': ['at the limit for email', 'al límite de correo'],
  'verdict.no_seat': ['no seat', 'sin asiento'],
  'verdict.deactivated': ['deactivated', 'desactivado'],
  'verdict.not_main_member': ['not a main member', 'no es miembro principal'],
  'verdict.declined': ['declined', 'declinó'],
  'verdict.no_skill': ['without the skill', 'sin la habilidad'],
  'verdict.second_language': ['speaks it second', 'lo habla como segunda lengua'],
  'verdict.gone': ['not here any more', 'ya no está'],
  'verdict.eligible': ['eligible', 'elegible'],
  'verdict.less_idle': ['idle for less time', 'menos tiempo libre'],
  'verdict.more_loaded': ['more loaded', 'más cargado'],
  'verdict.larger_share': ['less room left', 'menos hueco libre'],
  'verdict.had_turn': ['had their turn', 'ya tuvo su turno'],
  'verdict.later_turn': ['later in the round', 'más tarde en la ronda'],
  'verdict.not_drawn': ['not drawn', 'no salió elegido'],
  'verdict.passed_over': ['could have taken it', 'podría haberlo tomado'],
})
