import { create } from '@bufbuild/protobuf'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DraftSummarySchema } from '../gen/desk/v1/record_pb'
import { DraftStore, noDraft, nothing, type ServerDraft } from './drafts'
import { Http } from './http'

// A server that keeps one draft, and can be out of reach.
class Shelf {
  saved: { reply?: { text: string } } | null = null
  saves = 0
  online = true
  refuse = ''
  http = new Http({
    fetch: (async (_: string, init: RequestInit) => {
      await new Promise((r) => setTimeout(r, 50))
      if (!this.online) throw new TypeError('network')
      if (init.method === 'PUT') {
        this.saves++
        if (this.refuse) return new Response(JSON.stringify({ code: 'conflict', reason: this.refuse, detail: '' }), { status: 409 })
        this.saved = JSON.parse(String(init.body)) as never
      }
      if (init.method === 'DELETE') this.saved = null
      return new Response(JSON.stringify({ draft: this.saved, version: 1 }), { status: 200 })
    }) as unknown as typeof fetch,
  })
}

const words = (text: string): Omit<ServerDraft, 'writtenAt'> => ({ ...noDraft(), reply: { ...nothing(), text } })
const elsewhere = (text: string, at: number) =>
  create(DraftSummarySchema, { draft: { reply: { body: { text } }, writtenAtMs: BigInt(at) } })
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('drafts', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
  afterEach(() => void vi.useRealTimers())

  it('saves after a rest, and the same words once', async () => {
    const shelf = new Shelf()
    const drafts = new DraftStore({ http: shelf.http })
    for (const text of ['D', 'De', 'Dear']) {
      drafts.save('cv', words(text))
      await later(1500)
    }
    expect(shelf.saves).toBe(0)
    await later(1000)
    expect(shelf.saves).toBe(1)
    expect(shelf.saved?.reply?.text).toBe('Dear')
    drafts.save('cv', words('Dear'))
    await later(10_000)
    expect(shelf.saves).toBe(1)
  })

  it('saves at once on leaving', async () => {
    const shelf = new Shelf()
    const drafts = new DraftStore({ http: shelf.http })
    drafts.save('cv', words('Dear'))
    void drafts.leave('cv')
    await later(60)
    expect(shelf.saved?.reply?.text).toBe('Dear')
    await later(10_000)
    expect(shelf.saves).toBe(1)
  })

  it('tries again when the network is back, with the newest words', async () => {
    const shelf = new Shelf()
    shelf.online = false
    const drafts = new DraftStore({ http: shelf.http })
    drafts.save('cv', words('Dear'))
    await later(3000)
    drafts.save('cv', words('Dear Anna'))
    shelf.online = true
    await later(20_000)
    expect(shelf.saved?.reply?.text).toBe('Dear Anna')
  })

  it('does not bring back what was sent', async () => {
    const shelf = new Shelf()
    const drafts = new DraftStore({ http: shelf.http })
    drafts.save('cv', words('Dear'))
    drafts.sent('cv', 'reply')
    await later(10_000)
    expect(shelf.saves).toBe(0)
  })

  it('takes over what another device wrote later, and keeps what is later here', async () => {
    const shelf = new Shelf()
    const drafts = new DraftStore({ http: shelf.http })
    const told: string[] = []
    drafts.onRemote((_, d) => told.push(d.reply.text))
    drafts.frame('cv', elsewhere('there', 900_000))
    drafts.save('cv', words('here'))
    drafts.frame('cv', elsewhere('older', 999_000))
    drafts.frame('cv', elsewhere('newer', 2_000_000))
    drafts.frame('cv', undefined)
    expect(told).toEqual(['there', 'newer', ''])
    await later(10_000)
    expect(shelf.saves).toBe(0)
  })

  it('gives up what the server refuses', async () => {
    const shelf = new Shelf()
    shelf.refuse = 'newer'
    const drafts = new DraftStore({ http: shelf.http })
    drafts.save('cv', words('old'))
    await later(60_000)
    expect(shelf.saves).toBe(1)
  })

  it('loads, and clears', async () => {
    const shelf = new Shelf()
    shelf.saved = { reply: { text: 'kept' } }
    const drafts = new DraftStore({ http: shelf.http })
    const loaded = drafts.load('cv')
    await later(60)
    expect((await loaded).reply.text).toBe('kept')
    void drafts.clear('cv')
    await later(60)
    expect(shelf.saved).toBeNull()
  })
})
