// Texts of the rule that says who gets a channel's tickets.
import { texts } from './texts'

export const routing = texts({
  'routing.nobody': ['Nobody: tickets stay unassigned', 'Nadie: los tickets quedan sin asignar'],
  'routing.users_and_teams': ['Agents and teams', 'Agentes y equipos'],
  'routing.contact_owner': ['The contact’s owner, else agents and teams', 'El responsable del contacto o, si no, agentes y equipos'],
  'routing.agents': ['Agents', 'Agentes'],
  'routing.teams': ['Teams', 'Equipos'],
  'routing.only_available': ['Only agents who are available', 'Solo agentes disponibles'],
  'routing.policy': ['Who of them', 'A quién de ellos'],
  'routing.policy.least_loaded': ['Fewest open tickets', 'Menos tickets abiertos'],
  'routing.policy.least_loaded.hint': ['Among equals, who has been the longest without a new one.', 'Entre iguales, quien lleva más tiempo sin uno nuevo.'],
  'routing.policy.least_share': ['Most room left', 'Más hueco libre'],
  'routing.policy.least_share.hint': ['Open tickets for their capacity. Without a limit, the largest limit here counts.', 'Tickets abiertos según su límite. Sin límite, cuenta el mayor de aquí.'],
  'routing.policy.round_robin': ['In turn', 'Por turnos'],
  'routing.policy.round_robin.hint': ['Everybody who is there gets one before anyone gets a second. Who comes later joins the round.', 'Cada persona disponible recibe uno antes de que nadie reciba el segundo. Quien llega después se suma a la ronda.'],
  'routing.policy.weighted': ['In turn, by level', 'Por turnos, según el nivel'],
  'routing.policy.weighted.hint': ['As many in each round as said below: more for the experienced.', 'Tantos en cada ronda como se indica abajo: más para quien tiene experiencia.'],
  'routing.policy.longest_idle': ['Longest without a new one', 'Más tiempo sin uno nuevo'],
  'routing.policy.longest_idle.hint': ['However many they have open.', 'Tenga los que tenga abiertos.'],
  'routing.policy.random': ['At random', 'Al azar'],
  'routing.policy.random.hint': ['Everybody who is there is as likely as the next.', 'Cada persona disponible tiene la misma probabilidad.'],
  'routing.sticky': ['First whoever had the contact’s last ticket, if they can take it', 'Primero quien tuvo el último ticket del contacto, si puede tomarlo'],
  'routing.weights': ['Tickets in a round', 'Tickets por ronda'],
  'routing.weight_of': ['Tickets in a round for {name}', 'Tickets por ronda para {name}'],
  'routing.team_gone': ['Nobody gets tickets through {list}: take it out, or choose another.', 'Nadie recibe tickets por {list}: quítalo o elige otro.'],
  'routing.no_one': ['Choose at least one agent or team.', 'Elige al menos un agente o equipo.'],
})
