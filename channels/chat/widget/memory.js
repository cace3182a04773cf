// What the widget remembers in the visitor's browser: their token, how far they have read, and what is not sent yet.
// Without storage (private windows, blocked cookies) it remembers as long as the page lives.

/**
 * @typedef {object} Unsent
 * @property {string} id made once, by which a repeat is known
 * @property {string} text
 * @property {number} at
 * @property {string} [name]
 * @property {string} [email]
 * @property {boolean} [failed] refused for good: the visitor decides
 * @property {boolean} [sent] durable; its event has not come yet. Never stored.
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
    /** @type {Map<string, string>} */
    this.own = new Map();
    /** @type {Storage|null} */
    this.storage = null;
    try {
      localStorage.setItem(this.prefix + 'probe', '');
      localStorage.removeItem(this.prefix + 'probe');
      this.storage = localStorage;
    } catch {
      // not allowed here
    }
  }

  /** @param {string} key */
  get(key) {
    return (this.storage ? this.storage.getItem(this.prefix + key) : this.own.get(key)) || '';
  }

  /**
   * @param {string} key
   * @param {string} value '' forgets
   */
  set(key, value) {
    try {
      if (!this.storage) value ? this.own.set(key, value) : this.own.delete(key);
      else value ? this.storage.setItem(this.prefix + key, value) : this.storage.removeItem(this.prefix + key);
    } catch {
      this.own.set(key, value); // full
    }
  }

  /**
   * What waits to be sent, oldest first. Each has a key of its own, so that tabs do not overwrite each other's.
   * @returns {Unsent[]}
   */
  unsent() {
    const from = this.prefix + 'out:';
    const keys = this.storage ? Object.keys(this.storage).filter((k) => k.startsWith(from)).map((k) => k.slice(this.prefix.length)) : [];
    const all = new Set([...keys, ...[...this.own.keys()].filter((k) => k.startsWith('out:'))]);
    /** @type {Unsent[]} */
    const list = [];
    for (const key of all) {
      try {
        list.push(JSON.parse(this.get(key) || this.own.get(key) || ''));
      } catch {
        this.set(key, '');
      }
    }
    return list.sort((a, b) => a.at - b.at);
  }

  /** @param {Unsent} m */
  keep(m) {
    this.set('out:' + m.id, JSON.stringify(m));
  }

  /** @param {string} id */
  drop(id) {
    this.set('out:' + id, '');
    this.own.delete('out:' + id);
  }
}
