// The line to the host's page: what it tells the frame, and what it is told. The page is whoever embeds this document, which the
// browser allows to the channel's sites only (frame-ancestors); its origin is taken from its first word and held to.

/**
 * @typedef {{kept: Record<string, string>, config: import('./line.js').Config, lang: string, rtl: boolean, font: string, who?: object, page: string, phone: boolean,
 *   dark: boolean, inline: boolean, opened: boolean, focus?: boolean, preview?: boolean}} Start
 */

export class Host {
  /** @param {(t: string, m: any) => void} heard */
  constructor(heard) {
    this.origin = '';
    addEventListener('message', (e) => {
      const m = e.data;
      if (e.source !== parent || !m || m.centralita !== 1 || (this.origin && e.origin !== this.origin)) return;
      if (!this.origin && m.t !== 'start') return;
      this.origin = e.origin;
      heard(m.t, m);
    });
    parent.postMessage({ centralita: 1, t: 'hello' }, '*'); // tells nothing; only then the page's origin is known
  }

  /** @param {string} t @param {object} [more] */
  tell(t, more) {
    if (this.origin) parent.postMessage({ centralita: 1, t, ...more }, this.origin);
  }

  /** @param {string} name of an event for who has asked the loader for it @param {object} [detail] */
  event(name, detail) {
    this.tell('event', { name, detail });
  }
}
