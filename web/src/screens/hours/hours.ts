// Working hours and holidays as their screens hold them.
import { listOf, numberOf, objectOf, textOf } from '../../live/rest'
import { workspace } from '../../state/session.svelte'

export interface Block {
  weekday: number // 0: Sunday
  from: number // minutes after midnight
  to: number
}
export interface Hours {
  id: string
  name: string
  timeZone: string
  blocks: Block[]
  version: number
}
export interface Day {
  from: string
  to: string
  name: string
}
export interface Holidays {
  id: string
  name: string
  days: Day[]
  version: number
}

export async function readHours(): Promise<Hours[]> {
  return listOf((await workspace().http.get('/working-hours')).working_hours).map((v) => {
    const h = objectOf(v)
    return { id: textOf(h.id), name: textOf(h.name), timeZone: textOf(h.time_zone), blocks: listOf(h.blocks).map(blockFrom), version: numberOf(h.version) }
  })
}

const blockFrom = (v: unknown): Block => {
  const b = objectOf(v)
  return { weekday: numberOf(b.weekday), from: numberOf(b.from), to: numberOf(b.to) }
}

export async function readHolidays(): Promise<Holidays[]> {
  return listOf((await workspace().http.get('/holidays')).holidays).map((v) => {
    const h = objectOf(v)
    return { id: textOf(h.id), name: textOf(h.name), days: listOf(h.days).map(dayFrom), version: numberOf(h.version) }
  })
}

export const dayFrom = (v: unknown): Day => {
  const d = objectOf(v)
  return { from: textOf(d.from), to: textOf(d.to), name: textOf(d.name) }
}

// The week begins on Monday.
export const week = [1, 2, 3, 4, 5, 6, 0]

export const clockOf = (minutes: number): string => {
  const m = minutes % 1440
  return `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`
}

export const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))
