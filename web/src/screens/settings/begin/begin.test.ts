import { expect, test, vi } from 'vitest'
import { beginField, beginFrom, beginTo } from './begin'

vi.hoisted(() => vi.stubGlobal('navigator', { language: 'en', languages: ['en'] })) // the texts ask it for the language

test('what is not said is not sent', () => {
  expect(beginTo(beginFrom({}))).toEqual({})
  expect(beginTo({ ...beginFrom({}), pipeline: 'se_p' })).toEqual({}) // a pipeline without its status says nothing
})

test('what is said comes back as it was', () => {
  const defaults = { priority: 'high', tags: ['se_a'], team: 'te_1', pipeline: 'se_p', stage: 's1', properties: { se_x: 'yes' }, answer_within_minutes: 90 }
  expect(beginTo(beginFrom({ defaults }))).toEqual(defaults)
})

test('a time is shown in the largest unit that it fills', () => {
  const shown = (minutes: number) => beginFrom({ defaults: { answer_within_minutes: minutes } })
  expect([2880, 240, 90].map((m) => [shown(m).within, shown(m).unit])).toEqual([[2, 1440], [4, 60], [90, 1]])
  expect(beginTo({ ...beginFrom({}), within: 1.5, unit: 60 })).toEqual({ answer_within_minutes: 90 })
})

test('a value of a property that is not there any more is left out', () => {
  expect(beginTo(beginFrom({ defaults: { properties: { se_x: 'a', se_y: 'b' } } }, (id) => id === 'se_y'))).toEqual({ properties: { se_y: 'b' } })
})

test('a fault is told at its field', () => {
  expect(['tags[2]', 'team', 'pipeline', 'stage', 'properties.se_x', 'properties', 'answer_within_minutes'].map((x) => beginField(`routing.defaults.${x}`))).toEqual(['tags', 'team', 'stage', 'stage', 'property:se_x', undefined, 'within'])
  expect(beginField('routing.agents[0]')).toBeUndefined()
})
