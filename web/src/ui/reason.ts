// Reasons that the server gives in its own words and that everybody should read in theirs.
import '../i18n/connecting'
import { t } from '../i18n/format.svelte'

// reasonOf says a channel's trouble in the reader's language, where it is one for which there is a way out on the screen.
export function reasonOf(words: string): string {
  const ended = /sign in again: (\w+) does not know our consent any more \((.*)\)/.exec(words)
  if (!ended) return untidied(words)
  const provider = ended[1]!.charAt(0).toUpperCase() + ended[1]!.slice(1)
  return t('consent.ended', { provider, detail: ended[2]! })
}

// untidied: mails were taken in, and the mailbox refuses what should become of them there.
function untidied(words: string): string {
  const m = /^Mails that were taken in could not be (?:marked as read|moved to "(.+?)"): (.*)\. They are tried again \((\d+)\)\.(?: Left as they are, because there were too many: (\d+)\.)?$/.exec(words)
  if (!m) return words
  const [, folder, detail, waiting, left] = m
  const why = folder === undefined ? t('untidied.read', { detail: detail!, n: waiting! }) : t('untidied.move', { folder, detail: detail!, n: waiting! })
  return left ? `${why} ${t('untidied.left', { n: left })}` : why
}
