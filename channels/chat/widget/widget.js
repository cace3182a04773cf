// The chat widget. Put it on a page with
//   <script type="module" src="https://desk.example/channels/CHANNEL/widget.js"></script>
// It lives in a shadow root, needs no inline code or style, and talks to where it came from. The page's content security
// policy must allow that origin in script-src and connect-src.

import { el, icon, icons, inkOn } from './dom.js';
import { Log } from './log.js';
import { Memory } from './memory.js';
import { Talk } from './talk.js';
import { speak } from './words.js';

/** @import { Config } from './line.js' */
/** @import { Said } from './talk.js' */

const MAX_TEXT = 4000;
const wide = matchMedia('(min-width: 600px)');

class Widget {
  /** @param {URL} base @param {string} style @param {Config} config */
  constructor(base, style, config) {
    this.memory = new Memory(base.pathname);
    this.talk = new Talk(base, this.memory, config, () => this.changed(), (s) => this.arrived(s));
    this.opened = false;
    this.dirty = false;
    this.trouble = '';
    const host = el('centralita-chat');
    const shadow = host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    shadow.adoptedStyleSheets = [sheet];
    this.root = el('div.root');
    shadow.append(this.root);
    document.body.append(host);
    const { lang, words } = speak(config.locale);
    this.words = words;
    this.root.lang = lang;
    this.root.style.setProperty('--accent', config.color);
    this.root.style.setProperty('--ink', inkOn(config.color));
    this.log = new Log(words, lang, this.talk);
    this.badge = el('span.badge', { hidden: true });
    this.launcher = el('button.launcher', { type: 'button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: () => this.toggle() },
      icon(icons.chat, 'solid'), icon(icons.down), this.badge);
    this.teaser = el('button.teaser', { type: 'button', hidden: true, onclick: () => this.open() });
    this.banner = el('div.banner', { role: 'status', hidden: true });
    this.place = el('p.place', { role: 'status', hidden: true });
    this.presence = el('p.presence');
    this.field = /** @type {HTMLTextAreaElement} */ (el('textarea', {
      rows: '1', placeholder: words.placeholder, 'aria-label': words.message, enterkeyhint: 'send',
      oninput: () => this.typed(), onkeydown: (/** @type {KeyboardEvent} */ e) => this.key(e),
    }));
    this.field.value = this.memory.get('draft');
    this.button = el('button.send', { type: 'submit', 'aria-label': words.send, disabled: true }, icon(icons.send, 'solid'));
    this.warning = el('p.warning', { role: 'alert', hidden: true }, words.long);
    this.details = this.detailFields();
    this.panel = el('section.panel', { role: 'dialog', 'aria-labelledby': 'title', hidden: true, onkeydown: (/** @type {KeyboardEvent} */ e) => this.panelKey(e) },
      el('header', {},
        el('div.avatar', { 'aria-hidden': 'true' }, (config.title.trim()[0] || '?').toUpperCase()),
        el('div.names', {}, el('h2', { id: 'title' }, config.title), this.presence),
        el('button.close', { type: 'button', 'aria-label': words.close, onclick: () => this.shut() }, icon(icons.close))),
      this.banner, el('div.middle', {}, this.log.scroller, this.log.newer), this.place, this.details,
      el('form.composer', { onsubmit: (/** @type {Event} */ e) => (e.preventDefault(), this.send()) }, this.field, this.button), this.warning);
    this.root.append(this.panel, this.teaser, this.launcher);
    addEventListener('focus', () => this.seen());
    document.addEventListener('visibilitychange', () => this.seen());
    this.fit();
    this.changed();
    if (this.talk.begun) this.talk.line.start();
    if (this.memory.get('open') && wide.matches) this.open(false);
  }

  /** Name and email, asked before the first message and never required. */
  detailFields() {
    const input = (/** @type {string} */ key, /** @type {string} */ type, /** @type {string} */ label) => {
      const i = /** @type {HTMLInputElement} */ (el('input', {
        type, placeholder: label, 'aria-label': label, maxlength: '80', autocomplete: key,
        onchange: () => this.memory.set(key, i.validity.valid ? i.value.trim() : ''),
      }));
      i.value = this.memory.get(key);
      return i;
    };
    return el('fieldset.details', {}, el('legend', {}, this.words.details),
      input('name', 'text', this.words.name), input('email', 'email', this.words.email));
  }

  toggle() {
    this.opened ? this.shut() : this.open();
  }

  open(focus = true) {
    this.opened = true;
    this.memory.set('open', '1');
    this.panel.hidden = false;
    this.teaser.hidden = true;
    this.root.classList.add('open');
    this.launcher.setAttribute('aria-expanded', 'true');
    this.talk.line.start();
    this.fit();
    this.render();
    this.log.toEnd();
    if (focus) this.field.focus();
    this.seen();
  }

  shut() {
    this.opened = false;
    this.memory.set('open', '');
    this.panel.hidden = true;
    this.root.classList.remove('open');
    this.launcher.setAttribute('aria-expanded', 'false');
    this.render();
    this.launcher.focus();
  }

  typed() {
    this.fit();
    this.memory.set('draft', this.field.value);
    if (this.field.value.trim()) this.talk.type();
  }

  /** The field grows with its text, which can be sent when there is some and not too much. */
  fit() {
    const { style, value } = this.field;
    style.height = 'auto';
    if (this.opened) style.height = Math.min(this.field.scrollHeight, 130) + 'px';
    this.warning.hidden = [...value.trim()].length <= MAX_TEXT;
    this.button.toggleAttribute('disabled', !value.trim() || !this.warning.hidden);
  }

  /** @param {KeyboardEvent} e Escape closes; on a phone, where the panel covers the page, Tab stays in it */
  panelKey(e) {
    if (e.key === 'Escape') this.shut();
    if (e.key !== 'Tab' || wide.matches) return;
    const all = /** @type {HTMLElement[]} */ ([...this.panel.querySelectorAll('button:enabled, textarea, input, a')]).filter((f) => f.offsetParent);
    const end = e.shiftKey ? all[0] : all[all.length - 1];
    if (e.target !== end) return;
    e.preventDefault();
    all[e.shiftKey ? all.length - 1 : 0].focus();
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    if (e.key !== 'Enter' || e.shiftKey || e.isComposing) return; // an input method's Enter is its own
    e.preventDefault();
    this.send();
  }

  send() {
    const text = this.field.value.trim();
    if (!text || !this.warning.hidden) return;
    this.field.value = '';
    this.talk.say(text);
    this.typed();
    this.field.focus();
  }

  /** The visitor looks at the newest. */
  seen() {
    if (this.opened && document.visibilityState === 'visible') this.talk.read(this.talk.newest);
  }

  /** @param {Said} s */
  arrived(s) {
    if (this.opened || !s.text) return;
    this.teaser.replaceChildren(el('b', {}, s.agent || this.words.agent), s.text.slice(0, 140));
    this.teaser.hidden = false;
  }

  /** Many changes in one turn are drawn once. */
  changed() {
    if (this.dirty) return;
    this.dirty = true;
    queueMicrotask(() => {
      this.dirty = false;
      this.render();
      this.seen();
    });
  }

  /** The place in line. */
  where() {
    const { words, talk } = this;
    const { position = 0, minutes = 0 } = talk.place;
    if (!position || talk.state !== 'up') return '';
    return (position > 1 ? words.place + position : words.next) + (minutes > 1 ? words.about + minutes + words.minutes : minutes ? words.minute : '.');
  }

  render() {
    const { talk, words } = this;
    if (this.opened) this.log.render();
    const unread = talk.unread;
    this.badge.hidden = this.opened || unread === 0;
    this.badge.textContent = unread > 9 ? '9+' : String(unread);
    this.launcher.setAttribute('aria-label', (this.opened ? words.close : words.open) + (unread ? ` (${unread} ${words.unread})` : ''));
    if (!unread) this.teaser.hidden = true;
    this.presence.textContent = talk.config.online ? words.online : words.away;
    this.presence.classList.toggle('on', talk.config.online);
    this.details.hidden = talk.said.length > 0 || talk.out.length > 0;
    const { state } = talk;
    const where = this.where();
    this.place.hidden = !where;
    if (this.place.textContent !== where) this.place.textContent = where;
    const trouble = state === 'down' ? (navigator.onLine ? words.reconnecting : words.offline) : state === 'refused' || state === 'elsewhere' ? words[state] : '';
    if (state === 'connecting' || this.trouble === trouble) return; // an attempt is not yet better news
    this.trouble = trouble;
    this.banner.hidden = !trouble;
    this.banner.textContent = trouble;
  }
}

const base = new URL('./', import.meta.url);
const mounted = Symbol.for('centralita ' + base);
const page = /** @type {any} */ (globalThis);
if (!page[mounted]) {
  page[mounted] = true; // a page that includes it twice gets one
  Promise.all([
    fetch(new URL('widget.css', base)).then((r) => r.text()),
    fetch(new URL('v1/config', base), { credentials: 'omit' }).then((r) => (r.ok ? r.json() : Promise.reject(new Error('status ' + r.status)))),
  ]).then(([style, config]) => new Widget(base, style, config))
    .catch((e) => console.warn('chat: cannot start:', e.message));
}
