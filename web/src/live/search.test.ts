import { describe, expect, it } from 'vitest'
import { asksNothing, foundFrom, parametersOf, questionOf } from './search'

describe('a question', () => {
  it('comes back from the address it makes, without what is not asked', () => {
    const question = { q: 'no llegó', status: 'open', from: 'agent' }
    expect(parametersOf(question).toString()).toBe('q=no+lleg%C3%B3&status=open&from=agent')
    expect(questionOf(parametersOf(question))).toEqual(question)
    expect(questionOf(new URLSearchParams('other=1'))).toEqual({ q: '' })
  })
  it('may ask nothing', () => {
    expect(asksNothing({ q: '  ' })).toBe(true)
    expect(asksNothing({ q: '', has: 'attachment' })).toBe(false)
  })
})

describe('what was found', () => {
  it('is read tolerantly', () => {
    const found = foundFrom({ hits: [{ ticket: { id: 'cv_1' }, snippet: [{ text: 'a ' }, { text: 'factura', hit: true }], kind: 'note' }], total: 3 })
    expect(found).toMatchObject({ total: 3, exact: false, next: '' })
    expect(found.hits[0]).toMatchObject({ subject: [], message: '', kind: 'note', snippet: [{ text: 'a ', hit: false }, { text: 'factura', hit: true }] })
    expect(foundFrom({}).hits).toEqual([])
  })
})
