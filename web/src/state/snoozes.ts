// When a ticket that is laid aside comes back: the usual moments. Two names for one moment would be one too many: on a Sunday
// Monday is tomorrow, and on a Monday the next one is in a week.
export type Snooze = { key: 'work.snooze_hours' | 'work.snooze_tomorrow' | 'work.snooze_monday' | 'work.snooze_week'; at: number }

export function snoozes(now: number): Snooze[] {
  const at = (days: number): number => {
    const d = new Date(now)
    d.setDate(d.getDate() + days)
    return d.setHours(9, 0, 0, 0)
  }
  const all: Snooze[] = [
    { key: 'work.snooze_hours', at: now + 3 * 3_600_000 },
    { key: 'work.snooze_tomorrow', at: at(1) },
    { key: 'work.snooze_monday', at: at((8 - new Date(now).getDay()) % 7 || 7) },
    { key: 'work.snooze_week', at: at(7) },
  ]
  return all.filter((s) => s.key !== 'work.snooze_monday' || !all.some((other) => other !== s && other.at === s.at))
}
