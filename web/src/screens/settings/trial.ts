// Trying a channel's settings before they are saved: each step as it begins and ends, and the faults, each with its field as a form
// asks for it.
import '../../i18n/connecting'
import { OfflineError, type Http } from '../../live/http'
import { listOf, objectOf, textOf, type Json } from '../../live/rest'
import type { Faults } from '../../ui/faults'
import type { Sent } from './kinds'

// Both servers are tried at once; they are shown in this order.
const order = ['imap.login', 'imap.folder', 'imap.after', 'smtp.login']

export interface Step {
  name: string
  state: 'running' | 'ok' | 'failed'
  words: string // why it failed
}

export async function tryOut(
  http: Http, kind: string, sent: Sent, channel: string, fields: string[], onsteps: (steps: Step[]) => void = () => {},
): Promise<{ ok: boolean; faults: Faults }> {
  const steps: Step[] = []
  let outcome: Json = {}
  await lines(http, { kind, name: sent.name, config: sent.config, channel, ...(sent.secrets ? { secrets: sent.secrets } : {}) }, (line) => {
    if (line.done === true) {
      outcome = line
      return
    }
    const words = listOf(line.faults).map((f) => textOf(objectOf(f).message)).join(' ')
    const step: Step = { name: textOf(line.step), state: line.ended !== true ? 'running' : line.ok === true ? 'ok' : 'failed', words }
    const at = steps.findIndex((s) => s.name === step.name)
    if (at < 0) steps.push(step)
    else steps[at] = step
    onsteps(steps.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name)))
  })
  if (outcome.done !== true) throw new OfflineError()
  const byField = new Map<string, string>()
  const rest: string[] = []
  for (const f of listOf(outcome.faults).map(objectOf)) {
    const field = textOf(f.field).replace(/^(config|secrets)\./, '').replace(/\[.*$/, '')
    const message = textOf(f.message)
    if (fields.includes(field)) byField.set(field, message)
    else rest.push(message)
  }
  return { ok: outcome.ok === true, faults: { general: rest.join(' '), of: (f) => byField.get(f) ?? '' } }
}

// lines asks for a try and hands over each line of the answer as it comes.
async function lines(http: Http, body: unknown, on: (line: Json) => void): Promise<void> {
  const path = '/channels/check/steps'
  let res: Response
  try {
    res = await fetch(http.base + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Centralita-CSRF': http.csrf },
      credentials: 'same-origin',
      cache: 'no-store',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    })
    if (res.ok && res.body) {
      const reader = res.body.pipeThrough(new TextDecoderStream()).getReader()
      let rest = ''
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const all = (rest + part.value).split('\n')
        rest = all.pop() ?? ''
        for (const line of all) on(objectOf(JSON.parse(line)))
      }
      return
    }
  } catch (err) {
    throw new OfflineError(err)
  }
  throw http.refusal(res.status, await res.text(), path)
}
