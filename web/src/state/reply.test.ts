import { describe, expect, it } from 'vitest'
import { answered, laters, strange, tokenNames, tokens, tokenWords } from './reply'
import type { Address, Agent, Contact, Item, Ticket } from '../live/types'

const a = (address: string): Address => ({ name: '', address })
const item = (from: string, to: string[], cc: string[], automatic = ''): Item =>
  ({ kind: 'inbound', from: a(from), to: to.map(a), cc: cc.map(a), automatic }) as unknown as Item

describe('a reply', () => {
  it('goes to who wrote last, and to everybody else of that message but us', () => {
    const items = [item('carla@x.test', ['help@us.test'], []), item('Dan@x.test', ['HELP@us.test', 'eve@x.test'], ['carla@x.test', 'Eve@x.test']), item('robot@x.test', [], [], 'auto-reply')]
    expect(answered(items, ['support@us.test', 'help@us.test'])).toEqual({ to: [a('Dan@x.test')], cc: [a('eve@x.test'), a('carla@x.test')] })
    expect(answered([], ['help@us.test'])).toEqual({ to: [], cc: [] })
    const zoe = { name: 'Zoe', identities: [{ kind: 'phone', value: '1' }, { kind: 'email', value: 'zoe@z.test' }] } as unknown as Contact
    expect(answered([], ['help@us.test'], zoe).to).toEqual([{ name: 'Zoe', address: 'zoe@z.test' }])
    expect(answered(items, ['support@us.test', 'help@us.test'], zoe).to).toEqual([a('Dan@x.test')])
  })

  it('goes to nobody who is not confirmed, to whose mail was passed on, and to whose ticket it became', () => {
    const mail = item('carla@x.test', ['help@us.test'], ['eve@x.test'])
    const stranger = { ...item('mallory@y.test', ['help@us.test'], []), unconfirmed: true }
    expect(answered([mail, stranger], ['help@us.test']).to).toEqual([a('carla@x.test')])
    const passedOn = { ...item('colleague@us.test', ['help@us.test'], ['boss@us.test']), forwardedFrom: a('dan@x.test'), forForwarded: true }
    expect(answered([passedOn], ['help@us.test'])).toEqual({ to: [a('dan@x.test')], cc: [] })
    const changed = { kind: 'activity', activity: { code: 'requester', to: 'Zoe', field: 'zoe@z.test' } } as unknown as Item
    expect(answered([mail, changed], ['help@us.test'])).toEqual({ to: [{ name: 'Zoe', address: 'zoe@z.test' }], cc: [] })
    expect(answered([changed, mail], ['help@us.test']).to).toEqual([a('carla@x.test')])
  })

  it('knows a value for every token that the settings name, and no other', () => {
    const ticket = { number: 7, subject: 'Lamp', contact: { id: 'ct_1', name: 'Carla Gil' } } as unknown as Ticket
    const values = tokens(ticket, undefined, { name: 'Ada Admin' } as Agent)
    expect(Object.keys(values).toSorted()).toEqual([...tokenNames].toSorted())
    expect(values['contact.first_name'] + values['agent.first_name'] + values['ticket.number']).toBe('CarlaAda7')
    expect(strange(`${tokenWords} {{contact.nmae}}`)).toEqual(['{{contact.nmae}}'])
  })

  it('knows when later is', () => {
    const wednesday = new Date(2026, 10, 25, 16, 30).getTime()
    const at = (day: number, hour: number): number => new Date(2026, 10, day, hour).getTime()
    expect(laters(wednesday).map((l) => l.at)).toEqual([wednesday + 3_600_000, at(26, 9), at(30, 9)])
    const sunday = new Date(2026, 10, 29, 12).getTime()
    expect(laters(sunday).map((l) => l.key)).toEqual(['hour', 'tomorrow'])
  })
})
