// What administrators keep in order, as the screens have it: one store for all kinds, read when the workspace starts and
// kept by frames. To add a kind: its value here, in Values, from and to.
import { toJson } from '@bufbuild/protobuf'
import type { SettingSummary } from '../gen/desk/v1/record_pb'
import { SettingSchema } from '../gen/desk/v1/setting_pb'
import type { tagColours } from './colours'
import { listOf, numberOf, objectOf, textOf, timeOf, type Json } from './rest'
import { Rows } from './rows'
import type { Priority, Status } from './types'

export type TagColour = (typeof tagColours)[number]

export interface Tag {
  name: string
  colour: TagColour
}
export interface Stage {
  id: string
  name: string
  status: Status
}
export interface Pipeline {
  name: string
  default: boolean
  stages: Stage[]
}
export const propertyKinds = [
  'text', 'long_text', 'number', 'date', 'choice', 'multi_choice', 'checkbox', 'url', 'email', 'phone',
] as const
export type PropertyKind = (typeof propertyKinds)[number]
export interface Property {
  name: string
  label: string
  of: 'ticket' | 'contact'
  kind: PropertyKind
  choices: { id: string; label: string }[]
  requiredToClose: boolean
  order: number
  help: string
}
export interface Snippet {
  name: string
  shortcut: string
  text: string
  html: string
  owner: string // '' for everybody's
  teams: string[]
}
export interface Macro {
  name: string
  owner: string
  teams: string[]
  replyText: string
  replyHtml: string
  note: string
  addTags: string[]
  removeTags: string[]
  status: Status | ''
  pipeline: string
  stage: string
  assign: string // '', me, nobody or an agent
  team: string // '', none or a team
  priority: Priority | ''
}
export interface Skill {
  name: string
  category: string
  kind: 'topic' | 'language'
}

export interface View {
  name: string
  icon: string // an emoji, or ''
  filter: string // JSON
  sort: string
  layout: string
  group: string
  columns: string[]
  order: number
  owner: string // '' for a shared one
  teams: string[] // with which it is shared; none: with everybody
}

export interface Values {
  view: View
  tag: Tag
  pipeline: Pipeline
  property: Property
  snippet: Snippet
  macro: Macro
  skill: Skill
}
export type SettingKind = keyof Values

// paths are the kinds' own lists in the API.
export const paths: Record<SettingKind, string> = {
  tag: '/tags',
  pipeline: '/pipelines',
  property: '/properties',
  snippet: '/snippets',
  macro: '/macros',
  skill: '/skills',
  view: '/views',
}

export interface Setting<K extends SettingKind = SettingKind> {
  id: string
  kind: K
  version: number
  removed: boolean
  changedBy: string
  changedAt: number
  value: Values[K]
}

const strings = (v: unknown): string[] => listOf(v).map(textOf)

// An enum comes as its word over HTTP and as its name over the socket.
const word = (v: unknown): string => {
  const s = textOf(v).replace(/^(TICKET_STATUS|PRIORITY|PROPERTY_OF|PROPERTY_KIND|SKILL_KIND)_/, '').toLowerCase()
  return s === 'unspecified' ? '' : s
}

const from: { [K in SettingKind]: (v: Json) => Values[K] } = {
  tag: (v) => ({ name: textOf(v.name), colour: (textOf(v.colour) || 'grey') as TagColour }),
  pipeline: (v) => ({
    name: textOf(v.name),
    default: v.default === true,
    stages: listOf(v.stages).map(objectOf).map((s) => ({ id: textOf(s.id), name: textOf(s.name), status: word(s.status) as Status })),
  }),
  property: (v) => ({
    name: textOf(v.name),
    label: textOf(v.label),
    of: word(v.of) as Property['of'],
    kind: word(v.kind) as PropertyKind,
    choices: listOf(v.choices).map(objectOf).map((c) => ({ id: textOf(c.id), label: textOf(c.label) })),
    requiredToClose: v.required_to_close === true,
    order: numberOf(v.order),
    help: textOf(v.help),
  }),
  snippet: (v) => ({
    name: textOf(v.name),
    shortcut: textOf(v.shortcut),
    text: textOf(v.text),
    html: textOf(v.html),
    owner: textOf(v.owner),
    teams: strings(v.teams),
  }),
  macro: (v) => ({
    name: textOf(v.name),
    owner: textOf(v.owner),
    teams: strings(v.teams),
    replyText: textOf(v.reply_text),
    replyHtml: textOf(v.reply_html),
    note: textOf(v.note),
    addTags: strings(v.add_tags),
    removeTags: strings(v.remove_tags),
    status: word(v.status) as Macro['status'],
    pipeline: textOf(v.pipeline),
    stage: textOf(v.stage),
    assign: textOf(v.assign),
    team: textOf(v.team),
    priority: word(v.priority) as Macro['priority'],
  }),
  view: (v) => ({
    name: textOf(v.name),
    icon: textOf(v.icon),
    filter: textOf(v.filter),
    sort: textOf(v.sort),
    layout: textOf(v.layout),
    group: textOf(v.group),
    columns: strings(v.columns),
    order: numberOf(v.order),
    owner: textOf(v.owner),
    teams: strings(v.teams),
  }),
  skill: (v) => ({ name: textOf(v.name), category: textOf(v.category), kind: word(v.kind) === 'language' ? 'language' : 'topic' }),
}

