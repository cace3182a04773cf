// The chat, a document of the desk in a frame on the host's page. What the page must do (show and hide it, keep what is
// remembered) goes through host.js; the rest is here: the header, the log, the composer.

import { After } from './after.js';
import { explained, presence } from './away.js';
import { el, icon, icons, inkOn } from './dom.js';
import { Before } from './flow.js';
import { Host } from './host.js';
import { Log } from './log.js';
import { Memory } from './memory.js';
import { Talk } from './talk.js';
import { speak } from './words.js';

/** @import { Start } from './host.js' */
/** @import { Said } from './talk.js' */

const MAX_TEXT = 4000;

class Chat {
  /** @param {Host} host @param {Start} start */
  constructor(host, start) {
    const base = new URL('./', location.href);
    const { config } = start;
    this.host = host;
    this.memory = new Memory(host, start.kept);
    this.talk = new Talk(base, this.memory, config, start.page, () => this.changed(), (s) => this.arrived(s), (told) => host.event('identity', told));
    this.talk.line.host = host.origin;
    this.talk.line.who = start.who;
    if (start.preview) this.talk.line.start = () => {}; // an administrator looks at it: nobody chats
    this.opened = start.opened;
    this.phone = start.phone;
    this.dirty = false;
    this.trouble = '';
    this.told = { unread: 0, started: this.talk.begun };
    const words = speak(start.lang, config.look.texts);
    this.words = words;
    const title = words.title || config.title;
    this.root = document.documentElement;
    this.root.lang = start.lang;
    this.root.dir = start.rtl ? 'rtl' : 'ltr';
    for (const [k, v] of [['accent', config.color], ['ink', inkOn(config.color)], ['font', start.font]]) this.root.style.setProperty('--' + k, v);
    this.before = new Before(words, this.talk, (text) => this.put(text));
    this.talk.flow = (f) => this.before.set(f);
    this.talk.up = () => !this.before.flow && !this.talk.line.tabs.leads && this.moved(this.talk.line.page); // a tab that follows has no session
    this.log = new Log(words, start.lang, this.talk, this.before);
    this.after = new After(words, start.lang, this.talk);
    this.banner = el('div.banner', { role: 'status', hidden: true });
    this.place = el('p.place', { role: 'status', hidden: true });
    this.presence = el('p.presence');
    this.notice = el('p.notice', { role: 'status', hidden: true });
    this.field = /** @type {HTMLTextAreaElement} */ (el('textarea', {
      rows: '1', dir: 'auto', placeholder: words.placeholder, 'aria-label': words.message, enterkeyhint: 'send',
      oninput: () => this.typed(), onkeydown: (/** @type {KeyboardEvent} */ e) => this.key(e),
    }));
    this.field.value = this.memory.get('draft');
    this.button = el('button.send', { type: 'submit', 'aria-label': words.send, disabled: true }, icon(icons.send, 'solid'));
    this.warning = el('p.warning', { role: 'alert', hidden: true }, words.long);
    this.details = this.detailFields();
    this.panel = el('main.chat', { role: start.inline ? 'main' : 'dialog', 'aria-labelledby': 'title', onkeydown: (/** @type {KeyboardEvent} */ e) => this.panelKey(e) },
      el('header', {},
        config.look.avatar ? el('img.avatar', { src: new URL(config.look.avatar, base).href, alt: '' })
          : el('div.avatar', { 'aria-hidden': 'true' }, ([...title.trim()][0] || '?').toUpperCase()),
        el('div.names', {}, el('h1', { id: 'title' }, title), this.presence), this.after.button,
        el('button.close', { type: 'button', 'aria-label': words.close, onclick: () => this.shut() }, icon(icons.close))),
      this.banner, el('div.middle', {}, this.log.scroller, this.log.newer), this.place, this.notice, this.before.all, this.details, this.after.box,
      this.composer = el('form.composer', { onsubmit: (/** @type {Event} */ e) => (e.preventDefault(), this.send()) }, this.field, this.button), this.warning);
    document.body.append(this.panel);
    addEventListener('focus', () => this.seen());
    document.addEventListener('visibilitychange', () => this.seen());
    this.shape(start);
    this.fit();
    this.changed();
    if (this.talk.begun) this.talk.line.start();
    if (this.opened) this.open(!!start.focus);
  }

  /** @param {string} t @param {any} m what the page says */
  heard(t, m) {
    if (t === 'open') this.open(m.focus);
    else if (t === 'closed') this.opened = false;
    else if (t === 'shape') this.shape(m);
    else if (t === 'page') this.moved(m.page);
    else if (t === 'stored') this.stored(m.key, m.value);
    else if (t === 'identify') this.talk.line.identify(m.who);
    else if (t === 'cleared') location.reload(); // somebody new
  }

