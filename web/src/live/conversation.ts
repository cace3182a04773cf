// One open conversation: its timeline, read over HTTP and continued by records from the socket. Versions of a stream have
// no gap, so a hole is seen at once; a hole, or a row of the ticket list that is ahead for longer than a moment, makes
// it be read again. Nothing is shown twice and nothing is missed, in whatever order the two ways deliver.
import type { Record as PbRecord } from '../gen/desk/v1/record_pb'
import { ApiError } from './http'
import { Observable } from './observable'
import { applyRecord } from './timeline'
import { movesMessages } from './work'
import type { Contact, Item, Ticket } from './types'

export interface ConversationAnswer {
  ticket: Ticket
  contact: Contact
  items: Item[]
  version: number
}

export interface ConversationOptions {
  id: string
  fetch: () => Promise<ConversationAnswer>
  onTicket: (t: Ticket) => void
  onContact: (c: Contact) => void
  patience?: number // ms to wait for a record that a row announces
  retry?: number // ms before a failed reading is tried again
}

export type ConversationState = 'loading' | 'ready' | 'missing' | 'failed'

export class Conversation extends Observable {
  readonly id: string
  readonly #opt: Required<ConversationOptions>
  #items: readonly Item[] = []
  #version = 0
  #waiting = new Map<number, PbRecord>() // records that came before what precedes them
  #ahead = 0 // the largest version anybody spoke of
  #state: ConversationState = 'loading'
  #error: Error | null = null
  #generation = 0
  #loading = false
  #adoptedIn = -1 // the generation whose reading is shown
  #tries = 0 // readings for one hole
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(opt: ConversationOptions) {
    super()
    this.id = opt.id
    this.#opt = { patience: 800, retry: 2000, ...opt }
  }

  get items(): readonly Item[] {
    return this.#items
  }
  get version(): number {
    return this.#version
  }
  get state(): ConversationState {
    return this.#state
  }
  get error(): Error | null {
    return this.#error
  }

  has(message: string): boolean {
    return this.#items.some((i) => i.id === message)
  }

  // record takes a record of this stream from the socket.
  record(record: PbRecord): void {
    const version = Number(record.version)
    if (version <= this.#version) return
    this.#waiting.set(version, record)
    this.#ahead = Math.max(this.#ahead, version)
    if (this.#version > 0 && this.#drain()) this.changed()
    this.#watch()
  }

  // expect says that version exists, whoever knows it: a row of the list, the answer to a command.
  expect(version: number): void {
    if (version <= this.#ahead) return
    this.#ahead = version
    this.#watch()
  }

  // forget makes everything known doubtful (Reset): it stays on the screen and is replaced by what is read.
  forget(): void {
    this.#generation++
    this.#waiting.clear()
    this.#ahead = 0
    void this.load()
  }

  // gone: it is not ours to see any more. Nothing of it stays on the screen.
  gone(): void {
    this.#generation++
    this.#adoptedIn = -1
    this.#waiting.clear()
    this.#clear()
    this.#items = []
    this.#version = this.#ahead = 0
    this.#state = 'missing'
    this.changed()
  }

  async load(): Promise<void> {
    if (this.#loading || this.#closed) return
    this.#loading = true
    this.#clear()
    const generation = this.#generation
    try {
      const answer = await this.#opt.fetch()
      if (this.#closed) return
      if (generation === this.#generation) this.#adopt(answer)
    } catch (err) {
      this.#failed(err)
    } finally {
      this.#loading = false
    }
    if (generation !== this.#generation) void this.load()
    else this.#watch()
  }

  close(): void {
    this.#closed = true
    this.#clear()
  }

  #adopt({ ticket, contact, items, version }: ConversationAnswer): void {
    this.#state = 'ready'
    this.#error = null
    this.#opt.onTicket(ticket)
    this.#opt.onContact(contact)
    if (version >= this.#version || this.#adoptedIn !== this.#generation) {
      this.#items = items
      this.#version = version
      this.#adoptedIn = this.#generation
    }
    this.#drain()
    this.changed()
  }

  #failed(err: unknown): void {
    this.#error = err instanceof Error ? err : new Error(String(err))
    if (err instanceof ApiError && err.status === 404) this.#state = 'missing'
    else if (err instanceof ApiError && err.status === 401) return
    else {
      if (this.#state === 'loading') this.#state = 'failed'
      if (!this.#closed) this.#timer ??= setTimeout(() => this.#reload(), this.#opt.retry)
    }
    this.changed()
  }

  // drain applies what follows without a gap and throws away what is known.
  #drain(): boolean {
    let moved = false
    let elsewhere = false
    for (;;) {
      const next = this.#waiting.get(this.#version + 1)
      if (!next) break
      this.#waiting.delete(this.#version + 1)
      this.#items = applyRecord(this.#items, next)
      elsewhere ||= movesMessages(next)
      this.#version++
      moved = true
    }
    for (const v of this.#waiting.keys()) if (v <= this.#version) this.#waiting.delete(v)
    this.#ahead = Math.max(this.#ahead, this.#version)
    if (elsewhere) queueMicrotask(() => this.forget()) // other messages are shown now than before
    return moved
  }

  // watch gives a hole a moment to close by itself, then reads again.
  #watch(): void {
    if (this.#version >= this.#ahead && this.#state === 'ready') {
      this.#tries = 0
      this.#clear()
      return
    }
    if (this.#loading || this.#closed || this.#state === 'missing') return
    this.#timer ??= setTimeout(() => this.#reload(), this.#opt.patience * 2 ** Math.min(this.#tries++, 5))
  }

  #reload(): void {
    this.#timer = undefined
    void this.load()
  }

  #clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
