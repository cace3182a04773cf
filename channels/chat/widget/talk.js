// The talk: what was said, what is still on its way out, and who is typing. It changes by events of the line and by what the
// visitor does, and tells the view when it did.

import { Line, Refused } from './line.js';
import { newID } from './memory.js';

/** @import { Config, Frame, Happening } from './line.js' */
/** @import { Memory, Unsent } from './memory.js' */

/**
 * @typedef {{name: string, media_type: string, size: number}} File
 * @typedef {{id: string, seq: number, kind: 'message'|'reply'|'status'|'rated', at: number, text?: string, agent?: string, client_id?: string,
 *   truncated?: boolean, files?: File[], open?: boolean, bot?: boolean, choices?: string[]}} Said
 */

const TYPING_EVERY = 3000;
const TYPING_LASTS = 6000;
const EVENT_LATE = 4000; // when a message is durable, its event should be here by then
const ORPHAN = 20000; // what waits so long in storage, and is not ours, is of a tab that may be gone

export class Talk {
  /**
   * @param {URL} base
   * @param {Memory} memory
   * @param {Config} config
   * @param {string} page where the visitor is
   * @param {() => void} changed
   * @param {(said: Said) => void} arrived something new from the desk, while the visitor is here
   * @param {(told: object) => void} identified whether the visitor is whom the page says
   */
  constructor(base, memory, config, page, changed, arrived, identified) {
    this.memory = memory;
    this.changed = changed;
    /** @type {Said[]} in order */
    this.said = [];
    this.truncated = false;
    /** @type {Unsent[]} in order */
    this.out = memory.unsent();
    this.config = config;
    this.readTo = Number(memory.get('read')) || 0;
    this.typing = ''; // the name of who types, ' ' when unnamed
    this.typingEnds = 0;
    /** @type {Frame} in line */
    this.place = { t: '' };
    this.typed = 0;
    /** @type {(f: import('./flow.js').Flow|undefined) => void} */
    this.flow = () => {};
    this.up = () => {};
    this.sending = false;
    this.pauses = 0;
    this.again = 0;
    this.line = new Line(base, memory, page, {
      flow: (f) => (this.flow(f), changed()),
      word: (w) => this.heard(w),
      config: (c) => ((this.config = c), changed()),
      event: (e, live) => this.event(e, live, arrived),
      reset: (truncated) => {
        this.said = [];
        this.truncated = truncated;
        this.out = this.out.filter((m) => !m.sent); // durable: what follows tells it, or it is older than what is shown
        changed();
      },
      typing: (on, name) => this.types(on, name),
      place: (f) => (f.t === 'online' ? ((this.config.online = !!f.on), (this.config.availability = /** @type {any} */ (f))) : (this.place = f), changed()),
      identity: (told) => told && identified(told),
      state: (s) => (s === 'up' && (this.flush(), this.up()), changed()),
    });
    setInterval(() => this.adopt(), ORPHAN / 2);
  }

  get state() {
    return this.line.far || this.line.state;
  }

  get unread() {
    return this.said.filter((s) => s.kind === 'reply' && s.seq > this.readTo).length;
  }

  /** Whether there is a reason to connect before the visitor opens the chat. */
  get begun() {
    return this.memory.get('begun') !== '' || this.out.length > 0;
  }

  /** @param {Happening} e @param {boolean} live @param {(said: Said) => void} arrived */
  event(e, live, arrived) {
    const said = { ...e.d, id: e.d.id || 's' + e.seq, seq: e.seq, kind: e.kind, at: Date.parse(e.at) };
    this.said.push(said);
    if (e.kind === 'message') {
      this.settle(e.d.client_id);
      this.memory.set('begun', '1');
    }
    if (e.kind === 'reply') {
      this.types(false, '');
      if (live) arrived(said);
    }
    this.changed();
  }

  /** @param {number} seq everything up to here has been seen */
  read(seq) {
    if (seq <= this.readTo) return;
    this.readTo = seq;
    this.memory.set('read', String(seq));
    this.line.sign({ t: 'read', seq });
    this.changed();
  }

  /** The seq of the last thing said. */
  get newest() {
    return this.said.length ? this.said[this.said.length - 1].seq : 0;
  }

  /** @param {boolean} on @param {string} name */
  types(on, name) {
    clearTimeout(this.typingEnds);
    this.typing = on ? name || ' ' : '';
    if (on) this.typingEnds = setTimeout(() => this.types(false, ''), TYPING_LASTS);
    this.changed();
  }

  /** The visitor types: told now and then. */
  type() {
    if (Date.now() - this.typed < TYPING_EVERY) return;
    this.typed = Date.now();
    this.line.sign({ t: 'typing', on: true });
  }

