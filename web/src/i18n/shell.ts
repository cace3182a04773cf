// Texts of navigation, appearance.
import { texts } from './texts'

export const shell = texts({
  'nav.label': ['Navigation', 'Navegación'],
  'nav.quick': ['Quick navigation', 'Navegación rápida'],
  'nav.views': ['Views', 'Vistas'],
  'nav.find': ['Jump to…', 'Ir a…'],
  'nav.find_short': ['Search', 'Buscar'],
  'nav.back': ['Back to the tickets', 'Volver a los tickets'],
  'nav.narrow': ['Narrow the sidebar', 'Estrechar la barra lateral'],
  'nav.widen': ['Widen the sidebar', 'Ensanchar la barra lateral'],
  'nav.fold': ['Narrow or widen the sidebar', 'Estrechar o ensanchar la barra lateral'],
  'nav.group.desk': ['Help desk', 'Mesa de ayuda'],
  'nav.group.work': ['Work', 'Trabajo'],
  'nav.group.me': ['Me', 'Yo'],
  'nav.go': ['Go to {place}', 'Ir a {place}'],
  'nav.menu': ['Menu', 'Menú'],
  'nav.settings': ['Settings', 'Ajustes'],
  'nav.channels': ['Channels', 'Canales'],
  'nav.audit': ['Audit', 'Auditoría'],
  'live.title': ['Live board', 'Tablero en vivo'],
  'dash.title': ['Dashboard', 'Panel'],
  'nav.agents': ['Agents', 'Agentes'],

  'view.unassigned': ['Unassigned', 'Sin asignar'],
  'view.mine': ['Mine', 'Míos'],
  'view.open': ['All open', 'Todos los abiertos'],
  'view.closed': ['Closed', 'Cerrados'],

  'density.cosy': ['Density: comfortable', 'Densidad: cómoda'],
  'density.compact': ['Density: compact', 'Densidad: compacta'],
  'theme.label': ['Appearance', 'Apariencia'],
  'theme.use': ['Appearance: {theme}', 'Apariencia: {theme}'],
  'theme.system': ['System', 'Sistema'],
  'theme.light': ['Light', 'Claro'],
  'theme.dark': ['Dark', 'Oscuro'],
})
