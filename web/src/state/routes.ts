// What an address means. Each area has a parser that gives its route, or null when the address is not its own; the first
// that knows it wins. A new area: its parser, its name in the list, its screen in screens/screens.ts.
import { lookOf } from '../live/reports'
import { questionOf } from '../live/search'
import type { ViewName } from '../live/types'

// Parts are the decoded pieces of the path, without empty ones.
export type Parts = readonly string[]

// A list is a view, or what the query makes of it: another filter, order, layout or columns.
const tickets = ([a, b = '', c = '', d = '', ...rest]: Parts, query: URLSearchParams) => {
  const of = (name: string): string => query.get(name) ?? ''
  const at = {
    page: 'tickets' as const, view: 'unassigned' as ViewName, id: '', details: false,
    filter: of('filter'), sort: of('sort'), layout: of('layout'), group: of('group'), columns: of('columns'),
  }
  if (a === undefined || a === 'sign-in') return at
  if (a !== 'tickets' || !/^[0-9a-z_-]{1,64}$/.test(b) || (d !== '' && d !== 'details') || rest.length > 0) return null
  return { ...at, view: b, id: c, details: d === 'details' }
}

const channels = ([a, b, c = '', d = '', ...rest]: Parts) => {
  // connecting: the kind that is being connected, '?' while it is asked for.
  const at = { page: 'channels' as const, id: c, tab: '' as (typeof channelTabs)[number], connecting: '' }
  if (a !== 'settings' || b !== 'channels' || rest.length > 0) return null
  if (c === 'new') return { ...at, id: '', connecting: d || '?' }
  const tab = channelTabs.find((x) => x === d)
  return tab === undefined ? null : { ...at, tab }
}
const channelTabs = ['', 'settings', 'sending', 'tickets', 'trust', 'routing', 'import', 'open', 'code', 'security', 'after'] as const

// The settings that are lists with a form each; id is "new" for one to be made.
export const sections = ['teams', 'skills', 'tags', 'pipelines', 'ticket-properties', 'contact-properties', 'snippets', 'macros', 'blocked', 'spam', 'capacity', 'providers'] as const

const settings = ([a, b, c = '', ...rest]: Parts) => {
  const section = sections.find((x) => x === b)
  return a === 'settings' && section && rest.length === 0 ? { page: 'settings' as const, section, id: c } : null
}

const agents = ([a, b, c = '', ...rest]: Parts) =>
  a === 'settings' && b === 'agents' && rest.length === 0 ? { page: 'agents' as const, id: c } : null

export type MeTab = (typeof meTabs)[number]
export const meTabs = ['availability', 'profile', 'notifications', 'security'] as const

const me = ([a, b = 'availability', ...rest]: Parts) => {
  const tab = meTabs.find((x) => x === b)
  return a === 'me' && tab && rest.length === 0 ? { page: 'me' as const, tab } : null
}

const notifications = ([a, ...rest]: Parts) => (a === 'notifications' && rest.length === 0 ? { page: 'notifications' as const } : null)

const audit = ([a, b, ...rest]: Parts) => (a === 'settings' && b === 'audit' && rest.length === 0 ? { page: 'audit' as const } : null)

const hours = ([a, b, c = '', d = '', ...rest]: Parts) => {
  if (a !== 'settings' || b !== 'hours' || rest.length > 0) return null
  if (c === 'holidays' && d !== '') return { page: 'hours' as const, kind: 'holidays' as const, id: d }
  return d === '' ? { page: 'hours' as const, kind: 'hours' as const, id: c } : null
}

// The live board, and the pages of who works here.
const people = ([a, b = '', ...rest]: Parts) => {
  const of = (['live', 'agents', 'teams'] as const).find((x) => x === a)
  return of && (of === 'live') === (b === '') && rest.length === 0 ? { page: 'people' as const, of, id: b } : null
}

const setup = ([a, ...rest]: Parts, query: URLSearchParams) =>
  a === 'setup' && rest.length === 0 ? { page: 'setup' as const, token: query.get('token') ?? '' } : null

const dashboard = ([a, ...rest]: Parts, query: URLSearchParams) =>
  a === 'dashboard' && rest.length === 0 ? { page: 'dashboard' as const, look: lookOf(query) } : null

const search = ([a, ...rest]: Parts, query: URLSearchParams) =>
  a === 'search' && rest.length === 0 ? { page: 'search' as const, question: questionOf(query) } : null

// The page that shows every component: in development, and where the server says that it is a demonstration.
const styleguide = ([a, ...rest]: Parts) =>
  a === 'styleguide' && rest.length === 0 && (import.meta.env.DEV || document.cookie.includes('centralita_demo=1'))
    ? { page: 'styleguide' as const }
    : null

// One a line: many add theirs.
const areas = [
  tickets,
  channels,
  agents,
  audit,
  hours,
  settings,
  me,
  notifications,
  search,
  dashboard,
  people,
  setup,
  styleguide,
] as const

export type Route = NonNullable<ReturnType<(typeof areas)[number]>> | { page: 'missing' }
export type RouteOf<P extends Route['page']> = Extract<Route, { page: P }>

export function parse(path: string, query = ''): Route {
  const parts = path.split('/').filter(Boolean).map(decode)
  const parameters = new URLSearchParams(query)
  for (const area of areas) {
    const route = area(parts, parameters)
    if (route) return route
  }
  return { page: 'missing' }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

// kept is a path with the query of the list one is in, when it leads to another place of the same list.
export function kept(path: string, here: string): string {
  const list = (p: string): string => /^\/tickets\/[^/?]+/.exec(p)?.[0] ?? ''
  const query = here.indexOf('?')
  return query < 0 || path.includes('?') || list(path) === '' || list(path) !== list(here) ? path : path + here.slice(query)
}

export const ticketPath = (view: ViewName, id = '', details = false): string =>
  `/tickets/${view}${id ? `/${encodeURIComponent(id)}` : ''}${id && details ? '/details' : ''}`
