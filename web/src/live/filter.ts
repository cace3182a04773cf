// A filter as the server evaluates it (desk/filter.go), so that rows enter and leave a list as they change. Both are held to
// the same answers by desk/testdata/filters.json.
import type { Ticket } from './types'

export interface Span {
  from?: number // Unix ms
  to?: number // excluded
  last?: number // within the last so many seconds
  before?: number // longer ago than so many seconds
  within?: number // before so many seconds from now have passed
}

// PropertyFilter asks for the value of a property; with its name alone: that it is set.
export interface PropertyFilter {
  property: string
  equals?: string
  contains?: string
  any?: string[]
  at_least?: string
  at_most?: string
  unset?: boolean
}

export interface Filter {
  channel?: string[]
  kind?: string[]
  status?: string[] // open is all but closed
  pipeline?: string[]
  stage?: string[] // ids; pipeline:id; pipeline/status without a stage of its own
  priority?: string[]
  owner?: string[] // agents; me, nobody
  team?: string[] // teams; mine, none
  tags?: { any?: string[]; all?: string[]; none?: string[] }
  properties?: PropertyFilter[]
  waiting?: Span
  opened?: Span
  updated?: Span
  closed?: Span
  due?: Span
  following?: boolean
  mentioned?: boolean
  snoozed?: boolean
  spam?: boolean
  set_aside?: boolean
  text?: string
}

export interface Looker {
  me: string
  teams: ReadonlySet<string>
}

const holds = (s: Span | undefined, ms: number, now: number): boolean =>
  !s ||
  (ms !== 0 &&
    (!s.from || ms >= s.from) &&
    (!s.to || ms < s.to) &&
    (!s.last || ms >= now - s.last * 1000) &&
    (!s.before || ms < now - s.before * 1000) &&
    (!s.within || ms < now + s.within * 1000))

const among = (list: string[] | undefined, v: string): boolean => !list || list.length === 0 || list.includes(v)

export function matches(t: Ticket, f: Filter, who: Looker, now: number): boolean {
  if (t.spam !== (f.spam ?? false) || t.mergedInto !== '') return false
  if (f.status?.length && !f.status.includes(t.status) && !(t.status !== 'closed' && f.status.includes('open'))) return false
  if (!among(f.kind, t.channel.kind) || !among(f.priority, t.priority) || !among(f.channel, t.channel.id)) return false
  if (!among(f.pipeline, t.pipeline) || !(among(f.stage, t.stage) || f.stage?.includes(t.stage ? `${t.pipeline}:${t.stage}` : `${t.pipeline}/${t.status}`))) return false
  if (f.snoozed !== undefined && f.snoozed !== (t.snoozedUntil !== 0)) return false
  if (!holds(f.updated, t.updatedAt, now) || !holds(f.waiting, t.waitingSince, now)) return false
  if (!holds(f.opened, t.openedAt, now) || !holds(f.closed, t.closedAt, now) || !holds(f.due, t.dueAt, now)) return false
  if (f.owner?.length && !owned(f.owner, t.owner?.id ?? '', who)) return false
  if (f.team?.length && !ofTeam(f.team, t.team, who)) return false
  if (f.set_aside && (!t.setAside || t.status !== 'closed')) return false
  if (f.following && !t.followers.includes(who.me)) return false
  if (f.mentioned && !t.mentioned.includes(who.me)) return false
  return tagged(f, t) && propertied(f, t) && (!f.text || t.subject.toLowerCase().includes(f.text.toLowerCase()))
}

const owned = (list: string[], owner: string, who: Looker): boolean =>
  list.some((o) => (owner ? o === owner || (o === 'me' && owner === who.me) : o === 'nobody'))

const ofTeam = (list: string[], team: string, who: Looker): boolean =>
  list.some((o) => (team ? o === team || (o === 'mine' && who.teams.has(team)) : o === 'none'))

function tagged({ tags }: Filter, t: Ticket): boolean {
  if (!tags) return true
  if (tags.none?.some((id) => t.tags.includes(id)) || tags.all?.some((id) => !t.tags.includes(id))) return false
  return !tags.any?.length || tags.any.some((id) => t.tags.includes(id))
}

const propertied = ({ properties = [] }: Filter, t: Ticket): boolean =>
  properties.every(({ property, equals, contains, any, at_least, at_most, unset }) => {
    const v = t.properties[property] ?? ''
    if (v === '' || unset) return v === '' && unset === true
    return (
      (!equals || v === equals) && (!contains || v.toLowerCase().includes(contains.toLowerCase())) &&
      (!at_least || compareValues(v, at_least) >= 0) && (!at_most || compareValues(v, at_most) <= 0) &&
      (!any?.length || v.split(',').some((one) => any.includes(one)))
    )
  })

const numberForm = /^-?[0-9]{1,15}(\.[0-9]{1,15})?$/

