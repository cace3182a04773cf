// An agent's availability in words: what it is, and until when by itself.
import { clockTime, dayTime, t } from '../i18n/format.svelte'
import type { Agent } from '../live/types'

export function presenceOf(a: Pick<Agent, 'available' | 'awayReason' | 'availabilityCause'>): string {
  if (a.available) return t('me.available')
  if (a.awayReason) return t('me.away_as', { reason: a.awayReason })
  return a.availabilityCause ? t(`avail.cause.${a.availabilityCause}`) : t('me.away')
}

// presenceUntilOf adds when it will change by itself: Available until 17:30.
export function presenceUntilOf(a: Agent, now: number): string {
  const state = presenceOf(a)
  return a.changesAt > now ? t('avail.until', { state, time: whenText(a.changesAt, now) }) : state
}

// whenText is a moment ahead: the time of today, else the day too.
export function whenText(ms: number, now: number): string {
  return new Date(ms).toDateString() === new Date(now).toDateString() ? clockTime(ms) : dayTime(ms)
}
