import { fromJson } from '@bufbuild/protobuf'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { TicketSummarySchema } from '../gen/desk/v1/record_pb'
import { builtIn, canonical, matches, parse, rank, type Filter, type Order } from './filter'
import { ticketOf } from './proto'
import { ticketFrom } from './rest'

const data = JSON.parse(readFileSync(new URL('../../../desk/testdata/filters.json', import.meta.url), 'utf8'))
const who = { me: data.me as string, teams: new Set<string>(data.teams) }
const rows = data.rows.map((r: never) => ticketOf(fromJson(TicketSummarySchema, r)))

describe('a filter finds what the server finds', () => {
  for (const c of data.cases as { name: string; filter: Filter; matches: string[] }[]) {
    it(c.name, () => {
      const found = (f: Filter) => rows.filter((t: never) => matches(t, f, who, data.now)).map((t: { id: string }) => t.id)
      expect(found(c.filter)).toEqual(c.matches)
      expect(found(parse(canonical(c.filter)))).toEqual(c.matches)
    })
  }
})

it('reads nonsense as no filter', () => {
  for (const text of [null, '', '{', '[]', '3', '{"colour":["red"]}']) expect(parse(text)).toEqual({})
  expect(canonical({ status: [], text: '', following: false, snoozed: false })).toBe('{"snoozed":false}')
})

it('knows the built-in views', () => {
  expect(Object.keys(builtIn)).toHaveLength(10)
})

it('orders as the server does: what has no such time comes last', () => {
  const t = (id: string, waitingSince: number, priority: string) => ({ ...ticketFrom({ id, priority, updated_at: '2026-01-01T00:00:00Z' }), waitingSince })
  const all = [t('a', 5, 'low'), t('b', 0, 'urgent'), t('c', 9, 'normal')]
  const by = (o: Order) => all.toSorted((x, y) => rank(x, o) - rank(y, o)).map((x) => x.id).join('')
  expect(by({ by: 'waiting', ascending: true })).toBe('acb')
  expect(by({ by: 'waiting', ascending: false })).toBe('cab')
  expect(by({ by: 'priority', ascending: false })).toBe('bca')
})
