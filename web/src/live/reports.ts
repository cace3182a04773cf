// The supervisors' figures: how it stands, and what happened.
import type { Http } from './http'
import { type Json, listOf, numberOf, objectOf, textOf, timeOf } from './rest'

export interface Spread {
  count: number
  median: number // seconds
  p90: number
}

export interface Row {
  id: string
  name: string
  start: number // of a step
  opened: number
  closed: number
  in: number
  out: number
  backlog: number
  firstReply: Spread
  resolution: Spread
}

export interface Overview {
  from: number
  to: number
  steps: Row[]
  total: Row
  channels: Row[]
  teams: Row[]
  agents: Row[]
}

export interface StandingAgent {
  id: string
  name: string
  available: boolean
  awayReason: string
  load: number
  capacity: number
  open: number
}

export interface StandingPlace {
  id: string
  name: string
  open: number
  in: number
  out: number
}

export interface Standing {
  waiting: number
  oldestWaiting: number
  open: number
  available: number
  agents: StandingAgent[]
  channels: StandingPlace[]
  teams: StandingPlace[]
}

const spread = (v: unknown): Spread => {
  const s = objectOf(v)
  return { count: numberOf(s.count), median: numberOf(s.median), p90: numberOf(s.p90) }
}

export function rowFrom(v: unknown): Row {
  const r = objectOf(v)
  return {
    id: textOf(r.id), name: textOf(r.name), start: timeOf(r.start), opened: numberOf(r.opened), closed: numberOf(r.closed), in: numberOf(r.in),
    out: numberOf(r.out), backlog: numberOf(r.backlog), firstReply: spread(r.first_reply), resolution: spread(r.resolution),
  }
}

export function overviewFrom(v: Json): Overview {
  const rows = (list: unknown): Row[] => listOf(list).map(rowFrom)
  return {
    from: timeOf(v.from), to: timeOf(v.to), steps: rows(v.steps), total: rowFrom(v.total), channels: rows(v.channels), teams: rows(v.teams), agents: rows(v.agents),
  }
}

const place = (v: unknown): StandingPlace => {
  const p = objectOf(v)
  return { id: textOf(p.id), name: textOf(p.name), open: numberOf(p.open), in: numberOf(p.in), out: numberOf(p.out) }
}

export function standingFrom(v: Json): Standing {
  return {
    waiting: numberOf(v.waiting), oldestWaiting: timeOf(v.oldest_waiting), open: numberOf(v.open), available: numberOf(v.available),
    agents: listOf(v.agents).map((x) => {
      const a = objectOf(x)
      return {
        id: textOf(a.id), name: textOf(a.name), available: a.available === true, awayReason: textOf(a.away_reason), load: numberOf(a.load),
        capacity: numberOf(a.capacity), open: numberOf(a.open),
      }
    }),
    channels: listOf(v.channels).map(place),
    teams: listOf(v.teams).map(place),
  }
}

export const ranges = ['1d', '7d', '30d', '90d'] as const
export type Range = (typeof ranges)[number]
export type By = 'hour' | 'day' | 'week'

// Look is what the dashboard's address says.
export interface Look {
  range: Range
  by: By
  channel: string
  team: string
  agent: string
}

// stepsOf are the steps that fit a range.
export const stepsOf = (range: Range): By[] => (range === '1d' ? ['hour'] : range === '7d' ? ['hour', 'day'] : ['day', 'week'])

export function lookOf(query: URLSearchParams): Look {
  const range = ranges.find((r) => r === query.get('range')) ?? '7d'
  const steps = stepsOf(range)
  const by = steps.find((s) => s === query.get('by')) ?? (range === '7d' ? 'day' : steps[0]!)
  return { range, by, channel: query.get('channel') ?? '', team: query.get('team') ?? '', agent: query.get('agent') ?? '' }
}

export function addressOf(look: Look): string {
  const query = new URLSearchParams({ range: look.range, by: look.by })
  for (const key of ['channel', 'team', 'agent'] as const) if (look[key]) query.set(key, look[key])
  return `/dashboard?${query}`
}

// parametersOf is a look as the API asks for it: whole days of the viewer's zone, or the last 24 hours.
export function parametersOf(look: Look, now: number, zone: string): URLSearchParams {
  const query = new URLSearchParams({ by: look.by, zone })
  if (look.range === '1d') {
    query.set('from', new Date(now - 24 * 3_600_000).toISOString())
  } else {
    const first = new Date(now)
    first.setDate(first.getDate() - Number.parseInt(look.range) + 1)
    const two = (x: number): string => String(x).padStart(2, '0')
    query.set('from', `${first.getFullYear()}-${two(first.getMonth() + 1)}-${two(first.getDate())}`)
  }
  for (const key of ['channel', 'team', 'agent'] as const) if (look[key]) query.set(key, look[key])
  return query
}

export const standing = async (http: Http): Promise<Standing> => standingFrom(await http.get('/reports/now'))
export const overview = async (http: Http, query: URLSearchParams): Promise<Overview> => overviewFrom(await http.get(`/reports/overview?${query}`))

// niceMax is the first round number that is not less than a value, and how many parts make it readable.
export function niceMax(value: number): { max: number; parts: number } {
  if (value <= 0) return { max: 1, parts: 1 }
  if (value <= 5) return { max: Math.ceil(value), parts: Math.ceil(value) }
  const unit = 10 ** Math.floor(Math.log10(value))
  for (const [step, parts] of [[1, 5], [2, 4], [3, 3], [4, 4], [5, 5], [6, 3], [8, 4], [10, 5]] as const) {
    if (value <= step * unit) return { max: step * unit, parts }
  }
  return { max: 10 * unit, parts: 5 }
}
