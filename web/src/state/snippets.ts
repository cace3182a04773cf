// What ; and @ offer while somebody writes: the snippets and macros one may use, and the colleagues one may call.
import type { Setting, Settings } from '../live/settings'
import type { Agent } from '../live/types'
import { escaped, fill, htmlOf } from '../ui/richtext'

export interface Offer {
  id: string
  label: string
  hint?: string
}

// textsOf is everybody's and one's own.
export function textsOf(settings: Settings, me: string): { snippets: Setting<'snippet'>[]; macros: Setting<'macro'>[] } {
  const mine = (owner: string): boolean => owner === '' || owner === me
  return {
    snippets: settings.of('snippet').filter((s) => mine(s.value.owner)),
    macros: settings.of('macro').filter((m) => mine(m.value.owner)),
  }
}

const most = 8 // offered at once

export function offered(snippets: Setting<'snippet'>[], query: string): Offer[] {
  const q = query.toLowerCase()
  return snippets
    .filter((s) => s.value.shortcut.toLowerCase().startsWith(q) || s.value.name.toLowerCase().includes(q))
    .slice(0, most)
    .map((s) => ({ id: s.id, label: s.value.name, hint: s.value.shortcut ? `;${s.value.shortcut}` : '' }))
}

export function htmlOfSnippet(snippets: Setting<'snippet'>[], id: string, values: Record<string, string>): string {
  const s = snippets.find((x) => x.id === id)?.value
  return s ? fill(s.html || htmlOf(s.text), values, escaped) : ''
}

export function colleagues(agents: Agent[], me: string, query: string): Offer[] {
  return agents
    .filter((a) => !a.deactivated && a.id !== me && a.name.toLowerCase().includes(query.toLowerCase()))
    .slice(0, most)
    .map((a) => ({ id: a.id, label: a.name, hint: a.shownEmail }))
}
