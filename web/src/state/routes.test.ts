import { describe, expect, it } from 'vitest'
import { parse, ticketPath } from './routes'

describe('addresses', () => {
  const cases: [string, unknown][] = [
    ['/', { page: 'tickets', view: 'unassigned', id: '', details: false }],
    ['/sign-in', { page: 'tickets', view: 'unassigned', id: '', details: false }],
    ['/tickets/mine', { page: 'tickets', view: 'mine', id: '', details: false }],
    ['/tickets/mine/co_1', { page: 'tickets', view: 'mine', id: 'co_1', details: false }],
    ['/tickets/mine/co_1/details', { page: 'tickets', view: 'mine', id: 'co_1', details: true }],
    [ticketPath('open', 'a/b'), { page: 'tickets', view: 'open', id: 'a/b', details: false }],
    ['/tickets/mine/co_1/other', { page: 'missing' }],
    ['/tickets/nothing', { page: 'missing' }],
    ['/settings/channels', { page: 'channels', id: '', tab: '', connecting: '' }],
    ['/settings/channels/new', { page: 'channels', id: '', tab: '', connecting: '?' }],
    ['/settings/channels/new/email', { page: 'channels', id: '', tab: '', connecting: 'email' }],
    ['/settings/channels/ch_1', { page: 'channels', id: 'ch_1', tab: '', connecting: '' }],
    ['/settings/channels/ch_1/routing', { page: 'channels', id: 'ch_1', tab: 'routing', connecting: '' }],
    ['/settings/channels/ch_1/other', { page: 'missing' }],
    ['/settings/tags', { page: 'settings', section: 'tags', id: '' }],
    ['/settings/teams/new', { page: 'settings', section: 'teams', id: 'new' }],
    ['/settings/nothing', { page: 'missing' }],
    ['/settings/agents/new', { page: 'agents', id: 'new' }],
    ['/setup?token=x%20y', { page: 'setup', token: 'x y' }],
    ['/%E0%A4%A', { page: 'missing' }],
  ]
  it.each(cases)('%s', (address, want) => {
    const [path = '', query = ''] = address.split('?')
    expect(parse(path, query)).toEqual(want)
  })
})
