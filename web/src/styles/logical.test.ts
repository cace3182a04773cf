// Room for languages that are read from the right: nothing is placed by left and right.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const root = new URL('../', import.meta.url)
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => /\.(css|svelte)$/.test(f))

const physical: [RegExp, string][] = [
  [/\b(margin|padding|border|inset|scroll-margin|scroll-padding)-(left|right)\b/, 'use -inline-start and -inline-end'],
  [/(^|[;{\s])(left|right)\s*:/, 'use inset-inline-start and inset-inline-end'],
  [/\b(text-align|float|clear|justify-content)\s*:\s*(left|right)\b/, 'use start and end'],
  [/\bborder-(top|bottom)-(left|right)-radius\b/, 'use border-start-start-radius and its like'],
  [/\btranslateX\((?!calc\(var\(--dir\))/, 'use translateX(calc(var(--dir) * …))'],
]
// Four values of which the second and the fourth differ: right and left.
const four = /\b(margin|padding|inset|border-width|scroll-margin|scroll-padding)\s*:\s*([^;{}]+)/g

function values(list: string): string[] {
  return [...list.trim().matchAll(/(?:[^\s()]+|\((?:[^()]|\([^()]*\))*\))+/g)].map((m) => m[0])
}

it.each(files)('%s', (file) => {
  const source = readFileSync(new URL(file, root), 'utf8')
  const css = file.endsWith('.css') ? source : (source.match(/<style>([\s\S]*)<\/style>/)?.[1] ?? '')
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, '')
  for (const [wrong, advice] of physical) expect(bare.match(wrong)?.[0] ?? '', advice).toBe('')
  for (const m of bare.matchAll(four)) {
    const v = values(m[2]!)
    if (v.length === 4) expect(v[3], `${m[0].trim()}: use ${m[1]}-block and ${m[1]}-inline`).toBe(v[1])
  }
})
