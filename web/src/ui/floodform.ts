// How much mail a channel lets through at once, between the form and the channel's configuration (docs/email.md). What is as it is by
// itself is not written down.
import { objectOf } from '../live/rest'

export const whose = ['sender', 'domain', 'mailbox'] as const
export type Whose = (typeof whose)[number]
export interface LimitDraft {
  on: boolean
  atOnce: number | string
  perMinute: number | string
}
export type FloodDraft = Record<Whose, LimitDraft>

export const usualLimits: Record<Whose, { atOnce: number; perMinute: number }> = {
  sender: { atOnce: 20, perMinute: 2 },
  domain: { atOnce: 200, perMinute: 20 },
  mailbox: { atOnce: 10_000, perMinute: 600 },
}
export const floodFields = whose.flatMap((w) => [`flood.${w}.at_once`, `flood.${w}.per_minute`])

function limitFrom(v: unknown, usual: { atOnce: number; perMinute: number }): LimitDraft {
  const set = objectOf(v)
  if (typeof set.at_once !== 'number') return { on: true, ...usual }
  if (set.at_once === 0) return { on: false, ...usual }
  return { on: true, atOnce: set.at_once, perMinute: Number(set.per_minute ?? usual.perMinute) }
}

export function floodFrom(config: Record<string, unknown>): FloodDraft {
  const set = objectOf(config.flood)
  return Object.fromEntries(whose.map((w) => [w, limitFrom(set[w], usualLimits[w])])) as FloodDraft
}

export function floodTo(draft: FloodDraft, config: Record<string, unknown>): Record<string, unknown> {
  const { flood: _, ...rest } = config
  const flood: Record<string, unknown> = {}
  for (const w of whose) {
    const { on, atOnce, perMinute } = draft[w]
    const usual = usualLimits[w]
    if (!on) flood[w] = { at_once: 0 }
    else if (Number(atOnce) !== usual.atOnce || Number(perMinute) !== usual.perMinute) flood[w] = { at_once: Number(atOnce), per_minute: Number(perMinute) }
  }
  return Object.keys(flood).length > 0 ? { ...rest, flood } : rest
}
