import { describe, expect, it, vi } from 'vitest'
import { ApiError } from '../../../live/http'
import { conditional, flawsFrom, newRule, ruleFaults, rulesFrom, ruleTo, wordsIn } from './rules'

vi.hoisted(() => vi.stubGlobal('navigator', { language: 'en', languages: ['en'] })) // the texts ask it for the language

const stored = {
  id: 'r1', name: 'Invoices', off: true, stay: true, mode: 'users_and_teams', agents: ['ag_1'], teams: ['te_1'], only_available: false, policy: 'weighted', sticky: true,
  weights: [{ agent: 'ag_1', weight: 3 }], skills: ['sk_1'], overflow: [{ team: 'te_2', after: 600 }],
  when: { ticket: { tags: { any: ['tg_1'] } }, contact: [{ property: 'pr_1', equals: 'gold' }], words: ['refund'], subject_only: true, languages: ['es'] },
}

describe('the rules of a channel', () => {
  it('are written as they were read', () => {
    expect(rulesFrom({ rules: [stored] }).map(ruleTo)).toEqual([stored])
    expect(rulesFrom({})).toEqual([])
  })

  it('begin for every ticket, with an id of their own', () => {
    const [a, b] = [newRule(), newRule()]
    expect(a.id).not.toBe(b.id)
    expect(a.id).toMatch(/^[a-z0-9_-]{1,64}$/)
    expect(ruleTo(a).when).toEqual({ ticket: {}, contact: [], words: [], subject_only: false, languages: [] })
  })

  it('say who is named in vain', () => {
    expect(flawsFrom({ flaws: [{ rule: '', kind: 'team', id: 'te_1', why: 'removed' }] })).toEqual([{ rule: '', kind: 'team', id: 'te_1', why: 'removed' }])
  })

  it('ask nothing that depends on who looks', () => {
    expect((['text', 'tags', 'property:pr_1', 'owner', 'mentioned', 'waiting'] as const).filter(conditional)).toEqual(['text', 'tags', 'property:pr_1'])
  })

  it('read words with commas between', () => {
    expect(wordsIn(' refund, money back ,, refund')).toEqual(['refund', 'money back'])
  })

  it('tell a fault at the field of the rule it is of, and what is of another in general', () => {
    const fault = (location: string) => ({ location, message: location, value: undefined })
    const faults = ruleFaults(new ApiError(422, 'invalid', 'refused', [fault('body.routing.rules[1].overflow[0].team'), fault('body.routing.rules[11].name')]), 1)
    expect(faults.of('overflow')).toBe('body.routing.rules[1].overflow[0].team')
    expect(faults.of('name')).toBe('')
    expect(faults.general).toBe('body.routing.rules[11].name')
    expect(ruleFaults(new ApiError(422, 'invalid', 'refused', [fault('routing.rules[1]')]), 1).of('then')).toBe('routing.rules[1]')
    expect(ruleFaults(new ApiError(409, 'conflict', 'somebody was first'), 1).general).toBe('somebody was first')
  })
})