const snake = (s: string): string => s.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

// settingTo is a value as the API takes it.
export const settingTo = (value: Values[SettingKind]): Json =>
  Object.fromEntries(Object.entries(value).map(([k, v]) => [snake(k), v as unknown]))

// settingFrom makes a row of an item of a list.
export function settingFrom<K extends SettingKind>(kind: K, item: unknown): Setting<K> {
  const v = objectOf(item)
  return {
    id: textOf(v.id),
    kind,
    version: numberOf(v.version),
    removed: v.removed === true,
    changedBy: textOf(v.changed_by),
    changedAt: timeOf(v.changed_at),
    value: from[kind](v),
  }
}

const isKind = (kind: string): kind is SettingKind => kind in from

// settingsFrom reads the answer with every kind; a kind that this page does not know is left out.
export const settingsFrom = (kinds: Json): Setting[] =>
  Object.entries(kinds).flatMap(([kind, items]) => (isKind(kind) ? listOf(items).map((i) => settingFrom(kind, i)) : []))

// settingOf makes a row of a frame's; undefined for a kind that this page does not know.
export function settingOf(s: SettingSummary): Setting | undefined {
  if (!isKind(s.kind) || !s.value) return undefined
  const value = objectOf(toJson(SettingSchema, s.value, { useProtoFieldName: true, alwaysEmitImplicit: true }))
  return {
    id: s.setting,
    kind: s.kind,
    version: Number(s.version),
    removed: s.removed,
    changedBy: s.by,
    changedAt: Number(s.changedAtMs),
    value: from[s.kind](objectOf(value[s.kind])),
  }
}

// Settings holds removed ones too, so that what names them can still say how they were called.
export class Settings extends Rows<Setting> {
  // of gives those of a kind that are not removed, by name; properties by their order.
  of<K extends SettingKind>(kind: K): Setting<K>[] {
    const all = this.all.filter((s): s is Setting<K> => s.kind === kind && !s.removed)
    return all.sort((a, b) => orderOf(a) - orderOf(b) || nameOf(a).localeCompare(nameOf(b)))
  }

  find<K extends SettingKind>(kind: K, id: string): Setting<K> | undefined {
    const s = this.get(id)
    return s?.kind === kind ? (s as Setting<K>) : undefined
  }

  // forMe are the snippets, macros or views an agent may use: everybody's, the own, and those of the own teams.
  forMe<K extends 'snippet' | 'macro' | 'view'>(kind: K, me: string, teams: string[]): Setting<K>[] {
    return this.of(kind).filter(({ value }) => {
      if (value.owner) return value.owner === me
      return value.teams.length === 0 || value.teams.some((t) => teams.includes(t))
    })
  }

  // pipeline is a ticket's: the named one, or the default one; undefined when there is none.
  pipeline(id: string): Setting<'pipeline'> | undefined {
    return this.find('pipeline', id) ?? this.of('pipeline').find((p) => p.value.default)
  }
}

const orderOf = (s: Setting): number => (s.kind === 'property' || s.kind === 'view' ? (s.value as Property | View).order : 0)
export const nameOf = (s: Setting): string => (s.kind === 'property' ? (s.value as Property).label : s.value.name)
