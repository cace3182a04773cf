// What is worth keeping of a part of the settings.

// filled leaves out what says nothing; an object that is left empty is null.
export function filled(o: Record<string, unknown>): Record<string, unknown> | null {
  const kept = Object.entries(o).filter(([, v]) => v !== '' && v !== false && v !== null && v !== undefined && !(Array.isArray(v) && v.length === 0))
  return kept.length > 0 ? Object.fromEntries(kept) : null
}
