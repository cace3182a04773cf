// Texts of navigation, appearance.
import { texts } from './texts'

export const shell = texts({
  'nav.label': ['Views', 'Vistas'],
  'nav.menu': ['Menu', 'Menú'],
  'nav.settings': ['Settings', 'Ajustes'],
  'nav.channels': ['Channels', 'Canales'],
  'nav.agents': ['Agents', 'Agentes'],

  'view.unassigned': ['Unassigned', 'Sin asignar'],
  'view.mine': ['Mine', 'Míos'],
  'view.open': ['All open', 'Todos los abiertos'],
  'view.closed': ['Closed', 'Cerrados'],

  'theme.label': ['Appearance', 'Apariencia'],
  'theme.system': ['System', 'Sistema'],
  'theme.light': ['Light', 'Claro'],
  'theme.dark': ['Dark', 'Oscuro'],
})
