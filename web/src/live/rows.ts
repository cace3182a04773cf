// Rows of a small, whole list (agents, channels, contacts): the larger version wins, a new reading replaces all.
import { Observable } from './observable'

export class Rows<T extends { id: string; version: number }> extends Observable {
  readonly #rows = new Map<string, T>()
  readonly #touched = new Map<string, number>()
  #clock = 0
  #loaded = false

  get loaded(): boolean {
    return this.#loaded
  }

  get all(): T[] {
    return [...this.#rows.values()]
  }

  get(id: string): T | undefined {
    return this.#rows.get(id)
  }

  upsert(row: T): void {
    const old = this.#rows.get(row.id)
    if (old && old.version > row.version) return
    this.#rows.set(row.id, row)
    this.#touched.set(row.id, ++this.#clock)
    this.changed()
  }

  // mark is taken before a reading is asked for: rows that frames bring after it are newer than the reading.
  mark(): number {
    return this.#clock
  }

  // replaceAll takes a whole reading. fresh: versions may have begun again (another journal).
  replaceAll(rows: T[], mark: number, fresh = false): void {
    const ids = new Set(rows.map((r) => r.id))
    for (const id of [...this.#rows.keys()]) {
      const since = (this.#touched.get(id) ?? 0) > mark
      if (!since && (fresh || !ids.has(id))) this.#rows.delete(id)
    }
    for (const r of rows) {
      const old = this.#rows.get(r.id)
      if (!old || old.version <= r.version) this.#rows.set(r.id, r)
    }
    this.#loaded = true
    this.changed()
  }
}
