// Who looks at a conversation, and who types in it. Signs are not kept anywhere and may be lost, so each one fades by itself;
// the server says once a minute who looks.
import { Observable } from './observable'

export interface Person {
  who: string // agent id, or "contact"
  name: string
}

export interface Sign extends Person {
  typing: boolean
  left: boolean
}

const typingFades = 6_000
const lookingFades = 75_000

interface Seen extends Person {
  looksUntil: number
  typesUntil: number
}

export class PresenceStore extends Observable {
  readonly #signs = new Map<string, Map<string, Seen>>()
  #timer: ReturnType<typeof setTimeout> | undefined

  sign(conversation: string, { who, name, typing, left }: Sign): void {
    const here = this.#signs.get(conversation) ?? new Map<string, Seen>()
    this.#signs.set(conversation, here)
    if (left) here.delete(who)
    else {
      const now = Date.now()
      const looksUntil = who === 'contact' ? 0 : now + lookingFades
      here.set(who, { who, name, looksUntil, typesUntil: typing ? now + typingFades : 0 })
    }
    this.#changed()
  }

  // stopped: who just sent what they were typing.
  stopped(conversation: string, who: string): void {
    const seen = this.#signs.get(conversation)?.get(who)
    if (!seen || seen.typesUntil === 0) return
    seen.typesUntil = 0
    this.#changed()
  }

  typing(conversation: string, me: string): Person[] {
    return this.#of(conversation, me, (p, now) => p.typesUntil > now)
  }

  looking(conversation: string, me: string): Person[] {
    return this.#of(conversation, me, (p, now) => p.looksUntil > now)
  }

  #of(conversation: string, me: string, is: (p: Seen, now: number) => boolean): Person[] {
    const now = Date.now()
    return [...(this.#signs.get(conversation)?.values() ?? [])].filter((p) => p.who !== me && is(p, now))
  }

  #changed(): void {
    this.changed()
    clearTimeout(this.#timer)
    const now = Date.now()
    let next = Infinity
    for (const [conversation, here] of this.#signs) {
      for (const [who, p] of here) {
        if (p.looksUntil <= now && p.typesUntil <= now) here.delete(who)
        else next = Math.min(next, ...[p.looksUntil, p.typesUntil].filter((t) => t > now))
      }
      if (here.size === 0) this.#signs.delete(conversation)
    }
    if (next < Infinity) this.#timer = setTimeout(() => this.#changed(), next - now + 20)
  }
}
