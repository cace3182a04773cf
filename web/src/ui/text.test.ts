import { describe, expect, it } from 'vitest'
import { parseAddresses } from './addresses'
import { linked, splitFresh } from './mail'

describe('text', () => {
  it('parts fresh text from quoted at a byte, also between letters of two bytes', () => {
    const fresh = 'Danke schön, größer geht’s nicht'
    const text = `${fresh}\n\n> alt`
    expect(splitFresh(text, new TextEncoder().encode(fresh).length)).toEqual({ fresh, quoted: '> alt' })
    expect(splitFresh('all of it', 0)).toEqual({ fresh: 'all of it', quoted: '' })
    expect(splitFresh('short', 500)).toEqual({ fresh: 'short', quoted: '' })
    expect(splitFresh('> only quoted', 0).quoted).toBe('')
  })

  it('finds addresses and leaves the punctuation after them', () => {
    expect(linked('see https://a.test/x?y=1, or ask bo@b.test.')).toEqual([
      { text: 'see ', href: '' },
      { text: 'https://a.test/x?y=1', href: 'https://a.test/x?y=1' },
      { text: ', or ask ', href: '' },
      { text: 'bo@b.test', href: 'mailto:bo@b.test' },
      { text: '.', href: '' },
    ])
    expect(linked('javascript:alert(1)')).toEqual([{ text: 'javascript:alert(1)', href: '' }])
  })

  it('reads recipients as people write them, and names the one that is none', () => {
    const { good } = parseAddresses('"Ana T" <ana@x.test>; bo@x.test,\n carl <c@y.test>')
    expect(good).toEqual([
      { name: 'Ana T', address: 'ana@x.test' },
      { name: '', address: 'bo@x.test' },
      { name: 'carl', address: 'c@y.test' },
    ])
    expect(parseAddresses('a@x.test, nobody').bad).toBe('nobody')
    expect(parseAddresses('').good).toEqual([])
  })
})
