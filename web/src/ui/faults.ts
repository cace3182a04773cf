// The faults of a refused form, by field: where the API says "body.imap.host", the form asks for 'imap.host'.
import { t } from '../i18n/format.svelte'
import { ApiError, OfflineError } from '../live/http'

export interface Faults {
  general: string
  of: (field: string) => string
}

export const noFaults: Faults = { general: '', of: () => '' }

// faultsBy sorts an error. place says which field of the form a location is; what is of none is told in general.
export function faultsBy(err: unknown, place: (location: string) => string | undefined): Faults {
  if (err instanceof OfflineError) return { general: t('form.offline'), of: () => '' }
  if (!(err instanceof ApiError)) return { general: err instanceof Error ? err.message : String(err), of: () => '' }
  const byField = new Map<string, string>()
  const rest: string[] = []
  for (const f of err.faults) {
    const field = place(f.location.replace(/^body\./, '').replace(/^(config|secrets)\./, ''))
    if (field !== undefined && !byField.has(field)) byField.set(field, f.message)
    else rest.push(f.message)
  }
  const general = byField.size === 0 || rest.length > 0 ? rest.join(' ') || err.message : ''
  return { general, of: (field) => byField.get(field) ?? '' }
}

// faultsOf sorts an error where the form's fields are called as the API calls them.
export const faultsOf = (err: unknown, fields: string[]): Faults => faultsBy(err, (location) => (fields.includes(location) ? location : undefined))
