// The sizes of lists, as the server counts them: the built-in views, and those that are watched beside them.
import type { CountsAnswer } from './counts'
import { builtIn, orderFrom, parse, specOf, type Filter } from './filter'
import type { Http } from './http'
import { listOf, numberOf, objectOf } from './rest'
import type { Setting } from './settings'

const mostCounted = 60 // saved views whose size is shown

// savedFilters are the filters of saved views, by the key of their list.
export const savedFilters = (views: Setting<'view'>[]): Map<string, Filter> =>
  new Map(
    views.slice(0, mostCounted).map(({ value }) => {
      const spec = specOf(parse(value.filter), orderFrom(value.sort || null))
      return [spec.key, spec.filter]
    }),
  )

export async function readSizes(http: Http, watched: ReadonlyMap<string, Filter>): Promise<CountsAnswer> {
  const filters = [...watched].slice(0, 100)
  const [c, more] = await Promise.all([
    http.get('/tickets/counts'),
    filters.length > 0 ? http.post('/tickets/counts', { filters: filters.map(([, f]) => f) }) : null,
  ])
  const counts: CountsAnswer = { position: 0 }
  for (const key of [...Object.keys(builtIn), 'position']) if (key in c) counts[key] = numberOf(c[key])
  if (more) {
    for (const [i, n] of listOf(more.counts).entries()) counts[filters[i]![0]] = numberOf(objectOf(n).count)
    counts.position = Math.min(counts.position, numberOf(more.position))
  }
  return counts
}
