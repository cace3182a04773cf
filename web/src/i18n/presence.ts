// Texts of who has a workspace open. They come with the screens of agents.
import { texts } from './texts'

export const presence = texts({
  'presence.on': ['Connected', 'Con conexión'],
  'presence.off': ['Not connected', 'Sin conexión'],
  'presence.off_hint': ['No workspace is open: no chats or calls until one is. Mail comes as usual.', 'No hay ningún espacio de trabajo abierto: sin chats ni llamadas hasta que lo haya. El correo llega como siempre.'],
})
