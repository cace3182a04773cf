import { fromJson } from '@bufbuild/protobuf'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RecordSchema, type Record as PbRecord } from '../gen/desk/v1/record_pb'
import { Conversation, type ConversationAnswer } from './conversation'
import { ApiError, OfflineError } from './http'
import { contactFrom, itemFrom, ticketFrom } from './rest'

const note = (version: number): PbRecord =>
  fromJson(RecordSchema, { stream: 'conversation/c', version, event: { noteAdded: { message: `m${version}`, body: { text: 'x' } } } })
const answer = (version: number): ConversationAnswer => ({
  ticket: ticketFrom({ id: 'c', version }),
  contact: contactFrom({ id: 'ct' }),
  items: Array.from({ length: version }, (_, i) => itemFrom({ id: `m${i + 1}`, kind: 'note', version: i + 1 })),
  version,
})
const later = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

function start(fetch: () => Promise<ConversationAnswer>) {
  const spy = vi.fn(fetch)
  const c = new Conversation({ id: 'c', fetch: spy, onTicket: () => {}, onContact: () => {} })
  void c.load()
  return { c, spy }
}
const ids = (c: Conversation): string => c.items.map((i) => i.id).join(' ')

describe('conversation', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('continues what was read with records, each once', async () => {
    const { c, spy } = start(async () => answer(2))
    await later()
    for (const v of [1, 2, 3, 3, 4]) c.record(note(v))
    expect([ids(c), c.version]).toEqual(['m1 m2 m3 m4', 4])
    await later(60_000)
    expect(spy).toHaveBeenCalledTimes(1)
  })

  it('keeps records that come before the reading is there', async () => {
    let resolve: (a: ConversationAnswer) => void = () => {}
    const { c } = start(() => new Promise((r) => (resolve = r)))
    c.record(note(4))
    c.record(note(3))
    resolve(answer(2))
    await later()
    expect(ids(c)).toBe('m1 m2 m3 m4')
  })

  it('waits a moment for a hole to close, then reads again', async () => {
    let there = 2
    const { c, spy } = start(async () => answer(there))
    await later()
    c.record(note(4))
    expect(ids(c)).toBe('m1 m2')
    c.record(note(3))
    expect(ids(c)).toBe('m1 m2 m3 m4')
    c.record(note(6))
    there = 6
    await later(1_000)
    expect([ids(c), spy.mock.calls.length]).toEqual(['m1 m2 m3 m4 m5 m6', 2])
  })

  it('reads again when somebody speaks of a version that does not come, ever less often', async () => {
    const { c, spy } = start(async () => answer(2))
    await later()
    c.expect(3)
    await later(900)
    expect(spy).toHaveBeenCalledTimes(2)
    await later(120_000)
    expect(spy.mock.calls.length).toBeLessThan(12)
  })

  it('takes another journal for what it is after forget', async () => {
    let there = 9
    const { c } = start(async () => answer(there))
    await later()
    there = 3
    c.forget()
    expect(c.version).toBe(9) // still on the screen
    await later()
    expect([ids(c), c.version]).toEqual(['m1 m2 m3', 3])
  })

  it('says that a conversation is not there, and goes on trying when the network is not', async () => {
    const gone = start(async () => {
      throw new ApiError(404, 'not_found', 'none')
    })
    await later(10_000)
    expect([gone.c.state, gone.spy.mock.calls.length]).toEqual(['missing', 1])
    let down = true
    const { c } = start(async () => {
      if (down) throw new OfflineError()
      return answer(1)
    })
    await later()
    expect(c.state).toBe('failed')
    down = false
    await later(2_500)
    expect(c.state).toBe('ready')
  })
})
