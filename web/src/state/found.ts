// What the command palette finds at the server: tickets by their subject and people by their name, and the search itself.
import Search from '@lucide/svelte/icons/search'
import UserRound from '@lucide/svelte/icons/user-round'
import { t } from '../i18n/format.svelte'
import { suggest } from '../live/search'
import { titleOf } from '../ui/title'
import type { Item } from './palette.svelte'
import { ticketPath } from './router.svelte'
import { workspace } from './session.svelte'

const pause = 140 // while one types

export async function found(typed: string, stop: AbortSignal): Promise<Item[]> {
  const words = typed.trim()
  if (words.length < 2) return []
  const whole: Item = {
    id: 'search', group: t('search.title'), label: t('search.for', { words }), icon: Search, href: `/search?${new URLSearchParams({ q: words })}`, found: true,
  }
  await new Promise((done) => setTimeout(done, pause))
  if (stop.aborted) return []
  const items = (await suggest(workspace().http, words).catch(() => [])).flatMap((s): Item[] => {
    if (s.ticket) {
      const view = s.ticket.status === 'closed' ? 'closed' : 'open'
      return [{ id: `ticket/${s.ticket.id}`, group: t('palette.tickets'), label: `#${s.ticket.number} ${titleOf(s.ticket)}`, hint: s.ticket.contact.name, href: ticketPath(view, s.ticket.id), found: true }]
    }
    if (!s.contact) return []
    const address = s.contact.identities.find((i) => i.kind !== 'visitor')?.value ?? ''
    const q = address || s.contact.name
    return [{ id: `contact/${s.contact.id}`, group: t('search.people'), label: s.contact.name || address, hint: address, icon: UserRound, href: `/search?${new URLSearchParams({ q })}`, found: true }]
  })
  return [...items, whole]
}
