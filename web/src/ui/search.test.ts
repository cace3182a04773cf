import { describe, expect, it } from 'vitest'
import { plain, score } from './search'

const best = (typed: string, texts: string[]): string[] =>
  texts.map((t) => ({ t, s: score(t, typed) })).filter((x) => x.s > 0).sort((a, b) => b.s - a.s).map((x) => x.t)

describe('finding by typing', () => {
  it('knows no case and no accents', () => {
    expect(plain('Menú Ñandú')).toBe('menu nandu')
    expect(score('Configuración', 'configuracion')).toBe(1000)
  })
  it('prefers beginnings, then words, then places, then letters', () => {
    expect(best('tag', ['Heritage', 'Settings: Tags', 'Tags', 'Team agents'])).toEqual(['Tags', 'Settings: Tags', 'Heritage', 'Team agents'])
    expect(best('asme', ['Assign to me', 'Appearance: system'])[0]).toBe('Assign to me')
    expect(best('go mine', ['Go to: Mine', 'Go to: Closed'])).toEqual(['Go to: Mine'])
  })
  it('finds nothing in what only happens to have the letters', () => {
    expect(score('Every message of this conversation is here', 'vmc')).toBe(0)
    expect(score('Close', 'xyz')).toBe(0)
  })
})
