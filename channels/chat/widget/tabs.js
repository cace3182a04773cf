// Tabs of one site share one line: the one that holds a lock has the socket and sends what waits, and is to the others what the
// desk is to it: it answers their hello with the same frames. When it goes, the next in the queue takes over; when it sleeps (a
// phone stops what is not looked at), whoever misses its answer takes the lock away from it. Where browsers have no locks (pages
// without https) or no channels, each tab has its own line.

import { newID } from './memory.js';

/** @import { Frame, Line } from './line.js' */

/** @typedef {{readyState: number, send: (text: string) => void, close: () => void, onmessage?: (f: Frame) => void}} Link */

export class Tabs {
  /** @param {Line} line */
  constructor(line) {
    this.name = ''; // of the lock and the channel
    this.line = line;
    this.me = newID();
    this.leads = false;
    /** @type {BroadcastChannel|undefined} */
    this.channel = undefined;
    /** @type {(() => void)|undefined} lets the lock go */
    this.let = undefined;
    /** @type {AbortController|undefined} of our place in the queue for it */
    this.queued = undefined;
    /** @type {Link|undefined} to the tab that leads */
    this.link = undefined;
  }

  /** Tabs have in common the channel and the site, whose storage it is that they share. */
  join() {
    if (this.name) return;
    this.name = ['centralita', this.line.base.pathname, this.line.host].join(' ');
    if (!navigator.locks || !globalThis.BroadcastChannel) return;
    this.channel = new BroadcastChannel(this.name);
    this.channel.onmessage = (e) => this.heard(e.data);
    addEventListener('pagehide', () => this.release());
  }

  /** Whether this tab is to hold the line. If another does it is told to begin anew when its turn comes. */
  async lead() {
    this.join();
    if (!this.channel) this.leads = true;
    if (this.leads || this.queued || (await this.ask({ ifAvailable: true }))) return this.leads;
    if (this.channel && !this.queued) {
      this.queued = new AbortController();
      this.ask({ signal: this.queued.signal }).then((ours) => ours && this.line.attempt());
    }
    return this.leads;
  }

  /** Takes the line from a tab that does not answer. */
  async steal() {
    this.queued?.abort();
    await this.ask({ steal: true });
  }

  /** This page goes, or is kept for later: the next one takes over. */
  release() {
    this.queued?.abort();
    this.queued = undefined;
    this.line.rest();
    this.leads = false;
    this.let?.();
    this.let = undefined;
  }

  /** @param {LockOptions} how @returns {Promise<boolean>} whether it is ours, as soon as that is known */
  ask(how) {
    return new Promise((known) => {
      let ours = false;
      navigator.locks.request(this.name, how, (lock) => {
        if (!lock) return known(false);
        ours = this.leads = true;
        this.queued = undefined;
        this.link?.close();
        known(true);
        return new Promise((end) => {
          this.let = () => end(undefined);
        });
      }).catch((e) => {
        if (ours) { // taken away from us
          this.leads = false;
          this.let = undefined;
          this.line.attempt();
        } else if (e.name === 'SecurityError') { // no locks for this frame: each tab for itself
          this.channel = undefined;
          this.leads = true;
        }
        known(ours);
      });
    });
  }

  /** @returns {Link} to the tab that leads, like a socket */
  connect() {
    /** @type {Link} */
    const link = {
      readyState: 1,
      send: (text) => link.readyState === 1 && this.post({ up: JSON.parse(text) }),
      close: () => {
        link.readyState = 3;
        if (this.link === link) this.link = undefined;
      },
    };
    this.link = link;
    return link;
  }

  /** @param {object} m */
  post(m) {
    this.join();
    this.channel?.postMessage({ from: this.me, ...m });
  }

  /** @param {object} frame what the desk said, for the tabs that follow */
  tell(frame) {
    if (this.leads) this.post({ down: frame });
  }

  /** @param {object} word of one tab to all: what became of a message on its way */
  say(word) {
    this.post({ word });
  }

  /** @param {any} m */
  heard(m) {
    if (m.word) this.line.on.word(m.word);
    else if (m.up && this.leads) this.line.serve(m.up, (f) => this.post({ down: f, to: m.from }));
    else if (m.down && (!m.to || m.to === this.me) && !this.leads) this.link?.onmessage?.(m.down);
  }
}
