import { describe, expect, it } from 'vitest'
import { ticketFrom } from './rest'
import { TicketStore } from './tickets'
import type { Ticket } from './types'

const row = (id: string, version: number, updated: number, more: Partial<Ticket> = {}): Ticket => ({
  ...ticketFrom({ id, version, status: 'new' }),
  updatedAt: updated,
  ...more,
})
const ids = (rows: readonly Ticket[]): string => rows.map((t) => t.id).join('')
const me = { id: 'me', name: 'Me' }

describe('ticket store', () => {
  it('keeps the larger version, in whatever order rows come', () => {
    const s = new TicketStore()
    expect(s.upsert(row('a', 5, 50, { subject: 'new' })).kept).toBe(true)
    expect(s.upsert(row('a', 4, 60, { subject: 'old' })).kept).toBe(false)
    expect(s.upsert(row('a', 5, 60)).kept).toBe(false)
    expect(s.get('a')?.subject).toBe('new')
  })

  it('moves rows into and out of lists, newest activity first', () => {
    const s = new TicketStore()
    const un = s.list('unassigned', 'me')
    const mine = s.list('mine', 'me')
    const closed = s.list('closed', 'me')
    for (const l of [un, mine, closed]) s.adopt(l, [], '', true)
    for (const [id, at] of [['a', 10], ['b', 30], ['c', 20]] as const) s.upsert(row(id, 1, at))
    expect(ids(un.rows)).toBe('bca')
    s.upsert(row('a', 2, 40, { owner: me }))
    expect([ids(un.rows), ids(mine.rows)]).toEqual(['bc', 'a'])
    s.upsert(row('a', 3, 41, { owner: me, status: 'closed' }))
    expect([ids(mine.rows), ids(closed.rows)]).toEqual(['', 'a'])
  })

  it('does not show a row from below what was read', () => {
    const s = new TicketStore()
    const open = s.list('open', 'me')
    s.upsert(row('z', 1, 5)) // known from elsewhere, far below
    s.adopt(open, [row('a', 1, 100), row('b', 1, 90)], 'more', true)
    expect(ids(open.rows)).toBe('ab')
    s.upsert(row('c', 1, 95))
    expect(ids(open.rows)).toBe('acb')
    s.adopt(open, [row('d', 1, 50)], '', false)
    expect(ids(open.rows)).toBe('acbdz')
  })

  it('after a reset shows the old rows until the list is read again, then only what was confirmed', () => {
    const s = new TicketStore()
    const open = s.list('open', 'me')
    s.adopt(open, [row('a', 7, 100), row('b', 3, 90)], '', true)
    s.newGeneration()
    expect(ids(open.rows)).toBe('ab')
    expect(open.stale).toBe(true)
    s.upsert(row('a', 2, 110)) // another journal: versions begin again
    expect(s.get('a')?.version).toBe(2)
    s.adopt(open, [row('a', 1, 109)], '', true)
    expect(ids(open.rows)).toBe('a')
    expect(s.get('a')?.version).toBe(2)
    expect(s.get('b')).toBeUndefined()
  })

  it('agrees with sorting everything, for random news', () => {
    let seed = 7
    const rnd = (n: number): number => (seed = (seed * 48271) % 2147483647) % n
    const s = new TicketStore()
    const lists = (['open', 'unassigned', 'mine', 'closed'] as const).map((v) => s.list(v, 'me'))
    for (const l of lists) s.adopt(l, [], '', true)
    const truth = new Map<string, Ticket>()
    for (let i = 0; i < 3000; i++) {
      const id = `t${rnd(60)}`
      const t = row(id, rnd(400), rnd(1000), { owner: rnd(2) ? me : null, status: rnd(3) ? 'new' : 'closed' })
      s.upsert(t)
      if ((truth.get(id)?.version ?? -1) < t.version) truth.set(id, t)
    }
    for (const l of lists) {
      const want = [...truth.values()]
        .filter((t) => (l.name === 'closed') === (t.status === 'closed'))
        .filter((t) => l.name === 'closed' || l.name === 'open' || (l.name === 'mine') === (t.owner !== null))
        .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1))
      expect(l.rows.map((t) => t.id)).toEqual(want.map((t) => t.id))
    }
  })

  it('forgets a ticket that is gone, and takes no older reading of it', () => {
    const s = new TicketStore()
    const open = s.list('open', 'me')
    s.adopt(open, [row('a', 2, 100, { position: 7 }), row('b', 1, 90, { position: 5 })], '', true)
    expect(s.gone('a', 8)?.id).toBe('a')
    expect([ids(open.rows), s.get('a')]).toEqual(['b', undefined])
    expect(s.upsert(row('a', 2, 100, { position: 7 })).kept).toBe(false) // was on its way
    expect(s.upsert(row('a', 4, 120, { position: 12 })).kept).toBe(true) // given back
    expect(ids(open.rows)).toBe('ab')
  })
})
