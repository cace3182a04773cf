// Finding by typing, in lists that are already here.

// plain is text for comparing: without case and accents.
export const plain = (s: string): string => s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

// score says how well typed letters fit a text, 0 for not at all: a beginning is better than the beginning of a word, that
// better than a place inside, that better than letters with others between them; and what is short better than what is long.
export function score(text: string, typed: string): number {
  const hay = plain(text)
  const needle = plain(typed.trim())
  if (needle === '') return 1
  const short = 1 / (1 + hay.length / 200)
  if (hay === needle) return 1000
  if (hay.startsWith(needle)) return 800 + short
  const words = needle.split(/\s+/)
  const starts = hay.split(/[^\p{L}\p{N}]+/u)
  if (words.every((w) => starts.some((s) => s.startsWith(w)))) return 600 + short
  if (words.every((w) => hay.includes(w))) return 400 + short
  return scattered(hay, needle.replaceAll(' ', '')) * short
}

// scattered: the letters in order, better the closer together and the more of them begin a word; 0 when they are too far apart.
function scattered(hay: string, needle: string): number {
  let at = -1
  let first = -1
  let begins = 0
  for (const letter of needle) {
    const next = hay.indexOf(letter, at + 1)
    if (next < 0) return 0
    if (next === 0 || /[^\p{L}\p{N}]/u.test(hay[next - 1]!)) begins++
    if (first < 0) first = next
    at = next
  }
  const spread = at - first + 1
  if (spread > needle.length * 3 && begins < needle.length) return 0
  return 100 + 100 * (needle.length / spread) + 50 * (begins / needle.length)
}