  /** @param {string} text @param {object} [more] what was asked before it */
  say(text, more) {
    /** @type {Unsent} */
    const last = this.out.reduce((at, o) => Math.max(at, o.at), 0);
    const m = { id: newID(), text, at: Math.max(Date.now(), last + 1), more }; // in order, whatever the clock does
    const name = this.memory.get('name');
    const email = this.memory.get('email');
    if (name) m.name = name;
    if (email) m.email = email;
    const team = this.memory.get('team');
    if (team && !this.said.length && !this.out.length) m.team = team;
    this.out.push(m);
    this.memory.keep(m);
    if (this.typed) this.line.sign({ t: 'typing', on: false });
    this.typed = 0;
    this.changed();
    this.line.tabs.say({ t: 'out', m });
    this.line.start();
    if (!this.line.tabs.leads) this.line.probe(); // is the tab that is to send it still there?
    this.flush();
  }

  /** @param {Unsent} m */
  add(m) {
    const known = this.out.find((o) => o.id === m.id);
    if (known) known.failed = m.failed;
    else if (!this.said.some((s) => s.client_id === m.id)) this.out.push(m);
  }

  /** @param {any} w what another tab says: who this is, or of a message on its way */
  heard(w) {
    if (w.t === 'who') return this.line.tabs.leads && this.line.identify(w.who);
    if (w.t === 'out') {
      this.memory.stored('out:' + w.m.id, JSON.stringify(w.m));
      this.add(w.m);
    }
    const m = this.out.find((o) => o.id === w.id);
    if (w.t !== 'out') this.memory.stored('out:' + w.id, w.t === 'failed' && m ? JSON.stringify({ ...m, failed: true }) : '');
    if (m && w.t === 'sent') m.sent = true;
    if (m && w.t === 'failed') m.failed = true;
    if (w.t === 'dropped') this.out = this.out.filter((o) => o !== m);
    this.changed();
    this.flush();
  }

  /** @param {number} seq another tab has shown everything up to here */
  readElsewhere(seq) {
    if (seq > this.readTo) this.readTo = seq;
    this.changed();
  }

  /** @param {string} id */
  retry(id) {
    const m = this.out.find((o) => o.id === id);
    if (!m) return;
    delete m.failed;
    this.memory.keep(m);
    this.line.tabs.say({ t: 'out', m });
    this.changed();
    this.flush();
  }

  /** @param {string} id */
  discard(id) {
    this.settle(id);
    this.line.tabs.say({ t: 'dropped', id });
    this.changed();
  }

  /** @param {string} id its event is here, or nobody wants it any more */
  settle(id) {
    this.out = this.out.filter((o) => o.id !== id);
    if (id) this.memory.drop(id);
  }

  /** Takes over what a tab that was closed has left behind. Should it be there after all, what both send counts once. */
  adopt() {
    const known = new Set([...this.out.map((o) => o.id), ...this.said.map((s) => s.client_id)]);
    const left = this.memory.unsent().filter((m) => !known.has(m.id) && !m.failed && Date.now() - m.at > ORPHAN);
    if (!left.length) return;
    this.out.push(...left);
    this.changed();
    this.line.start();
    this.flush();
  }

  /** @param {Unsent} m it is durable, and its event has not come: nobody may be at the other end of the socket */
  late(m) {
    if (!this.out.includes(m)) return;
    this.line.wake();
    setTimeout(() => {
      if (this.state !== 'up' || !this.out.includes(m)) return;
      this.settle(m.id); // older than what is shown
      this.changed();
    }, 2 * EVENT_LATE);
  }

  /** Sends what waits, one after the other, until it is all durable. The same message may go out twice; it counts once. */
  async flush() {
    if (this.sending || !this.line.token || !this.line.tabs.leads) return; // the session comes first, and calls again
    for (const m of this.memory.unsent()) this.add(m); // of other tabs, too
    this.sending = true;
    clearTimeout(this.again);
    for (let m; (m = this.out.find((o) => !o.failed && !o.sent)); ) {
      try {
        const got = await this.line.call('v1/messages', { client_msg_id: m.id, text: m.text, name: m.name, email: m.email, team: m.team, ...m.more });
        if (got?.client_msg_id !== m.id) throw new Error('not an answer of the desk');
        m.sent = true; // stays here until its event comes
        this.memory.drop(m.id);
        this.line.tabs.say({ t: 'sent', id: m.id });
        this.memory.set('begun', '1');
        this.pauses = 0;
        setTimeout(() => this.late(m), EVENT_LATE);
      } catch (e) {
        if (e instanceof Refused && e.status === 401) {
          this.line.lost(); // signed in, or not any more: the next session says who it is, and sends it
          break;
        }
        if (e instanceof Refused) {
          m.failed = true;
          this.memory.keep(m);
          this.line.tabs.say({ t: 'failed', id: m.id });
        } else {
          const { after = 0 } = /** @type {{after?: number}} */ (e);
          const pause = Math.max(after, Math.min(30, 0.5 * 2 ** this.pauses++) * (0.5 + Math.random()));
          this.again = setTimeout(() => this.flush(), pause * 1000);
          if (!after) this.line.probe(); // the socket may be gone, too
          break;
        }
      }
      this.changed();
    }
    this.sending = false;
  }
}
