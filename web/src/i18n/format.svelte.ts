// The language, and everything written in it: texts, numbers, times.
import './catalogue'
import type { Key } from './catalogue'
import { table } from './texts'

export type Locale = 'en' | 'es'
export const locales: { id: Locale; name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'es', name: 'Español' },
]

const stored = (): Locale | null => {
  try {
    const v = localStorage.getItem('centralita.locale')
    return v === 'en' || v === 'es' ? v : null
  } catch {
    return null
  }
}

const state = $state({ locale: stored() ?? (navigator.language.startsWith('es') ? 'es' : 'en') as Locale })

export const locale = (): Locale => state.locale

export function setLocale(l: Locale): void {
  state.locale = l
  document.documentElement.lang = l
  try {
    localStorage.setItem('centralita.locale', l)
  } catch {
    // Then it lasts until the page is closed.
  }
}

export type Params = Record<string, string | number>

export function t(key: Key, params?: Params): string {
  const text = table[key]?.[state.locale === 'es' ? 1 : 0] ?? key
  return params ? text.replace(/\{(\w+)\}/g, (all, name: string) => String(params[name] ?? all)) : text
}

type Plural = Key extends infer K ? (K extends `${infer P}.other` ? P : never) : never

export function tn(key: Plural, count: number): string {
  const form = new Intl.PluralRules(state.locale).select(count) === 'one' ? 'one' : 'other'
  return t(`${key}.${form}` as Key, { count })
}

// known gives the text of a code the server sent, or null when the catalogue does not have it.
export function known(prefix: string, code: string): string | null {
  const key = `${prefix}.${code}`
  return key in table ? t(key as Key) : null
}

// Dates and numbers follow the browser's variant of the language (en-GB, es-MX).
const variant = $derived(navigator.languages.find((l) => l.startsWith(state.locale)) ?? state.locale)

const number = $derived(new Intl.NumberFormat(variant))
export const n = (v: number): string => number.format(v)

const clock = $derived(new Intl.DateTimeFormat(variant, { timeStyle: 'short' }))
const day = $derived(new Intl.DateTimeFormat(variant, { day: 'numeric', month: 'short' }))
const dayYear = $derived(new Intl.DateTimeFormat(variant, { day: 'numeric', month: 'short', year: 'numeric' }))
const full = $derived(new Intl.DateTimeFormat(variant, { dateStyle: 'medium', timeStyle: 'short' }))
const exact = $derived(new Intl.DateTimeFormat(variant, { dateStyle: 'medium', timeStyle: 'medium' }))
const second = $derived(new Intl.DateTimeFormat(variant, { timeStyle: 'medium' }))
const relative = $derived(new Intl.RelativeTimeFormat(variant, { numeric: 'auto', style: 'narrow' }))

// fullTime is a moment as people name it; exactTime is when something happened, to the second.
export const fullTime = (ms: number): string => (ms ? full.format(ms) : '')
export const exactTime = (ms: number): string => (ms ? exact.format(ms) : '')
export const secondTime = (ms: number): string => second.format(ms)
export const clockTime = (ms: number): string => (ms ? clock.format(ms) : '')

const weekdayClock = $derived(new Intl.DateTimeFormat(variant, { weekday: 'short', hour: 'numeric', minute: '2-digit' }))
const dayClock = $derived(new Intl.DateTimeFormat(variant, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }))

// dayTime is a moment ahead: Mon 09:00 within a week, else with the date.
export const dayTime = (ms: number): string => (ms - Date.now() < 6 * 86_400_000 ? weekdayClock : dayClock).format(ms)

const weekday = $derived(new Intl.DateTimeFormat(variant, { weekday: 'long', timeZone: 'UTC' }))
// weekdayName takes 0 for Sunday.
export const weekdayName = (d: number): string => weekday.format(Date.UTC(2026, 0, 4 + d))

// dayName is the heading between the messages of two days.
export function dayName(ms: number, now: number): string {
  const days = Math.min(0, Math.round((startOfDay(ms) - startOfDay(now)) / 86_400_000))
  if (days > -2) return relative.format(days, 'day')
  return (new Date(ms).getFullYear() === new Date(now).getFullYear() ? day : dayYear).format(ms)
}

// shortTime fits a list: 4m, 3h, 2d, then the date.
export function shortTime(ms: number, now: number): string {
  if (!ms) return ''
  const s = Math.max(0, Math.round((now - ms) / 1000))
  if (s < 60) return state.locale === 'es' ? 'ahora' : 'now'
  return s < 7 * 86_400 ? span(s) : (new Date(ms).getFullYear() === new Date(now).getFullYear() ? day : dayYear).format(ms)
}

// span is a length of time in its largest unit.
export function span(seconds: number): string {
  const s = Math.max(0, seconds)
  if (s < 3600) return `${Math.max(1, Math.floor(s / 60))} min`
  if (s < 86_400) return `${Math.floor(s / 3600)} h`
  return `${Math.floor(s / 86_400)} d`
}

// fromNow is a time in words: in 12 s, 5 min ago.
export function fromNow(ms: number, now: number): string {
  const s = Math.round((ms - now) / 1000)
  const a = Math.abs(s)
  if (a < 60) return relative.format(s, 'second')
  if (a < 3600) return relative.format(Math.round(s / 60), 'minute')
  if (a < 86_400) return relative.format(Math.round(s / 3600), 'hour')
  return relative.format(Math.round(s / 86_400), 'day')
}

// ago is for what happened: never in the future, however the clocks differ, and not by the second.
export function ago(ms: number, now: number): string {
  return now - ms < 60_000 ? relative.format(0, 'second') : fromNow(ms, now)
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`
  if (size < 1_000_000) return `${n(Math.round(size / 1000))} kB`
  return `${n(Math.round(size / 100_000) / 10)} MB`
}

const startOfDay = (ms: number): number => new Date(ms).setHours(0, 0, 0, 0)
