import { describe, expect, it } from 'vitest'
import { foldersFrom, foldersTo } from './folders'

describe('the folders of a mailbox', () => {
  it('are kept, and what is as it is by itself is not written down', () => {
    const plain = { address: 'a@b.test', imap: { host: 'mail', security: 'tls' } }
    expect(foldersFrom(plain)).toEqual({ watched: 'INBOX', after: 'nothing', to: '' })
    expect(foldersTo(foldersFrom(plain), plain)).toEqual(plain)
    const moved = foldersTo({ watched: 'Team', after: 'move', to: 'Done' }, plain)
    expect(moved).toEqual({ ...plain, imap: { ...plain.imap, folder: 'Team' }, after_intake: { do: 'move', folder: 'Done' } })
    expect(foldersFrom(moved)).toEqual({ watched: 'Team', after: 'move', to: 'Done' })
    expect(foldersTo({ watched: 'inbox', after: 'read', to: 'Done' }, moved)).toEqual({ ...plain, after_intake: { do: 'read' } })
    expect(foldersTo({ watched: '', after: 'nothing', to: 'Done' }, moved)).toEqual(plain)
  })
})
