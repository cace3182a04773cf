// What one may filter by, with the words for it. The values come from what the workspace knows.
import type { Filter, PropertyFilter, Span } from '../live/filter'
import { known, t, tn } from '../i18n/format.svelte'
import type { Key } from '../i18n/catalogue'
import { watch } from './live'
import { workspace } from './session.svelte'
import { teamName } from './teams'
import * as words from './words.svelte'

export interface Choice {
  value: string
  label: string
}

type Many = 'status' | 'owner' | 'team' | 'priority' | 'channel' | 'kind' | 'stage'
type Time = 'waiting' | 'updated' | 'opened' | 'closed' | 'due'
type Yes = 'snoozed' | 'following' | 'mentioned' | 'spam' | 'set_aside'
type OfProperty = `property:${string}`
export type Field = Many | Time | Yes | 'text' | 'tags' | OfProperty

// Op is how a field is asked; most fields are asked in one way only, ''.
export type Op = '' | 'any' | 'all' | 'none' | 'equals' | 'contains' | 'at_least' | 'at_most' | 'set' | 'unset'

const always: readonly Field[] = [
  'status', 'owner', 'team', 'priority', 'channel', 'kind', 'waiting', 'due', 'updated', 'opened', 'closed', 'snoozed', 'following', 'mentioned',
  'spam', 'set_aside', 'text',
]

// fieldsOf are those there are: with the desk's tags, stages and properties, and whatever the filter names.
export function fieldsOf(filter: Filter): Field[] {
  const own = words.properties('ticket').map((p) => p.id)
  const named = (filter.properties ?? []).map((p) => p.property).filter((id) => !own.includes(id))
  return [
    'status', ...(words.pipelines().length > 0 || filter.stage?.length ? (['stage'] as const) : []),
    ...always.slice(1, 4), ...(words.tags().length > 0 || filter.tags ? (['tags'] as const) : []), ...always.slice(4),
    ...[...own, ...new Set(named)].map((id): OfProperty => `property:${id}`),
  ]
}

const propertyId = (f: Field): string => (f.startsWith('property:') ? f.slice(9) : '')
const isMany = (f: Field): f is Many => ['status', 'owner', 'team', 'priority', 'channel', 'kind', 'stage'].includes(f)
const isTime = (f: Field): f is Time => ['waiting', 'updated', 'opened', 'closed', 'due'].includes(f)
export const picksMany = (f: Field, op: Op): boolean => isMany(f) || f === 'tags' || op === 'any'

export function labelOf(f: Field): string {
  const id = propertyId(f)
  return id ? (words.property(id)?.name ?? id) : t(`filter.${f}` as Key)
}

// ---- how a field may be asked

const kindOf = (f: Field): string => words.property(propertyId(f))?.kind ?? 'text'

export function opsOf(f: Field): readonly Op[] {
  if (f === 'tags') return ['any', 'all', 'none']
  if (!propertyId(f)) return ['']
  switch (kindOf(f)) {
    case 'number':
    case 'date':
      return ['equals', 'at_least', 'at_most', 'set', 'unset']
    case 'choice':
    case 'multi_choice':
    case 'checkbox':
      return ['any', 'set', 'unset']
    default:
      return ['contains', 'equals', 'set', 'unset']
  }
}

export function opLabel(f: Field, op: Op): string {
  return op === '' ? '' : t(`op.${kindOf(f) === 'date' && (op === 'at_least' || op === 'at_most') ? (op === 'at_least' ? 'from' : 'until') : op}` as Key)
}

// isTyped: the value is written, not chosen; typeOf says into what.
export const isTyped = (f: Field, op: Op): boolean => f === 'text' || ['equals', 'contains', 'at_least', 'at_most'].includes(op)
export function typeOf(f: Field, op: Op): 'text' | 'number' | 'date' {
  const kind = isTyped(f, op) && f !== 'text' ? kindOf(f) : ''
  return kind === 'number' || kind === 'date' ? kind : 'text'
}

// ---- values

