// When a chat is open, as its form holds it.
import { listOf, objectOf, textOf, type Json } from '../../../live/rest'
import { filled } from './filled'

export type Mode = 'agents' | 'hours' | 'always'
export type Show = 'message' | 'form' | 'hide'
export type Reply = '' | 'minutes' | 'hours' | 'day'
export interface Absence {
  show: Show
  en: string
  es: string
}
export interface Opening {
  mode: Mode
  hours: string
  holidays: string
  evenAway: boolean
  away: Absence
  closed: Absence
  reply: Reply
  departments: string[]
}

export const openingFields = [
  'availability.mode', 'availability.hours', 'availability.holidays', 'availability.reply_time', 'availability.departments',
  ...['away', 'closed'].flatMap((w) => ['show', 'text.en', 'text.es'].map((f) => `availability.${w}.${f}`)),
]

function absenceFrom(v: unknown): Absence {
  const a = objectOf(v)
  const text = objectOf(a.text)
  return { show: (textOf(a.show) || 'message') as Show, en: textOf(text.en), es: textOf(text.es) }
}

export function openingFrom(config: Json): Opening {
  const a = objectOf(config.availability)
  return {
    mode: (textOf(a.mode) || 'agents') as Mode,
    hours: textOf(a.hours),
    holidays: textOf(a.holidays),
    evenAway: a.even_away === true,
    away: absenceFrom(a.away),
    closed: absenceFrom(a.closed),
    reply: textOf(a.reply_time) as Reply,
    departments: listOf(a.departments).map(textOf),
  }
}

const absenceTo = (a: Absence) => filled({ show: a.show === 'message' ? '' : a.show, text: a.show === 'hide' ? null : filled({ en: a.en.trim(), es: a.es.trim() }) })

// What a mode has no use for is not kept.
export function openingTo(d: Opening): Record<string, unknown> {
  const byHours = d.mode === 'hours'
  return {
    availability: filled({
      mode: d.mode === 'agents' ? '' : d.mode,
      hours: byHours ? d.hours : '',
      holidays: byHours ? d.holidays : '',
      even_away: byHours && d.evenAway,
      away: d.mode === 'always' || (byHours && d.evenAway) ? null : absenceTo(d.away),
      closed: byHours ? absenceTo(d.closed) : null,
      reply_time: d.reply,
      departments: d.departments,
    }),
  }
}
