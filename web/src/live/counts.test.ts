import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CountStore, type CountsAnswer } from './counts'
import { ticketFrom } from './rest'
import type { Ticket } from './types'

const row = (position: number, more: Partial<Ticket> = {}): Ticket => ({ ...ticketFrom({ id: 'a', number: 3, status: 'new' }), position, ...more })
const me = { id: 'me', name: 'Me' }

function start(answers: CountsAnswer[]) {
  let resolve: (() => void)[] = []
  const fetch = vi.fn(
    () =>
      new Promise<CountsAnswer>((r) => {
        const a = answers.shift()!
        resolve.push(() => r(a))
      }),
  )
  const counts = new CountStore({ fetch, me: 'me', delay: 100, pause: 1000 })
  const answer = async (): Promise<unknown> => (resolve.shift()?.(), vi.advanceTimersByTimeAsync(0))
  return { counts, fetch, answer }
}
const base = { open: 5, unassigned: 2, closed: 4, mine: 1, position: 50 }

describe('counts', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('moves with a row whose state before is known', async () => {
    const { counts, answer } = start([base])
    void counts.read()
    await answer()
    await vi.advanceTimersByTimeAsync(1500)
    counts.rowChanged(row(51), row(52, { owner: me }))
    expect(counts.value).toEqual({ open: 5, unassigned: 1, closed: 4, mine: 2 })
    counts.rowChanged(row(52, { owner: me }), row(53, { owner: me, status: 'closed' }))
    expect(counts.value).toEqual({ open: 4, unassigned: 1, closed: 5, mine: 1 })
  })

  it('knows a new conversation by the position of its first record', async () => {
    const { counts, answer, fetch } = start([base])
    void counts.read()
    await answer()
    await vi.advanceTimersByTimeAsync(1500)
    counts.rowChanged(undefined, row(60, { id: 'n', number: 10, version: 2 }))
    expect(counts.value).toMatchObject({ open: 6, unassigned: 3 })
    await vi.advanceTimersByTimeAsync(5000)
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('reads again for a row it knows nothing about, once for many', async () => {
    const { counts, answer, fetch } = start([base, { ...base, open: 9 }])
    void counts.read()
    await answer()
    for (let i = 0; i < 20; i++) counts.rowChanged(undefined, row(60 + i, { id: `x${i}` }))
    await vi.advanceTimersByTimeAsync(2000)
    await answer()
    expect(fetch).toHaveBeenCalledTimes(2)
    expect(counts.value?.open).toBe(9)
  })

  it('joins an answer with the moves after its position, and only those', async () => {
    const { counts, answer } = start([base, base])
    void counts.read()
    counts.rowChanged(row(48), row(49, { owner: me })) // included in the answer
    counts.rowChanged(row(50), row(51, { status: 'closed' })) // after it
    await answer()
    expect(counts.value).toEqual({ open: 4, unassigned: 1, closed: 5, mine: 1 })
    counts.rowChanged(row(44), row(45, { owner: me })) // an old frame, counted already
    expect(counts.value).toEqual({ open: 4, unassigned: 1, closed: 5, mine: 1 })
  })

  it('tries again after a failure', async () => {
    const fetch = vi.fn<() => Promise<CountsAnswer>>().mockRejectedValueOnce(new Error('offline')).mockResolvedValue(base)
    const counts = new CountStore({ fetch, me: 'me', delay: 100, pause: 1000 })
    await counts.read()
    expect(counts.value).toBeNull()
    await vi.advanceTimersByTimeAsync(2000)
    expect(counts.value?.open).toBe(5)
  })
})
