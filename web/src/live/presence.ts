// Who looks at or types in a conversation. Signs are not kept anywhere and may be lost, so each one fades by itself.
import { Observable } from './observable'

export interface Present {
  who: string // agent id, or "contact"
  name: string
  typing: boolean
}

const typingFor = 6_000
const lookingFor = 90_000

export class PresenceStore extends Observable {
  readonly #signs = new Map<string, Map<string, { sign: Present; typingUntil: number; until: number }>>()
  #timer: ReturnType<typeof setTimeout> | undefined

  sign(conversation: string, sign: Present): void {
    const now = Date.now()
    const here = this.#signs.get(conversation) ?? new Map()
    const typingUntil = sign.typing ? now + typingFor : 0
    here.set(sign.who, { sign, typingUntil, until: now + (sign.who === 'contact' ? typingFor : lookingFor) })
    this.#signs.set(conversation, here)
    this.changed()
    if (sign.typing) {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.changed(), typingFor + 50)
    }
  }

  // spoke: who just sent something does not type any more.
  spoke(conversation: string, who: string): void {
    if (this.#signs.get(conversation)?.delete(who)) this.changed()
  }

  of(conversation: string, me: string): Present[] {
    const now = Date.now()
    return [...(this.#signs.get(conversation)?.values() ?? [])]
      .filter((p) => p.until > now && p.sign.who !== me)
      .map((p) => ({ ...p.sign, typing: p.typingUntil > now }))
  }
}
