// Reasons that the server gives in its own words and that everybody should read in theirs.
import '../i18n/connecting'
import { t } from '../i18n/format.svelte'

// reasonOf says a channel's trouble in the reader's language, where it is one for which there is a way out on the screen.
export function reasonOf(words: string): string {
  const ended = /sign in again: (\w+) does not know our consent any more \((.*)\)/.exec(words)
  if (!ended) return words
  const provider = ended[1]!.charAt(0).toUpperCase() + ended[1]!.slice(1)
  return t('consent.ended', { provider, detail: ended[2]! })
}
