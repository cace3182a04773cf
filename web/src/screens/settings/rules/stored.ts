// A channel's rules as the desk has them, with the version that a change is made over.
import '../../../i18n/rules'
import { t } from '../../../i18n/format.svelte'
import { ApiError } from '../../../live/http'
import { listOf, objectOf, type Json } from '../../../live/rest'
import { notify } from '../../../state/page.svelte'
import { workspace } from '../../../state/session.svelte'

export async function readRouting(channel: string): Promise<Json | null> {
  const answer = await workspace().http.get('/channels')
  const own = listOf(answer.channels).map(objectOf).find((c) => c.id === channel)
  return own ? objectOf(own.routing) : null
}

// overtaken: somebody else changed the rules meanwhile. It says so; who asks shows them as they are now.
export function overtaken(err: unknown): boolean {
  const is = err instanceof ApiError && err.reason === 'changed_since'
  if (is) notify(t('rules.changed_since'), true)
  return is
}