// choicesOf are the values of a field; fields that are written have none.
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
    case 'tags':
      return words.tags().map((x) => ({ value: x.id, label: x.name })).toSorted(byLabel)
    case 'stage': {
      const all = words.pipelines()
      return all.flatMap((p) => p.stages.map((s) => ({ value: `${p.id}:${s.id}`, label: all.length > 1 ? `${p.name}: ${s.name}` : s.name })))
    }
    case 'snoozed':
    case 'following':
    case 'mentioned':
    case 'spam':
    case 'set_aside':
      return [{ value: 'yes', label: t('filter.yes') }, ...(f === 'snoozed' ? [{ value: 'no', label: t('filter.no') }] : [])]
    case 'waiting':
    case 'updated':
    case 'opened':
    case 'closed':
    case 'due':
      return spans[f].map((s) => ({ value: JSON.stringify(s), label: spanLabel(s) }))
    case 'text':
      return []
    default: {
      const p = words.property(propertyId(f))
      if (p?.kind === 'checkbox') return [{ value: 'true', label: t('filter.yes') }, { value: 'false', label: t('filter.no') }]
      return (p?.choices ?? []).map((c) => ({ value: c.id, label: c.name }))
    }
  }
}

const byLabel = (a: Choice, b: Choice): number => a.label.localeCompare(b.label)

const hour = 3600
const day = 24 * hour
const recent: Span[] = [{ last: day }, { last: 7 * day }, { last: 30 * day }, { before: day }, { before: 7 * day }, { before: 30 * day }]
const spans: Record<Time, Span[]> = {
  waiting: [{}, { before: hour }, { before: 4 * hour }, { before: day }, { before: 3 * day }, { last: hour }],
  due: [{}, { before: 1 }, { within: hour }, { within: 4 * hour }, { within: day }],
  updated: recent,
  opened: recent,
  closed: recent,
}

function spanLabel(s: Span): string {
  const time = (seconds: number): string => (seconds % day === 0 ? tn('filter.days', seconds / day) : tn('filter.hours', Math.round(seconds / hour)))
  const date = (ms: number): string => new Date(ms).toLocaleDateString()
  const parts = [
    ...(s.last ? [t('filter.last', { time: time(s.last) })] : []),
    ...(s.before ? [s.before === 1 ? t('filter.overdue') : t('filter.before', { time: time(s.before) })] : []),
    ...(s.within ? [t('filter.within', { time: time(s.within) })] : []),
    ...(s.from || s.to ? [`${s.from ? date(s.from) : ''} – ${s.to ? date(s.to) : ''}`] : []),
  ]
  return parts.join(', ') || t('filter.any_time')
}

// stageOf finds what a choice of a stage names: its pipeline and itself.
export function stageOf(choice: string): { pipeline: words.Pipeline; stage: words.Pipeline['stages'][number] } | undefined {
  const [id, name] = choice.split(':')
  const pipeline = words.pipelines().find((p) => p.id === id)
  const stage = pipeline?.stages.find((s) => s.id === name)
  return pipeline && stage && { pipeline, stage }
}

// stageValues are the values of the filter that mean a stage: tickets whose status alone is known stand in the first stage of
// that status, and those that name no pipeline in the default one.
export function stageValues(choice: string): string[] {
  const found = stageOf(choice)
  if (!found) return [choice]
  const { pipeline: p, stage } = found
  const usual = words.pipelineOf('')?.id === p.id
  const first = p.stages.find((s) => s.status === stage.status) === stage
  return [choice, ...(usual ? [`:${stage.id}`] : []), ...(first ? [`${p.id}/${stage.status}`, ...(usual ? [`/${stage.status}`] : [])] : [])]
}

const opOf = (p: PropertyFilter): Op =>
  p.unset ? 'unset' : (['any', 'equals', 'contains', 'at_least', 'at_most'] as const).find((op) => p[op] !== undefined) ?? 'set'

