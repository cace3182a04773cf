// The live board as the API tells it.
import type { Http } from '../../live/http'
import { listOf, numberOf, objectOf, textOf, timeOf } from '../../live/rest'
import type { Candidate } from '../../live/types'

export interface Mark {
  id: string
  number: number
  subject: string
  contact: string
  since: number
}
export interface Burden {
  open: number
  waits: number
  longest: Mark | null
}
export interface Line {
  id: string
  name: string
  waiting: number
  oldest: number
  first: Mark | null
  candidates: Candidate[]
  loose: number
  looseTicket: Mark | null
  round: number // tickets that were offered and are taken by nobody so far
  roundTicket: Mark | null
  roundTimes: number
}
export interface Board {
  open: number
  agents: Map<string, Burden>
  all: Line
  channels: Line[]
  teams: Line[]
}

const mark = (v: unknown): Mark | null => {
  const m = objectOf(v)
  return textOf(m.id) ? { id: textOf(m.id), number: numberOf(m.number), subject: textOf(m.subject), contact: textOf(m.contact), since: timeOf(m.since) } : null
}

const line = (v: unknown): Line => {
  const l = objectOf(v)
  return {
    id: textOf(l.id), name: textOf(l.name), waiting: numberOf(l.waiting), oldest: timeOf(l.oldest), first: mark(l.first), loose: numberOf(l.loose), looseTicket: mark(l.loose_ticket),
    round: numberOf(l.round), roundTicket: mark(l.round_ticket), roundTimes: numberOf(l.round_times),
    candidates: listOf(l.candidates).map(objectOf).map((c) => ({ agent: textOf(c.agent), verdict: textOf(c.verdict), load: numberOf(c.load), capacity: numberOf(c.capacity) })),
  }
}

export async function readBoard(http: Http): Promise<Board> {
  const b = await http.get('/board')
  return {
    open: numberOf(b.open), all: line(b.all), channels: listOf(b.channels).map(line), teams: listOf(b.teams).map(line),
    agents: new Map(listOf(b.agents).map(objectOf).map((a) => [textOf(a.id), { open: numberOf(a.open), waits: numberOf(a.waits), longest: mark(a.longest) }])),
  }
}

export const ticketsOf = (agent: string): string => `/tickets/open?filter=${encodeURIComponent(JSON.stringify({ status: ['open'], owner: [agent] }))}`
