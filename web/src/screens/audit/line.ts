// A line of the audit in words: who did what to which thing, and what it was before and is now.
import '../../i18n/audit'
import { exactTime, fullTime, known, t, weekdayName } from '../../i18n/format.svelte'
import type { Key } from '../../i18n/catalogue'
import { listOf, objectOf, textOf, timeOf } from '../../live/rest'

export interface Change {
  field: string
  before: string
  after: string
}
export interface Line {
  key: string
  at: number
  by: { kind: string; id: string; name: string }
  noun: string
  id: string
  setting: string // of what kind the setting is
  kind: string
  name: string
  changes: Change[]
}

export function lineFrom(v: unknown): Line {
  const e = objectOf(v)
  const by = objectOf(e.by)
  return {
    key: String(e.position),
    at: timeOf(e.at),
    by: { kind: textOf(by.kind), id: textOf(by.id), name: textOf(by.name) },
    noun: textOf(e.noun),
    id: textOf(e.id),
    setting: textOf(e.setting),
    kind: textOf(e.kind),
    name: textOf(e.name),
    changes: listOf(e.changes).map((c) => ({ field: textOf(objectOf(c).field), before: textOf(objectOf(c).before), after: textOf(objectOf(c).after) })),
  }
}

export const whoOf = (l: Line, nameOf: (id: string) => string): string =>
  l.by.kind === 'agent' ? l.by.name || nameOf(l.by.id) : l.by.kind === 'operator' ? t('audit.operator') : t('audit.desk')

// sentence says what happened; the changes below it say the rest.
export function sentence(l: Line, nameOf: (id: string) => string): string {
  const who = whoOf(l, nameOf)
  const name = l.name || nameOf(l.id)
  const own = l.by.kind === 'agent' && l.by.id === l.id
  const what = known('audit.setting', l.setting) ?? t('audit.setting.any')
  const now = (field: string): string => l.changes.find((c) => c.field === field)?.after ?? ''
  const variant = ((): string => {
    switch (l.kind) {
      case 'channel_switched':
        return now('on') === 'true' ? 'on' : 'off'
      case 'availability_changed':
        return `${own ? 'own_' : ''}${now('available') === 'true' ? 'on' : 'off'}`
      case 'import_switched':
        return now('import.state')
      case 'item_released':
        return now('outcome')
      default:
        return own ? 'own' : ''
    }
  })()
  for (const kind of [`${l.kind}.${variant}`, l.kind]) {
    if (known('audit.kind', kind)) return t(`audit.kind.${kind}` as Key, { who, name, what })
  }
  return t('audit.unnamed', { who, name, kind: l.kind.replaceAll('_', ' ') })
}

// fieldName is a field in words; what the catalogue does not have is shown as it is called.
export function fieldName(field: string): string {
  const plain = field.replace(/_ms$/, '')
  const parts = (): string[] => plain.replace(/^config\./, '').split('.').map((x) => known('audit.field', x) ?? x.replaceAll('_', ' '))
  return known('audit.field', plain) ?? known('audit.field', plain.replace(/^\w+\./, '')) ?? parts().join(' · ')
}

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const block = /\b(sun|mon|tue|wed|thu|fri|sat) (\d\d:\d\d-\d\d:\d\d)/g
const moment = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\b/g
const id = /\b[a-z]{2}_[0-9a-z]+\b/g

// browserText makes of what a browser calls itself what people call it.
export function browserText(agent: string): string {
  const first = (of: [RegExp, string][]): string => of.find(([like]) => like.test(agent))?.[1] ?? ''
  const browser = first([[/\bEdg\//, 'Edge'], [/\bOPR\//, 'Opera'], [/Firefox\/|FxiOS\//, 'Firefox'], [/Chrome\/|CriOS\//, 'Chrome'], [/Safari\//, 'Safari']])
  const system = first([[/iPhone|iPad/, 'iOS'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'macOS'], [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux']])
  return browser && system ? t('audit.browser_on', { browser, system }) : agent
}

// timeText: what people chose has no seconds.
const timeText = (ms: number): string => (ms % 60_000 === 0 ? fullTime(ms) : exactTime(ms))

// valueText is a value in words: ids by their names, times and days in the reader's language.
export function valueText({ field }: Change, value: string, nameOf: (id: string) => string): string {
  if (value === '') return t('audit.empty')
  if (field === 'browser') return browserText(value)
  if (field.endsWith('_ms') && /^\d{12,}$/.test(value)) return timeText(Number(value)) // a line that was written before times were words
  if (value === 'true' || value === 'false') return t(value === 'true' ? 'audit.yes' : 'audit.no')
  if (/^[a-z_]+$/.test(value)) {
    const word = known('audit.value', value)
    if (word) return word
  }
  return value
    .replace(moment, (x) => timeText(Date.parse(x)))
    .replace(block, (_, day: string, hours: string) => `${weekdayName(days.indexOf(day)).slice(0, 3)} ${hours.replace('-', '–')}`)
    .replace(id, nameOf)
}
