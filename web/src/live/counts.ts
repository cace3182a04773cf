// The numbers beside the views. They are read once over HTTP and then moved by the rows that change: a row whose state
// before is known moves them exactly, one that was never seen makes them be read again. An answer that says at which
// position it was counted is joined with the moves after it exactly; one that does not is read again when rows moved
// while it was on its way. So the numbers are right whenever the desk is quiet, and nearly always before.
import { Observable } from './observable'
import { inView } from './tickets'
import type { Counts, Ticket, ViewName } from './types'

export interface CountsAnswer extends Counts {
  position: number // 0: the server does not say
}

export interface CountsOptions {
  fetch: () => Promise<CountsAnswer>
  me: string
  delay?: number // ms from the first doubt to reading again
  pause?: number // ms between two readings at least: a busy desk has doubts all the time
}

const views: ViewName[] = ['open', 'unassigned', 'closed', 'mine']

const settleFor = 1_000

interface Move {
  position: number
  delta: Counts
}

export class CountStore extends Observable {
  readonly #fetch: () => Promise<CountsAnswer>
  readonly #me: string
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

  constructor({ fetch, me, delay = 700, pause = 10_000 }: CountsOptions) {
    super()
    this.#fetch = fetch
    this.#me = me
    this.#delay = delay
    this.#pause = pause
  }

  get value(): Counts | null {
    return this.#counts
  }

  // rowChanged is told of every row that became another. A conversation nobody here has seen is new when its number is
  // larger than how many there are (numbers are ranks); else its state before is not known.
  rowChanged(before: Ticket | undefined, after: Ticket): void {
    if (after.position && after.position <= this.#position) return // counted already
    if (!before && !this.#isNew(after)) {
      this.doubt()
      return
    }
    const delta = deltaOf(before, after, this.#me)
    if (!delta) return
    this.#moves?.push({ position: after.position, delta })
    if (this.#counts) this.#set(add(this.#counts, delta))
    // The answer includes at least its position, perhaps a little more: a move that close to it is counted again.
    if (this.#now() - this.#answeredAt < settleFor) this.doubt()
  }

  // rowGone is told of a ticket that left our sight; before is its row, if it was known.
  rowGone(before: Ticket | undefined): void {
    const delta = before && this.#counts && deltaOf(before, undefined, this.#me)
    if (delta) this.#set(add(this.#counts!, delta))
    this.doubt()
  }

  #isNew(t: Ticket): boolean {
    return this.#counts !== null && t.number > this.#counts.open + this.#counts.closed
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
      const answer = await this.#fetch()
      const after = answer.position ? moves.filter((m) => m.position > answer.position) : []
      this.#position = answer.position
      this.#answeredAt = this.#now()
      const { open, unassigned, closed, mine } = answer
      this.#set(after.reduce((c, m) => add(c, m.delta), { open, unassigned, closed, mine }))
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
}

function deltaOf(before: Ticket | undefined, after: Ticket | undefined, me: string): Counts | null {
  const delta: Counts = { open: 0, unassigned: 0, closed: 0, mine: 0 }
  let any = false
  for (const v of views) {
    delta[v] = Number(after ? inView(after, v, me) : false) - Number(before ? inView(before, v, me) : false)
    any ||= delta[v] !== 0
  }
  return any ? delta : null
}

function add(a: Counts, d: Counts): Counts {
  const sum = { ...a }
  for (const v of views) sum[v] = Math.max(0, a[v] + d[v])
  return sum
}
