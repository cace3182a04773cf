// The address is the state: which view, which conversation, which form. Small on purpose.
import type { ViewName } from '../live/types'

export type Route =
  | { page: 'tickets'; view: ViewName; id: string; details: boolean }
  | { page: 'channels'; id: string; fresh: '' | 'email' | 'chat' }
  | { page: 'agents'; id: string }
  | { page: 'setup'; token: string }
  | { page: 'missing' }

const views: readonly string[] = ['unassigned', 'mine', 'open', 'closed']

export function parse(path: string, query = ''): Route {
  const [a = '', b = '', c = '', d = '', ...rest] = path.split('/').filter(Boolean).map(decode)
  if (rest.length > 0) return { page: 'missing' }
  if (a === '' || a === 'sign-in') return { page: 'tickets', view: 'unassigned', id: '', details: false }
  if (a === 'tickets' && views.includes(b) && (d === '' || d === 'details')) {
    return { page: 'tickets', view: b as ViewName, id: c, details: d === 'details' }
  }
  if (a === 'settings' && b === 'channels') {
    if (c === 'new' && (d === 'email' || d === 'chat')) return { page: 'channels', id: '', fresh: d }
    if (d === '') return { page: 'channels', id: c, fresh: '' }
  }
  if (a === 'settings' && b === 'agents' && d === '') return { page: 'agents', id: c }
  if (a === 'setup' && b === '') return { page: 'setup', token: new URLSearchParams(query).get('token') ?? '' }
  return { page: 'missing' }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const state = $state({ route: parse(location.pathname, location.search) })

export const route = (): Route => state.route

export const ticketPath = (view: ViewName, id = '', details = false): string =>
  `/tickets/${view}${id ? `/${encodeURIComponent(id)}` : ''}${id && details ? '/details' : ''}`

export function go(path: string, { replace = false } = {}): void {
  if (path === location.pathname + location.search) return
  history[replace ? 'replaceState' : 'pushState'](null, '', path)
  read()
}

function read(): void {
  state.route = parse(location.pathname, location.search)
}

// startRouter follows links and the back button.
export function startRouter(): void {
  addEventListener('popstate', read)
  document.addEventListener('click', (e) => {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return
    const a = (e.target as Element | null)?.closest?.('a[href]')
    if (!(a instanceof HTMLAnchorElement) || a.target || a.hasAttribute('download') || a.origin !== location.origin) return
    const href = a.getAttribute('href') ?? ''
    if (href.startsWith('#') || href.startsWith('/api/')) return
    e.preventDefault()
    go(a.pathname + a.search)
  })
}
