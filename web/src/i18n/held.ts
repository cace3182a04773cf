// Texts of what waits because too much came at once. They come with its line.
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
  'act.released': ['No longer held back', 'Ya no se retiene'],
  'act.released_by': ['{by} no longer holds it back', '{by} ya no lo retiene'],
})