// valuesOf are the choices a filter has made in a field.
export function valuesOf(filter: Filter, f: Field, op: Op = ''): string[] {
  if (f === 'stage') return (filter.stage ?? []).filter((v) => !v.includes('/') && !v.startsWith(':'))
  if (isMany(f)) return filter[f] ?? []
  if (isTime(f)) return filter[f] ? [JSON.stringify(filter[f])] : []
  if (f === 'text') return filter.text ? [filter.text] : []
  if (f === 'tags') return (op === 'any' || op === 'all' || op === 'none' ? filter.tags?.[op] : undefined) ?? []
  if (f === 'snoozed') return filter.snoozed === undefined ? [] : [filter.snoozed ? 'yes' : 'no']
  if (f === 'following' || f === 'mentioned' || f === 'spam' || f === 'set_aside') return filter[f] ? ['yes'] : []
  const p = filter.properties?.find((x) => x.property === propertyId(f) && opOf(x) === op)
  if (!p) return []
  if (op === 'any') return p.any ?? []
  return op === 'set' || op === 'unset' ? ['yes'] : [String(p[op as 'equals'] ?? '')]
}

// usedOps are the ways in which a filter asks a field.
export const usedOps = (filter: Filter, f: Field): Op[] => opsOf(f).filter((op) => valuesOf(filter, f, op).length > 0)

// withValues gives the filter with other choices in a field; none takes the field out.
export function withValues(filter: Filter, f: Field, values: string[], op: Op = ''): Filter {
  if (f === 'tags') return withTags(filter, values, op)
  const id = propertyId(f)
  if (id) return withProperty(filter, id, values, op)
  const { [f as keyof Filter]: _, ...rest } = filter
  if (values.length === 0) return rest
  if (f === 'stage') return { ...rest, stage: values.flatMap(stageValues) }
  if (isMany(f)) return { ...rest, [f]: values }
  if (isTime(f)) return { ...rest, [f]: JSON.parse(values[0]!) as Span }
  if (f === 'text') return { ...rest, text: values[0]! }
  return { ...rest, [f]: values[0] === 'yes' }
}

function withTags(filter: Filter, values: string[], op: Op): Filter {
  const { tags, ...rest } = filter
  const next = Object.fromEntries(Object.entries({ ...tags, [op]: values }).filter(([, all]) => all.length > 0))
  return Object.keys(next).length > 0 ? { ...rest, tags: next } : rest
}

// A property that is set or unset is asked nothing else; at least and at most go together.
function withProperty(filter: Filter, property: string, values: string[], op: Op): Filter {
  const { properties = [], ...rest } = filter
  const alone = op === 'set' || op === 'unset'
  const others = properties.filter((p) => p.property !== property || !(opOf(p) === op || (values.length > 0 && (alone || opOf(p) === 'set' || opOf(p) === 'unset'))))
  const own: PropertyFilter[] =
    values.length === 0 ? []
    : op === 'set' ? [{ property }]
    : op === 'unset' ? [{ property, unset: true }]
    : [{ property, [op]: op === 'any' ? values : values[0]! }]
  const all = [...others, ...own]
  return all.length > 0 ? { ...rest, properties: all } : rest
}

export const without = (filter: Filter, f: Field): Filter => opsOf(f).reduce((left, op) => withValues(left, f, [], op), filter)

// wordsOf says what a filter asks of a field.
export function wordsOf(filter: Filter, f: Field): string {
  const choices = choicesOf(f)
  return usedOps(filter, f).map((op) => {
    if (op === 'set' || op === 'unset') return opLabel(f, op)
    const named = valuesOf(filter, f, op).map((v) => choices.find((c) => c.value === v)?.label ?? ((isTime(f) ? spanLabel(JSON.parse(v) as Span) : f === 'team' ? teamName(v) : '') || v))
    const list = named.length > 3 ? `${named.slice(0, 2).join(', ')} +${named.length - 2}` : named.join(` ${t(op === 'all' ? 'filter.and' : 'filter.or')} `)
    const plain = op === '' || op === 'equals' || op === 'all' || (op === 'any' && !(f === 'tags' && filter.tags?.none))
    return plain ? list : `${opLabel(f, op)} ${list}`
  }).join(' · ')
}
