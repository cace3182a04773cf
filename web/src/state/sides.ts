// Side conversations over HTTP.
import { itemFrom, listOf, numberOf, objectOf, textOf, timeOf, type Json } from '../live/rest'
import type { Http } from '../live/http'
import type { Item } from '../live/types'

export interface Side {
  id: string
  channel: string
  subject: string
  status: 'waiting' | 'answered' | 'done' | 'not_sent'
  with: string
  addresses: string[]
  preview: string
  undelivered: number
  updatedAt: number
}

export const sideFrom = (v: unknown): Side => {
  const s = objectOf(v)
  return {
    id: textOf(s.id),
    channel: textOf(s.channel),
    subject: textOf(s.subject),
    status: (textOf(s.status) || 'not_sent') as Side['status'],
    with: textOf(s.with),
    addresses: listOf(s.addresses).map(textOf),
    preview: textOf(s.preview),
    undelivered: numberOf(s.undelivered),
    updatedAt: timeOf(s.updated_at),
  }
}

export const readSides = async (http: Http, ticket: string): Promise<Side[]> => listOf((await http.get(`/conversations/${ticket}/sides`)).sides).map(sideFrom)

export async function readSide(http: Http, ticket: string, side: string): Promise<{ side: Side; items: Item[] }> {
  const a: Json = await http.get(`/conversations/${ticket}/sides/${side}`)
  return { side: sideFrom(a.side), items: listOf(a.timeline).map(itemFrom) }
}
