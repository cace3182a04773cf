// The address is the state: which view, which conversation, which form. What an address means is said in routes.ts, which
// screen shows it in screens/screens.ts.
import { kept, parse, type Route } from './routes'

export { kept, ticketPath, type Route, type RouteOf } from './routes'

const now = () => ({ route: parse(location.pathname, location.search), path: location.pathname })
const state = $state({ ...now(), tickets: '/', moves: 0 })

export const route = (): Route => state.route
export const path = (): string => state.path

// lastTickets is where one was before one went to the settings.
export const lastTickets = (): string => state.tickets

// moves counts the pages looked at: more than none, and the back button stays in the workspace.
export const moves = (): number => state.moves

export function go(path: string, { replace = false } = {}): void {
  path = kept(path, location.pathname + location.search).replace(/\?$/, '')
  if (path === location.pathname + location.search) return
  history[replace ? 'replaceState' : 'pushState'](null, '', path)
  if (!replace) state.moves++
  read()
}

function read(): void {
  Object.assign(state, now())
  if (state.route.page === 'tickets') state.tickets = location.pathname + location.search
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
