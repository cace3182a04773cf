// What one may filter by, with the words for it. The values come from what the workspace knows.
import type { Filter, Span } from '../live/filter'
import { known, t, tn } from '../i18n/format.svelte'
import type { Key } from '../i18n/catalogue'
import { watch } from './live'
import { workspace } from './session.svelte'
import { teamName } from './teams'

export interface Choice {
  value: string
  label: string
}

export type Field =
  | 'status' | 'owner' | 'team' | 'priority' | 'channel' | 'kind' | 'waiting' | 'updated' | 'opened' | 'closed'
  | 'snoozed' | 'following' | 'mentioned' | 'spam' | 'text'
type Many = 'status' | 'owner' | 'team' | 'priority' | 'channel' | 'kind'
type Time = 'waiting' | 'updated' | 'opened' | 'closed'

export const fields: readonly Field[] = [
  'status', 'owner', 'team', 'priority', 'channel', 'kind', 'waiting', 'updated', 'opened', 'closed', 'snoozed', 'following', 'mentioned',
  'spam', 'text',
]

export const isMany = (f: Field): f is Many => ['status', 'owner', 'team', 'priority', 'channel', 'kind'].includes(f)
const isTime = (f: Field): f is Time => ['waiting', 'updated', 'opened', 'closed'].includes(f)
export const labelOf = (f: keyof Filter): string => t(`filter.${f}` as Key)

// choicesOf are the values of a field; fields of free text have none.
export function choicesOf(f: Field): Choice[] {
  const ws = workspace()
  const word = (prefix: string) => (value: string): Choice => ({ value, label: known(prefix, value) ?? value })
  switch (f) {
    case 'status':
      return [{ value: 'open', label: t('filter.open') }, ...['new', 'waiting_on_us', 'waiting_on_contact', 'closed'].map(word('status'))]
    case 'priority':
      return ['urgent', 'high', 'normal', 'low'].map(word('priority'))
    case 'kind':
      return ['email', 'chat', 'messenger', 'form', 'whatsapp', 'call', 'custom'].map(word('kind'))
    case 'owner': {
      const agents = watch(ws.agents).all.filter((a) => !a.deactivated && a.id !== ws.me)
      return [
        { value: 'me', label: t('filter.me') },
        { value: 'nobody', label: t('filter.nobody') },
        ...agents.map((a) => ({ value: a.id, label: a.name })).toSorted(byLabel),
      ]
    }
    case 'team': {
      const teams = watch(ws.teams).all.map((x) => ({ value: x.id, label: x.name })).toSorted(byLabel)
      return [{ value: 'mine', label: t('filter.my_teams') }, { value: 'none', label: t('filter.no_team') }, ...teams]
    }
    case 'channel':
      return watch(ws.channels).all.map((c) => ({ value: c.id, label: c.name })).toSorted(byLabel)
    case 'snoozed':
    case 'following':
    case 'mentioned':
    case 'spam':
      return [{ value: 'yes', label: t('filter.yes') }, ...(f === 'snoozed' ? [{ value: 'no', label: t('filter.no') }] : [])]
    case 'text':
      return []
    default:
      return spans[f].map((s) => ({ value: JSON.stringify(s), label: spanLabel(s) }))
  }
}

const byLabel = (a: Choice, b: Choice): number => a.label.localeCompare(b.label)

const hour = 3600
const day = 24 * hour
const recent: Span[] = [{ last: day }, { last: 7 * day }, { last: 30 * day }, { before: day }, { before: 7 * day }, { before: 30 * day }]
const spans: Record<Time, Span[]> = {
  waiting: [{}, { before: hour }, { before: 4 * hour }, { before: day }, { before: 3 * day }, { last: hour }],
  updated: recent,
  opened: recent,
  closed: recent,
}

function spanLabel(s: Span): string {
  const time = (seconds: number): string => (seconds % day === 0 ? tn('filter.days', seconds / day) : tn('filter.hours', Math.round(seconds / hour)))
  const date = (ms: number): string => new Date(ms).toLocaleDateString()
  const parts = [
    ...(s.last ? [t('filter.last', { time: time(s.last) })] : []),
    ...(s.before ? [t('filter.before', { time: time(s.before) })] : []),
    ...(s.from || s.to ? [`${s.from ? date(s.from) : ''} – ${s.to ? date(s.to) : ''}`] : []),
  ]
  return parts.join(', ') || t('filter.any_time')
}

// valuesOf are the choices a filter has made in a field.
export function valuesOf(filter: Filter, f: Field): string[] {
  if (isMany(f)) return filter[f] ?? []
  if (isTime(f)) return filter[f] ? [JSON.stringify(filter[f])] : []
  if (f === 'text') return filter.text ? [filter.text] : []
  if (f === 'snoozed') return filter.snoozed === undefined ? [] : [filter.snoozed ? 'yes' : 'no']
  return filter[f] ? ['yes'] : []
}

// withValues gives the filter with other choices in a field; none takes the field out.
export function withValues(filter: Filter, f: Field, values: string[]): Filter {
  const { [f]: _, ...rest } = filter
  if (values.length === 0) return rest
  if (isMany(f)) return { ...rest, [f]: values }
  if (isTime(f)) return { ...rest, [f]: JSON.parse(values[0]!) as Span }
  if (f === 'text') return { ...rest, text: values[0]! }
  return { ...rest, [f]: values[0] === 'yes' }
}

// wordsOf says what a filter asks of a field.
export function wordsOf(filter: Filter, f: Field): string {
  const choices = choicesOf(f)
  const time = isTime(f)
  const named = valuesOf(filter, f).map((v) => choices.find((c) => c.value === v)?.label ?? ((time ? spanLabel(JSON.parse(v) as Span) : f === 'team' ? teamName(v) : '') || v))
  return named.length > 3 ? `${named.slice(0, 2).join(', ')} +${named.length - 2}` : named.join(` ${t('filter.or')} `)
}
