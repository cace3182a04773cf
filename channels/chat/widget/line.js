// The line to the desk: a session over HTTP, then events over a WebSocket, or a long poll where sockets are blocked. It sees
// to it that every event reaches the talk once and in order, whatever the network does.

import { newID } from './memory.js';
import { Tabs } from './tabs.js';

/** @import { Memory } from './memory.js' */

/** @typedef {{state: 'available'|'away'|'closed', back_at?: string, show?: 'message'|'form'|'hide', text?: Record<string, string>, reply?: string}} Notice */
/** @typedef {{title: string, greeting: string, color: string, locale: string, online: boolean, version: string, availability: Notice,
 *   departments?: {id: string, name: string}[], look: {avatar?: string, texts?: Record<string, Record<string, string>>}}} Config */
/** @typedef {'idle'|'connecting'|'up'|'down'|'refused'|'elsewhere'} State */

/**
 * One event of the visitor's stream; prev is the seq of the one it follows.
 * @typedef {{prev: number, seq: number, kind: 'message'|'reply'|'status', at: string, d: any}} Happening
 */

/**
 * What the server says.
 * @typedef {{t: string, epoch?: string, seq?: number, prev?: number, truncated?: boolean, events?: Happening[], on?: boolean, name?: string, live?: boolean, config?: Config, token?: string, state?: State, identity?: any,
 *   position?: number, minutes?: number}} Frame
 */

/**
 * @typedef {object} Listener
 * @property {(word: any) => void} word of another tab
 * @property {(c: Config) => void} config
 * @property {(f: import('./flow.js').Flow|undefined) => void} flow of the page
 * @property {(told: any) => void} [identity] whether the visitor is whom the page says
 * @property {(e: Happening, live: boolean) => void} event
 * @property {(truncated: boolean) => void} reset forget what was shown
 * @property {(on: boolean, name: string) => void} typing
 * @property {(f: Frame) => void} place
 * @property {(s: State) => void} state
 * @property {(told: {verified: boolean, reason?: string, message?: string}|undefined) => void} identity what became of what the page says of the visitor
 */

const SECOND = 1000;
const PROBE = 25 * SECOND; // say something when nothing was said for this long
const ANSWER = 3 * SECOND; // what another tab may take to answer
const SILENCE = 40 * SECOND; // then nobody is there
const PATIENCE = 15 * SECOND; // with a request, which a network may have swallowed
const POLL = 40 * SECOND; // with one that waits for news
const FIRST_DELAY = 0.5 * SECOND;
const MAX_DELAY = 30 * SECOND;
const MAX_DELAY_SEEN = 4 * SECOND; // while somebody looks at the page

