import { describe, expect, it } from 'vitest'
import { lines, noticesFrom, takeTurn, type Notice } from './notices'

const notice = (position: number, over: Partial<Notice> = {}): Notice => ({
  position, kind: 'reply', at: 0, unseen: true, conversation: 'cv_1', number: 1, title: 'T', channel: 'ch', who: 'Ana', text: `${position}`, detail: 'contact', ...over,
})

describe('notifications', () => {
  it('reads an answer, also one of another version', () => {
    expect(noticesFrom({ notifications: [{ position: 3, kind: 'reply', at: '2026-01-02T03:04:05Z', unseen: true, who: 'Ana' }, {}], unseen: 1 })).toEqual({
      all: [
        notice(3, { at: Date.UTC(2026, 0, 2, 3, 4, 5), conversation: '', number: 0, title: '', channel: '', text: '', detail: '' }),
        notice(0, { kind: '', unseen: false, conversation: '', number: 0, title: '', channel: '', who: '', text: '', detail: '' }),
      ],
      unseen: 1,
      more: false,
    })
  })

  it('makes one line of what repeats itself', () => {
    const all = [notice(9), notice(8), notice(7, { unseen: false }), notice(6, { unseen: false }), notice(5, { unseen: false, who: 'Bo' }), notice(4, { conversation: '' }), notice(3, { conversation: '' })]
    expect(lines(all).map((l) => [l.position, l.times])).toEqual([[9, 2], [7, 2], [5, 1], [4, 1], [3, 1]])
  })

  it('lets one window speak, of what was not said yet', () => {
    const kept = new Map<string, string>()
    const storage = { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v) }
    expect(takeTurn(storage, 'e1', 5, 8)).toBe(5)
    expect(takeTurn(storage, 'e1', 5, 8)).toBe(null)
    expect(takeTurn(storage, 'e1', 4, 9)).toBe(8)
    expect(takeTurn(storage, 'e1', 9, 9)).toBe(null)
    expect(takeTurn(storage, 'e2', 1, 2)).toBe(1) // another history begins again
  })
})
