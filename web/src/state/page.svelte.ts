// Small things of the page itself: the time that relative times count from, the theme, notices.
import { ApiError, OfflineError } from '../live/http'
import { t } from '../i18n/format.svelte'

const clock = $state({ now: Date.now() })
setInterval(() => (clock.now = Date.now()), 15_000)
export const now = (): number => clock.now

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
}
const board = $state<{ notices: Notice[]; spoken: string }>({ notices: [], spoken: '' })
let last = 0

export const notices = (): Notice[] => board.notices

export function notify(text: string, bad = false): void {
  const id = ++last
  board.notices.push({ id, text, bad })
  setTimeout(() => dismiss(id), bad ? 8_000 : 4_000)
}

export function dismiss(id: number): void {
  board.notices = board.notices.filter((n) => n.id !== id)
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
