// For tests: the little desk behind a bad network. Requests and frames take a random time, sockets can be cut with what
// is on its way, and everything follows one seed and vitest's fake clock.
import { vi } from 'vitest'
import { Desk, type Obj } from '../../dev/desk.mjs'
import { FeedSession } from '../../dev/feed.mjs'
import { handle } from '../../dev/rest.mjs'
import { Backoff } from './backoff'
import { Http } from './http'
import { agentFrom } from './rest'
import type { SocketLike } from './socket'
import { Workspace } from './workspace'

export class MemoryStorage implements Storage {
  readonly #map = new Map<string, string>()
  get length(): number {
    return this.#map.size
  }
  clear = (): void => this.#map.clear()
  getItem = (k: string): string | null => this.#map.get(k) ?? null
  key = (i: number): string | null => [...this.#map.keys()][i] ?? null
  removeItem = (k: string): void => void this.#map.delete(k)
  setItem = (k: string, v: string): void => void this.#map.set(k, v)
}

// Pipe carries frames in order, each after a random delay; a cut loses what is in it.
class Socket implements SocketLike {
  onopen: ((e: unknown) => void) | null = null
  onmessage: ((e: { data: unknown }) => void) | null = null
  onclose: ((e: { code: number }) => void) | null = null
  onerror: ((e: unknown) => void) | null = null
  session: FeedSession | null = null
  #down: Promise<void> = Promise.resolve()
  #up: Promise<void> = Promise.resolve()
  dead = false

  constructor(readonly net: Net) {
    void net.delay().then(() => {
      if (this.dead) return
      if (!net.socketsWork) return this.cut(1006)
      this.session = new FeedSession({
        desk: net.desk, agent: net.agent, limit: net.resetLimit, send: (f) => this.#push(JSON.stringify(f)),
      })
      this.onopen?.({})
    })
  }

  #push(data: string): void {
    const delay = this.net.delay()
    this.#down = this.#down.then(async () => {
      await delay
      if (!this.dead) this.onmessage?.({ data })
    })
  }

  send(data: string): void {
    const delay = this.net.delay()
    this.#up = this.#up.then(async () => {
      await delay
      if (!this.dead) this.session?.receive(data)
    })
  }

  close(): void {
    this.dead = true
    this.session?.close()
    this.net.sockets.delete(this)
  }

  cut(code: number): void {
    if (this.dead) return
    this.close()
    this.onclose?.({ code })
  }
}

export class Net {
  readonly desk: Desk
  readonly agent: Obj
  readonly sockets = new Set<Socket>()
  readonly storage = new MemoryStorage()
  requests: string[] = []
  online = true
  socketsWork = true
  resetLimit = 1000
  maxDelay = 40
  countsWithPosition = true
  loseAnswers = 0 // share of answers lost after the server did what was asked
  status = 0 // answer everything with this

  constructor(seed: number) {
    this.desk = new Desk({ seed, now: () => Date.now() })
    vi.spyOn(Math, 'random').mockImplementation(() => this.desk.random())
    this.agent = this.desk.addAgent({ id: 'ag_me', email: 'me@desk.test', name: 'Me' })
  }

  delay(): Promise<void> {
    return new Promise((r) => setTimeout(r, 1 + this.desk.random() * this.maxDelay))
  }

  open = (): SocketLike => {
    const s = new Socket(this)
    this.sockets.add(s)
    return s
  }

  cut(code = 1006): void {
    for (const s of [...this.sockets]) s.cut(code)
  }

  fetch = (async (url: string, init: RequestInit): Promise<Response> => {
    const path = url.replace('/api/v1', '')
    this.requests.push(`${init.method} ${path}`)
    await this.delay()
    if (!this.online) throw new TypeError('network')
    if (this.status) return new Response('{}', { status: this.status })
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
    const answer = handle(this.desk, this.agent, init.method ?? 'GET', path, body, this)
    await this.delay()
    if (!this.online || this.desk.random() < this.loseAnswers) throw new TypeError('network')
    return new Response(JSON.stringify(answer.body), { status: answer.status })
  }) as unknown as typeof fetch

  workspace(pageSize = 10): Workspace {
    return new Workspace({
      http: new Http({ fetch: this.fetch }),
      open: this.open,
      storage: this.storage,
      me: agentFrom({ id: 'ag_me', name: 'Me', email: 'me@desk.test' }),
      epoch: this.desk.epoch,
      position: this.desk.position,
      onSignedOut: () => {},
      backoff: new Backoff({ random: () => this.desk.random() }),
      pageSize,
    })
  }
}

export const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
