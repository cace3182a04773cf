// The log: messages on the screen. It keeps the elements of what was said and only adds, moves and changes what must be.

import { el, icon, icons, linked, size } from './dom.js';

/** @import { Said, Talk } from './talk.js' */
/** @import { Unsent } from './memory.js' */
/** @import { Words } from './words.js' */

export class Log {
  /** @param {Words} words @param {string} lang @param {Talk} talk @param {import('./flow.js').Before} before */
  constructor(words, lang, talk, before) {
    this.before = before;
    this.words = words;
    this.talk = talk;
    this.clock = new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit' });
    this.day = new Intl.DateTimeFormat(lang, { weekday: 'long', day: 'numeric', month: 'long' });
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    this.list = el('div.list', { role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', 'aria-label': words.message });
    this.typing = el('div.row.in.typing', { hidden: true },
      el('div.bubble', { 'aria-hidden': 'true' }, el('i'), el('i'), el('i')), el('span.who', { role: 'status' }));
    this.scroller = el('div.scroller', { tabindex: '0' }, this.list, this.typing);
    this.newer = el('button.newer', { type: 'button', hidden: true, onclick: () => this.toEnd() }, words.newer);
    this.stuck = true; // to the end, whatever grows or shrinks
    this.scroller.addEventListener('scroll', () => {
      const s = this.scroller;
      this.stuck = s.scrollHeight - s.scrollTop - s.clientHeight < 60;
      if (this.stuck) this.newer.hidden = true;
    });
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.scroller);
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.newer.hidden = true;
  }

  render() {
    const before = this.rows;
    /** @type {Map<string, HTMLElement>} */
    const rows = new Map();
    /** @param {string} key @param {() => HTMLElement} make */
    const row = (key, make) => rows.set(key, this.rows.get(key) || make());
    const { said, out, truncated, config } = this.talk;
    if (truncated) row('earlier', () => this.note(this.words.earlier));
    else {
      const hello = this.before.flow?.welcome || config.look.texts?.[document.documentElement.lang]?.greeting || config.greeting || this.words.greeting;
      row('greeting' + hello, () => this.greeting(hello)); // another flow says another one
    }
    this.before.opening.forEach((s, i) => row('bot' + i + s.text, () => this.reply(/** @type {Said} */ ({ ...s, id: 'bot' + i }))).get('bot' + i + s.text)?.classList.toggle('first', !i));
    let day = '';
    let side = '';
    const newest = out.length ? -1 : said.findLastIndex((s) => s.kind === 'message');
    const status = said.findLastIndex((s) => s.kind === 'status');
    said.forEach((s, i) => {
      if (s.kind === 'rated') return; // said where it was asked
      const d = new Date(s.at).toDateString();
      if (d !== day) row('day' + d, () => this.date(s.at));
      if (s.kind === 'status') {
        if (!s.open && i === status) row(s.id, () => this.note(this.words.closed));
        side = '';
      } else {
        const from = s.kind + (s.agent || '');
        row(s.id, () => (s.kind === 'reply' ? this.reply(s) : this.arrived(s)));
        const e = /** @type {HTMLElement} */ (rows.get(s.id));
        e.classList.toggle('first', from !== side || d !== day);
        this.foot(e, s.kind === 'message', this.clock.format(s.at), { group: ends(said, i), own: i === newest });
        side = from;
      }
      day = d;
    });
    out.forEach((m, i) => {
      row('out' + m.id, () => this.own(m.id, m.text));
      const e = /** @type {HTMLElement} */ (rows.get('out' + m.id));
      e.classList.toggle('first', i === 0 && side !== 'message');
      this.pending(e, m);
    });
    this.place(rows);
    const { typing } = this.talk;
    this.typing.hidden = !typing;
    const who = typing ? (typing.trim() || this.words.agent) + ' ' + this.words.typing : '';
    if (/** @type {HTMLElement} */ (this.typing.lastChild).textContent !== who) /** @type {HTMLElement} */ (this.typing.lastChild).textContent = who;
    if (this.stuck || out.some((m) => !before.has('out' + m.id))) this.toEnd();
    else if (said.some((s) => s.kind === 'reply' && !before.has(s.id))) this.newer.hidden = false;
  }

  /** @param {Map<string, HTMLElement>} rows puts them in order, touching only what moved */
  place(rows) {
    const stay = new Set(rows.values());
    for (const e of this.rows.values()) if (!stay.has(e)) e.remove();
    /** @type {ChildNode|null} */
    let at = this.list.firstChild;
    for (const e of rows.values()) {
      if (e === at) at = at.nextSibling;
      else this.list.insertBefore(e, at);
    }
    this.rows = rows;
  }

  /** @param {string} text */
  note(text) {
    return el('div.note', {}, text);
  }

  /** @param {number} at */
  date(at) {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 864e5);
    return el('div.note.day', {}, days === 0 ? this.words.today : days === 1 ? this.words.yesterday : this.day.format(at));
  }

