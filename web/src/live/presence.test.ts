import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PresenceStore } from './presence'

describe('presence', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const names = (all: { name: string }[]): string => all.map((p) => p.name).join()

  it('fades by itself: typing soon, looking later', () => {
    const p = new PresenceStore()
    let told = 0
    p.onChange(() => told++)
    p.sign('cv', { who: 'ag_ben', name: 'Ben', typing: true, left: false })
    expect([names(p.typing('cv', 'ag_me')), names(p.looking('cv', 'ag_me'))]).toEqual(['Ben', 'Ben'])
    const before = told
    vi.advanceTimersByTime(7_000)
    expect([names(p.typing('cv', 'ag_me')), names(p.looking('cv', 'ag_me'))]).toEqual(['', 'Ben'])
    expect(told).toBeGreaterThan(before)
    vi.advanceTimersByTime(70_000)
    expect(names(p.looking('cv', 'ag_me'))).toBe('')
  })

  it('tells of leaving at once, of oneself never, and a contact only types', () => {
    const p = new PresenceStore()
    p.sign('cv', { who: 'ag_me', name: 'Me', typing: true, left: false })
    p.sign('cv', { who: 'ag_ben', name: 'Ben', typing: false, left: false })
    p.sign('cv', { who: 'contact', name: 'Carla', typing: true, left: false })
    expect([names(p.typing('cv', 'ag_me')), names(p.looking('cv', 'ag_me'))]).toEqual(['Carla', 'Ben'])
    p.stopped('cv', 'contact')
    p.sign('cv', { who: 'ag_ben', name: 'Ben', typing: false, left: true })
    expect([names(p.typing('cv', 'ag_me')), names(p.looking('cv', 'ag_me'))]).toEqual(['', ''])
  })
})
