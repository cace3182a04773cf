import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Backoff } from './backoff'
import { Link, type LinkOptions, type SocketLike } from './socket'

class Wire implements SocketLike {
  onopen: ((e: unknown) => void) | null = null
  onmessage: ((e: { data: unknown }) => void) | null = null
  onclose: ((e: { code: number }) => void) | null = null
  onerror: ((e: unknown) => void) | null = null
  sent: any[] = []
  closed = false
  send = (data: string): void => void this.sent.push(JSON.parse(data))
  close = (): void => void (this.closed = true)
  say = (...frames: object[]): void => frames.forEach((f) => this.onmessage?.({ data: JSON.stringify(f) }))
  welcome(epoch = 'e1', position = 100): void {
    this.onopen?.({})
    this.say({ welcome: { epoch, position, agent: 'ag_me' } })
  }
}

let wires: Wire[] = []
const last = (): Wire => wires.at(-1)!

function start(more: Partial<LinkOptions> = {}) {
  vi.clearAllTimers()
  wires = []
  const on = { onFrame: vi.fn(), onReset: vi.fn(), onLive: vi.fn(), onSignedOut: vi.fn(), probe: vi.fn(async () => 'ok' as const) }
  const open = () => (wires.push(new Wire()), last())
  const link = new Link({ open, ...on, backoff: new Backoff({ random: () => 1 }), ...more })
  link.start('e1', 100)
  return { link, ...on }
}
const row = (position: number) => ({ ticket: { position, ticket: { conversation: 'cv_1', version: position } } })

