// A rule in one plain sentence.
import '../../../i18n/rules'
import { known, locale, span, t } from '../../../i18n/format.svelte'
import type { Filter } from '../../../live/filter'
import { watch } from '../../../state/live'
import { fieldsOf, labelOf, opLabel, usedOps, valuesOf, wordsOf, type Field } from '../../../state/filters.svelte'
import { workspace } from '../../../state/session.svelte'
import { teamName } from '../../../state/teams'
import type { Flaw, Rule } from './rules'

export const languages = ['en', 'es', 'fr', 'de', 'pt', 'it', 'nl', 'ca', 'pl']
export const languageName = (code: string): string => new Intl.DisplayNames([locale()], { type: 'language' }).of(code) ?? code

const list = (all: string[], type: 'conjunction' | 'disjunction'): string => new Intl.ListFormat(locale(), { type }).format(all)
const agentName = (id: string): string => watch(workspace().agents).get(id)?.name ?? t('rules.gone')
const team = (id: string): string => teamName(id) || t('rules.gone')

function asked(filter: Filter, f: Field): string {
  if (f === 'text') return t('rules.if_subject', { text: filter.text ?? '' })
  const field = labelOf(f)
  const ops = usedOps(filter, f)
  const plain = f === 'tags' ? !filter.tags?.none : ops.every((op) => op === '' || op === 'any' || op === 'equals')
  if (plain) return t('rules.if_is', { field, value: wordsOf(filter, f) })
  if (f === 'tags') return `${field}: ${wordsOf(filter, f)}`
  // Each is asked in its own way: “Amount at least 5”.
  return ops.map((op) => `${field} ${opLabel(f, op)}${op === 'set' || op === 'unset' ? '' : ` ${valuesOf(filter, f, op).join(', ')}`}`).join(', ')
}

const used = (filter: Filter): Field[] => fieldsOf(filter).filter((f) => usedOps(filter, f).length > 0)

function conditionsOf(r: Rule): string[] {
  const people: Filter = { properties: r.contact }
  const quoted = list(r.words.map((word) => t('rules.quoted', { word })), 'disjunction')
  return [
    ...used(r.ticket).map((f) => asked(r.ticket, f)),
    ...(r.contact.length > 0 ? used(people).map((f) => t('rules.if_contact', { what: asked(people, f) })) : []),
    ...(r.words.length > 0 ? [t(r.subjectOnly ? 'rules.if_words_subject' : 'rules.if_words', { list: quoted })] : []),
    ...(r.languages.length > 0 ? [t('rules.if_language', { list: list(r.languages.map(languageName), 'disjunction') })] : []),
  ]
}

function whoOf(r: Rule): string {
  if (r.then.mode === 'nobody') return t('rules.to_nobody')
  const named = [...r.then.teams.map(team), ...r.then.agents.map(agentName)].join(', ')
  const first = r.then.mode === 'users_and_teams' ? named : named ? t('rules.to_owner_else', { list: named }) : t('rules.to_owner')
  const skills = watch(workspace().settings)
  const parts = [
    first,
    ...(r.skills.length > 0 ? [t('rules.to_skills', { list: r.skills.map((id) => skills.find('skill', id)?.value.name ?? t('rules.gone')).join(', ') })] : []),
    ...(r.then.onlyAvailable ? [] : [t('rules.to_away')]),
  ].join(', ')
  const later = r.overflow.map((o) => t('rules.to_later', { time: span(o.after), list: team(o.team) }))
  return [parts, ...later, ...(r.stay ? [t('rules.to_stay')] : [])].join('; ')
}

export function sentenceOf(r: Rule): string {
  const conditions = conditionsOf(r)
  const who = whoOf(r)
  return conditions.length > 0 ? t('rules.if', { conditions: list(conditions, 'conjunction'), who }) : t('rules.every', { who })
}

export const flawText = (f: Flaw): string => {
  const name = f.kind === 'team' ? teamName(f.id) || f.id : (watch(workspace().agents).get(f.id)?.name ?? f.id)
  return (known(`rules.flaw.${f.kind}`, f.why) ?? f.why).replace('{name}', name)
}
