// The numbers beside the views. They are read once over HTTP and then moved by the rows that change: a row whose state
// before is known moves them exactly, one that was never seen makes them be read again. An answer that says at which
// position it was counted is joined with the moves after it exactly; one that does not is read again when rows moved
// while it was on its way. So the numbers are right whenever the desk is quiet, and nearly always before.
import { builtIn, matches, relative, type Filter, type Looker } from './filter'
import { Observable } from './observable'
import type { Counts, Ticket } from './types'

export interface CountsAnswer {
  [list: string]: number
  position: number // 0: the server does not say
}

export interface CountsOptions {
  fetch: (watched: ReadonlyMap<string, Filter>) => Promise<CountsAnswer>
  me: string | Looker
  delay?: number // ms from the first doubt to reading again
  pause?: number // ms between two readings at least: a busy desk has doubts all the time
}

const settleFor = 1_000

interface Move {
  position: number
  delta: Counts
}

export class CountStore extends Observable {
  readonly #fetch: CountsOptions['fetch']
  readonly #who: Looker
  readonly #watched = new Map<string, Filter>() // beside the built-in views
  readonly #delay: number
  readonly #pause: number
  #counts: Counts | null = null
  #position = 0 // what the numbers include, if the server said
  #moves: Move[] | null = null // since the request that is on its way
  #again = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #answeredAt = 0
  #stopped = false
  readonly #now = () => Date.now()

  constructor({ fetch, me, delay = 700, pause = 3_000 }: CountsOptions) {
    super()
    this.#fetch = fetch
    this.#who = typeof me === 'string' ? { me, teams: new Set() } : me
    this.#delay = delay
    this.#pause = pause
  }

  get value(): Counts | null {
    return this.#counts
  }

  // watch counts more lists, until they are other ones. Those that were not counted yet are read soon.
  watch(filters: ReadonlyMap<string, Filter>): void {
    let fresh = false
    for (const key of filters.keys()) if (!this.#watched.has(key)) fresh = true // a key is its filter in one form
    this.#watched.clear()
    for (const [key, f] of filters) this.#watched.set(key, f)
    if (fresh && this.#counts) void this.read()
  }

  // ticked: time alone may have changed some of them.
  ticked(): void {
    if ([...this.#watched.values()].some(relative)) this.doubt()
  }

  // rowChanged is told of every row that became another. A conversation nobody here has seen is new when its first record came
  // after what was counted; else its state before is not known.
  rowChanged(before: Ticket | undefined, after: Ticket): void {
    if (after.position && after.position <= this.#position) return // counted already
    if (!before && !this.#isNew(after)) {
      this.doubt()
      return
    }
    const delta = this.#deltaOf(before, after)
    if (!delta) return
    this.#moves?.push({ position: after.position, delta })
    if (this.#counts) this.#set(add(this.#counts, delta))
    // The answer includes at least its position, perhaps a little more: a move that close to it is counted again.
    if (this.#now() - this.#answeredAt < settleFor) this.doubt()
  }

  // rowGone is told of a ticket that left our sight; before is its row, if it was known.
  rowGone(before: Ticket | undefined): void {
    const delta = before && this.#counts && this.#deltaOf(before, undefined)
    if (delta) this.#set(add(this.#counts!, delta))
    this.doubt()
  }

  #isNew(t: Ticket): boolean {
    return this.#position > 0 && t.version <= 2 && t.position - t.version + 1 > this.#position
  }

  // doubt reads the numbers again soon; many doubts are one request.
  doubt(): void {
    if (this.#moves) {
      this.#again = true
      return
    }
    if (this.#stopped) return
    const wait = Math.max(this.#delay, this.#answeredAt + this.#pause - this.#now())
    this.#timer ??= setTimeout(() => void this.read(), wait * (1 + 0.3 * Math.random()))
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async read(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#moves) {
      this.#again = true
      return
    }
    const moves: Move[] = (this.#moves = [])
    this.#again = false
    try {
      const answer = await this.#fetch(this.#watched)
      const after = answer.position ? moves.filter((m) => m.position > answer.position) : []
      this.#position = answer.position
      this.#answeredAt = this.#now()
      const { position: _, ...counts } = answer
      this.#set(after.reduce((c, m) => add(c, m.delta), counts as Counts))
      if (after.length > 0 || (!answer.position && moves.length > 0)) this.#again = true
    } catch {
      this.#answeredAt = this.#now() // no answer either; the pause holds
      this.#again = true
    }
    this.#moves = null
    if (this.#again) this.doubt()
  }

  #set(counts: Counts): void {
    this.#counts = counts
    this.changed()
  }

  #deltaOf(before: Ticket | undefined, after: Ticket | undefined): Counts | null {
    const delta: Counts = {}
    let any = false
    const now = this.#now()
    for (const lists of [Object.entries(builtIn), this.#watched]) {
      for (const [key, f] of lists as Iterable<[string, Filter]>) {
        const by = Number(after ? matches(after, f, this.#who, now) : false) - Number(before ? matches(before, f, this.#who, now) : false)
        if (by === 0) continue
        delta[key] = by
        any = true
      }
    }
    return any ? delta : null
  }
}

function add(a: Counts, d: Counts): Counts {
  const sum = { ...a }
  for (const [key, by] of Object.entries(d)) if (key in sum) sum[key] = Math.max(0, sum[key]! + by)
  return sum
}
