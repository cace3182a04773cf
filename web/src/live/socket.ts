// The agents' socket: opens, says hello with the position it has, keeps the line alive, and comes back by itself. It
// owns the position and the connection, nothing of what the frames mean.
import { create, fromJsonString, toJsonString } from '@bufbuild/protobuf'
import { ClientFrameSchema, ServerFrameSchema, type ClientFrame, type ServerFrame } from '../gen/desk/v1/frame_pb'
import { Backoff } from './backoff'
import { Observable } from './observable'

export interface SocketLike {
  onopen: ((e: any) => void) | null
  onmessage: ((e: any) => void) | null
  onclose: ((e: any) => void) | null
  onerror: ((e: any) => void) | null
  send(data: string): void
  close(code?: number, reason?: string): void
}

// Close codes of internal/socket.
export const closeCode = { goingAway: 1001, restart: 1012, authExpired: 4001, forbidden: 4003, slow: 4008, replaced: 4009 }

export type LinkState =
  | 'idle' // not started
  | 'connecting' // opening, or waiting for Welcome
  | 'catching_up' // what was missed is coming
  | 'live'
  | 'waiting' // for the next attempt
  | 'parked' // another window took over, or we may not come in: only a person starts it again
  | 'signed_out'

export interface Subscription {
  conversations: string[]
  agents: boolean
  channels: boolean
  looking: string // the one of conversations that is before a person's eyes
}

export interface LinkOptions {
  open: () => SocketLike
  onFrame: (kind: ServerFrame['kind']) => void
  onReset: () => void // what we know is stale or of another journal: read again over HTTP
  onLive: () => void // everything up to now has been told
  // Asked when a socket was refused without a word, which is how a browser shows an expired session.
  probe: () => Promise<'ok' | 'signed_out' | 'offline'>
  onSignedOut: () => void
  backoff?: Backoff
  now?: () => number
}

const pingAfter = 15_000 // of silence
const deadAfter = 25_000 // after a ping that nothing answered: 40 s of silence in all
const probeDeadline = 5_000 // when there is reason to doubt the line
const openDeadline = 10_000
const stableAfter = 10_000 // a line that held so long was no failure

export class Link extends Observable {
  readonly #opt: LinkOptions
  readonly #backoff: Backoff
  readonly #now: () => number
  #state: LinkState = 'idle'
  #epoch = ''
  #seen = 0 // the largest position in any frame
  #complete = 0 // everything up to here has been told: where to resume
  #ws: SocketLike | null = null
  #welcomed = false
  #openedAt = 0
  #heard = 0 // when the last frame came
  #asked = 0 // when a ping went out that is not answered; 0: none
  #patience = deadAfter
  #tick: ReturnType<typeof setInterval> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #retryAt = 0
  #sub: Subscription = { conversations: [], agents: false, channels: false, looking: '' }
  #resetBy = '' // what this connection's reset said
  #resetAt = 0
  // After a reset the server tells nothing until it has read our subscription, and then says how far it is (the second
  // CaughtUp). If that is further than the reset, something in between was told to nobody: read once more.
  #unsure = 0

  constructor(opt: LinkOptions) {
    super()
    this.#opt = opt
    this.#backoff = opt.backoff ?? new Backoff()
    this.#now = opt.now ?? Date.now
  }

  get state(): LinkState {
    return this.#state
  }
  get retryAt(): number {
    return this.#retryAt
  }
  get epoch(): string {
    return this.#epoch
  }
  get position(): number {
    return this.#complete
  }
  // usable: a command sent now reaches the server.
  get usable(): boolean {
    return this.#welcomed
  }

  start(epoch: string, position: number): void {
    this.#epoch = epoch
    this.#complete = this.#seen = position
    this.#tick ??= setInterval(() => this.#watch(), 5_000)
    this.#connect()
  }

