// How much somebody has, of how much: in all, and where a group of kinds of channel has a limit of its own.
import '../i18n/capacity'
import '../i18n/verdict'
import { t } from '../i18n/format.svelte'
import type { Agent, ByGroup, ChannelKind } from '../live/types'

export type Group = keyof ByGroup

export const groups: readonly Group[] = ['calls', 'messaging', 'email']

export const groupOf = (kind: ChannelKind): Group =>
  kind === 'call' ? 'calls' : kind === 'chat' || kind === 'messenger' || kind === 'whatsapp' ? 'messaging' : 'email'

export const ofLimit = (load: number, limit: number): string => (limit > 0 ? `${load}/${limit}` : String(load))

// limited are the groups that somebody has a limit for.
export const limited = (a: Agent): Group[] => groups.filter((g) => a.limits[g] > 0)

// loadText is "3/8 · messages 2/4": in all, and in each group with a limit.
export const loadText = (a: Agent): string =>
  [
    ofLimit(a.load, a.capacity),
    ...limited(a).map((g) => `${t(`capacity.short.${g}`)} ${ofLimit(a.loads[g], a.limits[g])}`),
  ].join(' · ')

// nearerText is how much somebody has against the limit that leaves less room for tickets of a group: "email 2/4", or of all.
export function nearerText(a: Agent, group?: Group): string {
  const nearer = group !== undefined && a.limits[group] > 0 && (a.capacity === 0 || a.loads[group] * a.capacity > a.load * a.limits[group])
  return nearer ? `${t(`capacity.short.${group}`)} ${ofLimit(a.loads[group], a.limits[group])}` : ofLimit(a.load, a.capacity)
}

// isFull: not even the lightest ticket of a group fits.
export const isFull = (a: Agent, group?: Group): boolean =>
  (a.capacity > 0 && a.load >= a.capacity) || (group !== undefined && a.limits[group] > 0 && a.loads[group] >= a.limits[group])

// talkedIn tells whether tickets of a kind are talked in right now: they go to who is connected.
export const talkedIn = (kind: ChannelKind): boolean => kind === 'chat' || kind === 'call'

// hindrances are why a ticket would not come to somebody by rule, beside being away or full.
export const hindrances = (a: Agent, live: boolean): string[] => [
  ...(a.seat ? [] : [t('verdict.no_seat')]),
  ...(live && a.seat && !a.connected ? [t('verdict.not_connected')] : []),
]
