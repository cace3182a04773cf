// Texts of mail: whether a sender is who the mail says, and whom one trusts in that. They come with the parts that show them
// (catalogue.ts).
import { texts } from './texts'

export const mail = texts({
  'sender.failed': ['Sender not verified', 'Remitente sin verificar'],
  'sender.refuted': ['The checks for {domain} failed: somebody else may have written this.', 'Las comprobaciones de {domain} fallaron: puede haberlo escrito otra persona.'],
  'sender.unproved': ['Nothing proves that this came from {domain}.', 'Nada prueba que esto venga de {domain}.'],
  'sender.several': ['The mail names several senders.', 'El correo nombra a varios remitentes.'],
  'sender.no_sender': ['The mail names no sender.', 'El correo no nombra ningún remitente.'],
  'sender.says': ['Checked by {server}.', 'Comprobado por {server}.'],

  'trust.title': ['Who vouches for senders', 'Quién da fe de los remitentes'],
  'trust.lead': ['Your mail server writes above each mail whether its sender was proved. Only what a server named here says counts.', 'Tu servidor anota en cada correo si el remitente se pudo comprobar. Solo cuenta lo que diga un servidor indicado aquí.'],
  'trust.forwarded': ['Mail that is forwarded to the desk is checked by the desk itself: by the signature of the sender’s domain.', 'El correo reenviado lo comprueba la propia mesa de ayuda, por la firma del dominio del remitente.'],
  'trust.none': ['No server is trusted: no sender counts as verified.', 'No hay servidores de confianza: ningún remitente cuenta como verificado.'],
  'trust.add': ['Trust', 'Confiar'],
  'trust.name': ['Name of the server', 'Nombre del servidor'],
  'trust.name_hint': ['What stands first in Authentication-Results of a mail you received, such as mx.google.com.', 'Lo primero que aparece en Authentication-Results de un correo recibido, como mx.google.com.'],
  'trust.remove': ['Trust {server} no more', 'Dejar de confiar en {server}'],
  'trust.seen': ['Seen in mail you received', 'Visto en el correo recibido'],
  'trust.seen_many.one': ['in {count} mail', 'en {count} correo'],
  'trust.seen_many.other': ['in {count} mails', 'en {count} correos'],
})
