import { describe, expect, it } from 'vitest'
import { kept, parse, ticketPath } from './routes'

describe('addresses', () => {
  const plain = { filter: '', sort: '', layout: '', group: '', columns: '' }
  const cases: [string, unknown][] = [
    ['/', { page: 'tickets', view: 'unassigned', id: '', details: false, ...plain }],
    ['/sign-in', { page: 'tickets', view: 'unassigned', id: '', details: false, ...plain }],
    ['/tickets/mine', { page: 'tickets', view: 'mine', id: '', details: false, ...plain }],
    ['/tickets/mine/co_1', { page: 'tickets', view: 'mine', id: 'co_1', details: false, ...plain }],
    ['/tickets/mine/co_1/details', { page: 'tickets', view: 'mine', id: 'co_1', details: true, ...plain }],
    [ticketPath('open', 'a/b'), { page: 'tickets', view: 'open', id: 'a/b', details: false, ...plain }],
    ['/tickets/mine/co_1/other', { page: 'missing' }],
    ['/tickets/vw_1', { page: 'tickets', view: 'vw_1', id: '', details: false, ...plain }],
    ['/tickets/Not_An_Id', { page: 'missing' }],
    ['/tickets/open?filter={}&sort=-number&layout=board&group=owner&columns=subject,team', { page: 'tickets', view: 'open', id: '', details: false, filter: '{}', sort: '-number', layout: 'board', group: 'owner', columns: 'subject,team' }],
    ['/settings/channels', { page: 'channels', id: '', tab: '', connecting: '' }],
    ['/settings/channels/new', { page: 'channels', id: '', tab: '', connecting: '?' }],
    ['/settings/channels/new/email', { page: 'channels', id: '', tab: '', connecting: 'email' }],
    ['/settings/channels/ch_1', { page: 'channels', id: 'ch_1', tab: '', connecting: '' }],
    ['/settings/channels/ch_1/routing', { page: 'channels', id: 'ch_1', tab: 'routing', connecting: '' }],
    ['/settings/channels/ch_1/other', { page: 'missing' }],
    ['/settings/tags', { page: 'settings', section: 'tags', id: '' }],
    ['/settings/teams/new', { page: 'settings', section: 'teams', id: 'new' }],
    ['/settings/providers', { page: 'settings', section: 'providers', id: '' }],
    ['/settings/nothing', { page: 'missing' }],
    ['/settings/agents/new', { page: 'agents', id: 'new' }],
    ['/live', { page: 'people', of: 'live', id: '' }],
    ['/live/x', { page: 'missing' }],
    ['/agents/ag_1', { page: 'people', of: 'agents', id: 'ag_1' }],
    ['/teams/tm_1', { page: 'people', of: 'teams', id: 'tm_1' }],
    ['/teams', { page: 'missing' }],
    ['/notifications', { page: 'notifications' }],
    ['/notifications/other', { page: 'missing' }],
    ['/me/notifications', { page: 'me', tab: 'notifications' }],
    ['/setup?token=x%20y', { page: 'setup', token: 'x y' }],
    ['/%E0%A4%A', { page: 'missing' }],
  ]
  it.each(cases)('%s', (address, want) => {
    const [path = '', query = ''] = address.split('?')
    expect(parse(path, query)).toEqual(want)
  })

  it('keeps the query of the list one is in', () => {
    expect(kept('/tickets/open/co_1', '/tickets/open?sort=number')).toBe('/tickets/open/co_1?sort=number')
    expect(kept('/tickets/open', '/tickets/open/co_1/details?sort=number')).toBe('/tickets/open?sort=number')
    expect(kept('/tickets/mine', '/tickets/open?sort=number')).toBe('/tickets/mine')
    expect(kept('/tickets/open?', '/tickets/open?sort=number')).toBe('/tickets/open?')
    expect(kept('/settings/agents', '/tickets/open?sort=number')).toBe('/settings/agents')
  })
})
