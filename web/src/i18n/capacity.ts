// Texts of how much agents may have, and what tickets count. They come with what shows them.
import { texts } from './texts'

export const capacity = texts({
  'capacity.lead': ['Who is full gets no more tickets by rule; the next one does. By hand, anybody can be given anything.', 'Quien está al límite no recibe más tickets por regla; los recibe el siguiente. A mano se puede dar cualquiera a cualquiera.'],
  'capacity.weights': ['What a ticket counts', 'Lo que cuenta un ticket'],
  'capacity.weights_text': ['A ticket is given to somebody only if all of its weight fits under their limits.', 'Un ticket solo se da a alguien si todo su peso cabe en sus límites.'],
  'capacity.kind': ['Kind of channel', 'Tipo de canal'],
  'capacity.limit_of': ['Counts against', 'Cuenta para el límite de'],
  'capacity.weight': ['Weight', 'Peso'],
  'capacity.weight_of': ['Weight of {kind}', 'Peso de {kind}'],
  'capacity.excluded': ['Open tickets that do not count', 'Tickets abiertos que no cuentan'],
  'capacity.excluded_text': ['They stay with their owner and free the place. When they count again, nobody loses them.', 'Siguen con su responsable y dejan libre su plaza. Cuando vuelven a contar, nadie los pierde.'],
  'capacity.now': ['Who has what now', 'Quién tiene cuánto ahora'],
  'capacity.now_text': ['What open tickets count, and the limit. Limits are set on the agent’s page.', 'Lo que cuentan los tickets abiertos, y el límite. Los límites se fijan en la página del agente.'],
  'capacity.all': ['All together', 'En total'],
  'capacity.group.calls': ['Calls', 'Llamadas'],
  'capacity.group.messaging': ['Messages', 'Mensajes'],
  'capacity.group.email': ['Email and other', 'Correo y otros'],
  'capacity.short.calls': ['calls', 'llamadas'],
  'capacity.short.messaging': ['messages', 'mensajes'],
  'capacity.short.email': ['email', 'correo'],
  'capacity.full': ['full', 'al límite'],
  'capacity.limits': ['Limits by kind of channel', 'Límites por tipo de canal'],
  'capacity.limits_hint': ['Beside the capacity, which is that of all together. Messages are chat, Messenger and WhatsApp. 0 means no limit.', 'Además de la capacidad, que es la de todos juntos. Los mensajes son chat, Messenger y WhatsApp. 0 significa sin límite.'],
})
