import { describe, expect, it } from 'vitest'
import { Commander, type Action } from './commands'
import type { ClientFrame } from '../gen/desk/v1/frame_pb'
import { ApiError, Http } from './http'

interface Asked {
  method: string
  path: string
  body: unknown
}

// Two ways to a server that remembers what it was asked and answers with one and the same.
function ways(usable: boolean, status = 200, problem: object = {}) {
  const asked: Asked[] = []
  const frames: ClientFrame[] = []
  const http = new Http({
    fetch: (async (url: string, init: RequestInit) => {
      asked.push({ method: init.method ?? '', path: url.replace('/api/v1', ''), body: init.body ? JSON.parse(String(init.body)) : undefined })
      return new Response(JSON.stringify(status === 200 ? { version: 3, position: 4 } : problem), { status })
    }) as unknown as typeof fetch,
  })
  const commander: Commander = new Commander(
    {
      usable,
      send: (f) => {
        frames.push(f)
        queueMicrotask(() => {
          if (status === 200) commander.answered({ case: 'done', value: { id: f.id, version: 3n, position: 4n } as never })
          else commander.answered({ case: 'refused', value: { id: f.id, field: '', ...problem } as never })
        })
        return true
      },
    },
    http,
  )
  return { commander, asked, frames }
}

const draft = { text: 'Hello', attachments: [], bcc: [{ name: '', address: 'b@x.test' }] }
const reply: Action = {
  kind: 'reply', conversation: 'cv', message: 'm1', draft, close: false,
  sending: { sendAt: 1_800_000_000_000, undoSeconds: 10, seenVersion: 7, then: 'waiting_on_us' },
}

describe('what an agent does with a reply', () => {
  it('says the same over the socket and over HTTP', async () => {
    const socket = ways(true)
    await socket.commander.run(reply)
    const kind = socket.frames[0]!.kind
    const command = kind.case === 'command' ? kind.value.command?.kind : undefined
    expect(command).toMatchObject({
      case: 'requestReply',
      value: { message: 'm1', sendAtMs: 1_800_000_000_000n, undoSeconds: 10, seenVersion: 7n, anyway: false, then: 2, bcc: [{ address: 'b@x.test' }] },
    })
    const http = ways(false)
    expect(await http.commander.run(reply)).toEqual({ version: 3, position: 4 })
    expect(http.asked).toEqual([{
      method: 'POST', path: '/conversations/cv/replies',
      body: {
        message_id: 'm1', text: 'Hello', attachments: [], bcc: [{ name: '', address: 'b@x.test' }], close: false,
        send_at: '2027-01-15T08:00:00.000Z', undo_seconds: 10, seen_version: 7, then: 'waiting_on_us',
      },
    }])
  })

  it('takes back, moves and tries again', async () => {
    const { commander, asked } = ways(false)
    const one = { conversation: 'cv', message: 'm1' }
    await commander.run({ kind: 'cancel', ...one })
    await commander.run({ kind: 'reschedule', ...one, sendAt: 0 })
    await commander.run({ kind: 'reschedule', ...one, sendAt: 1_800_000_000_000 })
    await commander.run({ kind: 'retry', ...one, attempts: 2 })
    expect(asked.map((a) => [a.method, a.path, a.body])).toEqual([
      ['DELETE', '/conversations/cv/replies/m1', undefined],
      ['PUT', '/conversations/cv/replies/m1/send-at', { send_at: null }],
      ['PUT', '/conversations/cv/replies/m1/send-at', { send_at: '2027-01-15T08:00:00.000Z' }],
      ['POST', '/conversations/cv/replies/m1/retry?attempts=2', undefined],
    ])
  })

  it('sends a macro as one request, also when there is a socket', async () => {
    const { commander, asked, frames } = ways(true)
    await commander.run({
      kind: 'macro', conversation: 'cv', reply: { message: 'm1', draft: { text: 'Hi', attachments: [] } },
      note: { message: 'n1', draft: { text: 'For Ben', attachments: [], mentions: ['ag_ben'] } }, actions: [{ kind: 'tags', add: ['tg'] }],
    })
    expect(frames).toEqual([])
    expect(asked[0]).toEqual({
      method: 'POST', path: '/conversations/cv/together',
      body: {
        reply: { message_id: 'm1', text: 'Hi', attachments: [], close: false },
        note: { message_id: 'n1', text: 'For Ben', attachments: [], mentions: ['ag_ben'] }, actions: [{ kind: 'tags', add: ['tg'] }],
      },
    })
  })

  it.each([true, false])('gives the reason of a refusal (socket: %s)', async (usable) => {
    const problem = { code: 'conflict', message: 'Ben has answered', detail: 'Ben has answered', reason: 'answered_since' }
    const err = await ways(usable, 409, problem).commander.run(reply).catch((e: unknown) => e)
    expect(err).toBeInstanceOf(ApiError)
    expect(err).toMatchObject({ code: 'conflict', reason: 'answered_since', message: 'Ben has answered' })
  })
})