  /** @param {string} text */
  greeting(text) {
    const name = this.words.title || this.talk.config.title;
    return el('div.row.in.first', {}, face(name), el('div.bubble', { dir: 'auto' }, ...linked(text)));
  }

  /** @param {Said} s */
  reply(s) {
    const name = s.agent || this.words.agent;
    return el('div.row.in', {},
      face(name), el('span.who', {}, name, s.bot && el('b.bot', {}, this.words.bot)),
      s.text ? el('div.bubble', { dir: 'auto' }, ...linked(s.text), s.truncated && el('small', {}, this.words.cut)) : null,
      ...(s.files || []).map((f, n) => this.file(s.id, n, f)),
      el('div.foot'));
  }

  /** @param {string} message @param {number} n @param {{name: string, size: number}} f */
  file(message, n, f) {
    const get = async () => {
      const resp = await fetch(new URL('v1/file?message=' + encodeURIComponent(message) + '&n=' + n, this.talk.line.base), {
        headers: { Authorization: 'Bearer ' + this.talk.line.token }, credentials: 'omit',
      });
      if (!resp.ok) return;
      const href = URL.createObjectURL(await resp.blob());
      el('a', { href, download: f.name }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60e3);
    };
    return el('button.file', { type: 'button', onclick: () => get().catch(() => {}), 'aria-label': this.words.download + ' ' + f.name },
      icon(icons.file), el('span', {}, f.name), el('small', {}, size(f.size)));
  }

  /** @param {Said} s an own message that is durable takes over the bubble it had on its way */
  arrived(s) {
    const e = this.rows.get('out' + s.client_id) || this.own(s.id, s.text || '');
    delete e.dataset.state;
    return e;
  }

  /** @param {string} id @param {string} text */
  own(id, text) {
    return el('div.row.out', { 'data-id': id }, el('span.hide', {}, this.words.you + ': '), el('div.bubble', { dir: 'auto' }, ...linked(text)), el('div.foot'));
  }

  /**
   * The line below a bubble: the time at the end of a group, and how far one's own last message has come.
   * @param {HTMLElement} e
   * @param {boolean} own
   * @param {string} time
   * @param {{group: boolean, own: boolean}} last
   */
  foot(e, own, time, last) {
    const f = /** @type {HTMLElement} */ (e.lastChild);
    const text = last.group ? time + (own && last.own ? ' · ' + this.words.sent : '') : '';
    if (f.textContent !== text) f.replaceChildren(text, ...(own && last.own && last.group ? [icon(icons.check)] : []));
  }

  /** @param {HTMLElement} e @param {Unsent} m */
  pending(e, m) {
    const state = m.failed ? 'failed' : m.sent ? 'sent' : 'sending';
    if (e.dataset.state === state) return;
    e.dataset.state = state;
    const f = /** @type {HTMLElement} */ (e.lastChild);
    if (state === 'failed') {
      f.replaceChildren(this.words.failed + ' ',
        el('button', { type: 'button', onclick: () => this.talk.retry(m.id) }, this.words.retry), ' · ',
        el('button', { type: 'button', onclick: () => this.talk.discard(m.id) }, this.words.discard));
    } else f.replaceChildren(this.words[state], icon(state === 'sent' ? icons.check : icons.clock));
  }
}

/** @param {string} name whose first letter stands for the face */
function face(name) {
  return el('span.face', { 'aria-hidden': 'true' }, ([...name.trim()][0] || '?').toUpperCase());
}

/**
 * Whether this one ends a group of the same side and minute.
 * @param {Said[]} said
 * @param {number} i
 */
function ends(said, i) {
  const next = said[i + 1];
  return !next || next.kind !== said[i].kind || next.at - said[i].at > 120e3;
}
