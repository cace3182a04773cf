// Small things of the page itself: the time that relative times count from, the theme, notices.
import { ApiError, OfflineError } from '../live/http'
import { t } from '../i18n/format.svelte'

const clock = $state({ now: Date.now() })
setInterval(() => (clock.now = Date.now()), 15_000)
export const now = (): number => clock.now

export type Density = 'cosy' | 'compact'
const kept = (key: string): string | null => {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
const room = $state({ density: (kept('centralita.density') === 'compact' ? 'compact' : 'cosy') as Density })
if (room.density === 'compact') document.documentElement.dataset.density = 'compact'
export const density = (): Density => room.density

export function setDensity(density: Density): void {
  room.density = density
  if (density === 'compact') document.documentElement.dataset.density = density
  else delete document.documentElement.dataset.density
  try {
    localStorage.setItem('centralita.density', density)
  } catch {
    // Then it lasts until the page is closed.
  }
}

export type Theme = 'system' | 'light' | 'dark'
const look = $state({ theme: (document.documentElement.dataset.theme ?? 'system') as Theme })
export const theme = (): Theme => look.theme

export function setTheme(theme: Theme): void {
  look.theme = theme
  try {
    if (theme === 'system') localStorage.removeItem('centralita.theme')
    else localStorage.setItem('centralita.theme', theme)
  } catch {
    // Then it lasts until the page is closed.
  }
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export interface Notice {
  id: number
  text: string
  bad: boolean
  action?: { label: string; run: () => void }
  stays?: boolean // until it is taken away
}
const board = $state<{ notices: Notice[]; spoken: string }>({ notices: [], spoken: '' })
const timers = new Map<number, ReturnType<typeof setTimeout>>()
const most = 4 // on the screen; the oldest goes
let last = 0

export const notices = (): Notice[] => board.notices

// show puts up a notice for a moment, longer when something went wrong or can be undone. It gives the way to take it away.
export function show(notice: Omit<Notice, 'id'>): () => void {
  const id = ++last
  board.notices = [...board.notices, { id, ...notice }].slice(-most)
  if (!notice.stays) resume(id, notice.bad || notice.action ? 8_000 : 4_000)
  return () => dismiss(id)
}

export const notify = (text: string, bad = false): void => void show({ text, bad })

// offerUndo says what was done and lets it be undone.
export const offerUndo = (text: string, undo: () => void): (() => void) => show({ text, bad: false, action: { label: t('form.undo'), run: undo } })

export function dismiss(id: number): void {
  hold(id)
  board.notices = board.notices.filter((n) => n.id !== id)
}

// clear: who signs out leaves nothing to read.
export const clear = (): void => board.notices.forEach((n) => dismiss(n.id))

// hold and resume: a notice that is pointed at or has the focus stays.
export function hold(id: number): void {
  clearTimeout(timers.get(id))
  timers.delete(id)
}
export function resume(id: number, after = 4_000): void {
  hold(id)
  timers.set(id, setTimeout(() => dismiss(id), after))
}

// say is for screen readers only: news that the eye sees anyway.
export const spoken = (): string => board.spoken
export function say(text: string): void {
  board.spoken = text
}

export function failed(err: unknown): void {
  if (err instanceof OfflineError) notify(t('act.offline'), true)
  else if (!(err instanceof ApiError && err.status === 401)) {
    notify(t('act.failed', { error: err instanceof Error ? err.message : String(err) }), true)
  }
}
