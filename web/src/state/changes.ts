// What two people do at once to the same form: only what was changed is sent.

// changesOf leaves of `now` what differs from `begun`, field by field, and in records of fields those.
export function changesOf(begun: Record<string, unknown>, now: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(now)) {
    const was = begun[key]
    if (JSON.stringify(was) === JSON.stringify(value)) continue
    out[key] = isRecord(was) && isRecord(value) ? changesOf(was, value) : value
  }
  return out
}

const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v)
