// What a channel's tickets have from their beginning, between the form and what the API says. What is not said stays as tickets are by
// themselves.
import { listOf, numberOf, objectOf, textOf, type Json } from '../../../live/rest'
import type { Priority } from '../../../live/types'
import { faultsBy, type Faults } from '../../../ui/faults'

// Unit is the number of minutes in which one counts.
export type Unit = 1 | 60 | 1440
export const units: Unit[] = [1, 60, 1440]

export interface Begin {
  priority: Priority | ''
  tags: string[]
  team: string
  pipeline: string
  stage: string
  properties: Record<string, string>
  within: number | null // in which a first answer is due, in the unit; null: in no time
  unit: Unit
}

// beginFrom reads the defaults of a channel's routing. known says which properties tickets still have: a value of another means nothing.
export function beginFrom(routing: Json, known: (property: string) => boolean = () => true): Begin {
  const d = objectOf(routing.defaults)
  const values = Object.entries(objectOf(d.properties)).map(([id, v]) => [id, textOf(v)] as const)
  const minutes = numberOf(d.answer_within_minutes)
  const unit = units.findLast((u) => minutes % u === 0) ?? 1
  return {
    priority: textOf(d.priority) as Begin['priority'], tags: listOf(d.tags).map(textOf), team: textOf(d.team), pipeline: textOf(d.pipeline), stage: textOf(d.stage),
    properties: Object.fromEntries(values.filter(([id, v]) => v !== '' && known(id))),
    within: minutes > 0 ? minutes / unit : null, unit: minutes > 0 ? unit : 60,
  }
}

export function beginTo(b: Begin): Json {
  const properties = Object.fromEntries(Object.entries(b.properties).map(([id, v]) => [id, v.trim()]).filter(([, v]) => v))
  return {
    ...(b.priority ? { priority: b.priority } : {}), ...(b.tags.length > 0 ? { tags: b.tags } : {}), ...(b.team ? { team: b.team } : {}),
    ...(b.stage ? { pipeline: b.pipeline, stage: b.stage } : {}), ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(b.within ? { answer_within_minutes: Math.round(b.within * b.unit) } : {}),
  }
}

// beginFaults sorts a refusal by the form's fields; a property's is called property:<id>.
const at = /^routing\.defaults\.(priority|tags|team|pipeline|stage|properties|answer_within_minutes)(?:\[\d+\]|\.([^.]+))?$/
export const beginField = (location: string): string | undefined => {
  const m = at.exec(location)
  if (!m) return undefined
  if (m[1] === 'properties') return m[2] === undefined ? undefined : `property:${m[2]}`
  return m[1] === 'pipeline' ? 'stage' : m[1] === 'answer_within_minutes' ? 'within' : m[1]
}
export const beginFaults = (err: unknown): Faults => faultsBy(err, beginField)
