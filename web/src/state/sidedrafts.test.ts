import { beforeEach, expect, test, vi } from 'vitest'
import { loadSide, newSideDraft, saveSide } from './sidedrafts'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v), removeItem: (k: string) => kept.delete(k) })
})

test('what is written is there again, with the id under which it may have been sent', () => {
  const d = { ...newSideDraft(), text: 'Do you have one?', to: [{ name: 'Sam', address: 'sam@parts.test' }], subject: 'A bulb', messages: ['ms_1'], left: ['b1'] }
  saveSide('ag_1', 'cv_1', 'ask', d)
  expect(loadSide('ag_1', 'cv_1', 'ask')).toEqual(d)
})

test('it is of one agent, ticket and side conversation', () => {
  saveSide('ag_1', 'cv_1', 'ask', { ...newSideDraft(), text: 'Mine' })
  for (const [agent, ticket, side] of [['ag_2', 'cv_1', 'ask'], ['ag_1', 'cv_2', 'ask'], ['ag_1', 'cv_1', 'forward']] as const) expect(loadSide(agent, ticket, side).text).toBe('')
})

test('nothing is kept of nothing', () => {
  saveSide('ag_1', 'cv_1', 'ask', { ...newSideDraft(), text: 'Mine' })
  saveSide('ag_1', 'cv_1', 'ask', { ...newSideDraft(), text: ' ' })
  expect(kept.size).toBe(0)
})

test('what another version left, or what is broken, does no harm', () => {
  kept.set('centralita.aside.ag_1.cv_1.ask', '{"text":7,"to":"x","attachments":null}')
  expect(loadSide('ag_1', 'cv_1', 'ask')).toMatchObject({ text: '', to: null, attachments: [] })
  kept.set('centralita.aside.ag_1.cv_1.ask', '{')
  expect(loadSide('ag_1', 'cv_1', 'ask').text).toBe('')
})
