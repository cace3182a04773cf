// How much somebody has, of how much: in all, and where a group of kinds of channel has a limit of its own.
import '../i18n/capacity'
import { t } from '../i18n/format.svelte'
import type { Agent, ByGroup, ChannelKind } from '../live/types'

export type Group = keyof ByGroup

export const groups: readonly Group[] = ['calls', 'messaging', 'email']

export const groupOf = (kind: ChannelKind): Group =>
  kind === 'call' ? 'calls' : kind === 'chat' || kind === 'messenger' || kind === 'whatsapp' ? 'messaging' : 'email'

export const ofLimit = (load: number, limit: number): string => (limit > 0 ? `${load}/${limit}` : String(load))

// loadText is "3/8 · messages 2/4"; of the groups only those with a limit, and only the one asked for.
export const loadText = (a: Agent, group?: Group): string =>
  [
    ofLimit(a.load, a.capacity),
    ...groups.filter((g) => a.limits[g] > 0 && (group === undefined || g === group)).map((g) => `${t(`capacity.short.${g}`)} ${ofLimit(a.loads[g], a.limits[g])}`),
  ].join(' · ')

// isFull: not even the lightest ticket of a group fits.
export const isFull = (a: Agent, group?: Group): boolean =>
  (a.capacity > 0 && a.load >= a.capacity) || (group !== undefined && a.limits[group] > 0 && a.loads[group] >= a.limits[group])
