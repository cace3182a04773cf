// What the visitor's browser remembers: their token, how far they have read, and what is not sent yet. It lies in the storage of
// the host's page, where all its tabs see it; the loader keeps it there, and gives the frame everything when it starts.
// Without storage (private windows, blocked cookies) it is remembered as long as the page lives.

/** @import { Host } from './host.js' */

/**
 * A message on its way: its id is made once, by which a repeat is known. failed: refused for good, the visitor decides. sent: it
 * is durable and its event has not come yet; never stored.
 * @typedef {{id: string, text: string, at: number, name?: string, email?: string, team?: string, more?: object, failed?: boolean, sent?: boolean}} Unsent
 */

/** @returns {string} */
export function newID() {
  if (crypto.randomUUID) return crypto.randomUUID(); // only on https and localhost
  const b = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
}

export class Memory {
  /** @param {Host} host @param {Record<string, string>} kept */
  constructor(host, kept) {
    this.host = host;
    /** @type {Map<string, string>} */
    this.all = new Map(Object.entries(kept));
  }

  /** @param {string} key */
  get(key) {
    return this.all.get(key) || '';
  }

  /** @param {string} key @param {string} value '' forgets */
  set(key, value) {
    if (this.get(key) === value) return;
    this.stored(key, value);
    this.host.tell('set', { key, value });
  }

  /** @param {string} key @param {string} value another tab has stored it */
  stored(key, value) {
    if (value) this.all.set(key, value);
    else this.all.delete(key);
  }

  /**
   * What waits to be sent, oldest first. Each has a key of its own, so that tabs do not overwrite each other's.
   * @returns {Unsent[]}
   */
  unsent() {
    return [...this.all.keys()].filter((k) => k.startsWith('out:')).flatMap((k) => {
      try {
        return [JSON.parse(this.get(k))];
      } catch {
        return []; // not written by us
      }
    }).sort((a, b) => a.at - b.at);
  }

  /** @param {Unsent} m */
  keep(m) {
    this.set('out:' + m.id, JSON.stringify(m));
  }

  /** @param {string} id */
  drop(id) {
    this.set('out:' + id, '');
  }
}
