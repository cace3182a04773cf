// Texts of whose a mail is and why it is in its ticket. They come with the parts that show them.
import { texts } from './texts'

export const lineage = texts({
  'lineage.unconfirmed': ['Not confirmed.', 'Sin confirmar.'],
  'lineage.unconfirmed_why': ['{address} takes no part in this ticket; they only had the reference of one of our mails. Replies do not go to them.', '{address} no participa en este ticket; solo tenía la referencia de uno de nuestros correos. Las respuestas no le llegan.'],
  'lineage.confirm': ['They take part', 'Sí participa'],
  'lineage.confirmed': ['{name} takes part now.', '{name} participa ahora.'],
  'lineage.passed_on': ['{sender} passed on a mail of {name}', '{sender} reenvió un correo de {name}'],
  'lineage.passed_on_for': ['{sender} passed on a mail of {name}, whose ticket this is', '{sender} reenvió un correo de {name}, de quien es este ticket'],
  'lineage.make_requester': ['Make {name} the requester', 'Hacer solicitante a {name}'],
  'lineage.changed': ['This is {name}’s ticket now.', 'Este ticket es ahora de {name}.'],
  'lineage.choose': ['Whose ticket is it? A name or an address', '¿De quién es el ticket? Un nombre o una dirección'],
  'lineage.group_passed_on': ['Whose mail was passed on', 'De quien es el correo reenviado'],
  'lineage.group_here': ['In this conversation', 'En esta conversación'],
  'lineage.group_contacts': ['Contacts', 'Contactos'],
  'lineage.group_new': ['Somebody new', 'Alguien nuevo'],
  'lineage.why': ['Why in this ticket?', '¿Por qué en este ticket?'],

  'why_here.token': ['It was sent to this ticket’s own reply address.', 'Se envió a la dirección de respuesta de este ticket.'],
  'why_here.own_id': ['It answers a mail of ours.', 'Responde a un correo nuestro.'],
  'why_here.anchor': ['Its references name this ticket.', 'Sus referencias nombran este ticket.'],
  'why_here.bounce': ['It gives back a mail of ours.', 'Devuelve un correo nuestro.'],
  'why_here.answers': ['It answers a mail that is here.', 'Responde a un correo que está aquí.'],
  'why_here.references': ['An earlier mail of its chain is here.', 'Un correo anterior de su cadena está aquí.'],
  'why_here.marker': ['What it quotes bears our hidden mark.', 'Lo que cita lleva nuestra marca oculta.'],
  'why_here.sibling': ['A mail that is here names it.', 'Un correo que está aquí lo nombra.'],
  'why_here.subject_number': ['Its subject has this ticket’s number.', 'Su asunto lleva el número de este ticket.'],
  'why_here.subject': ['It is an answer about the same, from the same person.', 'Es una respuesta sobre lo mismo, de la misma persona.'],
})
