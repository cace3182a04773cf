// The last searches of this browser.
const name = 'centralita.searches'
const most = 8

export function recentSearches(): string[] {
  try {
    const v: unknown = JSON.parse(localStorage.getItem(name) ?? '[]')
    return Array.isArray(v) ? v.filter((s): s is string => typeof s === 'string').slice(0, most) : []
  } catch {
    return []
  }
}

export function rememberSearch(q: string): void {
  q = q.trim()
  if (!q) return
  keep([q, ...recentSearches().filter((s) => s !== q)].slice(0, most))
}

export const forgetSearches = (): void => keep([])

function keep(all: string[]): void {
  try {
    localStorage.setItem(name, JSON.stringify(all))
  } catch {
    // Then they last until the page is closed.
  }
}
