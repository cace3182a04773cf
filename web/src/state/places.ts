// The pages one can go to, beside the views of tickets: the sidebar shows them, the palette finds them. A new page is a line.
import Activity from '@lucide/svelte/icons/activity'
import Bell from '@lucide/svelte/icons/bell'
import MailX from '@lucide/svelte/icons/mail-x'
import Ban from '@lucide/svelte/icons/ban'
import Cable from '@lucide/svelte/icons/cable'
import CalendarClock from '@lucide/svelte/icons/calendar-clock'
import ScrollText from '@lucide/svelte/icons/scroll-text'
import Contact from '@lucide/svelte/icons/contact'
import Gauge from '@lucide/svelte/icons/gauge'
import GraduationCap from '@lucide/svelte/icons/graduation-cap'
import KeyRound from '@lucide/svelte/icons/key-round'
import ListChecks from '@lucide/svelte/icons/list-checks'
import Network from '@lucide/svelte/icons/network'
import Tag from '@lucide/svelte/icons/tag'
import TextQuote from '@lucide/svelte/icons/text-quote'
import Workflow from '@lucide/svelte/icons/workflow'
import Zap from '@lucide/svelte/icons/zap'
import UserRound from '@lucide/svelte/icons/user-round'
import UsersRound from '@lucide/svelte/icons/users-round'
import ChartColumn from '@lucide/svelte/icons/chart-column'
import Search from '@lucide/svelte/icons/search'
import type { Key } from '../i18n/catalogue'
import type { AnyIcon } from '../ui/icon'

export interface Place {
  path: string
  label: Key
  icon: AnyIcon
  keys?: string // 'g d'
  who?: 'administrator' | 'supervisor' // who at least may see it; everybody when left out
  group?: Key // of settings: the heading it stands under
}

// main stands above the views.
export const main: Place[] = [
  { path: '/search', label: 'search.title', icon: Search, keys: '/' },
  { path: '/notifications', label: 'notices.title', icon: Bell, keys: 'g n' },
  { path: '/live', label: 'live.title', icon: Activity, keys: 'g b', who: 'supervisor' },
  { path: '/dashboard', label: 'dash.title', icon: ChartColumn, keys: 'g d', who: 'supervisor' },
]

// settings is the sidebar of /settings and /me, in this order.
export const settings: Place[] = [
  { path: '/settings/channels', label: 'nav.channels', icon: Cable, group: 'nav.group.desk' },
  { path: '/settings/agents', label: 'nav.agents', icon: UsersRound, group: 'nav.group.desk' },
  { path: '/settings/teams', label: 'set.teams', icon: Network, who: 'supervisor', group: 'nav.group.desk' },
  { path: '/settings/skills', label: 'set.skills', icon: GraduationCap, who: 'supervisor', group: 'nav.group.desk' },
  { path: '/settings/capacity', label: 'capacity.title', icon: Gauge, who: 'administrator', group: 'nav.group.desk' },
  { path: '/settings/hours', label: 'nav.hours', icon: CalendarClock, group: 'nav.group.desk', who: 'administrator' },
  { path: '/settings/audit', label: 'nav.audit', icon: ScrollText, group: 'nav.group.desk', who: 'administrator' },
  { path: '/settings/providers', label: 'nav.providers', icon: KeyRound, group: 'nav.group.desk', who: 'administrator' },
  { path: '/settings/tags', label: 'set.tags', icon: Tag, who: 'supervisor', group: 'nav.group.tickets' },
  { path: '/settings/pipelines', label: 'set.pipelines', icon: Workflow, who: 'supervisor', group: 'nav.group.tickets' },
  { path: '/settings/ticket-properties', label: 'set.ticket_properties', icon: ListChecks, who: 'supervisor', group: 'nav.group.tickets' },
  { path: '/settings/contact-properties', label: 'set.contact_properties', icon: Contact, who: 'supervisor', group: 'nav.group.tickets' },
  { path: '/settings/snippets', label: 'set.snippets', icon: TextQuote, group: 'nav.group.tickets' },
  { path: '/settings/macros', label: 'set.macros', icon: Zap, group: 'nav.group.tickets' },
  { path: '/settings/blocked', label: 'blocked.title', icon: Ban, who: 'supervisor', group: 'nav.group.tickets' },
  { path: '/settings/spam', label: 'spam.title', icon: MailX, who: 'administrator', group: 'nav.group.tickets' },
  { path: '/me', label: 'me.title', icon: UserRound, group: 'nav.group.me' },
]

export const isSettings = (path: string): boolean => /^\/(settings|me)(\/|$)/.test(path)

// isAt: the address is of this place, and of no other that is said more exactly.
export function isAt(place: Place, path: string, all: readonly Place[]): boolean {
  const under = (p: Place): boolean => path === p.path || path.startsWith(`${p.path}/`)
  return under(place) && !all.some((p) => p.path.length > place.path.length && under(p))
}

const ranks = ['agent', 'supervisor', 'administrator']

// allowed: whoever has this role sees the place.
export const allowed = (place: Place, role: string): boolean => ranks.indexOf(role) >= ranks.indexOf(place.who ?? 'agent')
