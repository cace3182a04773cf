// The widget's own words, in the languages it speaks.

/** @typedef {typeof en} Words */

const en = {
  open: 'Open chat',
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
  unread: 'unread messages',
  download: 'Download',
  long: 'Please write less than 4,000 characters.',
  newer: 'New messages',
};

/** @type {Words} */
const es = {
  open: 'Abrir el chat',
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
  unread: 'mensajes sin leer',
  download: 'Descargar',
  long: 'Escribe menos de 4.000 caracteres, por favor.',
  newer: 'Mensajes nuevos',
};

/** @param {string} locale the channel's, '' for the visitor's own @returns {{lang: string, words: Words}} */
export function speak(locale) {
  const lang = locale || (navigator.languages || [navigator.language]).map((l) => l.slice(0, 2)).find((l) => l === 'en' || l === 'es') || 'en';
  return { lang, words: lang === 'es' ? es : en };
}
