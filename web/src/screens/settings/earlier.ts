// How far an import of earlier mail is.
import { t } from '../../i18n/format.svelte'
import { listOf, numberOf, objectOf, textOf, timeOf, type Json } from '../../live/rest'
import { inbox } from '../../ui/folders'

export interface Import {
  state: 'none' | 'running' | 'paused' | 'stopped' | 'done'
  since: number // 0: all there is
  folder: string // another one than the inbox and that of sent mail; '': none
  total: number
  taken: number
  known: number
  aside: number
  skipped: number
  changedAt: number
  error: string
  retryAt: number
}

export const importFrom = (i: Json): Import => ({
  state: (textOf(i.state) || 'none') as Import['state'],
  since: timeOf(i.since),
  folder: textOf(i.folder),
  total: numberOf(i.total),
  taken: numberOf(i.taken),
  known: numberOf(i.known),
  aside: numberOf(i.aside),
  skipped: numberOf(i.skipped),
  changedAt: timeOf(i.changed_at),
  error: textOf(i.error),
  retryAt: timeOf(i.retry_at),
})

export const under = (i: Import): boolean => i.state === 'running' || i.state === 'paused'

// otherFolders are those that may be read besides the one that is watched and that of sent mail. What is thrown away, spam and drafts
// are no earlier mail.
export function otherFolders(all: unknown, config: Record<string, unknown>): { value: string; label: string }[] {
  const watched = textOf(objectOf(config.imap).folder) || inbox
  const same = (name: string): boolean => name === watched || (name.toUpperCase() === inbox && watched.toUpperCase() === inbox)
  const wanted = listOf(all).map(objectOf).map((f) => ({ name: textOf(f.name), use: textOf(f.use) }))
    .filter((f) => !['sent', 'trash', 'junk', 'drafts'].includes(f.use) && !same(f.name))
  const label = (f: { name: string; use: string }): string =>
    f.use === 'all' ? t('past.use_all', { name: f.name }) : f.use === 'archive' ? t('past.use_archive', { name: f.name }) : f.name
  return [{ value: '', label: t('past.another_none') }, ...wanted.map((f) => ({ value: f.name, label: label(f) }))]
}
