// Texts of a visitor who left a chat. They come with their line.
import { texts } from './texts'

export const leaving = texts({
  'act.not_mailed.one': ['The visitor has not seen the answer, and it was not mailed:', 'El visitante no ha visto la respuesta y no se le envió por correo:'],
  'act.not_mailed.other': ['The visitor has not seen {count} answers, and they were not mailed:', 'El visitante no ha visto {count} respuestas y no se le enviaron por correo:'],
  'act.withheld.no_address': ['no address is known', 'no se conoce su dirección'],
  'act.withheld.no_mailbox': ['the mailbox that sends them is off or gone', 'el buzón que las envía está desactivado o ya no existe'],
  'act.withheld.own_address': ['the address given is one of ours', 'la dirección indicada es una de las nuestras'],
  'act.withheld.unproved': ['the address was only typed, and this chat wants it proved', 'la dirección solo fue escrita y este chat exige comprobarla'],
  'act.withheld.blocked': ['the contact is blocked, or the ticket is spam', 'el contacto está bloqueado o el ticket es spam'],
  'act.withheld.off': ['this chat sends no mail', 'este chat no envía correos'],
  'act.address': ['The visitor gave an address: {to}', 'El visitante dio su dirección: {to}'],
  'act.rated': ['The visitor rated it: {stars}', 'El visitante lo valoró: {stars}'],
  'act.transcript_sent': ['The transcript was mailed', 'Se envió la transcripción por correo'],
  'act.transcript_withheld': ['The transcript was not mailed: {why}', 'La transcripción no se envió: {why}'],
  'act.asked_chat': ['The visitor is asked in the chat how it was', 'Se pregunta al visitante en el chat qué le pareció'],
  'act.asked_mail': ['The visitor is asked by mail how it was', 'Se pregunta al visitante por correo qué le pareció'],
})
