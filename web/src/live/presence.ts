// Who types in a conversation. Signs are not kept anywhere and may be lost, so each one fades by itself.
import { Observable } from './observable'

export interface Typist {
  who: string // agent id, or "contact"
  name: string
}

const fadesAfter = 6_000

export class PresenceStore extends Observable {
  readonly #signs = new Map<string, Map<string, Typist & { until: number }>>()
  #timer: ReturnType<typeof setTimeout> | undefined

  sign(conversation: string, { who, name }: Typist, typing: boolean): void {
    if (!typing) return this.stopped(conversation, who)
    const here = this.#signs.get(conversation) ?? new Map<string, Typist & { until: number }>()
    here.set(who, { who, name, until: Date.now() + fadesAfter })
    this.#signs.set(conversation, here)
    this.changed()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#fade(), fadesAfter + 50)
  }

  // stopped: who paused, or just sent what they were typing.
  stopped(conversation: string, who: string): void {
    if (this.#signs.get(conversation)?.delete(who)) this.changed()
  }

  of(conversation: string, me: string): Typist[] {
    const now = Date.now()
    return [...(this.#signs.get(conversation)?.values() ?? [])].filter((p) => p.until > now && p.who !== me)
  }

  #fade(): void {
    this.#signs.clear()
    this.changed()
  }
}
