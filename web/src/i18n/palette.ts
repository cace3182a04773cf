// Texts of the command palette.
import { texts } from './texts'

export const palette = texts({
  'palette.title': ['Commands', 'Comandos'],
  'palette.placeholder': ['Command, place or ticket number…', 'Comando, lugar o n.º de ticket…'],
  'palette.open': ['Open the command palette', 'Abrir la paleta de comandos'],
  'palette.recent': ['Recent', 'Recientes'],
  'palette.tickets': ['Tickets', 'Tickets'],
  'palette.ticket': ['Open ticket #{number}', 'Abrir el ticket #{number}'],
  'palette.no_ticket': ['There is no ticket #{number}, or it is not yours to see.', 'No existe el ticket #{number}, o no puedes verlo.'],
  'palette.move': ['to move', 'para moverte'],
  'palette.choose': ['to choose', 'para elegir'],
})