// compareValues compares two numbers as such, and anything else as text: dates come in their order, too.
function compareValues(a: string, b: string): number {
  if (numberForm.test(a) && numberForm.test(b)) return Number(a) - Number(b)
  return a < b ? -1 : a > b ? 1 : 0
}

// relative: the answer changes by the passing of time alone.
export const relative = (f: Filter): boolean =>
  [f.waiting, f.opened, f.updated, f.closed, f.due].some((s) => s && (s.last || s.before || s.within))

// ---- the views that are always there

export const builtIn = {
  unassigned: { status: ['open'], owner: ['nobody'], snoozed: false },
  mine: { status: ['open'], owner: ['me'], snoozed: false },
  open: { status: ['open'], snoozed: false },
  mentions: { mentioned: true },
  following: { status: ['open'], following: true },
  waiting: { status: ['new', 'waiting_on_us'], snoozed: false },
  snoozed: { status: ['open'], snoozed: true },
  closed: { status: ['closed'] },
  set_aside: { status: ['closed'], set_aside: true },
  spam: { spam: true },
} satisfies Record<string, Filter>

export type BuiltIn = keyof typeof builtIn
export const isBuiltIn = (view: string): view is BuiltIn => Object.hasOwn(builtIn, view)

// ---- order

export type SortBy = 'updated' | 'opened' | 'waiting' | 'priority' | 'number' | 'due'
export interface Order {
  by: SortBy
  ascending: boolean
}
export const newestFirst: Order = { by: 'updated', ascending: false }

const priorities = ['', 'low', 'normal', 'high', 'urgent']

function valueOf(t: Ticket, by: SortBy): number {
  switch (by) {
    case 'opened':
      return t.openedAt
    case 'waiting':
      return t.waitingSince
    case 'due':
      return t.dueAt
    case 'priority':
      return priorities.indexOf(t.priority) * 2 ** 48 + t.updatedAt
    case 'number':
      return t.number
    default:
      return t.updatedAt
  }
}

// rank: rows come by rank, the smaller first, then by id. A row that has no such time comes last in either direction.
export function rank(t: Ticket, { by, ascending }: Order): number {
  const v = valueOf(t, by)
  return v === 0 ? Infinity : ascending ? v : -v
}

// canonical is the one form of a filter, for keys and addresses: the fields in the server's order, empty ones left out.
const fields: (keyof Filter)[] = [
  'channel', 'kind', 'status', 'pipeline', 'stage', 'priority', 'owner', 'team', 'tags', 'properties', 'waiting', 'opened',
  'updated', 'closed', 'due', 'following', 'mentioned', 'snoozed', 'spam', 'set_aside', 'text',
]

export function canonical(f: Filter): string {
  const out: Record<string, unknown> = {}
  for (const k of fields) {
    const v = f[k]
    if (v === undefined || v === '' || (v === false && k !== 'snoozed') || (Array.isArray(v) && v.length === 0)) continue
    out[k] = v
  }
  return JSON.stringify(out)
}

// parse reads a filter from an address; nonsense is no filter.
export function parse(text: string | null): Filter {
  if (!text) return {}
  try {
    const v: unknown = JSON.parse(text)
    if (!v || typeof v !== 'object' || Array.isArray(v)) return {}
    return Object.fromEntries(Object.entries(v).filter(([k]) => (fields as string[]).includes(k))) as Filter
  } catch {
    return {}
  }
}

// ---- lists

// ListSpec is a list: what is in it, in which order. The key is the same for the same list.
export interface ListSpec {
  key: string
  view: BuiltIn | '' // asked for by name: the server has some of these in order
  filter: Filter
  order: Order
}

export const sortKey = ({ by, ascending }: Order): string => (ascending ? '' : '-') + by

export function orderFrom(text: string | null): Order {
  const by = (text ?? '').replace(/^-/, '') as SortBy
  if (!['updated', 'opened', 'waiting', 'priority', 'number', 'due'].includes(by)) return newestFirst
  return { by, ascending: !text!.startsWith('-') }
}

export function specOf(what: BuiltIn | Filter, order: Order = newestFirst): ListSpec {
  const plain = sortKey(order) === sortKey(newestFirst)
  if (typeof what === 'string') return { key: plain ? what : `${what}|${sortKey(order)}`, view: what, filter: builtIn[what], order }
  return { key: `${canonical(what)}|${sortKey(order)}`, view: '', filter: what, order }
}

// compareIn is the order of a list, total by the id.
export function compareIn(order: Order) {
  return (a: Ticket, b: Ticket): number => {
    const x = rank(a, order)
    const y = rank(b, order)
    return x < y ? -1 : x > y ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0
  }
}

// queryOf asks the server for a list.
export function queryOf({ view, filter, order }: ListSpec): string {
  const what = view ? `view=${view}` : `filter=${encodeURIComponent(canonical(filter))}`
  return sortKey(order) === sortKey(newestFirst) ? what : `${what}&sort=${order.by}&order=${order.ascending ? 'asc' : 'desc'}`
}
