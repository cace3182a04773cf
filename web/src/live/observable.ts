// Observable is what every store of the live layer is: it tells that it changed, and whoever shows it reads again.
// Changes made close together are told once (see batchWith), so a burst of frames costs one repaint.

type Listener = () => void
type Scheduler = (flush: () => void) => void

let scheduler: Scheduler = (flush) => flush()
let waiting: Set<Observable> | null = null

// batchWith says when to tell: the page hands in its animation frames, tests keep the default (at once).
export function batchWith(s: Scheduler): void {
  scheduler = s
}

export class Observable {
  readonly #listeners = new Set<Listener>()

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  protected changed(): void {
    if (waiting) {
      waiting.add(this)
      return
    }
    waiting = new Set([this])
    scheduler(() => {
      const all = waiting ?? []
      waiting = null
      for (const o of all) o.#tell()
    })
  }

  #tell(): void {
    for (const l of [...this.#listeners]) l()
  }
}