  /** @param {string} page the host's changed without being loaded: another flow may be for it */
  moved(page) {
    const { line } = this.talk;
    line.page = page;
    if (line.token && this.before.first) line.call('v1/flow', { page }).then((f) => this.talk.line.page === page && (this.before.set(f.flow), this.changed()), () => {});
  }

  /** @param {string} key @param {string} value what another tab has remembered */
  stored(key, value) {
    this.memory.stored(key, value);
    if (key === 'read') this.talk.readElsewhere(Number(value));
    else if (key === 'token' && this.talk.line.token && value !== this.talk.line.token) location.reload(); // somebody else there
  }

  /** @param {{phone: boolean, dark: boolean, inline: boolean}} s */
  shape({ phone, dark, inline }) {
    this.phone = phone;
    this.root.dataset.theme = dark ? 'dark' : 'light';
    this.root.classList.toggle('phone', phone);
    this.root.classList.toggle('inline', inline);
  }

  /** Name, email and department, asked before the first message. Only a form needs the email: the answer goes there. */
  detailFields() {
    const { words, memory } = this;
    const input = (/** @type {string} */ key, /** @type {string} */ type, /** @type {string} */ label) => {
      const i = /** @type {HTMLInputElement} */ (el('input', {
        type, placeholder: label, 'aria-label': label, maxlength: '80', autocomplete: key,
        oninput: () => (memory.set(key, i.validity.valid ? i.value.trim() : ''), this.fit()),
      }));
      i.value = memory.get(key);
      return i;
    };
    const all = [(this.legend = el('legend')), input('name', 'text', words.name), (this.email = input('email', 'email', words.email))];
    const { departments } = this.talk.config;
    if (departments?.length) {
      const chosen = memory.get('team');
      const pick = /** @type {HTMLSelectElement} */ (el('select', { 'aria-label': words.department, onchange: () => memory.set('team', pick.value) },
        el('option', { value: '' }, words.department), ...departments.map((d) => el('option', { value: d.id }, d.name))));
      if (departments.some((d) => d.id === chosen)) pick.value = chosen;
      all.push(pick);
    }
    return el('fieldset.details', {}, ...all);
  }

  /** Whether a form is shown: nobody is there, and nothing was said yet. */
  get asks() {
    const { config, said, out } = this.talk;
    return config.availability.show === 'form' && said.length + out.length === 0;
  }

  /** @param {boolean} focus */
  open(focus) {
    this.opened = true;
    this.talk.line.start();
    this.fit();
    this.render();
    this.log.toEnd();
    if (focus) this.field.focus();
    this.seen();
  }

  /** The page hides the frame. */
  shut() {
    this.host.tell('close');
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
    this.button.toggleAttribute('disabled', !value.trim() || !this.warning.hidden || (this.asks && !this.memory.get('email')));
  }

  /** @param {KeyboardEvent} e Escape closes; on a phone, where the panel covers the page, Tab stays in it */
  panelKey(e) {
    if (e.key === 'Escape') this.shut();
    if (e.key !== 'Tab' || !this.phone) return;
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

  /** @param {string} text says it, with what is asked before the first message; false: that is missing */
  put(text) {
    const more = this.before.more();
    if (more) this.talk.say(text, more);
    return !!more;
  }

  send() {
    const text = this.field.value.trim();
    if (!text || this.button.hasAttribute('disabled')) return;
    if (!this.put(text)) return;
    this.field.value = '';
    this.typed();
    this.field.focus();
  }

  /** The visitor looks at the newest. */
  seen() {
    if (this.opened && document.visibilityState === 'visible') this.talk.read(this.talk.newest);
  }

  /** @param {Said} s */
  arrived(s) {
    this.host.event('message', { text: s.text || '', agent: s.agent || '' });
  }

  /** What the page wants to know: how much is unread, and that a conversation has begun. */
  tell() {
    const { unread } = this.talk;
    if (unread !== this.told.unread) this.host.tell('unread', { n: unread });
    if (!this.told.started && this.talk.begun) this.host.event('started');
    this.told = { unread, started: this.talk.begun };
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
    this.tell();
    const { availability } = talk.config;
    const said = presence(availability, words, this.root.lang, Date.now());
    if (this.presence.textContent !== said) this.presence.textContent = said;
    this.presence.classList.toggle('on', availability.state === 'available');
    const more = explained(availability, words, this.root.lang, this.asks);
    this.notice.hidden = !more;
    if (this.notice.textContent !== more) this.notice.textContent = more;
    this.email.setAttribute('aria-required', String(this.asks));
    this.legend.textContent = this.asks ? words.reach : words.details;
    this.fit();
    this.after.render();
    const { before } = this;
    before.render();
    this.composer.hidden = before.waits;
    this.details.hidden = !before.first || before.waits || (!this.asks && !!(before.flow?.form || before.flow?.bot));
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

/** @type {Chat|undefined} */
let chat;
const host = new Host((t, m) => {
  if (t !== 'start') chat?.heard(t, m);
  else if (!chat) chat = new Chat(host, m);
});
