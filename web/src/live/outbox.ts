// What was written and is not yet durable. An entry is in the browser's storage before it is sent and leaves it only when
// the server said that it is durable, or a person discards it; its message id is made once. So a reply written on a train
// goes out when the train leaves the tunnel, once, also if the tab was closed in between.
import { Backoff } from './backoff'
import type { Action, Draft, Outcome, Sending } from './commands'
import { ApiError, OfflineError } from './http'
import { Observable } from './observable'

export interface Entry {
  id: string // the message's
  conversation: string
  kind: 'reply' | 'note'
  draft: Draft
  close: boolean
  sending?: Sending // of a reply
  at: number
  state: 'queued' | 'sending' | 'accepted' | 'refused'
  code: string // of the refusal
  reason: string // of the refusal, narrower: answered_since
  error: string
}

export interface OutboxOptions {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>
  agent: string
  run: (a: Action) => Promise<Outcome>
  // accepted is told when an entry is durable: its record is on the way.
  onAccepted: (e: Entry, o: Outcome) => void
  backoff?: Backoff
}

// Refusals that pass by themselves.
const passing = new Set(['unavailable', 'limit', 'internal'])

export class Outbox extends Observable {
  readonly #opt: OutboxOptions
  readonly #backoff: Backoff
  readonly #prefix: string
  readonly #entries = new Map<string, Entry>()
  readonly #busy = new Set<string>() // conversations with one on its way: order is kept within each
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(opt: OutboxOptions) {
    super()
    this.#opt = opt
    this.#backoff = opt.backoff ?? new Backoff({ base: 1000 })
    this.#prefix = `centralita.outbox.${opt.agent}.`
    this.reread()
  }

  of(conversation: string): Entry[] {
    return [...this.#entries.values()].filter((e) => e.conversation === conversation).sort((a, b) => a.at - b.at)
  }

  get size(): number {
    return [...this.#entries.values()].filter((e) => e.state !== 'accepted').length
  }

  add(e: Pick<Entry, 'id' | 'conversation' | 'kind' | 'draft' | 'close' | 'sending' | 'at'>): void {
    this.#put({ ...e, state: 'queued', code: '', reason: '', error: '' })
    this.flush()
  }

  // retry sends a refused entry once more; with anyway, whoever answered since.
  retry(id: string, anyway = false): void {
    const e = this.#entries.get(id)
    if (e?.state !== 'refused') return
    const sending = anyway ? { ...e.sending, anyway } : e.sending
    this.#put({ ...e, sending, state: 'queued', code: '', reason: '', error: '' })
    this.flush()
  }

  discard(id: string): Entry | undefined {
    const e = this.#entries.get(id)
    if (!e || e.state === 'sending') return undefined
    this.#remove(id)
    return e
  }

  // settled: the message is in the timeline, its bubble is not needed any more.
  settled(has: (id: string) => boolean): void {
    for (const e of [...this.#entries.values()]) if (has(e.id) && e.state !== 'sending') this.#remove(e.id)
  }

  // reread takes in what another window wrote or finished.
  reread(): void {
    const there = new Set<string>()
    const { storage } = this.#opt
    for (let i = 0; i < storage.length; i++) {
      const key = storage.key(i)
      if (!key?.startsWith(this.#prefix)) continue
      const e = parse(storage.getItem(key))
      if (!e) continue
      there.add(e.id)
      const known = this.#entries.get(e.id)
      if (!known || known.state === 'refused' || known.state === 'queued') this.#entries.set(e.id, e)
    }
    for (const e of [...this.#entries.values()]) {
      if (!there.has(e.id) && (e.state === 'queued' || e.state === 'refused')) this.#entries.delete(e.id)
    }
    this.changed()
  }

  // flush sends what waits; called when there is reason to believe that it may work.
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#stopped) return
    const first = new Map<string, Entry>()
    for (const e of [...this.#entries.values()].sort((a, b) => a.at - b.at)) {
      if (e.state === 'queued' && !first.has(e.conversation)) first.set(e.conversation, e)
    }
    for (const e of first.values()) if (!this.#busy.has(e.conversation)) void this.#send(e)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #send(e: Entry): Promise<void> {
    this.#busy.add(e.conversation)
    this.#entries.set(e.id, { ...e, state: 'sending' }) // storage says queued: a reload sends it again
    this.changed()
    try {
      const outcome = await this.#opt.run(actionOf(e))
      this.#backoff.reset()
      const accepted: Entry = { ...e, state: 'accepted' }
      this.#opt.storage.removeItem(this.#prefix + e.id)
      this.#entries.set(e.id, accepted)
      this.#opt.onAccepted(accepted, outcome)
    } catch (err) {
      this.#failed(e, err)
    }
    this.#busy.delete(e.conversation)
    this.changed()
    if (!this.#timer) this.flush()
  }

  #failed(e: Entry, err: unknown): void {
    if (err instanceof OfflineError || (err instanceof ApiError && passing.has(err.code))) {
      this.#entries.set(e.id, { ...e, state: 'queued' })
      this.#timer ??= setTimeout(() => this.flush(), this.#backoff.next())
    } else if (err instanceof ApiError && err.status === 401) {
      this.#entries.set(e.id, { ...e, state: 'queued' })
      this.stop() // the next sign-in makes a new outbox, which finds it in the storage
    } else {
      const code = err instanceof ApiError ? err.code : 'internal'
      const reason = err instanceof ApiError ? err.reason : ''
      this.#put({ ...e, state: 'refused', code, reason, error: err instanceof Error ? err.message : String(err) })
    }
  }

  #put(e: Entry): void {
    this.#entries.set(e.id, e)
    try {
      this.#opt.storage.setItem(this.#prefix + e.id, JSON.stringify(e))
    } catch {
      // A full storage must not keep an answer from going out; it then lives as long as the page.
    }
    this.changed()
  }

  #remove(id: string): void {
    this.#entries.delete(id)
    this.#opt.storage.removeItem(this.#prefix + id)
    this.changed()
  }
}

function actionOf(e: Entry): Action {
  const { id: message, conversation, draft, close, sending } = e
  return e.kind === 'reply'
    ? { kind: 'reply', conversation, message, draft, close, sending }
    : { kind: 'note', conversation, message, draft }
}

function parse(json: string | null): Entry | null {
  try {
    const e = JSON.parse(json ?? '') as Entry
    return typeof e.id === 'string' && typeof e.conversation === 'string' && e.draft ? e : null
  } catch {
    return null
  }
}
