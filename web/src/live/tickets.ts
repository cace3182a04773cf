// Every ticket row this screen knows, and the lists made of them. A row comes from a page over HTTP or from a frame, in
// any order and more than once: the larger version of a conversation is kept, so the order does not matter.
import { compareIn, isBuiltIn, matches, relative, specOf, type ListSpec, type Looker } from './filter'
import { Observable } from './observable'
import type { Ticket } from './types'

export class TicketStore extends Observable {
  readonly #rows = new Map<string, { ticket: Ticket; generation: number }>()
  readonly #lists = new Set<TicketList>()
  readonly #gone = new Map<string, number>() // tickets out of our sight → the position up to which that is known
  #generation = 0

  // onKept is told of every row that replaced another, whichever way it came.
  onKept: (before: Ticket, after: Ticket) => void = () => {}

  // A generation ends when the server says that what we know may be stale (Reset) or of another journal (epoch). Rows of
  // an older generation stay on the screen until their list is read again, and lose against any row of a newer one.
  get generation(): number {
    return this.#generation
  }

  newGeneration(): void {
    this.#generation++
    this.#gone.clear()
    for (const l of this.#lists) l.stale = true
    this.changed()
  }

  get(id: string): Ticket | undefined {
    return this.#rows.get(id)?.ticket
  }

  // upsert keeps the newer row and tells whether this one was it. before is the row of this generation it replaces.
  upsert(ticket: Ticket, generation = this.#generation): { kept: boolean; before: Ticket | undefined } {
    const gone = this.#gone.get(ticket.id)
    if (gone !== undefined) {
      if (ticket.position <= gone) return { kept: false, before: undefined } // read before it went
      this.#gone.delete(ticket.id)
    }
    const old = this.#rows.get(ticket.id)
    const current = old && old.generation >= generation ? old.ticket : undefined
    if (generation < this.#generation || (current && current.version >= ticket.version)) {
      return { kept: false, before: current }
    }
    this.#rows.set(ticket.id, { ticket, generation })
    for (const l of this.#lists) l.replace(old?.ticket, ticket)
    if (current) this.onKept(current, ticket)
    this.changed()
    return { kept: true, before: current }
  }

  // gone: we may not see a ticket any more. A reading that was on its way does not bring it back. before is its row.
  gone(id: string, position: number): Ticket | undefined {
    this.#gone.set(id, position)
    const old = this.#rows.get(id)?.ticket
    if (!old) return undefined
    this.#rows.delete(id)
    for (const l of this.#lists) l.remove(old)
    this.changed()
    return old
  }

  // adopt takes a page as it came: rows, the mark of the next page, and the generation in which it was asked for.
  adopt(list: TicketList, page: Ticket[], next: string, first: boolean): void {
    if (first) {
      list.restart((t) => {
        const row = this.#rows.get(t.id)
        return row?.ticket === t && row.generation === this.#generation
      })
      this.#forgetOld()
    }
    for (const t of page) this.upsert(t)
    list.pageLoaded(page, next)
    this.changed()
  }

  list(what: string | ListSpec, who: string | Looker): TicketList {
    const spec = typeof what === 'string' ? specOf(isBuiltIn(what) ? what : {}) : what
    const list = new TicketList(spec, typeof who === 'string' ? { me: who, teams: new Set() } : who)
    for (const { ticket } of this.#rows.values()) list.replace(undefined, ticket)
    this.#lists.add(list)
    return list
  }

  // drop forgets a list nobody shows any more; its rows stay.
  drop(list: TicketList): void {
    this.#lists.delete(list)
  }

  // ticked: time has passed, and who looks may be in other teams. What a list shows by it is looked at again.
  ticked(all: boolean): void {
    let moved = false
    for (const l of this.#lists) {
      if (!all && !relative(l.spec.filter)) continue
      l.rebuild([...this.#rows.values()].map((r) => r.ticket))
      moved = true
    }
    if (moved) this.changed()
  }

  // Rows of an older generation that no list shows any more are of no use.
  #forgetOld(): void {
    if ([...this.#lists].some((l) => l.stale)) return
    for (const [id, { ticket, generation }] of this.#rows) {
      if (generation === this.#generation) continue
      this.#rows.delete(id)
      for (const l of this.#lists) l.remove(ticket)
    }
  }
}

// TicketList is one list, sorted. It holds every matching row the store knows, but shows them only down to where pages
// were read (the horizon): a row from further below would sit next to a gap.
export class TicketList {
  readonly spec: ListSpec
  readonly #who: Looker
  readonly #compare: (a: Ticket, b: Ticket) => number
  readonly #in = new Map<string, Ticket>() // the rows below, by id: what time takes out must be found again
  #sorted: Ticket[] = []
  #horizon: Ticket | 'top' | 'end' = 'top' // the last row of the last page as it came
  #shown: readonly Ticket[] | null = null
  next = '' // cursor of the next page
  stale = false // its rows may be old: read again
  loaded = false

  constructor(spec: ListSpec, who: Looker) {
    this.spec = spec
    this.#who = who
    this.#compare = compareIn(spec.order)
  }

  get name(): string {
    return this.spec.key
  }

  get complete(): boolean {
    return this.loaded && this.next === ''
  }

  get rows(): readonly Ticket[] {
    this.#shown ??= this.#sorted.slice(0, this.#below())
    return this.#shown
  }

  replace(before: Ticket | undefined, after: Ticket): void {
    if (before) this.remove(before)
    if (!matches(after, this.spec.filter, this.#who, Date.now())) return
    this.#shown = null
    this.#in.set(after.id, after)
    this.#sorted.splice(this.#find(after), 0, after)
  }

  remove(t: Ticket): void {
    const old = this.#in.get(t.id)
    if (!old) return
    this.#in.delete(t.id)
    this.#sorted.splice(this.#find(old), 1)
    this.#shown = null
  }

  restart(isCurrent: (t: Ticket) => boolean): void {
    this.#sorted = this.#sorted.filter(isCurrent)
    this.#in.clear()
    for (const t of this.#sorted) this.#in.set(t.id, t)
    this.#shown = null
    this.#horizon = 'top'
    this.stale = false
  }

  rebuild(all: Ticket[]): void {
    const now = Date.now()
    this.#sorted = all.filter((t) => matches(t, this.spec.filter, this.#who, now)).sort(this.#compare)
    this.#in.clear()
    for (const t of this.#sorted) this.#in.set(t.id, t)
    this.#shown = null
  }

  pageLoaded(page: Ticket[], next: string): void {
    this.#shown = null
    this.loaded = true
    this.next = next
    const last = page.at(-1)
    if (next === '') this.#horizon = 'end'
    else if (last && (typeof this.#horizon === 'string' || this.#compare(last, this.#horizon) > 0)) this.#horizon = last
  }

  // The first index at which a row is not before t.
  #find(t: Ticket): number {
    return this.#first((row) => this.#compare(row, t) >= 0)
  }

  #first(is: (row: Ticket) => boolean): number {
    let lo = 0
    let hi = this.#sorted.length
    while (lo < hi) {
      const mid = (lo + hi) >> 1
      if (is(this.#sorted[mid]!)) hi = mid
      else lo = mid + 1
    }
    return lo
  }

  #below(): number {
    const h = this.#horizon
    if (h === 'end') return this.#sorted.length
    if (h === 'top') return 0
    return this.#first((row) => this.#compare(row, h) > 0)
  }
}
