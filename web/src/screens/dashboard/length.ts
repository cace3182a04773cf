import { n } from '../../i18n/format.svelte'
import type { Spread } from '../../live/reports'

// length is a time in words, or the middle of many; a dash where there is none.
export function length(of: number | Spread): string {
  if (typeof of !== 'number') return of.count > 0 ? length(of.median) : '–'
  if (of <= 0) return '0'
  if (of < 60) return `${n(Math.round(of))} s`
  if (of < 3600) return `${n(Math.round(of / 60))} min`
  if (of < 2 * 86_400) return `${n(Math.round(of / 360) / 10)} h`
  return `${n(Math.round(of / 8640) / 10)} d`
}
