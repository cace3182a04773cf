// What the desk's settings call things: tags, pipelines with their stages, properties of tickets and contacts. A ticket knows
// ids; a setting that was removed keeps its name for the tickets that have it.
import { t } from '../i18n/format.svelte'
import type { Property as Field, PropertyKind, Stage } from '../live/settings'
import { isAdmin } from './desk.svelte'
import { watch } from './live'
import { workspace } from './session.svelte'
import type { Status } from '../live/types'

export interface Tag {
  id: string
  name: string
  color: string // a tone: ui/tone.ts
}
export interface Pipeline {
  id: string
  name: string
  stages: Stage[]
}
export interface Property {
  id: string
  name: string
  kind: PropertyKind
  choices: { id: string; name: string }[]
  required: boolean // before the ticket is closed
  help: string
}

const settings = () => watch(workspace().settings)

export const tags = (): Tag[] => settings().of('tag').map((s) => ({ id: s.id, name: s.value.name, color: s.value.colour }))

export function tag(id: string): Tag | undefined {
  const s = settings().find('tag', id)
  return s && { id, name: s.value.name, color: s.value.colour }
}

export const canMakeTags = (): boolean => isAdmin()
export const makeTag = async (name: string): Promise<string> => (await workspace().saveSetting('tag', '', { name, colour: 'grey' })).id

// pipelines are in the order of their names, the default one first.
export const pipelines = (): Pipeline[] =>
  settings()
    .of('pipeline')
    .toSorted((a, b) => Number(b.value.default) - Number(a.value.default))
    .map((s) => ({ id: s.id, name: s.value.name, stages: s.value.stages }))

export function pipelineOf(id: string): Pipeline | undefined {
  const s = settings().pipeline(id)
  return s && { id: s.id, name: s.value.name, stages: s.value.stages }
}

// stageOf is what a ticket's place in its pipeline is called: its stage, or the pipeline's first one of its status.
export function stageOf(x: { pipeline: string; stage: string; status: Status }): Stage | undefined {
  const stages = pipelineOf(x.pipeline)?.stages ?? []
  return stages.find((s) => s.id === x.stage) ?? stages.find((s) => s.status === x.status)
}

const propertyOf = (id: string, p: Field): Property => ({
  id,
  name: p.label,
  kind: p.kind,
  choices: p.choices.map((c) => ({ id: c.id, name: c.label })),
  required: p.requiredToClose,
  help: p.help,
})

export const properties = (of: 'ticket' | 'contact'): Property[] =>
  settings()
    .of('property')
    .filter((s) => s.value.of === of)
    .map((s) => propertyOf(s.id, s.value))

export function property(id: string): Property | undefined {
  const s = settings().find('property', id)
  return s && propertyOf(id, s.value)
}

// valueText is a property's value in words.
export function valueText(p: Property, value: string): string {
  if (value === '') return ''
  const name = (id: string): string => p.choices.find((c) => c.id === id)?.name ?? id
  if (p.kind === 'multi_choice') return value.split(',').map(name).join(', ')
  if (p.kind === 'choice') return name(value)
  if (p.kind === 'checkbox') return t(value === 'true' ? 'panel.yes' : 'panel.no')
  return value
}