  stop(state: LinkState = 'idle'): void {
    clearInterval(this.#tick)
    this.#tick = undefined
    this.#drop()
    this.#enter(state)
  }

  subscribe(sub: Subscription): void {
    this.#sub = sub
    if (this.#welcomed) this.#sendSubscribe()
  }

  // send gives false when there is no line; the caller keeps what it wanted to send.
  send(frame: ClientFrame): boolean {
    if (!this.#welcomed || !this.#ws) return false
    this.#ws.send(toJsonString(ClientFrameSchema, frame))
    return true
  }

  // doubt: the network changed or the page slept. A dead line must be found quickly, a good one kept.
  doubt(): void {
    if (this.#state === 'waiting') {
      this.#connect()
    } else if (this.#welcomed) {
      this.#ping(probeDeadline)
      setTimeout(() => this.#watch(), probeDeadline + 50)
    }
  }

  // reopen starts over at once: a person asked for it, or the page came out of the browser's cache.
  reopen(): void {
    if (this.#state === 'idle' || this.#state === 'signed_out') return
    this.#drop()
    this.#connect()
  }

  #connect(): void {
    this.#drop()
    this.#enter('connecting')
    this.#openedAt = this.#heard = this.#now()
    let ws: SocketLike
    try {
      ws = this.#opt.open()
    } catch {
      this.#wait(this.#backoff.next())
      return
    }
    this.#ws = ws
    ws.onopen = () => {
      if (this.#ws !== ws) return
      this.#hello(ws)
    }
    ws.onmessage = (e: { data: unknown }) => {
      if (this.#ws === ws) this.#receive(e.data)
    }
    ws.onerror = () => {}
    ws.onclose = (e: { code: number }) => {
      if (this.#ws === ws) this.#ended(e.code)
    }
  }

  #hello(ws: SocketLike): void {
    this.#resetBy = ''
    this.#unsure = 0
    this.#asked = this.#now()
    this.#patience = openDeadline
    const hello = { epoch: this.#epoch, position: BigInt(this.#complete) }
    const frame = create(ClientFrameSchema, { id: 'hello', kind: { case: 'hello', value: hello } })
    ws.send(toJsonString(ClientFrameSchema, frame))
    this.#sendSubscribe()
  }

  #sendSubscribe(): void {
    const value = { tickets: true, ...this.#sub }
    const frame = create(ClientFrameSchema, { id: 'subscribe', kind: { case: 'subscribe', value: value } })
    this.#ws?.send(toJsonString(ClientFrameSchema, frame))
  }

  #receive(data: unknown): void {
    this.#heard = this.#now()
    this.#asked = 0
    let kind: ServerFrame['kind']
    try {
      kind = fromJsonString(ServerFrameSchema, String(data), { ignoreUnknownFields: true }).kind
    } catch {
      this.#opt.onReset() // news we cannot read: what it was, the lists know
      return
    }
    switch (kind.case) {
      case 'welcome':
        this.#welcome(kind.value.epoch, Number(kind.value.position))
        break
      case 'reset':
        this.#reset(kind.value.epoch, Number(kind.value.position))
        break
      case 'caughtUp':
        this.#caughtUp(Number(kind.value.position))
        break
      default:
        this.#opt.onFrame(kind)
        this.#advance(positionOf(kind))
    }
  }

  #caughtUp(position: number): void {
    this.#complete = Math.max(this.#complete, position)
    this.#seen = Math.max(this.#seen, this.#complete)
    if (this.#unsure > 0) {
      this.#unsure--
      if (position > this.#resetAt) {
        this.#unsure = 0
        this.#opt.onReset()
      }
    }
    if (this.#state === 'live') return
    this.#enter('live')
    this.#opt.onLive()
  }

  // One position may be told in several frames (the record, the row, the agent's load). Only when a later one comes is
  // it known that nothing of it is missing.
  #advance(position: number): void {
    if (position <= this.#seen) return
    this.#seen = position
    this.#complete = Math.max(this.#complete, position - 1)
  }

  #welcome(epoch: string, position: number): void {
    this.#welcomed = true
    this.#enter('catching_up')
    if (this.#epoch === '') {
      this.#epoch = epoch
      this.#complete = this.#seen = position
    } else if (epoch !== this.#epoch) {
      this.#reset(epoch, position)
    }
  }

  // A new epoch is told by Welcome and by Reset; the same news twice is one reading.
  #reset(epoch: string, position: number): void {
    const news = `${epoch}/${position}`
    this.#epoch = epoch || this.#epoch
    this.#complete = this.#seen = position
    if (this.#resetBy === news) return
    this.#resetBy = news
    this.#resetAt = position
    this.#unsure = 2
    this.#opt.onReset()
  }

  #ended(code: number): void {
    const lived = this.#now() - this.#openedAt
    const welcomed = this.#welcomed
    this.#drop()
    if (welcomed && lived > stableAfter) this.#backoff.reset()
    if (code === closeCode.forbidden || code === closeCode.replaced) {
      this.#enter('parked')
      return
    }
    const friendly = code === closeCode.goingAway || code === closeCode.restart || code === closeCode.slow
    if (friendly && lived > stableAfter) {
      this.#wait(this.#backoff.soon())
      return
    }
    if (code === closeCode.authExpired && welcomed) {
      // One's own new password ends the session, and the answer that brings the next one may still be on its way: come
      // back a moment later, and only who is refused then is signed out.
      this.#wait(Math.max(1_000, this.#backoff.next()))
      return
    }
    this.#wait(this.#backoff.next())
    if (!welcomed) void this.#ask()
  }

  async #ask(): Promise<void> {
    const answer = await this.#opt.probe().catch(() => 'offline' as const)
    if (answer === 'signed_out' && this.#state !== 'idle') this.#signedOut()
  }

  #signedOut(): void {
    this.stop('signed_out')
    this.#opt.onSignedOut()
  }

  #wait(ms: number): void {
    this.#retryAt = this.#now() + ms
    this.#timer = setTimeout(() => this.#connect(), ms)
    this.#enter('waiting')
  }

  #watch(): void {
    if (!this.#ws) return
    const now = this.#now()
    if (!this.#welcomed) {
      if (now - this.#openedAt >= openDeadline) this.#lost()
    } else if (this.#asked) {
      if (now - this.#asked >= this.#patience) this.#lost()
    } else if (now - this.#heard >= pingAfter) {
      this.#ping(deadAfter)
    }
  }

  #ping(patience: number): void {
    this.#patience = this.#asked ? Math.min(this.#patience, patience) : patience
    this.#asked ||= this.#now()
    this.send(create(ClientFrameSchema, { kind: { case: 'ping', value: {} } }))
  }

  #lost(): void {
    this.#drop()
    this.#wait(this.#backoff.next())
  }

  // drop forgets the socket; whatever it still says is not heard.
  #drop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#retryAt = 0
    this.#welcomed = false
    this.#asked = 0
    const ws = this.#ws
    this.#ws = null
    if (ws) {
      ws.onopen = ws.onmessage = ws.onclose = null
      ws.close()
    }
  }

  #enter(state: LinkState): void {
    this.#state = state
    this.changed()
  }
}

function positionOf(kind: ServerFrame['kind']): number {
  switch (kind.case) {
    case 'ticket':
    case 'agent':
    case 'channel':
    case 'contact':
      return Number(kind.value.position)
    case 'record':
      return Number(kind.value.record?.position ?? 0n)
    default:
      return 0
  }
}
