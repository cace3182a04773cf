import { describe, expect, it } from 'vitest'
import { addressOf, lookOf, niceMax, overviewFrom, parametersOf, standingFrom, stepsOf } from './reports'

describe('the address of a look', () => {
  it('comes back', () => {
    const look = { range: '30d', by: 'week', channel: 'ch_1', team: '', agent: 'ag_1' } as const
    expect(lookOf(new URLSearchParams(addressOf(look).split('?')[1]))).toEqual(look)
  })
  it('takes what fits instead of what does not', () => {
    expect(lookOf(new URLSearchParams('range=9y&by=second'))).toEqual({ range: '7d', by: 'day', channel: '', team: '', agent: '' })
    expect(lookOf(new URLSearchParams('range=90d&by=hour')).by).toBe('day')
    expect(stepsOf('1d')).toEqual(['hour'])
  })
  it('asks for whole days of the viewer, today included', () => {
    const now = new Date(2026, 10, 25, 16).getTime()
    const look = { range: '7d', by: 'day', channel: '', team: 'tm_1', agent: '' } as const
    expect(parametersOf(look, now, 'Europe/Madrid').toString()).toBe('by=day&zone=Europe%2FMadrid&from=2026-11-19&team=tm_1')
  })
})

describe('figures', () => {
  it('are read tolerantly', () => {
    expect(overviewFrom({ steps: [{ opened: 3, start: '2026-11-25T00:00:00.000Z', first_reply: { count: 1, median: 60 } }] }).steps[0]).toMatchObject({
      opened: 3, closed: 0, start: Date.UTC(2026, 10, 25), firstReply: { count: 1, median: 60, p90: 0 },
    })
    expect(standingFrom({})).toEqual({ waiting: 0, oldestWaiting: 0, open: 0, available: 0, agents: [], channels: [], teams: [] })
  })
  it('have a round axis', () => {
    for (const [value, max] of [[0, 1], [3, 3], [7, 8], [11, 20], [42, 50], [99, 100], [612, 800]] as const) expect(niceMax(value).max).toBe(max)
    for (let v = 1; v < 2000; v++) {
      const { max, parts } = niceMax(v)
      expect(max >= v && Number.isInteger(max / parts)).toBe(true)
    }
  })
})
