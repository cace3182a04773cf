// The widget's own words, in the languages it speaks. title and launcher are a channel's own.

/** @typedef {typeof en} Words */

const en = {
  title: '',
  launcher: '',
  launch: 'Open chat',
  unread: 'unread messages',
  unreachable: 'The chat cannot be reached just now.',
  close: 'Close chat',
  greeting: 'Hi there! How can we help?',
  online: 'We are here for you',
  away: 'We are away and answer as soon as we can',
  placeholder: 'Write a message…',
  message: 'Message',
  send: 'Send',
  sending: 'Sending…',
  sent: 'Sent',
  failed: 'Not sent.',
  retry: 'Try again',
  discard: 'Remove',
  reconnecting: 'Connection lost. Reconnecting…',
  offline: 'You are offline. We send what you write when you are back.',
  elsewhere: 'The chat is open in too many tabs.',
  refused: 'The chat is not available on this page.',
  today: 'Today',
  yesterday: 'Yesterday',
  agent: 'Support',
  you: 'You',
  typing: 'is typing',
  closed: 'This conversation was closed. Write to open it again.',
  earlier: 'Earlier messages are not shown.',
  cut: 'The message is longer than shown here.',
  details: 'Who are we talking to? (optional)',
  name: 'Your name',
  email: 'Your email',
  download: 'Download',
  long: 'Please write less than 4,000 characters.',
  newer: 'New messages',
  place: 'You are in line, number ',
  next: 'You are next in line',
  minute: ': about a minute.',
  about: ': about ',
  minutes: ' minutes.',
};

/** @type {Words} */
const es = {
  title: '',
  launcher: '',
  launch: 'Abrir el chat',
  unread: 'mensajes sin leer',
  unreachable: 'Ahora mismo no se puede abrir el chat.',
  close: 'Cerrar el chat',
  greeting: '¡Hola! ¿En qué podemos ayudarte?',
  online: 'Estamos aquí para ayudarte',
  away: 'No estamos ahora mismo; responderemos en cuanto podamos',
  placeholder: 'Escribe un mensaje…',
  message: 'Mensaje',
  send: 'Enviar',
  sending: 'Enviando…',
  sent: 'Enviado',
  failed: 'No se ha enviado.',
  retry: 'Reintentar',
  discard: 'Quitar',
  reconnecting: 'Conexión perdida. Reconectando…',
  offline: 'No tienes conexión. Enviaremos lo que escribas cuando vuelvas.',
  elsewhere: 'El chat está abierto en demasiadas pestañas.',
  refused: 'El chat no está disponible en esta página.',
  today: 'Hoy',
  yesterday: 'Ayer',
  agent: 'Soporte',
  you: 'Tú',
  typing: 'está escribiendo',
  closed: 'Esta conversación se ha cerrado. Escribe para reabrirla.',
  earlier: 'Los mensajes anteriores no se muestran.',
  cut: 'El mensaje es más largo de lo que se muestra aquí.',
  details: '¿Con quién hablamos? (opcional)',
  name: 'Tu nombre',
  email: 'Tu correo',
  download: 'Descargar',
  long: 'Escribe menos de 4.000 caracteres, por favor.',
  newer: 'Mensajes nuevos',
  place: 'Estás en la cola, puesto ',
  next: 'Tu turno es el próximo',
  minute: ': un minuto, más o menos.',
  about: ': unos ',
  minutes: ' minutos.',
};

/**
 * The words of a language: the channel's own before ours, English where there are none.
 * @param {string} lang @param {Record<string, Partial<Words>>} [texts] of the channel's configuration
 * @returns {Words}
 */
export function speak(lang, texts) {
  return { ...(lang.startsWith('es') ? es : en), ...texts?.[lang] };
}
