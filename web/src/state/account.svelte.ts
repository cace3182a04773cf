// What is one's own and follows one to every browser: preferences. The server has them; this browser keeps language and
// theme besides, so that the next start has them before the first answer.
import { setLocale } from '../i18n/format.svelte'
import { listOf, numberOf, objectOf, textOf, type Json } from '../live/rest'
import { failed, setTheme, theme, type Theme } from './page.svelte'
import { workspace } from './session.svelte'
import type { Ticket } from '../live/types'

export interface Preferences {
  language: '' | 'en' | 'es'
  theme: Theme
  shownEmail: string
  signature: string
  undoSendSeconds: number
  columns: string[] // of tables of tickets; none: the usual ones
  ownerMail: boolean // a mail when a contact of one's own writes while one is away
  notifications: NotificationRules
}

export interface NotificationRules {
  desktop: boolean
  sound: boolean
  quietWhenAway: boolean
  muted: string[]
  mutedTickets: string[]
  mutedChannels: string[]
}

const state = $state<{ preferences: Preferences | null }>({ preferences: null })
const listeners = new Map<string, () => void>()
let waiting: (() => void)[] = []

export const preferences = (): Preferences | null => state.preferences

// onceRead is over when what this person prefers is known: what comes before that has to wait to be told as they like it.
export const onceRead = (): Promise<void> => new Promise((known) => (state.preferences ? known() : void waiting.push(known)))

// onAccount is called when what of one's own (sessions, two_factor, notifications) changed on the server.
export function onAccount(what: string, f: () => void): () => void {
  listeners.set(what, f)
  return () => listeners.get(what) === f && listeners.delete(what)
}

// startAccount belongs to a workspace that was just opened.
export function startAccount(): void {
  state.preferences = null
  waiting = []
  workspace().onAccount((what) => {
    if (what === 'preferences') void read()
    listeners.get(what)?.()
  })
  void read()
}

async function read(): Promise<void> {
  try {
    adopt((await workspace().http.get('/me/preferences')).preferences)
  } catch {
    // What this browser kept stays; the next change or start reads again.
  }
}

function adopt(v: unknown): void {
  const p = objectOf(v)
  const n = objectOf(p.notifications)
  const strings = (list: unknown): string[] => listOf(list).map(textOf)
  state.preferences = {
    language: textOf(p.language) as Preferences['language'],
    theme: (textOf(p.theme) || 'system') as Theme,
    shownEmail: textOf(p.shown_email),
    signature: textOf(p.signature),
    undoSendSeconds: numberOf(p.undo_send_seconds),
    columns: strings(p.columns),
    ownerMail: p.owner_mail !== false,
    notifications: {
      desktop: n.desktop === true,
      sound: n.sound === true,
      quietWhenAway: n.quiet_when_away === true,
      muted: strings(n.muted),
      mutedTickets: strings(n.muted_tickets),
      mutedChannels: strings(n.muted_channels),
    },
  }
  for (const known of waiting.splice(0)) known()
  if (state.preferences.language) setLocale(state.preferences.language)
  if (state.preferences.theme !== 'system' || theme() !== 'system') setTheme(state.preferences.theme)
}

const wire = (p: Partial<Preferences>): Json => {
  const out: Json = {}
  if (p.language !== undefined) out.language = p.language
  if (p.theme !== undefined) out.theme = p.theme === 'system' ? '' : p.theme
  if (p.shownEmail !== undefined) out.shown_email = p.shownEmail
  if (p.signature !== undefined) out.signature = p.signature
  if (p.undoSendSeconds !== undefined) out.undo_send_seconds = p.undoSendSeconds
  if (p.columns !== undefined) out.columns = p.columns
  if (p.ownerMail !== undefined) out.owner_mail = p.ownerMail
  if (p.notifications) {
    const n = p.notifications
    out.notifications = {
      desktop: n.desktop,
      sound: n.sound,
      quiet_when_away: n.quietWhenAway,
      muted: n.muted,
      muted_tickets: n.mutedTickets,
      muted_channels: n.mutedChannels,
    }
  }
  return out
}

// undoing is for how long a reply of this agent can be taken back before it leaves: a mail, a chat is said at once.
export function undoing(ticket: Ticket): { undoSeconds?: number } {
  const undoSeconds = state.preferences?.undoSendSeconds ?? 5
  return undoSeconds > 0 && ticket.channel.kind === 'email' ? { undoSeconds } : {}
}

// savePreferences changes some of them, everywhere.
export async function savePreferences(p: Partial<Preferences>): Promise<void> {
  adopt((await workspace().http.patch('/me/preferences', wire(p))).preferences)
}

// changeRules changes what one is told, and how loudly.
export async function changeRules(change: (n: NotificationRules) => Partial<NotificationRules>): Promise<void> {
  const now = state.preferences?.notifications
  if (now) await savePreferences({ notifications: { ...now, ...change(now) } })
}

export const isMuted = (conversation: string): boolean => state.preferences?.notifications.mutedTickets.includes(conversation) ?? false

export const muteTicket = (conversation: string, on: boolean): Promise<void> =>
  changeRules((n) => ({ mutedTickets: [...n.mutedTickets.filter((x) => x !== conversation), ...(on ? [conversation] : [])] }))

// prefer is savePreferences that shows at once and says so itself when it fails.
export function prefer(p: Partial<Preferences>): void {
  if (state.preferences) state.preferences = { ...state.preferences, ...p }
  if (p.language) setLocale(p.language)
  if (p.theme) setTheme(p.theme)
  void savePreferences(p).catch(failed)
}
