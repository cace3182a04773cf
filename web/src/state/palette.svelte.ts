// What the command palette (Ctrl-K) offers: the commands of the keyboard's registry, the places one can go to, and whatever
// others provide:
//
//   $effect(() => provide((typed, stop) => search(typed, stop)))
//
// A provider gives items at once, or later (then they appear when they come; stop aborts when something else was typed).
// What it gives for typed words may be marked as found: it is shown as it is, without being matched again.
import { untrack } from 'svelte'
import type { AnyIcon } from '../ui/icon'
import { score } from '../ui/search'

export interface Item {
  id: string // the same for the same thing: what was used comes first the next time
  group: string // the heading it stands under
  label: string
  hint?: string
  icon?: AnyIcon
  keys?: string
  words?: string // more words by which it is found
  found?: boolean
  href?: string
  run?: () => void
}
export type Provider = (typed: string, stop: AbortSignal) => readonly Item[] | Promise<readonly Item[]>

let all = $state.raw<readonly Provider[]>([])
export const providers = (): readonly Provider[] => all

export function provide(provider: Provider): () => void {
  untrack(() => (all = [...all, provider]))
  return () => untrack(() => (all = all.filter((p) => p !== provider)))
}

// matching are the items that fit what was typed, the best first: what was used lately before what was not, else as given.
export function matching(items: readonly Item[], typed: string, recent: readonly string[] = []): Item[] {
  const lately = (item: Item): number => {
    const at = recent.indexOf(item.id)
    return at < 0 ? 0 : recent.length - at
  }
  const rank = (item: Item): number => {
    if (item.found) return 500
    const best = Math.max(score(item.label, typed), 0.9 * score(`${item.group} ${item.label} ${item.words ?? ''}`, typed))
    return best > 0 ? best + (typed.trim() ? 10 : 100) * lately(item) : 0
  }
  return items
    .map((item, at) => ({ item, at, rank: rank(item) }))
    .filter((x) => x.rank > 0)
    .sort((a, b) => b.rank - a.rank || a.at - b.at)
    .map((x) => x.item)
}

export interface Group {
  name: string
  items: Item[]
}

// grouped puts items under their headings; the heading of the best item is the first.
export function grouped(items: readonly Item[], most = 60): Group[] {
  const groups = new Map<string, Item[]>()
  for (const item of items.slice(0, most)) groups.set(item.group, [...(groups.get(item.group) ?? []), item])
  return [...groups].map(([name, items]) => ({ name, items }))
}

// What was chosen or opened lately in this window, the newest first. Tickets keep their name, so that they can be offered
// before they are read again.
export interface Recent {
  id: string
  label?: string
  href?: string
}
const key = 'centralita.recent'
const kept = 12

export function recent(): Recent[] {
  try {
    const list: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]')
    return Array.isArray(list) ? list.filter((r): r is Recent => typeof r?.id === 'string') : []
  } catch {
    return []
  }
}

export function remember(entry: Recent): void {
  try {
    sessionStorage.setItem(key, JSON.stringify([entry, ...recent().filter((r) => r.id !== entry.id)].slice(0, kept)))
  } catch {
    // Then it is not remembered.
  }
}
