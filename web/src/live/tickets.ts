// Every ticket row this screen knows, and the lists made of them. A row comes from a page over HTTP or from a frame, in
// any order and more than once: the larger version of a conversation is kept, so the order does not matter.
import { Observable } from './observable'
import type { Ticket, ViewName } from './types'

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

  list(name: ViewName, me: string): TicketList {
    const list = new TicketList(name, me)
    for (const { ticket } of this.#rows.values()) list.replace(undefined, ticket)
    this.#lists.add(list)
    return list
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

// inView says whether a row belongs to a list.
export function inView(t: Ticket, view: ViewName, me: string): boolean {
  if (t.mergedInto || t.spam) return false
  if (view === 'closed') return t.status === 'closed'
  if (t.status === 'closed' || t.snoozedUntil > 0) return false
  if (view === 'unassigned') return t.owner === null
  return view === 'open' || t.owner?.id === me
}

// before: newest activity first; the id makes the order total.
function compare(a: Ticket, b: Ticket): number {
  return b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

// TicketList is one view, sorted. It holds every matching row the store knows, but shows them only down to where pages
// were read (the horizon): a row from further below would sit next to a gap.
export class TicketList {
  readonly name: ViewName
  readonly #me: string
  #sorted: Ticket[] = []
  #horizon = Infinity // updatedAt of the last row of the last page; -Infinity: read to the end
  #shown: readonly Ticket[] | null = null
  next = '' // cursor of the next page
  stale = false // its rows may be old: read again
  loaded = false

  constructor(name: ViewName, me: string) {
    this.name = name
    this.#me = me
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
    this.#shown = null
    if (inView(after, this.name, this.#me)) this.#sorted.splice(this.#find(after), 0, after)
  }

  remove(t: Ticket): void {
    if (!inView(t, this.name, this.#me)) return
    const at = this.#find(t)
    if (this.#sorted[at]?.id === t.id) this.#sorted.splice(at, 1)
    this.#shown = null
  }

  restart(isCurrent: (t: Ticket) => boolean): void {
    this.#sorted = this.#sorted.filter(isCurrent)
    this.#shown = null
    this.#horizon = Infinity
    this.stale = false
  }

  pageLoaded(page: Ticket[], next: string): void {
    this.#shown = null
    this.loaded = true
    this.next = next
    const last = page.at(-1)
    if (next === '') this.#horizon = -Infinity
    else if (last) this.#horizon = Math.min(this.#horizon, last.updatedAt)
  }

  // The first index at which a row is not before t.
  #find(t: Ticket): number {
    let lo = 0
    let hi = this.#sorted.length
    while (lo < hi) {
      const mid = (lo + hi) >> 1
      if (compare(this.#sorted[mid]!, t) < 0) lo = mid + 1
      else hi = mid
    }
    return lo
  }

  #below(): number {
    if (this.#horizon === -Infinity) return this.#sorted.length
    let lo = 0
    let hi = this.#sorted.length
    while (lo < hi) {
      const mid = (lo + hi) >> 1
      if (this.#sorted[mid]!.updatedAt >= this.#horizon) lo = mid + 1
      else hi = mid
    }
    return lo
  }
}
