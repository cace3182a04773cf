// Texts of what becomes of a channel's tickets whose owner is not there. They come with their form.
import { texts } from './texts'

export const owners = texts({
  'owners.title': ['When the owner is not there', 'Si el responsable no está'],
  'owners.lead': ['Being away means no new tickets. This says what becomes of those that somebody has already.', 'Estar ausente significa no recibir tickets nuevos. Esto dice qué pasa con los que alguien ya tiene.'],
  'owners.away': ['When the owner goes away', 'Cuando el responsable se ausenta'],
  'owners.away.keep': ['Their tickets stay with them', 'Sus tickets siguen con él'],
  'owners.away.requeue': ['Tickets that wait for us go back after a time', 'Los tickets que esperan respuesta vuelven a la cola al cabo de un tiempo'],
  'owners.away.requeue_hint': ['Who comes back in time, or works on one meanwhile, keeps it.', 'Quien vuelve a tiempo, o trabaja en alguno mientras tanto, lo conserva.'],
  'owners.away.hand_over': ['Tickets that wait for us are handed over when their hours end, or an absence begins', 'Los tickets que esperan respuesta se entregan al acabar su horario o empezar una ausencia'],
  'owners.away.hand_over_hint': ['Not for a break that somebody takes by hand.', 'No por una pausa que alguien se toma a mano.'],
  'owners.after': ['Minutes away', 'Minutos de ausencia'],
  'owners.reopened': ['When its contact opens a closed ticket again', 'Cuando el contacto reabre un ticket cerrado'],
  'owners.reopened.keep': ['Its owner has it, there or not', 'Lo tiene su responsable, esté o no'],
  'owners.reopened.if_available': ['Its owner has it if they are available', 'Lo tiene su responsable si está disponible'],
  'owners.reopened.requeue': ['It goes to whoever is next', 'Va a quien le toque'],
  'owners.offers': ['Tickets given by rule', 'Tickets asignados por regla'],
  'owners.offer': ['Whoever is given one has to take it in time, else it goes to the next', 'Quien recibe uno tiene que tomarlo a tiempo; si no, pasa a la siguiente persona'],
  'owners.offer_hint': ['Opening it is enough. For chats: a mail can wait.', 'Basta con abrirlo. Para chats: un correo puede esperar.'],
  'owners.seconds': ['Seconds to take it', 'Segundos para tomarlo'],
  'owners.most_missed': ['Away after so many in a row that were not taken', 'Ausente tras tantos seguidos sin tomar'],
  'owners.most_missed_hint': ['0: never.', '0: nunca.'],
})