/** A refusal that repeating does not cure. */
export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Line {
  /** @param {URL} base where the channel is @param {Memory} memory @param {string} page the host's, where the visitor is @param {Listener} on */
  constructor(base, memory, page, on) {
    this.base = base;
    this.memory = memory;
    this.page = page;
    this.host = ''; // its origin
    /** @type {object|undefined} who the host's page says this is: {jwt} or {id, email, hash} */
    this.who = undefined;
    this.on = on;
    this.token = memory.get('token');
    this.tab = newID(); // by which a new socket takes the place of one that the network may have swallowed
    this.epoch = '';
    this.last = 0; // seq of the last event applied
    /** @type {State} */
    this.state = 'idle';
    /** @type {State|''} of the tab that leads, when it is not up */
    this.far = '';
    /** @type {Happening[]} all since begins, for tabs that follow */
    this.story = [];
    this.begins = 0;
    /** @type {{config: Config, identity?: any}|undefined} what the last session said beside them */
    this.greeted = undefined;
    this.truncated = false;
    /** @type {Frame} in line, as told last */
    this.place = { t: 'place' };
    /** @type {WebSocket|import('./tabs.js').Link|null} */
    this.socket = null;
    this.failures = 0; // in a row
    this.blocked = 0; // sockets in a row that never opened
    this.heard = 0; // when the server was last heard
    this.needing = false;
    this.timer = 0;
    this.run = 0; // counts attempts: what belongs to an older one is ignored
    this.acked = 0;
    this.acking = 0;
    this.tabs = new Tabs(this);
    addEventListener('online', () => this.wake());
    addEventListener('offline', () => this.probe());
    addEventListener('pageshow', (e) => e.persisted && this.wake());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.wake());
    setInterval(() => this.watch(), 5 * SECOND);
  }

  /** Connects, or does so at once if it was waiting. */
  start() {
    if (this.state === 'up' || this.state === 'connecting' || this.state === 'refused') return;
    this.failures = 0;
    this.attempt();
  }

  /** @param {object|undefined} who the page says it now: a session tells the desk */
  identify(who) {
    this.who = who;
    if (!this.tabs.leads) this.tabs.say({ t: 'who', who });
    else if (this.state !== 'idle') this.attempt();
  }

  /** Something happened that may have brought the network back, or shows that it is gone. */
  wake() {
    if (this.state === 'down' || this.state === 'elsewhere') this.start();
    else this.probe();
  }

  probe() {
    if (this.state !== 'up' || !this.socket) return;
    const asked = Date.now();
    this.send({ t: 'ping' });
    const run = this.run;
    setTimeout(() => run === this.run && this.state === 'up' && this.heard < asked && this.lost(), this.tabs.leads ? 4 * SECOND : ANSWER);
  }

  watch() {
    const silent = Date.now() - this.heard;
    if (this.state !== 'up' || !this.socket) return;
    if (silent > SILENCE) this.lost();
    else if (this.far && document.visibilityState === 'visible') this.probe(); // somebody looks: the tab that leads is to try
    else if (silent > PROBE) this.send({ t: 'ping' });
  }

  /** @param {object} frame */
  send(frame) {
    if (this.socket && this.socket.readyState === 1) this.socket.send(JSON.stringify(frame));
  }

  /** @param {string} path @param {object} [body] @param {number} [patience] @returns {Promise<any>} */
  async call(path, body, patience = PATIENCE) {
    /** @type {Record<string, string>} */
    const headers = body ? { 'Content-Type': 'application/json' } : {};
    if (this.token) headers.Authorization = 'Bearer ' + this.token;
    const resp = await fetch(new URL(path, this.base), {
      method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), cache: 'no-store', credentials: 'omit',
      signal: AbortSignal.timeout(patience),
    });
    if (resp.status === 204) return null;
    if (resp.ok) return resp.json();
    const problem = await resp.json().catch(() => ({}));
    const again = !problem.code || resp.status >= 500 || resp.status === 429 || resp.status === 408; // without a code it is not the desk who refuses
    if (again) throw Object.assign(new Error(problem.message || 'status ' + resp.status), { after: Number(resp.headers.get('Retry-After')) || 0 });
    throw new Refused(resp.status, problem.message || 'status ' + resp.status);
  }

  /** @param {State} state */
  become(state) {
    if (this.state === state) return;
    this.state = state;
    this.tabs.tell({ t: 'led', state });
    this.on.state(state);
  }

  async attempt() {
    clearTimeout(this.timer);
    const run = ++this.run;
    this.drop();
    this.become('connecting');
    this.token = this.memory.get('token'); // another tab may have signed in
    try {
      if (!(await this.tabs.lead())) {
        if (run === this.run) this.follow(run);
        return;
      }
      if (run !== this.run) return;
      this.far = '';
      const s = await this.call('v1/session', { visitor_token: this.token, page: this.page.slice(0, 500), host: this.host, identity: this.who, epoch: this.epoch, last_seq: this.last });
      if (run !== this.run) return;
      if (this.token && this.token !== s.visitor_token) this.reset(s, false); // somebody else now
      this.token = s.visitor_token;
      this.memory.set('token', this.token);
      this.on.config(s.config);
      this.on.flow(s.flow);
      this.on.identity(s.identity);
      this.take(s, false);
      this.greeted = { config: s.config, identity: s.identity };
      this.tabs.tell({ t: 'led', token: this.token, ...this.greeted });
      if (this.blocked >= 2) this.poll(run);
      else this.open(run, s.ticket);
    } catch (e) {
      if (run !== this.run) return;
      if (e instanceof Refused && e.status === 403) this.become('refused');
      else this.lost();
    }
  }

  /** @param {number} run another tab leads: what the desk says comes from there */
  follow(run) {
    const link = this.tabs.connect();
    this.socket = link;
    const asked = Date.now();
    link.onmessage = (f) => run === this.run && this.take(/** @type {any} */ (f), f.live !== false);
    this.send({ t: 'hello', epoch: this.epoch, last_seq: this.last });
    setTimeout(async () => {
      if (run !== this.run || this.heard >= asked) return;
      await this.tabs.steal();
      if (run === this.run) this.attempt();
    }, ANSWER);
  }

  /**
   * Answers a tab that follows as the desk would. What arrived is acknowledged by the one that leads.
   * @param {any} f @param {(f: object) => void} answer
   */
  serve(f, answer) {
    if (f.t === 'read' || f.t === 'typing') this.sign(f);
    else if (f.t === 'ping') {
      answer({ t: 'pong' });
      if (this.state === 'down') this.start();
    } else if (f.t === 'need') answer({ t: 'events', epoch: this.epoch, seq: this.last, events: this.story.filter((e) => e.prev >= f.from) });
    else if (f.t === 'hello') {
      const from = this.story.findIndex((e) => e.prev === f.last_seq);
      const known = f.epoch === this.epoch && (from >= 0 || f.last_seq === this.last);
      const at = { ...this.place, epoch: this.epoch, seq: this.last };
      if (this.greeted) answer({ t: 'led', token: this.token, ...this.greeted });
      if (known) answer({ ...at, t: 'welcome', events: from < 0 ? [] : this.story.slice(from) });
      else answer({ ...at, t: 'reset', prev: this.begins, truncated: this.truncated, events: this.story });
      answer({ t: 'led', state: this.state });
    }
  }

  /** The page goes, or is kept for later: nothing is tried until it is looked at. */
  rest() {
    if (this.state === 'idle') return;
    this.run++;
    this.drop();
    clearTimeout(this.timer);
    this.state = 'down';
  }

  /** @param {number} run @param {string} ticket */
  open(run, ticket) {
    const url = new URL('v1/ws', this.base);
    url.protocol = url.protocol.replace('http', 'ws');
    url.searchParams.set('ticket', ticket);
    const ws = new WebSocket(url);
    this.socket = ws;
    let opened = false;
    const slow = setTimeout(() => !opened && ws.close(), 10 * SECOND);
    ws.onopen = () => {
      opened = true;
      this.blocked = 0;
      this.send({ t: 'hello', tab: this.tab, epoch: this.epoch, last_seq: this.last });
    };
    ws.onmessage = (m) => run === this.run && this.take(JSON.parse(m.data), true);
    ws.onclose = (e) => {
      clearTimeout(slow);
      if (run !== this.run) return;
      if (!opened) this.blocked++;
      if (e.code === 4003) this.become('refused');
      else if (e.code === 4009) this.become('elsewhere');
      else this.lost();
    };
  }

  /** @param {number} run */
  async poll(run) {
    this.become('up');
    for (const until = Date.now() + 120 * SECOND; run === this.run && Date.now() < until; ) {
      try {
        const f = await this.call('v1/events?epoch=' + encodeURIComponent(this.epoch) + '&after=' + this.last, undefined, POLL);
        if (run === this.run) this.take(f, true);
      } catch {
        if (run === this.run) this.lost();
        return;
      }
    }
    if (run !== this.run) return;
    this.blocked = 1; // perhaps sockets work now
    this.attempt();
  }

  /** The connection is gone: comes back after a growing, jittered, capped delay. */
  lost() {
    this.run++;
    this.drop();
    this.become('down');
    const most = document.visibilityState === "visible" ? MAX_DELAY_SEEN : MAX_DELAY;
    const delay = Math.min(most, FIRST_DELAY * 2 ** this.failures++) * (0.5 + Math.random());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.attempt(), delay);
  }

  drop() {
    const ws = this.socket;
    this.socket = null;
    if (ws) ws.close();
  }

  /** @param {Frame & Happening} f @param {boolean} live */
  take(f, live) {
    this.heard = Date.now();
    switch (f.t) {
      case 'reset':
        this.reset(f, !!f.truncated);
      // falls through
      case 'welcome':
      case 'events':
        this.needing = false;
        this.epoch = f.epoch || this.epoch;
        if (f.t !== 'events') this.placed(f);
        for (const e of f.events || []) this.apply(e, live && f.t !== 'reset');
        if (live && f.t !== 'events') {
          this.failures = 0;
          this.acked = 0;
          this.become('up');
        }
        break;
      case 'ev':
        this.epoch = f.epoch || this.epoch;
        this.apply(f, live);
        break;
      case 'typing':
        this.on.typing(!!f.on, f.name || '');
        break;
      case 'online':
        this.on.place(f);
        break;
      case 'place':
        this.placed(f);
        break;
      case 'led': // of the tab that leads
        if (f.token) this.memory.set('token', (this.token = f.token));
        if (f.config) this.on.config(f.config);
        if (f.identity) this.on.identity?.(f.identity);
        if (f.state) this.far = f.state === 'up' ? '' : f.state;
        this.on.state(this.state);
    }
    if (f.t === 'typing' || f.t === 'online') this.tabs.tell(f);
    if (live && this.last > this.acked) this.acknowledge();
  }

  /** @param {Frame} f */
  placed(f) {
    this.place = { t: 'place', position: f.position, minutes: f.minutes };
    this.tabs.tell(this.place);
    this.on.place(f);
  }

  /** @param {Frame} f @param {boolean} truncated */
  reset(f, truncated) {
    this.epoch = f.epoch || '';
    this.begins = this.last = f.prev || 0;
    this.story = [];
    this.truncated = truncated;
    this.tabs.tell({ t: 'reset', epoch: this.epoch, prev: this.begins, truncated });
    this.on.reset(truncated);
  }

  /**
   * An event counts once, and only on top of the one it follows.
   * @param {Happening} e
   * @param {boolean} live
   */
  apply(e, live) {
    if (e.seq <= this.last) return;
    if (e.prev !== this.last) {
      if (!this.needing) this.send({ t: 'need', from: this.last });
      this.needing = true;
      return;
    }
    this.last = e.seq;
    this.story.push(e);
    this.tabs.tell({ ...e, t: 'ev', epoch: this.epoch, live });
    this.on.event(e, live);
  }

  /** Tells what has arrived, a moment later so that many make one. */
  acknowledge() {
    this.acked = this.last;
    clearTimeout(this.acking);
    this.acking = setTimeout(() => this.sign({ t: 'ack', seq: this.last }), 300);
  }

  /** @param {object} frame over the socket, or by itself where there is none */
  sign(frame) {
    if (this.socket) this.send(frame);
    else if (this.state === 'up') this.call('v1/signs', frame).catch(() => {});
  }
}
