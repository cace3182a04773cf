// What the palette knows from the beginning: the pages one can go to, appearance and language, a ticket by its number.
import { locale, locales, setLocale, t } from '../i18n/format.svelte'
import { ticketFrom } from '../live/rest'
import { titleOf } from '../ui/title'
import { found } from './found'
import { me } from './desk.svelte'
import { register } from './keys.svelte'
import { setDensity, setTheme } from './page.svelte'
import { provide, type Item } from './palette.svelte'
import { allowed, main, settings, type Place } from './places'
import { go, ticketPath } from './router.svelte'
import { workspace } from './session.svelte'

const themes = ['system', 'light', 'dark'] as const

export function startCommands(): () => void {
  const inKeys = [...main, ...settings].filter((p) => p.keys && allowed(p, me().role))
  const stops = [
    register(
      { scope: 'go', keys: 'g s', label: 'nav.settings', palette: false, run: () => go(settings.find((p) => allowed(p, me().role))?.path ?? '/me') },
      ...inKeys.map((p) => ({ scope: 'go' as const, keys: p.keys!, label: p.label, palette: false, run: () => go(p.path) })),
      ...themes.map((x) => ({ scope: 'look' as const, label: () => t('theme.use', { theme: t(`theme.${x}`) }), run: () => setTheme(x) })),
      { scope: 'look', label: 'density.cosy', run: () => setDensity('cosy') },
      { scope: 'look', label: 'density.compact', run: () => setDensity('compact') },
      ...locales.map((l) => ({
        scope: 'look' as const,
        label: () => `${t('me.language')}: ${l.name}`,
        words: 'language idioma',
        run: () => setLocale(l.id),
      })),
    ),
    provide(places),
    provide(byNumber),
    provide(found),
  ]
  return () => stops.forEach((stop) => stop())
}

function places(): Item[] {
  void locale()
  const item = (p: Place, group: string): Item => ({ id: `place${p.path}`, group, label: t(p.label), icon: p.icon, href: p.path, ...(p.keys && { keys: p.keys }) })
  const mine = (all: readonly Place[]): Place[] => all.filter((p) => allowed(p, me().role))
  return [...mine(main).map((p) => item(p, t('keys.scope.go'))), ...mine(settings).map((p) => item(p, t('nav.settings')))]
}

// byNumber finds the ticket when a number is typed: among those this screen has, or at the server's.
async function byNumber(typed: string, stop: AbortSignal): Promise<Item[]> {
  const number = Number(/^#?(\d{1,15})$/.exec(typed.trim())?.[1] ?? 0)
  if (number === 0) return []
  const ws = workspace()
  await new Promise((r) => setTimeout(r, 120)) // while one types
  if (stop.aborted) return []
  const ticket = ticketFrom((await ws.http.get(`/tickets/number/${number}`)).ticket)
  return [{ id: `ticket/${ticket.id}`, group: t('palette.tickets'), label: `#${ticket.number} ${titleOf(ticket)}`, hint: ticket.contact.name, href: ticketPath('open', ticket.id), found: true }]
}
