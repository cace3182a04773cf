// A channel's settings, written and read anew.
import { objectOf, type Json } from '../../live/rest'
import { workspace } from '../../state/session.svelte'

// keepChannel gives the channel as it is then.
export async function keepChannel(id: string, what: Json): Promise<Json> {
  const ws = workspace()
  const answer = await ws.http.patch(`/channels/${id}`, what)
  await ws.loadChannels()
  return objectOf(answer.channel)
}
