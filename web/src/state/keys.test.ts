import { afterEach, describe, expect, it, vi } from 'vitest'

const screen = vi.hoisted(() => {
  vi.stubGlobal('navigator', { language: 'en', languages: ['en'], platform: 'Linux' })
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
  vi.stubGlobal('Element', class {})
  vi.stubGlobal('HTMLElement', class {})
  const screen: { modal: object | null } = { modal: null }
  vi.stubGlobal('document', { querySelector: (selector: string) => (selector === 'dialog:modal' ? screen.modal : null) })
  return screen
})

import { combo, normal, shown } from './combo'
import { conflicts, press, register, type Command } from './keys.svelte'

let time = 1_000
function event(key: string, more: Partial<KeyboardEvent> = {}, inside = ''): KeyboardEvent & { taken: () => boolean } {
  let prevented = false
  const target = Object.assign(new Element(), { closest: (selector: string) => (inside && selector.includes(inside) ? {} : null) })
  const base = { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, isComposing: false, timeStamp: (time += 100), target }
  return {
    ...base, ...more, preventDefault: () => (prevented = true), taken: () => prevented,
    get defaultPrevented() { return prevented },
  } as unknown as KeyboardEvent & { taken: () => boolean }
}

const cleanups: (() => void)[] = []
const add = (...c: Command[]): void => void cleanups.push(register(...c))
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean()
  press(event('Unidentified'))
  time += 10_000
})

const command = (keys: string | string[], run: Command['run'], more: Partial<Command> = {}): Command => ({ scope: 'app', label: 'keys.help', keys, run, ...more })

describe('combo', () => {
  const cases: [Partial<KeyboardEvent>, string][] = [
    [{ key: 'j' }, 'j'],
    [{ key: 'J' }, 'j'], // caps lock
    [{ key: '?', shiftKey: true }, '?'],
    [{ key: 'K', ctrlKey: true }, 'Mod+k'],
    [{ key: 'k', metaKey: true }, 'Mod+k'],
    [{ key: 'Enter', ctrlKey: true, shiftKey: true }, 'Mod+Shift+Enter'],
    [{ key: 'Tab', shiftKey: true }, 'Shift+Tab'],
    [{ key: '@', ctrlKey: true, altKey: true }, '@'], // AltGr on a Spanish keyboard
    [{ key: 'Control', ctrlKey: true }, ''],
    [{ key: ' ' }, 'Space'],
  ]
  it.each(cases)('%o is %s', (e, want) => {
    expect(combo({ key: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...e })).toBe(want)
  })
  it('has one way to write keys, and caps to show', () => {
    expect(normal('Shift+Mod+Enter')).toBe('Mod+Shift+Enter')
    expect(normal('Mod++')).toBe('Mod++')
    expect(shown('g i', false)).toEqual([['g'], ['i']])
    expect(shown('Mod+Shift+k', true)).toEqual([['⌘', '⇧', 'K']])
  })
})

describe('the registry', () => {
  it('runs what was pressed, until it is taken away', () => {
    const run = vi.fn()
    const remove = register(command(['x', 'ArrowDown'], run))
    const e = event('x')
    press(e)
    press(event('ArrowDown'))
    expect(run).toHaveBeenCalledTimes(2)
    expect(e.taken()).toBe(true)
    remove()
    const after = event('x')
    press(after)
    expect(run).toHaveBeenCalledTimes(2)
    expect(after.taken()).toBe(false)
  })

  it('asks the newest first, and the next one when the press was not for it', () => {
    const first = vi.fn()
    const second = vi.fn(() => false)
    add(command('x', first))
    add(command('x', second, { scope: 'list' }))
    press(event('x'))
    expect(second).toHaveBeenCalled()
    expect(first).toHaveBeenCalled()
  })

  it('knows sequences, which end when one waits too long or presses another key', () => {
    const inbox = vi.fn()
    const i = vi.fn()
    add(command('g i', inbox), command('i', i))
    press(event('g'))
    press(event('i'))
    expect([inbox.mock.calls.length, i.mock.calls.length]).toEqual([1, 0])
    press(event('g'))
    time += 5_000
    press(event('i'))
    expect([inbox.mock.calls.length, i.mock.calls.length]).toEqual([1, 1])
    press(event('g'))
    press(event('q'))
    press(event('i'))
    expect([inbox.mock.calls.length, i.mock.calls.length]).toEqual([1, 2])
  })

  it('stays out of fields, dialogs and compositions', () => {
    const plain = vi.fn()
    const everywhere = vi.fn()
    add(command('x', plain), command('Mod+k', everywhere, { typing: true, anywhere: true }))
    press(event('x', {}, 'textarea'))
    press(event('x', {}, 'dialog'))
    press(event('x', { isComposing: true }))
    screen.modal = {}
    press(event('x')) // the focus is nowhere, and a dialog before the page
    screen.modal = null
    expect(plain).not.toHaveBeenCalled()
    press(event('x'))
    expect(plain).toHaveBeenCalledOnce()
    press(event('k', { ctrlKey: true }, 'textarea'))
    press(event('k', { ctrlKey: true }, 'dialog'))
    expect(everywhere).toHaveBeenCalledTimes(2)
  })

  it('finds keys that two want', () => {
    const nothing = (): void => {}
    expect(conflicts([command('x', nothing), command('y', nothing), command('x', nothing, { scope: 'list' })])).toEqual([])
    expect(conflicts([command('x', nothing), command('x', nothing)])).toHaveLength(1)
    expect(conflicts([command('g', nothing), command('g i', nothing, { scope: 'list' })])).toHaveLength(1)
  })
})