describe('link', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('says hello with epoch and position, and subscribes without waiting', () => {
    const { link } = start()
    last().onopen?.({})
    expect(last().sent[0]).toEqual({ id: 'hello', hello: { epoch: 'e1', position: '100' } })
    expect(last().sent[1].subscribe.tickets).toBe(true)
    expect(link.usable).toBe(false)
    last().say({ welcome: { epoch: 'e1', position: 100 } })
    expect([link.usable, link.state]).toEqual([true, 'catching_up'])
    last().say({ caughtUp: { position: 104 } })
    expect([link.state, link.position]).toEqual(['live', 104])
  })

  it('resumes before a position whose frames may not all have come', () => {
    const { link } = start()
    last().welcome()
    last().say({ caughtUp: { position: 100 } }, row(101), row(102), { agent: { position: 102, agent: { agent: 'x' } } })
    expect(link.position).toBe(101)
    last().onclose?.({ code: 1006 })
    vi.advanceTimersByTime(600)
    last().onopen?.({})
    expect(last().sent[0].hello.position).toBe('101')
  })

  it('does not go back because of a frame that comes twice', () => {
    const { link } = start()
    last().welcome()
    last().say(row(110), row(103), { caughtUp: { position: 112 } }, row(105))
    expect(link.position).toBe(112)
  })

  it('finds a dead line: a ping after 15 s, a new socket after 40 s of silence', () => {
    const { link } = start()
    last().welcome()
    vi.advanceTimersByTime(16_000)
    expect(last().sent.at(-1)).toEqual({ ping: {} })
    vi.advanceTimersByTime(20_000)
    expect(link.state).toBe('catching_up')
    vi.advanceTimersByTime(6_000)
    expect(wires.length === 2 || link.state === 'waiting').toBe(true)
    expect(wires[0]!.closed).toBe(true)
  })

  it('keeps a line that answers', () => {
    start()
    last().welcome()
    for (let i = 0; i < 40; i++) {
      vi.advanceTimersByTime(5_000)
      if (last().sent.at(-1)?.ping) last().say({ pong: {} })
    }
    expect(wires.length).toBe(1)
  })

  it('waits longer each time nobody is there, and asks whether the session still holds', async () => {
    const { link, probe } = start()
    const gaps: number[] = []
    for (let i = 0; i < 10; i++) {
      last().onclose?.({ code: 1006 })
      gaps.push(link.retryAt - Date.now())
      await vi.advanceTimersByTimeAsync(gaps[i]!)
    }
    expect(gaps).toEqual([500, 800, 1280, 2048, 3277, 5243, 8389, 13422, 21475, 30000])
    expect(probe).toHaveBeenCalled()
  })

  it('goes to the sign-in when the session ended, by close code or by being refused without a word', async () => {
    const a = start({ probe: async () => 'signed_out' })
    last().welcome()
    last().onclose?.({ code: 4001 })
    await vi.advanceTimersByTimeAsync(1_001)
    last().onclose?.({ code: 4001 })
    await vi.advanceTimersByTimeAsync(1)
    expect(a.link.state).toBe('signed_out')
    expect(a.onSignedOut).toHaveBeenCalledOnce()
    const b = start({ probe: async () => 'signed_out' })
    last().onclose?.({ code: 1006 })
    await vi.advanceTimersByTimeAsync(1)
    expect(b.link.state).toBe('signed_out')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(wires.length).toBe(1)
  })

  it('stays when a session ended and another one holds', async () => {
    const { link, onSignedOut, probe } = start()
    last().welcome()
    last().onclose?.({ code: 4001 })
    await vi.advanceTimersByTimeAsync(1_001)
    last().welcome()
    expect(wires.length).toBe(2)
    expect([link.state, probe.mock.calls.length, onSignedOut.mock.calls.length]).toEqual(['catching_up', 0, 0])
  })

  it('comes back quickly after 1001, 1012, 4008, not by itself after 4003 and 4009', () => {
    for (const code of [1001, 1012, 4008]) {
      const { link } = start()
      last().welcome()
      for (let i = 0; i < 3; i++) {
        vi.advanceTimersByTime(5_000)
        last().say({ pong: {} })
      }
      last().onclose?.({ code })
      expect(link.retryAt - Date.now()).toBeLessThanOrEqual(500)
    }
    for (const code of [4003, 4009]) {
      const { link } = start()
      last().welcome()
      last().onclose?.({ code })
      vi.advanceTimersByTime(120_000)
      expect([link.state, wires.length]).toEqual(['parked', 1])
      link.reopen()
      expect(wires.length).toBe(2)
    }
  })

  it('does not hammer a server that closes at once', () => {
    const { link } = start()
    for (let i = 0; i < 5; i++) {
      last().welcome()
      last().onclose?.({ code: 1012 })
      vi.advanceTimersByTime(link.retryAt - Date.now())
    }
    last().welcome()
    last().onclose?.({ code: 1012 })
    expect(link.retryAt - Date.now()).toBeGreaterThan(5_000)
  })

  it('resets once for one piece of news, takes the new epoch, and goes on from the new position', () => {
    const { link, onReset } = start()
    last().welcome('e2', 7)
    last().say({ reset: { epoch: 'e2', position: 7 } })
    expect(onReset).toHaveBeenCalledTimes(1)
    expect([link.epoch, link.position]).toEqual(['e2', 7])
    last().say({ reset: { epoch: 'e2', position: 9 } })
    expect(onReset).toHaveBeenCalledTimes(2)
  })

  it('reads everything again after a frame it cannot read', () => {
    const { onReset } = start()
    last().welcome()
    last().onmessage?.({ data: '{"ticket": 12}' })
    last().onmessage?.({ data: 'no json' })
    expect(onReset).toHaveBeenCalledTimes(2)
    last().say({ somethingNew: {} })
    expect(onReset).toHaveBeenCalledTimes(2)
  })

  it('tries at once when the network is back, and probes a line that slept', () => {
    const { link } = start()
    last().onclose?.({ code: 1006 })
    link.doubt()
    expect(wires.length).toBe(2)
    last().welcome()
    vi.advanceTimersByTime(3_000)
    link.doubt()
    expect(last().sent.at(-1)).toEqual({ ping: {} })
    vi.advanceTimersByTime(5_100)
    expect(wires[1]!.closed).toBe(true)
  })

  it('hears nothing from a socket it has left', () => {
    const { link, onFrame } = start()
    last().welcome()
    const old = last()
    const say = old.onmessage
    link.reopen()
    say?.({ data: JSON.stringify(row(200)) })
    expect(onFrame).not.toHaveBeenCalled()
  })
})
