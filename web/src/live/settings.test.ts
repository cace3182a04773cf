// A setting is the same row whether it came over HTTP or the socket, and what is saved is what was read.
import { create } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import { SettingSummarySchema, type SettingSummary } from '../gen/desk/v1/record_pb'
import { SettingSchema, type Setting as PbSetting } from '../gen/desk/v1/setting_pb'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { Settings, settingFrom, settingOf, settingsFrom, settingTo } from './settings'

const row = (kind: string, value: MessageInitShape<typeof SettingSchema>['value']): SettingSummary =>
  create(SettingSummarySchema, {
    setting: 'x', kind, version: 2n, by: 'ag_1', changedAtMs: 1_700_000_000_000n,
    value: create(SettingSchema, { value } as MessageInitShape<typeof SettingSchema>) as PbSetting,
  })
const head = { id: 'x', version: 2, removed: false, changed_by: 'ag_1', changed_at: '2023-11-14T22:13:20.000Z' }

describe('settings', () => {
  it('are the same over both ways', () => {
    const stages = [
      { id: 'a', name: 'New', status: 1 },
      { id: 'b', name: 'Done', status: 4 },
    ]
    expect(settingOf(row('pipeline', { case: 'pipeline', value: { name: 'Sales', default: true, stages } }))).toEqual(
      settingFrom('pipeline', {
        ...head, name: 'Sales', default: true,
        stages: [{ id: 'a', name: 'New', status: 'new' }, { id: 'b', name: 'Done', status: 'closed' }],
      }),
    )
    expect(settingOf(row('property', { case: 'property', value: { name: 'plan', label: 'Plan', of: 2, kind: 6, order: 3 } }))).toEqual(
      settingFrom('property', { ...head, name: 'plan', label: 'Plan', of: 'contact', kind: 'multi_choice', choices: [], order: 3 }),
    )
    expect(settingOf(row('macro', { case: 'macro', value: { name: 'M', status: 4, addTags: ['t'] } }))).toEqual(
      settingFrom('macro', { ...head, name: 'M', status: 'closed', add_tags: ['t'], remove_tags: [], teams: [], priority: '' }),
    )
  })

  it('go back as they came', () => {
    const sent = { name: 'plan', label: 'Plan', of: 'ticket', kind: 'text', choices: [], required_to_close: true, order: 1, help: '' }
    expect(settingTo(settingFrom('property', sent).value)).toEqual(sent)
  })

  it('leave out what is unknown or removed', () => {
    const all = settingsFrom({ tag: [{ ...head, name: 'b' }, { ...head, id: 'y', name: 'a' }], planet: [{ id: 'z' }] })
    const store = new Settings()
    store.replaceAll(all, store.mark())
    expect(store.of('tag').map((t) => t.value.name)).toEqual(['a', 'b'])
    store.upsert({ ...all[0]!, removed: true, version: 3 })
    expect(store.of('tag').map((t) => t.value.name)).toEqual(['a'])
    expect(store.find('tag', 'x')?.value).toEqual({ name: 'b', colour: 'grey' })
    expect(store.find('skill', 'x')).toBeUndefined()
    expect(settingOf(create(SettingSummarySchema, { kind: 'planet' }))).toBeUndefined()
  })
})
