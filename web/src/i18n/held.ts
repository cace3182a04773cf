// Texts of what waits because too much came at once. They come with its line and its place in the panel.
import { texts } from './texts'

export const held = texts({
  'act.held_sender': [
    '{of} sends more than one can answer: what follows from it waits until {time}',
    '{of} envía más de lo que se puede responder: lo que sigue espera hasta {time}',
  ],
  'act.held_domain': [
    'More comes from {of} than one can answer: what follows from it waits until {time}',
    'Llega de {of} más de lo que se puede responder: lo que sigue espera hasta {time}',
  ],
  'act.held_mailbox': [
    'More comes to this mailbox than one can answer: what follows from it waits until {time}',
    'Llega a este buzón más de lo que se puede responder: lo que sigue espera hasta {time}',
  ],
  'held.until': ['Held back until {time}.', 'Retenido hasta las {time}.'],
  'held.why_sender': ['{of} sends more than one can answer.', '{of} envía más de lo que se puede responder.'],
  'held.why_domain': ['More comes from {of} than one can answer.', 'Llega de {of} más de lo que se puede responder.'],
  'held.why_mailbox': ['More comes to this mailbox than one can answer.', 'Llega a este buzón más de lo que se puede responder.'],
  'held.why_none': ['Too much came at once.', 'Llegó demasiado a la vez.'],
  'held.nobody': ['Until then nobody is chosen or told, and nothing is answered by itself.', 'Hasta entonces no se elige ni se avisa a nadie, ni se responde nada por sí solo.'],
  'held.owner': ['Until then its owner is not told of new messages.', 'Hasta entonces no se avisa a su propietario de los mensajes nuevos.'],
  'held.now': ['Take it up now', 'Atenderlo ahora'],
  'held.gone_on': ['It is no longer held back', 'Ya no está retenido'],
  'act.released': ['No longer held back', 'Ya no se retiene'],
  'act.released_by': ['{by} no longer holds it back', '{by} ya no lo retiene'],
})
