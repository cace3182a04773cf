import { expect, it } from 'vitest'
import { snoozes } from './snoozes'

it.each([1, 2, 3, 4, 5, 6, 7])('never offers one moment twice: November %i', (day) => {
  const now = new Date(2026, 10, day, 23, 59, 59).getTime() // the 1st is a Sunday
  const all = snoozes(now)
  expect(new Set(all.map((s) => s.at)).size).toBe(all.length)
  expect(all.some((s) => s.key === 'work.snooze_monday')).toBe(day > 2)
  for (const s of all) expect(s.at).toBeGreaterThan(now)
})

it('means nine in the morning of the day it names', () => {
  const thursday = new Date(2026, 10, 26, 0, 0, 1).getTime()
  const at = (day: number, month = 10): number => new Date(2026, month, day, 9).getTime()
  expect(snoozes(thursday)).toEqual([
    { key: 'work.snooze_hours', at: thursday + 3 * 3_600_000 },
    { key: 'work.snooze_tomorrow', at: at(27) },
    { key: 'work.snooze_monday', at: at(30) },
    { key: 'work.snooze_week', at: at(3, 11) },
  ])
})
