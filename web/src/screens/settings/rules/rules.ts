// A channel's rules as their editor has them: read from what the API says, and written back.
import { newId } from '../../../live/ids'
import type { Filter, PropertyFilter } from '../../../live/filter'
import { listOf, numberOf, objectOf, routingFrom, routingTo, textOf, type Json } from '../../../live/rest'
import type { Routing } from '../../../live/types'
import type { Field } from '../../../state/filters.svelte'
import { faultsBy, type Faults } from '../../../ui/faults'

export interface Overflow {
  team: string
  after: number // seconds in line
}

export interface Rule {
  id: string
  name: string
  off: boolean
  stay: boolean
  ticket: Filter
  contact: PropertyFilter[]
  words: string[]
  subjectOnly: boolean
  languages: string[]
  then: Routing
  skills: string[]
  overflow: Overflow[]
}

// Flaw is somebody or something that a rule names in vain; rule '' is the default.
export interface Flaw {
  rule: string
  kind: string
  id: string
  why: string
}

const texts = (v: unknown): string[] => listOf(v).map(textOf)

function ruleFrom(v: unknown): Rule {
  const r = objectOf(v)
  const when = objectOf(r.when)
  return {
    id: textOf(r.id),
    name: textOf(r.name),
    off: r.off === true,
    stay: r.stay === true,
    ticket: objectOf(when.ticket) as Filter,
    contact: listOf(when.contact).map((p) => objectOf(p) as unknown as PropertyFilter),
    words: texts(when.words),
    subjectOnly: when.subject_only === true,
    languages: texts(when.languages),
    then: routingFrom(v),
    skills: texts(r.skills),
    overflow: listOf(r.overflow).map((o) => ({ team: textOf(objectOf(o).team), after: numberOf(objectOf(o).after) })),
  }
}

// Otherwise is what counts when no rule decides.
export type Otherwise = Pick<Rule, 'then' | 'skills' | 'overflow'>

export const otherwiseFrom = (routing: Json): Otherwise => {
  const { then, skills, overflow } = ruleFrom(routing)
  return { then, skills, overflow }
}
export const otherwiseTo = (o: Otherwise): Json => ({ ...routingTo(o.then), skills: o.skills, overflow: o.overflow })

export const rulesFrom = (routing: Json): Rule[] => listOf(routing.rules).map(ruleFrom)

export const flawsFrom = (routing: Json): Flaw[] =>
  listOf(routing.flaws).map((v) => {
    const f = objectOf(v)
    return { rule: textOf(f.rule), kind: textOf(f.kind), id: textOf(f.id), why: textOf(f.why) }
  })

export const newRule = (): Rule => ({
  id: newId('ru_'), name: '', off: false, stay: false, ticket: {}, contact: [], words: [], subjectOnly: false, languages: [], skills: [], overflow: [],
  then: { ...routingFrom({}), mode: 'users_and_teams' },
})

export function ruleTo(r: Rule): Json {
  return {
    id: r.id, name: r.name, off: r.off, stay: r.stay, ...routingTo(r.then), skills: r.skills, overflow: r.overflow,
    when: { ticket: r.ticket, contact: r.contact, words: r.words, subject_only: r.subjectOnly, languages: r.languages },
  }
}

// conditional are the fields of a ticket that a rule may ask: not its channel, which it is of, nor what depends on who looks or on time.
const never: readonly Field[] = ['channel', 'owner', 'waiting', 'updated', 'opened', 'closed', 'snoozed', 'following', 'mentioned', 'spam', 'set_aside']
export const conditional = (f: Field): boolean => !never.includes(f)

// wordsIn reads what is written with commas between.
export const wordsIn = (text: string): string[] => [...new Set(text.split(',').map((w) => w.trim()).filter(Boolean))]

// The fields of the form, by where the API says that a fault is.
const places: [RegExp, string][] = [
  [/^name/, 'name'], [/^when\.ticket/, 'ticket'], [/^when\.contact/, 'contact'], [/^when\.words/, 'words'], [/^when\.languages/, 'languages'],
  [/^skills/, 'skills'], [/^overflow/, 'overflow'], [/^(mode|agents|teams|weights|policy|$)/, 'then'],
]

const placeOf = (field: string): string | undefined => places.find(([p]) => p.test(field))?.[1]

// ruleFaults sorts a refusal of the rule at a place by the fields of its form; what is about another rule is told in general.
export function ruleFaults(err: unknown, at: number): Faults {
  const prefix = new RegExp(`^routing\\.rules\\[${at}\\]\\.?`)
  return faultsBy(err, (location) => (prefix.test(location) ? placeOf(location.replace(prefix, '')) : undefined))
}

// otherwiseFaults sorts a refusal of what counts when no rule decides.
export const otherwiseFaults = (err: unknown): Faults =>
  faultsBy(err, (location) => (/^routing(\.(?!rules|defaults)|$)/.test(location) ? placeOf(location.replace(/^routing\.?/, '')) : undefined))
