// Whether somebody is there, as the visitor reads it: in their language, and in the zone they are in.

/** @import { Notice } from './line.js' */
/** @import { Words } from './words.js' */

const DAY = 864e5;

/** When somebody is back: "Back tomorrow at 9:00". '' when nobody knows.
 * @param {Notice} a @param {Words} words @param {string} lang @param {number} now */
export function backAt(a, words, lang, now) {
  const at = Date.parse(a.back_at || '');
  if (!(at > now)) return '';
  const when = new Date(at);
  const midnight = (/** @type {number} */ t) => new Date(t).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(at) - midnight(now)) / DAY);
  const time = when.toLocaleTimeString(lang, { hour: 'numeric', minute: '2-digit' });
  const day = days < 2 ? new Intl.RelativeTimeFormat(lang, { numeric: 'auto' }).format(days, 'day')
    : when.toLocaleDateString(lang, days < 7 ? { weekday: 'long' } : { day: 'numeric', month: 'long' });
  return (days < 2 ? words.back : words.backOn).replace('{day}', day).replace('{time}', time);
}

/** The line below the title.
 * @param {Notice} a @param {Words} words @param {string} lang @param {number} now */
export function presence(a, words, lang, now) {
  if (a.state === 'available') return a.reply ? words['reply' + a.reply] : words.online;
  return backAt(a, words, lang, now) || words.away;
}

/** What is said above the field while nobody is there.
 * @param {Notice} a @param {Words} words @param {string} lang @param {boolean} asks the form is shown */
export function explained(a, words, lang, asks) {
  if (a.state === 'available') return '';
  return a.text?.[lang] || (asks ? words.leave : '');
}
