// One action on many tickets: in slices, so that it shows how far it is, and with what takes it back.
import { t } from '../i18n/format.svelte'
import { listOf, objectOf, textOf, type Json } from '../live/rest'
import { failed, notify } from './page.svelte'
import { workspace } from './session.svelte'

export type BulkAction = { kind: string } & Record<string, unknown>

interface Progress {
  done: number
  of: number
  undoing: boolean
}
let progress = $state.raw<Progress | null>(null)
let takeBack = $state.raw<{ items: Json[]; count: number } | null>(null)
let stop = false

export const bulkProgress = (): Progress | null => progress
export const bulkUndo = (): { count: number } | null => takeBack

export function cancelBulk(): void {
  stop = true
}

export function forgetUndo(): void {
  takeBack = null
}

const slice = 50

// perform does it to all of them, and says how it went.
export async function perform(ids: readonly string[], action: BulkAction): Promise<void> {
  if (progress) return
  takeBack = null
  const { results } = await inSlices(ids, false, (part) => ({ path: '/tickets/bulk', body: { ids: part, action } }))
  const done = results.filter((r) => textOf(r.outcome) === 'done')
  tell('work.bulk_done', done.length, results)
  const undo = done.map((r) => objectOf(r.undo)).filter((u) => textOf(u.id) !== '')
  if (undo.length > 0) takeBack = { items: undo, count: undo.length }
}

// undo takes the last one back, where nobody changed anything since.
export async function undo(): Promise<void> {
  const last = takeBack
  if (!last || progress) return
  takeBack = null
  const { results } = await inSlices(last.items, true, (part) => ({ path: '/tickets/bulk/undo', body: { undo: part } }))
  tell('work.bulk_undone', results.filter((r) => textOf(r.outcome) !== 'refused').length, results)
}

async function inSlices<T>(
  all: readonly T[],
  undoing: boolean,
  request: (part: readonly T[]) => { path: string; body: unknown },
): Promise<{ results: Json[] }> {
  stop = false
  progress = { done: 0, of: all.length, undoing }
  const results: Json[] = []
  try {
    for (let at = 0; at < all.length && !stop; at += slice) {
      const { path, body } = request(all.slice(at, at + slice))
      const answer = await workspace().http.send('POST', path, body)
      results.push(...listOf(answer.results).map(objectOf))
      progress = { done: Math.min(all.length, at + slice), of: all.length, undoing }
    }
  } catch (err) {
    failed(err)
  } finally {
    progress = null
  }
  return { results }
}

function tell(key: 'work.bulk_done' | 'work.bulk_undone', count: number, results: Json[]): void {
  const refused = results.filter((r) => textOf(r.outcome) === 'refused')
  if (refused.length === 0) return
  const why = textOf(refused[0]!.message)
  notify(`${t(key, { count })} ${t('work.bulk_refused', { count: refused.length, why })}`, true)
}
