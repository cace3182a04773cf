import type { HealthState } from '../live/types'

// dotOf is the colour of a channel's health.
export function dotOf(state: HealthState): string {
  if (state === 'running') return 'ok'
  if (state === 'retrying' || state === 'starting') return 'warn'
  return state === 'failed' ? 'danger' : ''
}
