// Which folder of a mailbox is watched and what becomes of its mails, between the form and the channel's configuration. What is as it is
// by itself is not written down.
import { objectOf, textOf } from '../live/rest'

export type After = 'nothing' | 'read' | 'move'
export interface FoldersDraft {
  watched: string
  after: After
  to: string
}

export const inbox = 'INBOX'
export const folderFields = ['imap.folder', 'after_intake.do', 'after_intake.folder', 'after_intake']

export function foldersFrom(config: Record<string, unknown>): FoldersDraft {
  const after = objectOf(config.after_intake)
  return {
    watched: textOf(objectOf(config.imap).folder) || inbox,
    after: after.do === 'read' || after.do === 'move' ? after.do : 'nothing',
    to: textOf(after.folder),
  }
}

export function foldersTo(draft: FoldersDraft, config: Record<string, unknown>): Record<string, unknown> {
  const { imap, after_intake: _, ...rest } = config
  const { folder: __, ...server } = objectOf(imap)
  const watched = draft.watched.trim()
  return {
    ...rest,
    imap: { ...server, ...(watched && watched.toUpperCase() !== inbox ? { folder: watched } : {}) },
    ...(draft.after === 'nothing' ? {} : { after_intake: draft.after === 'move' ? { do: 'move', folder: draft.to.trim() } : { do: 'read' } }),
  }
}
