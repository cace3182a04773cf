import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { areas as named } from './catalogue'
import './account'
import './audit'
import './connecting'
import './dashboard'
import './empty'
import './mail'
import './notices'
import './offers'
import './past'
import './lineage'
import './presence'
import './routing'
import './rules'
import './sending'
import './verdict'
import './why'
import { table } from './texts'

const folder = new URL('.', import.meta.url)
const areas = readdirSync(folder).filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts') && readFileSync(new URL(f, folder), 'utf8').includes('= texts({'))
const parameters = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!).sort()

describe('the catalogue', () => {
  it('names every area', () => {
    const later = [...readFileSync(new URL('catalogue.ts', folder), 'utf8').matchAll(/^import type \{ (\w+) \} from/gm)].map((m) => m[1]!)
    expect([...Object.keys(named), ...later].sort()).toEqual(areas.map((f) => f.replace('.ts', '')).sort())
  })

  it('has no key twice', () => {
    const written = areas.flatMap((f) => [...readFileSync(new URL(f, folder), 'utf8').matchAll(/^ {2}'?([\w.-]+)'?: \[/gm)].map((m) => m[1]!))
    expect(written.filter((k, i) => written.indexOf(k) !== i)).toEqual([])
  })

  it('says everything in both languages, with the same parameters', () => {
    for (const [key, [english, spanish]] of Object.entries(table)) {
      expect(english.trim(), key).not.toBe('')
      expect(spanish.trim(), key).not.toBe('')
      expect(parameters(spanish), key).toEqual(parameters(english))
    }
  })

  it('has both forms of every plural', () => {
    for (const key of Object.keys(table)) {
      const other = key.endsWith('.one') ? key.replace(/one$/, 'other') : key.endsWith('.other') && key !== 'me.reason.other' ? key.replace(/other$/, 'one') : ''
      if (other) expect(table, key).toHaveProperty([other])
    }
  })
})
