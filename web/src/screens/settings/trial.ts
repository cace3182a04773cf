// Trying a channel's settings before they are saved: the faults, each with its field as a form asks for it.
import type { Http } from '../../live/http'
import { listOf, objectOf, textOf } from '../../live/rest'
import type { Faults } from '../../ui/faults'
import type { Sent } from './kinds'

export async function tryOut(http: Http, kind: string, sent: Sent, channel: string, fields: string[]): Promise<{ ok: boolean; faults: Faults }> {
  const answer = await http.post('/channels/check', {
    kind, name: sent.name, config: sent.config, channel, ...(sent.secrets ? { secrets: sent.secrets } : {}),
  })
  const byField = new Map<string, string>()
  const rest: string[] = []
  for (const f of listOf(answer.faults).map(objectOf)) {
    const field = textOf(f.field).replace(/^(config|secrets)\./, '').replace(/\[.*$/, '')
    const message = textOf(f.message)
    if (fields.includes(field)) byField.set(field, message)
    else rest.push(message)
  }
  return { ok: answer.ok === true, faults: { general: rest.join(' '), of: (f) => byField.get(f) ?? '' } }
}
