// Looking for something that was said: the question, and what was found.
import type { Http } from './http'
import { contactFrom, type Json, listOf, numberOf, objectOf, textOf, ticketFrom, timeOf } from './rest'
import type { Contact, Ticket } from './types'

// Part is a piece of a text; hit says that it is what was looked for.
export interface Part {
  text: string
  hit: boolean
}

export interface Hit {
  ticket: Ticket
  subject: Part[]
  snippet: Part[]
  message: string // '' when only the ticket itself matches
  side: string // the side conversation that the message is of; '': the ticket
  kind: '' | 'contact' | 'agent' | 'note' | 'aside' | 'file'
  author: string
  at: number
}

export interface Found {
  hits: Hit[]
  total: number
  exact: boolean
  next: string
}

export interface Suggestion {
  ticket: Ticket | null
  contact: Contact | null
  text: Part[]
}

export const filters = ['status', 'from', 'owner', 'team', 'tag', 'channel', 'has', 'after'] as const
export type Filter = (typeof filters)[number]
export type Question = { q: string } & Partial<Record<Filter, string>>

const part = (v: unknown): Part => ({ text: textOf(objectOf(v).text), hit: objectOf(v).hit === true })
const parts = (v: unknown): Part[] => listOf(v).map(part)

export function hitFrom(v: unknown): Hit {
  const h = objectOf(v)
  return {
    ticket: ticketFrom(h.ticket),
    subject: parts(h.subject),
    snippet: parts(h.snippet),
    message: textOf(h.message),
    side: textOf(h.side),
    kind: textOf(h.kind) as Hit['kind'],
    author: textOf(h.author),
    at: timeOf(h.at),
  }
}

export function foundFrom(v: Json): Found {
  return { hits: listOf(v.hits).map(hitFrom), total: numberOf(v.total), exact: v.exact === true, next: textOf(v.next) }
}

// parametersOf is a question as it stands in an address: only what is asked.
export function parametersOf(question: Question): URLSearchParams {
  const out = new URLSearchParams()
  for (const key of ['q', ...filters] as const) {
    const value = question[key]
    if (value) out.set(key, value)
  }
  return out
}

export function questionOf(query: URLSearchParams): Question {
  const out: Question = { q: query.get('q') ?? '' }
  for (const key of filters) {
    const value = query.get(key)
    if (value) out[key] = value
  }
  return out
}

export const asksNothing = (question: Question): boolean => parametersOf({ ...question, q: question.q.trim() }).size === 0

export async function search(http: Http, question: Question, cursor = ''): Promise<Found> {
  const query = parametersOf(question)
  if (cursor) query.set('cursor', cursor)
  return foundFrom(await http.get(`/search?${query}`))
}

export async function suggest(http: Http, q: string): Promise<Suggestion[]> {
  const answer = await http.get(`/search/suggest?${new URLSearchParams({ q: q.slice(0, 100) })}`)
  return listOf(answer.suggestions).map((v) => {
    const s = objectOf(v)
    return { ticket: s.ticket ? ticketFrom(s.ticket) : null, contact: s.contact ? contactFrom(s.contact) : null, text: parts(s.text) }
  })
}
