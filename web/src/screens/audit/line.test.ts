import { readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { setLocale } from '../../i18n/format.svelte'
import { table } from '../../i18n/texts'
import { fieldName, sentence, valueText, type Line } from './line'

vi.hoisted(() => {
  // What the language asks of a page.
  vi.stubGlobal('navigator', { language: 'en-GB', languages: ['en-GB', 'es-ES'] })
  vi.stubGlobal('document', { documentElement: {} })
})

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
const nameOf = (id: string): string => ({ ag_ben: 'Ben', tm_1: 'Repairs' })[id] ?? id
const line = (some: Partial<Line>): Line => ({
  key: '1', at: 0, by: { kind: 'agent', id: 'ag_ada', name: 'Ada' }, noun: 'agent', id: 'ag_ben', setting: '', kind: '', name: 'Ben', changes: [], ...some,
})

describe('every kind of change', () => {
  // What desk/audit.go writes a line of: the kinds of contacts, agents, channels, teams and settings, but those it leaves out.
  const left = [.../case \*deskpb\.Event_PlaceReserved,[^:]*/.exec(read('desk/audit.go'))![0].matchAll(/Event_(\w+)/g)].map((m) => m[1]!.replace(/(?<!^)[A-Z]/g, (c) => `_${c}`).toLowerCase())
  const kinds = [...read('proto/event.proto').matchAll(/^ {4}\w+ (\w+) = (\d+);/gm)].filter((m) => Number(m[2]) >= 50 && Number(m[2]) < 190).map((m) => m[1]!)
  it('is known', () => expect([kinds.length > 20, left.length > 8, left.every((k) => kinds.includes(k))]).toEqual([true, true, true]))
  it.each(kinds.filter((k) => !left.includes(k)))('%s has a sentence', (kind) => {
    expect(`audit.kind.${kind}` in table).toBe(true)
    for (const locale of ['en', 'es'] as const) {
      setLocale(locale)
      expect(sentence(line({ kind }), nameOf)).toMatch(/^Ada /)
    }
    setLocale('en')
  })
  it.each([.../oneof value \{([^}]*)\}/.exec(read('proto/setting.proto'))![1]!.matchAll(/ (\w+) = /g)].map((m) => m[1]!))('a setting of kind %s has a word', (kind) => {
    expect(`audit.setting.${kind}` in table).toBe(true)
  })
})

describe('a line of the audit', () => {
  it('says who did what', () => {
    expect(sentence(line({ kind: 'setting_saved', noun: 'setting', setting: 'tag', name: 'Refund' }), nameOf)).toBe('Ada saved the tag Refund')
    expect(sentence(line({ kind: 'channel_switched', noun: 'channel', name: 'Shop', changes: [{ field: 'on', before: 'true', after: '' }] }), nameOf)).toBe('Ada switched the channel Shop off')
    expect(sentence(line({ kind: 'session_closed', id: 'ag_ada', name: 'Ada' }), nameOf)).toBe('Ada signed out of a session')
    expect(sentence(line({ kind: 'availability_changed', changes: [{ field: 'available', before: '', after: 'true' }] }), nameOf)).toBe('Ada made Ben available')
    expect(sentence(line({ kind: 'of_a_later_version' }), nameOf)).toBe('Ada: of a later version (Ben)')
  })
  it('shows times, days and names', () => {
    const change = (field: string) => ({ field, before: '', after: '' })
    expect(valueText(change('blocks'), 'mon 09:00-17:00, fri 22:00-06:00', nameOf)).toBe('Mon 09:00–17:00, Fri 22:00–06:00')
    setLocale('es')
    expect(valueText(change('blocks'), 'mon 09:00-17:00', nameOf)).toBe('lun 09:00–17:00')
    expect(valueText(change('on'), 'true', nameOf)).toBe('sí')
    setLocale('en')
    expect(valueText(change('out_from'), '2026-12-24T08:00:00.000Z', nameOf)).toMatch(/Dec.*2026/)
    expect(valueText(change('out_from'), '2026-12-24T08:00:00.000Z', nameOf)).toMatch(/ \d\d:00$/)
    expect(valueText(change('opened'), '2026-12-24T08:00:07.000Z', nameOf)).toMatch(/ \d\d:00:07$/)
    expect(valueText(change('out_from_ms'), '1798099200000', nameOf)).toMatch(/2026/)
    expect(valueText(change('members'), 'ag_ben main, ag_x', nameOf)).toBe('Ben main, ag_x')
    expect(valueText(change('name'), '', nameOf)).toBe('nothing')
    expect(fieldName('out_from_ms')).toBe('Out of office from')
    expect(fieldName('config.imap.host')).toBe('Incoming mail · server')
    expect(fieldName('config.some_thing.else')).toBe('some thing · else')
    expect(valueText(change('browser'), 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36', nameOf)).toBe('Chrome on Linux')
    expect(valueText(change('browser'), 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17.0 Mobile/15E148 Safari/604.1', nameOf)).toBe('Safari on iOS')
    expect(valueText(change('browser'), 'curl/8.5', nameOf)).toBe('curl/8.5')
  })
})
