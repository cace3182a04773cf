// Texts of agents.
import { texts } from './texts'

export const agents = texts({
  'agents.lead': ['Who answers.', 'Quién responde.'],
  'agents.add': ['Add agent', 'Añadir agente'],
  'agents.page': ['Their page', 'Su página'],
  'agents.you': ['you', 'tú'],

  'agent.name': ['Name', 'Nombre'],
  'agent.email': ['Email', 'Correo'],
  'agent.role': ['Role', 'Rol'],
  'agent.role.agent': ['Agent', 'Agente'],
  'agent.role.administrator': ['Administrator', 'Administrador'],
  'agent.role.supervisor': ['Supervisor', 'Supervisor'],
  'agent.access': ['Sees', 'Ve'],
  'agent.access.all': ['All tickets', 'Todos los tickets'],
  'agent.access.team': ['Tickets of their teams', 'Los tickets de sus equipos'],
  'agent.access.own': ['Only their own tickets', 'Solo sus propios tickets'],
  'agent.access_hint': ['Own tickets are those they own, follow or are mentioned in. Supervisors and administrators see all.', 'Los propios son los que tiene asignados, sigue o en los que se le menciona. Supervisores y administradores ven todos.'],
  'agent.seat': ['Seat', 'Asiento'],
  'agent.seat_hint': ['Only agents with a seat are assigned tickets automatically.', 'Solo los agentes con asiento reciben tickets automáticamente.'],
  'agent.capacity': ['Capacity', 'Capacidad'],
  'agent.capacity_hint': ['What open tickets may count for more to be assigned automatically. 0 means no limit.', 'Lo que pueden contar los tickets abiertos para que se asignen más automáticamente. 0 significa sin límite.'],
  'agent.password': ['Password', 'Contraseña'],
  'agent.current': ['Your present password', 'Tu contraseña actual'],
  'agent.password_keep': ['Leave empty to keep the present one. At least 10 characters.', 'Déjala vacía para conservar la actual. Al menos 10 caracteres.'],
  'agent.password_hint': ['At least 10 characters.', 'Al menos 10 caracteres.'],
  'agent.deactivated': ['Deactivated', 'Desactivado'],
  'agent.deactivate_hint': ['Cannot sign in and is not assigned anything.', 'No puede entrar ni recibe tickets.'],
  'agent.load': ['Load', 'Carga'],
  'agent.availability': ['Availability', 'Disponibilidad'],
  'agent.new': ['New agent', 'Agente nuevo'],
})
