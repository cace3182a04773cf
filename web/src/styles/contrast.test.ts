import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tagColours as tones } from '../live/colours'

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8')
const tokens = new Map([...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map((m) => [m[1]!, [m[2]!, m[3]!] as const]))

// luminance and contrast as WCAG 2.2 defines them (1.4.3, "relative luminance" and "contrast ratio").
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

const grounds = ['bg', 'surface', 'raised', 'sunken', 'hover', 'selected']
const text: [string, string][] = [
  ...['text', 'text-2', 'text-3', 'accent'].flatMap((ink) => grounds.map((ground) => [ink, ground] as [string, string])),
  ...['danger', 'warn', 'ok', 'info'].flatMap((ink) => ['surface', 'raised', 'bg'].map((ground) => [ink, ground] as [string, string])),
  ...tones.map((t) => [`tone-${t}-text`, `tone-${t}`] as [string, string]),
  ['on-accent', 'accent'], ['on-accent', 'accent-strong'], ['on-danger', 'danger'],
  ['accent', 'accent-soft'], ['text', 'accent-soft'], ['danger', 'danger-soft'], ['text', 'danger-soft'], ['warn', 'warn-soft'], ['text', 'warn-soft'],
  ['note-text', 'note'], ['text', 'note'], ['text-3', 'note'], ['danger', 'hover'],
]
const shapes: [string, string][] = [
  ...['surface', 'raised', 'bg'].map((ground) => ['control-line', ground] as [string, string]),
  ...grounds.map((ground) => ['accent', ground] as [string, string]), // the ring of focus
]

describe.each([['light', 0], ['dark', 1]] as const)('contrast, %s', (_, at) => {
  it.each(text)('%s on %s can be read (AA: 4.5)', (ink, ground) => {
    expect(contrast(tokens.get(ink)![at], tokens.get(ground)![at])).toBeGreaterThanOrEqual(4.5)
  })
  it.each(shapes)('%s on %s can be seen (AA: 3)', (ink, ground) => {
    expect(contrast(tokens.get(ink)![at], tokens.get(ground)![at])).toBeGreaterThanOrEqual(3)
  })
})

it('the colours are those the desk takes', () => {
  const go = readFileSync(new URL('../../../desk/setting_check.go', import.meta.url), 'utf8')
  const list = /TagColours = \[\]string\{(.*)\}/.exec(go)![1]!
  expect([...list.matchAll(/"(\w+)"/g)].map((m) => m[1])).toEqual([...tones])
  const names = [...readFileSync(new URL('../i18n/administering.ts', import.meta.url), 'utf8').matchAll(/'set\.colour\.(\w+)'/g)].map((m) => m[1])
  expect(names).toEqual([...tones])
})
