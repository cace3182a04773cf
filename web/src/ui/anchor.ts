// Where a list stands while rows come, go and move in it: what is being read does not move.

// shiftOf gives by how many rows what was seen has moved, from which rows were seen (the first one was at index first) and the
// rows as they are now. A row that was seen may be the very one that moved, to the top because somebody wrote: what most of
// them did counts, and of ways that as many went, the one of the row furthest up.
export function shiftOf(seen: readonly string[], first: number, now: readonly { id: string }[]): number {
  const places = new Map(seen.map((id, i) => [id, first + i]))
  const votes = new Map<number, number>() // in the order of the rows that gave them
  const shifts = new Map<string, number>()
  for (let i = 0; i < now.length && shifts.size < places.size; i++) {
    const was = places.get(now[i]!.id)
    if (was !== undefined) shifts.set(now[i]!.id, i - was)
  }
  for (const id of seen) {
    const shift = shifts.get(id)
    if (shift !== undefined) votes.set(shift, (votes.get(shift) ?? 0) + 1)
  }
  let best = 0
  let most = 0
  for (const [shift, count] of votes) if (count > most) [best, most] = [shift, count]
  return best
}
