// The faults of a refused form, by field: where the API says "body.imap.host", the form asks for 'imap.host'.
import { t } from '../i18n/format.svelte'
import { ApiError, OfflineError } from '../live/http'

export interface Faults {
  general: string
  of: (field: string) => string
}

export const noFaults: Faults = { general: '', of: () => '' }

// faultsOf sorts an error. fields are those the form shows; what is about anything else is told in general.
export function faultsOf(err: unknown, fields: string[]): Faults {
  if (err instanceof OfflineError) return { general: t('form.offline'), of: () => '' }
  if (!(err instanceof ApiError)) return { general: err instanceof Error ? err.message : String(err), of: () => '' }
  const byField = new Map<string, string>()
  const rest: string[] = []
  for (const f of err.faults) {
    const location = f.location.replace(/^body\./, '').replace(/^(config|secrets)\./, '')
    if (fields.includes(location)) byField.set(location, f.message)
    else rest.push(f.message)
  }
  const general = byField.size === 0 || rest.length > 0 ? rest.join(' ') || err.message : ''
  return { general, of: (field) => byField.get(field) ?? '' }
}
