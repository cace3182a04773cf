// What comes before the first message: the flow's welcome and its bot's first words, the consent, the form; and quick replies, then and
// later. What is answered goes with the first message; nothing is sent, or remembered, before that.

import { el } from './dom.js';

/** @import { Talk } from './talk.js' */
/** @import { Words } from './words.js' */

/**
 * @typedef {{id: string, label: string, kind: string, required?: boolean, choices?: string[]}} Field
 * @typedef {{id: string, kind: string, welcome?: string, heading?: {name?: string, avatar?: string, people?: string[]}, form?: {title?: string, fields: Field[]},
 *   consent?: {kind: string, text: string, version: string, link?: string}, bot?: {name: string, step?: string, says: string[], choices?: string[]}}} Flow
 */

const TYPES = /** @type {Record<string, string>} */ ({ email: 'email', phone: 'tel' });

export class Before {
  /** @param {Words} words @param {Talk} talk @param {(text: string) => void} say */
  constructor(words, talk, say) {
    this.words = words;
    this.talk = talk;
    this.say = say;
    /** @type {Flow|undefined} */
    this.flow = undefined;
    this.accepted = '';
    this.form = el('form.ask', { hidden: true, onsubmit: (/** @type {Event} */ e) => e.preventDefault() });
    this.consent = el('div.consent', { hidden: true });
    this.quick = el('div.quick', { hidden: true, role: 'group', 'aria-label': words.answers });
    this.all = el('div.before', {}, this.form, this.consent, this.quick);
    this.shown = '';
  }

  /** @param {Flow|undefined} flow of the page */
  set(flow) {
    if (this.flow?.id === flow?.id && this.flow?.consent?.version === flow?.consent?.version) {
      this.flow = flow;
      return;
    }
    this.flow = flow;
    this.accepted = '';
    this.form.replaceChildren(...(flow?.form ? [flow.form.title && el('p', {}, flow.form.title), ...flow.form.fields.map((f) => this.field(f))].filter((e) => !!e) : []));
    const c = flow?.consent;
    const link = c?.link && el('a', { href: c.link, target: '_blank', rel: 'noopener noreferrer' }, this.words.more);
    this.consent.replaceChildren(...(c ? [el('p', { dir: 'auto' }, c.text, link ? ' ' : '', link),
      ...(c.kind === 'explicit' ? [el('button.accept', { type: 'button', onclick: () => ((this.accepted = c.version), this.talk.changed()) }, this.words.accept)] : [])] : []));
  }

  /** @param {Field} f */
  field(f) {
    const own = { name: f.id, required: !!f.required };
    const input = f.choices?.length ? el('select', own, el('option', { value: '' }, this.words.choose), ...f.choices.map((c) => el('option', {}, c)))
      : f.kind === 'long_text' ? el('textarea', { ...own, rows: '2', maxlength: '1000' })
        : el('input', { ...own, type: TYPES[f.kind] || 'text', maxlength: '254', inputmode: f.kind === 'number' ? 'decimal' : null, autocomplete: f.kind === 'phone' ? 'tel' : f.kind === 'email' || f.kind === 'name' ? f.kind : 'off' });
    return el('label', {}, el('span', {}, f.label + (f.required ? ' *' : '')), input);
  }

  /** Nothing was said yet. */
  get first() {
    return !this.talk.said.length && !this.talk.out.length;
  }

  /** Nothing can be written before it is accepted. */
  get waits() {
    const c = this.flow?.consent;
    return this.first && c?.kind === 'explicit' && this.accepted !== c.version;
  }

  /** What the bot, or the flow, says before anybody has. */
  get opening() {
    const { flow } = this;
    if (!flow || !this.first) return [];
    return flow.bot ? flow.bot.says.map((text) => ({ text, agent: flow.bot?.name, bot: true })) : [];
  }

  /** What goes with the first message; null: something is missing, and the browser says what. */
  more() {
    const { flow, form } = this;
    if (!flow || !this.first) return {};
    if (this.waits || !/** @type {HTMLFormElement} */ (form).reportValidity()) return null;
    const answers = flow.form ? Object.fromEntries([...new FormData(/** @type {HTMLFormElement} */ (form))].map(([k, v]) => [k, String(v)])) : undefined;
    return { flow: flow.id, form: answers, consent: flow.consent?.version, step: flow.bot?.step, page: this.talk.line.page };
  }

  render() {
    const { flow, first, waits } = this;
    this.form.hidden = !first || !flow?.form || waits;
    this.consent.hidden = !first || !flow?.consent || (flow.consent.kind === 'explicit' && !waits);
    const last = this.talk.said[this.talk.said.length - 1];
    const choices = (this.talk.out.length ? [] : first ? (waits ? [] : flow?.bot?.choices) : last?.kind === 'reply' && last.bot ? last.choices : []) || [];
    const key = (last?.id || '') + choices.join('\n');
    if (key === this.shown) return;
    this.shown = key;
    this.quick.hidden = !choices.length;
    this.quick.replaceChildren(...choices.map((c) => el('button', { type: 'button', dir: 'auto', onclick: () => this.say(c) }, c)));
  }
}
