// A part of a chat's settings: saved by itself, and never over what somebody else saved meanwhile.
import '../../../i18n/chat'
import { t } from '../../../i18n/format.svelte'
import { ApiError } from '../../../live/http'
import { listOf, objectOf, type Json } from '../../../live/rest'
import type { Channel } from '../../../live/types'
import { Form } from '../../../state/form.svelte'
import { workspace } from '../../../state/session.svelte'

interface Part<D> {
  names: string[] // of the parts of the configuration
  from: (config: Json, name: string) => D
  to: (draft: D, config: Json) => Record<string, unknown> // a value for each name; null: none
  nameOf?: (draft: D) => string // of the channel, where the form holds it
  fields: string[]
}

export function partForm<D extends object>(channel: Channel, p: Part<D>): Form<D> {
  const ws = workspace()
  let read: Json = channel.config
  const form = new Form<D>(p.from(read, channel.name), p.fields, async (draft) => {
    const name = p.nameOf?.(draft)
    try {
      const answer = await ws.http.patch(`/channels/${channel.id}`, {
        ...(name === undefined ? {} : { name }),
        sections: p.to(draft, read),
        sections_were: Object.fromEntries(p.names.map((n) => [n, read[n] ?? null])),
      })
      read = objectOf(objectOf(answer.channel).config)
      await ws.loadChannels()
    } catch (err) {
      if (!(err instanceof ApiError) || err.reason !== 'changed_since') throw err
      const now = listOf((await ws.http.get('/channels')).channels).map(objectOf).find((c) => c.id === channel.id)
      if (now) {
        read = objectOf(now.config)
        form.begin(p.from(read, String(now.name)))
      }
      return { general: t('chat.changed_since'), of: () => '' }
    }
  })
  return form
}
