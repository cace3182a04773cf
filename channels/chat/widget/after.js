// What the chat asks besides: an address when nobody answers, how it was when it is over, and where to mail what was said. One is shown
// at a time, above the composer.

import { el, icon } from './dom.js';
import { Refused } from './line.js';
import { newID } from './memory.js';

/** @import { Talk } from './talk.js' */
/** @import { Words } from './words.js' */

const LETTER = 'M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zm0 2 8 6 8-6';

export class After {
  /** @param {Words} words @param {string} lang @param {Talk} talk */
  constructor(words, lang, talk) {
    this.words = words;
    this.lang = lang;
    this.talk = talk;
    this.shown = '';
    this.wish = newID(); // repeated, it is the same transcript
    this.wants = false;
    this.hold = false; // what is shown stays: thanks, or a comment being written
    this.timer = 0;
    this.thanked = 0;
    this.box = el('section.after', { hidden: true });
    this.button = el('button.close.letter', { type: 'button', hidden: true, 'aria-label': words.transcript, title: words.transcript, onclick: () => this.want(!this.wants) }, icon(LETTER));
  }

  /** @param {boolean} on */
  want(on) {
    this.wants = on;
    this.hold = false;
    clearTimeout(this.thanked);
    this.render();
    if (on) this.box.querySelector('input')?.focus();
  }

  /** The status event that closed it, if it is closed and nobody has said how it was since. */
  over() {
    const { said } = this.talk;
    for (let i = said.length - 1; i >= 0; i--) {
      const s = /** @type {any} */ (said[i]);
      if (s.kind === 'rated' || s.kind === 'message' || (s.kind === 'status' && s.open)) return '';
      if (s.kind === 'status') return s.id;
    }
    return '';
  }

  /** Whether it is time to ask for an address. */
  due() {
    const { talk } = this;
    const a = /** @type {any} */ (talk.config).after || {};
    const last = talk.said[talk.said.length - 1];
    if (!a.capture || !last || talk.memory.get('email') || talk.memory.get('gave') || !talk.said.some((s) => s.kind === 'message')) return false;
    if (!talk.config.online || a.capture === 'first_message') return true;
    if (a.capture !== 'wait' || last.kind !== 'message') return false;
    const left = last.at + a.wait_seconds * 1000 - Date.now();
    clearTimeout(this.timer);
    if (left > 0) this.timer = setTimeout(() => this.render(), left);
    return left <= 0;
  }

  render() {
    if (this.hold) return;
    const { talk } = this;
    const a = /** @type {any} */ (talk.config).after || {};
    const over = a.rating && this.over();
    this.button.hidden = !a.transcript || !talk.said.some((s) => s.kind === 'message');
    const show = this.wants ? 'transcript' : over && talk.memory.get('rated') !== over ? 'rate' + over : this.due() ? 'capture' + talk.config.online : '';
    if (show === this.shown) return;
    this.shown = show;
    this.box.hidden = !show;
    this.box.replaceChildren();
    if (show === 'transcript') this.address(this.words.transcript, this.words.transcriptsent, (email) => ({ transcript: email, id: this.wish }), () => {
      this.wish = newID();
      this.wants = false;
    });
    else if (show.startsWith('rate')) this.rate(a.rating, over);
    else if (show) {
      const text = (!talk.config.online && (a.away_text?.[this.lang] || this.words.captureaway)) || a.text?.[this.lang] || this.words.capture;
      this.address(text, this.words.captured, (email) => ({ email, name: talk.memory.get('name') }), (email) => talk.memory.set('email', email), 'gave');
    }
  }

  /**
   * Asks for an address.
   * @param {string} label @param {string} thanks @param {(email: string) => any} body @param {(email: string) => void} done @param {string} [skip] is remembered when it is declined
   */
  address(label, thanks, body, done, skip) {
    const { words, talk } = this;
    const field = /** @type {HTMLInputElement} */ (el('input', { type: 'email', required: true, autocomplete: 'email', maxlength: '254', placeholder: words.email, 'aria-label': words.email }));
    field.value = talk.memory.get('email');
    const send = async (/** @type {Event} */ e) => {
      e.preventDefault();
      const email = field.value.trim();
      if (await this.post(body(email))) (done(email), this.thank(thanks));
    };
    const no = () => {
      if (skip) talk.memory.set(skip, '1');
      this.wants = false;
      this.render();
    };
    this.box.append(el('p', {}, label), el('form', { onsubmit: send }, field, el('button.do', { type: 'submit' }, words.send), el('button.no', { type: 'button', onclick: no }, words.notnow)));
  }

  /** @param {string} scale @param {string} over */
  rate(scale, over) {
    const { words, talk } = this;
    const marks = scale === 'thumbs' ? [[1, '👎', words.bad], [5, '👍', words.good]] : [1, 2, 3, 4, 5].map((n) => [n, '★', n + '/5']);
    const comment = /** @type {HTMLTextAreaElement} */ (el('textarea', { rows: '2', maxlength: '2000', placeholder: words.comment, 'aria-label': words.comment }));
    let score = 0;
    const more = el('form', { hidden: true, onsubmit: async (/** @type {Event} */ e) => {
      e.preventDefault();
      if (comment.value.trim() && !(await this.post({ score, comment: comment.value.trim() }))) return;
      this.thank(words.thanks);
    } }, comment, el('button.do', { type: 'submit' }, words.send));
    const all = marks.map(([n, mark, label]) => el('button.mark', { type: 'button', 'aria-label': String(label), 'aria-pressed': 'false', onclick: () => choose(Number(n)) }, String(mark)));
    const choose = async (/** @type {number} */ n) => {
      if (score) return;
      this.hold = true;
      if (!(await this.post({ score: n }))) return void (this.hold = false);
      score = n;
      all.forEach((b, i) => {
        const at = Number(marks[i][0]);
        b.setAttribute('aria-pressed', String(scale === 'thumbs' ? at === n : at <= n));
        b.toggleAttribute('disabled', true);
      });
      talk.memory.set('rated', over);
      more.hidden = false;
      comment.focus();
    };
    this.box.append(el('p', {}, words.rate), el('div.marks', { role: 'group', 'aria-label': words.rate }, ...all), more);
  }

  /** @param {any} body */
  async post(body) {
    this.box.querySelector('.fault')?.remove();
    try {
      await this.talk.line.call('v1/visit', body);
      return true;
    } catch (e) {
      this.box.append(el('p.fault', { role: 'alert' }, e instanceof Refused ? this.words.wrong : this.words.later));
      return false;
    }
  }

  /** @param {string} text */
  thank(text) {
    this.shown = 'thanks';
    this.hold = true;
    this.box.hidden = false;
    this.box.replaceChildren(el('p', { role: 'status' }, text));
    clearTimeout(this.thanked); // of an earlier thanks, which would end this one, or what is asked after it
    this.thanked = setTimeout(() => ((this.hold = false), this.render()), 4000);
  }
}
