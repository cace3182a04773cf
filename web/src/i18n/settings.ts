// Names of the settings: they stand in the sidebar and the palette from the beginning.
import { texts } from './texts'

export const settings = texts({
  'nav.group.tickets': ['Tickets', 'Tickets'],
  'nav.providers': ['Google and Microsoft', 'Google y Microsoft'],
  'set.tags': ['Tags', 'Etiquetas'],
  'set.skills': ['Skills', 'Habilidades'],
  'set.pipelines': ['Pipelines', 'Flujos'],
  'set.ticket_properties': ['Ticket properties', 'Propiedades de tickets'],
  'set.contact_properties': ['Contact properties', 'Propiedades de contactos'],
  'set.snippets': ['Snippets', 'Textos guardados'],
  'set.macros': ['Macros', 'Macros'],
  'set.teams': ['Teams', 'Equipos'],
  'team.removed': ['{name} (removed)', '{name} (eliminado)'],
  'spam.title': ['Spam', 'Spam'],
  'capacity.title': ['Capacity', 'Capacidad'],
  'blocked.title': ['Blocked senders', 'Remitentes bloqueados'],
  'health.in_seconds': ['in {s} s', 'en {s} s'],
})
