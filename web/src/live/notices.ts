// What an agent was told: rows of GET /me/notifications, and lines of the list, where what repeats itself is one.
import { listOf, numberOf, objectOf, textOf, timeOf, type Json } from './rest'

export interface Notice {
  position: number
  kind: string
  at: number
  unseen: boolean
  conversation: string
  number: number
  title: string
  channel: string
  who: string
  text: string
  detail: string
}

export interface NoticesAnswer {
  all: Notice[]
  unseen: number
  more: boolean
}

export function noticesFrom(answer: Json): NoticesAnswer {
  return {
    all: listOf(answer.notifications).map((v) => {
      const n = objectOf(v)
      return {
        position: numberOf(n.position),
        kind: textOf(n.kind),
        at: timeOf(n.at),
        unseen: n.unseen === true,
        conversation: textOf(n.conversation),
        number: numberOf(n.number),
        title: textOf(n.title),
        channel: textOf(n.channel),
        who: textOf(n.who),
        text: textOf(n.text),
        detail: textOf(n.detail),
      }
    }),
    unseen: numberOf(answer.unseen),
    more: answer.more === true,
  }
}

export interface NoticeLine extends Notice {
  times: number
}

// lines: somebody who writes ten short messages in a chat fills one line, not ten. The newest stands for all.
export function lines(all: readonly Notice[]): NoticeLine[] {
  const out: NoticeLine[] = []
  for (const n of all) {
    const last = out.at(-1)
    const same = last && n.conversation !== '' && (['conversation', 'kind', 'detail', 'who', 'unseen'] as const).every((f) => last[f] === n[f])
    if (same) last.times++
    else out.push({ ...n, times: 1 })
  }
  return out
}

// takeTurn keeps in a browser's storage up to where something was said, so that a window that slept says nothing again: it gives from where
// on it was not said, or null when all of it was. A position counts in its history only.
export function takeTurn(storage: Pick<Storage, 'getItem' | 'setItem'>, epoch: string, from: number, to: number): number | null {
  const [history, position] = (storage.getItem(turnKey) ?? '').split(' ')
  const said = history === epoch ? Number(position) || 0 : 0
  if (said >= to) return null
  storage.setItem(turnKey, `${epoch} ${to}`)
  return Math.max(said, from)
}
export const turnKey = 'centralita.said'
