// Which tickets are chosen, for one action on all of them. The list fills it, the bar acts on it; a ticket stays chosen when
// its row moves.
let chosen = $state.raw<ReadonlySet<string>>(new Set())
let last = '' // where a range begins

export const most = 500 // the server's limit, too

export const selected = (): ReadonlySet<string> => chosen
export const isSelected = (id: string): boolean => chosen.has(id)

export function toggle(id: string): void {
  const next = new Set(chosen)
  if (!next.delete(id)) next.add(id)
  chosen = next
  last = id
}

// extend chooses everything between the last one chosen and this one, in the order of the list.
export function extend(id: string, order: readonly string[]): void {
  const [a, b] = [order.indexOf(last), order.indexOf(id)]
  if (a < 0 || b < 0) return toggle(id)
  chosen = new Set([...chosen, ...order.slice(Math.min(a, b), Math.max(a, b) + 1)].slice(0, most))
  last = id
}

export function selectAll(ids: readonly string[]): void {
  chosen = new Set(ids.slice(0, most))
}

export function clearSelection(): void {
  if (chosen.size > 0) chosen = new Set()
  last = ''
}

// pressed chooses instead of opening: the mark, Ctrl and Shift. It says whether it did.
export function pressed(e: MouseEvent & { currentTarget: HTMLElement }, id: string): boolean {
  const onMark = e.target instanceof Element && e.target.closest('[data-mark]') !== null
  if (!onMark && !e.ctrlKey && !e.metaKey && !e.shiftKey) return false
  e.preventDefault()
  if (e.shiftKey && chosen.size > 0) {
    const rows = [...(e.currentTarget.closest('[data-rows]')?.querySelectorAll('[data-row], [data-card]') ?? [])]
    extend(id, rows.map((r) => r.getAttribute('data-row') ?? r.getAttribute('data-card') ?? ''))
  } else toggle(id)
  return true
}
