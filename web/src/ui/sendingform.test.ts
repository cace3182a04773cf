import { describe, expect, it } from 'vitest'
import { linked, sendingFrom, sendingTo } from './sendingform'
import type { Attachment } from '../live/types'

const mb = 1024 * 1024
const file = (name: string, size: number, inline = false): Attachment => ({ blob: name, name, mediaType: '', size: size * mb, inline, contentId: '' })

describe('how mails look', () => {
  it('keeps what the form does not show, and leaves out what is empty', () => {
    const config = { address: 'help@us.test', from_name: 'Acme', smtp: { host: 'x' }, sending: { sender_name: 'company', signature: '<p>x</p>', acknowledge: { text: 'We have it', later: true } } }
    const draft = sendingFrom(config, 'es')
    expect([draft.senderName, draft.fromName, draft.language, draft.quote, draft.ack, draft.ackLater]).toEqual(['company', 'Acme', 'en', 'none', true, true])
    const kept = { ...config, sending: { ...config.sending, language: 'en', quote: 'none' } }
    expect(sendingTo(draft, config)).toEqual(kept)
    expect(sendingTo({ ...draft, ack: false, fromName: '  ', signature: '' }, config)).toEqual({
      address: 'help@us.test', smtp: { host: 'x' }, sending: { sender_name: 'company', language: 'en', quote: 'none' },
    })
    expect(sendingFrom(null, 'es')).toMatchObject({ language: 'es', quote: 'last', ack: false })
  })

  it('tells which files go as links, as the server decides', () => {
    const names = (files: Attachment[], attachMB = 20) => linked(files, { from: '', ours: [], attachMB, linkDays: 30 })
    expect(names([file('a', 20)])).toEqual([])
    expect(names([file('a', 5), file('b', 15), file('c', 4)])).toEqual(['b'])
    expect(names([file('a', 30, true), file('b', 1)])).toEqual(['b'])
    expect(names([file('a', 2), file('b', 2)], 3)).toEqual(['a'])
    expect(names([file('a', 30)], 0)).toEqual([])
  })
})
