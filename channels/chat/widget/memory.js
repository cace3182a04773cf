// What the widget remembers in the visitor's browser: their token, how far they have read, and what is not sent yet.
// Without storage (private windows, blocked cookies) it remembers as long as the page lives.

/**
 * A message on its way: its id is made once, by which a repeat is known. failed: refused for good, the visitor decides. sent: it
 * is durable and its event has not come yet; never stored.
 * @typedef {{id: string, text: string, at: number, name?: string, email?: string, failed?: boolean, sent?: boolean}} Unsent
 */

/** @returns {string} */
export function newID() {
  if (crypto.randomUUID) return crypto.randomUUID(); // only on https and localhost
  const b = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
}

export class Memory {
  /** @param {string} scope */
  constructor(scope) {
    this.prefix = 'centralita:' + scope + ':';
    /** @type {Map<string, string>} what could be kept nowhere else, and a copy of the rest */
    this.own = new Map();
    /** @type {Storage|undefined} */
    this.storage = undefined;
    try {
      this.storage = localStorage;
    } catch {
      // not allowed here
    }
  }

  /** @param {string} key */
  get(key) {
    return this.own.get(key) ?? (this.storage?.getItem(this.prefix + key) || '');
  }

  /** @param {string} key @param {string} value '' forgets */
  set(key, value) {
    this.own.set(key, value);
    try {
      if (value) this.storage?.setItem(this.prefix + key, value);
      else this.storage?.removeItem(this.prefix + key);
    } catch {
      // full
    }
  }

  /**
   * What waits to be sent, oldest first. Each has a key of its own, so that tabs do not overwrite each other's.
   * @returns {Unsent[]}
   */
  unsent() {
    const from = this.prefix + 'out:';
    return Object.keys(this.storage || {}).filter((k) => k.startsWith(from)).flatMap((k) => {
      try {
        return [JSON.parse(this.get(k.slice(this.prefix.length)))];
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
