// How far an import of earlier mail is.
import { numberOf, textOf, timeOf, type Json } from '../../live/rest'

export interface Import {
  state: 'none' | 'running' | 'paused' | 'stopped' | 'done'
  since: number // 0: all there is
  total: number
  taken: number
  known: number
  aside: number
  skipped: number
  changedAt: number
  error: string
  retryAt: number
}

export const importFrom = (i: Json): Import => ({
  state: (textOf(i.state) || 'none') as Import['state'],
  since: timeOf(i.since),
  total: numberOf(i.total),
  taken: numberOf(i.taken),
  known: numberOf(i.known),
  aside: numberOf(i.aside),
  skipped: numberOf(i.skipped),
  changedAt: timeOf(i.changed_at),
  error: textOf(i.error),
  retryAt: timeOf(i.retry_at),
})

export const under = (i: Import): boolean => i.state === 'running' || i.state === 'paused'
