import { describe, expect, it } from 'vitest'
import { changesOf } from './changes'

describe('changesOf', () => {
  const begun = { name: 'Clara', seat: true, limits: { calls: 0, messaging: 0, email: 3 }, skills: ['a'] }
  it('sends nothing of what was left as it was', () => {
    expect(changesOf(begun, structuredClone(begun))).toEqual({})
    expect(changesOf(begun, { ...begun, name: 'Clara B.' })).toEqual({ name: 'Clara B.' })
  })
  it('sends of limits the one that was changed, and lists as a whole', () => {
    expect(changesOf(begun, { ...begun, limits: { calls: 0, messaging: 2, email: 3 }, skills: [] })).toEqual({ limits: { messaging: 2 }, skills: [] })
  })
})
