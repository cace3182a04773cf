import { describe, expect, it } from 'vitest'
import { grouped, matching, type Item } from './palette.svelte'

const item = (id: string, label: string, more: Partial<Item> = {}): Item => ({ id, label, group: 'Commands', ...more })
const items = [
  item('reply', 'Reply'),
  item('assign', 'Assign to me'),
  item('mine', 'Mine', { group: 'Go to' }),
  item('tags', 'Tags', { group: 'Settings', words: 'labels' }),
  item('theme', 'Appearance: dark'),
]
const ids = (typed: string, recent: string[] = []): string[] => matching(items, typed, recent).map((i) => i.id)

describe('the palette', () => {
  it('shows everything when nothing is typed, what was used lately first', () => {
    expect(ids('')).toEqual(['reply', 'assign', 'mine', 'tags', 'theme'])
    expect(ids('', ['tags', 'theme'])).toEqual(['tags', 'theme', 'reply', 'assign', 'mine'])
  })
  it('finds by beginnings, headings, other words and scattered letters', () => {
    expect(ids('rep')).toEqual(['reply'])
    expect(ids('settings tags')).toEqual(['tags'])
    expect(ids('label')).toEqual(['tags'])
    expect(ids('atm')[0]).toBe('assign')
    expect(ids('xyzzy')).toEqual([])
  })
  it('leaves what was found elsewhere as it is', () => {
    expect(matching([item('t1', 'My lamp flickers', { found: true })], 'bulb').map((i) => i.id)).toEqual(['t1'])
  })
  it('groups under headings in the order of their best', () => {
    expect(grouped(matching(items, 'mine')).map((g) => g.name)[0]).toBe('Go to')
  })
})
