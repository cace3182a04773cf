// The list that an address means: its filter, order and layout, and how another one is gone to. Everything is in the address.
import { canonical, isBuiltIn, newestFirst, orderFrom, parse, sortKey, specOf, type BuiltIn, type Filter, type ListSpec, type Order } from '../live/filter'
import type { Setting } from '../live/settings'
import type { RouteOf } from './routes'
import { watch } from './live'
import { workspace } from './session.svelte'
import { go } from './router.svelte'

export type Layout = 'split' | 'table' | 'board'
export const layouts: readonly Layout[] = ['split', 'table', 'board']
export const groups = ['status', 'stage', 'priority', 'owner', 'team'] as const
export type Group = (typeof groups)[number]

export interface Here {
  view: string
  name: string | null // of a view that somebody saved
  spec: ListSpec
  layout: Layout
  group: Group
  columns: string[] // of the table; none: as each one chose
  filtered: boolean // by something else than the view
  changed: boolean // not what the view says, in what a view keeps
}

// Saved is a view that somebody saved, as far as lists are concerned.
export interface Saved {
  id: string
  name: string
  filter: Filter
  order: Order
  layout: Layout
  group: Group
  columns: string[]
}

// savedOf is a saved view as a list.
export const savedOf = ({ id, value }: Setting<'view'>): Saved => ({
  id,
  name: value.name,
  filter: parse(value.filter),
  order: value.sort ? orderFrom(value.sort) : newestFirst,
  layout: layouts.includes(value.layout as Layout) ? (value.layout as Layout) : 'split',
  group: groups.includes(value.group as Group) ? (value.group as Group) : 'status',
  columns: value.columns,
})

// savedViews are those one may use, in their order: one's own first.
export function savedViews(): Setting<'view'>[] {
  const ws = workspace()
  const teams = watch(ws.teams).all.filter((x) => x.members.some((m) => m.agent === ws.me)).map((x) => x.id)
  return watch(ws.settings).forMe('view', ws.me, teams).toSorted((a, b) => Number(b.value.owner !== '') - Number(a.value.owner !== ''))
}

// savedView finds a view that somebody saved.
export function savedView(id: string): Saved | undefined {
  const row = isBuiltIn(id) ? undefined : watch(workspace().settings).find('view', id)
  return row && !row.removed ? savedOf(row) : undefined
}

type TicketsRoute = RouteOf<'tickets'>

export function hereOf(r: TicketsRoute, saved: Saved | undefined): Here {
  const base = baseOf(r.view, saved)
  const order = r.sort ? orderFrom(r.sort) : base.order
  const filter = r.filter ? parse(r.filter) : base.filter
  const named = !r.filter && !saved && isBuiltIn(r.view)
  const layout = layouts.includes(r.layout as Layout) ? (r.layout as Layout) : base.layout
  const group = groups.includes(r.group as Group) ? (r.group as Group) : base.group
  const columns = r.columns ? columnsFrom(r.columns) : base.columns
  const filtered = r.filter !== '' || (r.sort !== '' && sortKey(order) !== sortKey(base.order))
  // How a list that nobody made looks is one's own affair; a saved view keeps it.
  const looks = saved !== undefined && (layout !== base.layout || (layout === 'board' && group !== base.group) || columns.join() !== base.columns.join())
  return {
    view: r.view,
    name: saved?.name ?? null,
    spec: specOf(named ? (r.view as BuiltIn) : filter, order),
    layout,
    group,
    columns,
    filtered,
    changed: filtered || looks,
  }
}

function baseOf(view: string, saved: Saved | undefined): Saved {
  if (saved) return saved
  const filter: Filter = isBuiltIn(view) ? specOf(view).filter : {}
  return { id: view, name: '', filter, order: newestFirst, layout: 'split', group: 'status', columns: [] }
}

// In an address none has a word, since nothing there means: as the view has it.
const noColumns = 'none'
const columnsFrom = (text: string): string[] => (text === noColumns ? [] : text.split(','))

export interface Change {
  filter?: Filter | null // null: as the view has it
  order?: Order
  layout?: Layout
  group?: Group
  columns?: readonly string[] // none: as each one chose
}

// pathTo is the address of the list after a change. What is as the view has it is left out.
export function pathTo(r: TicketsRoute, saved: Saved | undefined, change: Change): string {
  const base = baseOf(r.view, saved)
  const query = new URLSearchParams()
  const filter = change.filter === undefined ? r.filter : change.filter === null ? '' : canonical(change.filter)
  if (filter && filter !== canonical(base.filter)) query.set('filter', filter)
  const sort = change.order ? sortKey(change.order) : r.sort
  if (sort && sort !== sortKey(base.order)) query.set('sort', sort)
  const layout = change.layout ?? r.layout
  if (layout && layout !== base.layout) query.set('layout', layout)
  const group = change.group ?? r.group
  if (group && group !== base.group) query.set('group', group)
  const columns = change.columns ? change.columns.join() || noColumns : r.columns
  if (columns && columns !== (base.columns.join() || noColumns)) query.set('columns', columns)
  return `/tickets/${r.view}${r.id && !change.filter ? `/${encodeURIComponent(r.id)}` : ''}?${query}`
}

export const change = (r: TicketsRoute, saved: Saved | undefined, to: Change): void => go(pathTo(r, saved, to))
