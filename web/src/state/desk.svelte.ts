// What several parts of the desk's screen share: the drawer, the help, the way to the composer, and what an agent does
// to a ticket (with its words when it fails).
import type { Action } from '../live/commands'
import type { Ticket } from '../live/types'
import { failed } from './page.svelte'
import { watch } from './live'
import { workspace } from './session.svelte'

export const ui = $state<{ menu: boolean; help: boolean; palette: boolean; thin: boolean; compose: { tab: 'reply' | 'note'; at: number } | null }>({
  menu: false,
  help: false,
  palette: false,
  thin: kept(),
  compose: null,
})

function kept(): boolean {
  try {
    return localStorage.getItem('centralita.thin') === '1'
  } catch {
    return false
  }
}

// thin makes the sidebar narrow or wide, for this browser.
export function thin(on: boolean): void {
  ui.thin = on
  try {
    localStorage.setItem('centralita.thin', on ? '1' : '0')
  } catch {
    // Then it lasts until the page is closed.
  }
}

// compose brings the writing place forward; at makes every asking a new one.
export function compose(tab: 'reply' | 'note'): void {
  ui.compose = { tab, at: Date.now() }
}

export async function act(action: Action): Promise<void> {
  try {
    await workspace().act(action)
  } catch (err) {
    failed(err)
  }
}

// me as the desk has it now.
export const me = () => {
  const w = workspace()
  return watch(w.agents).get(w.me)!
}

export const isAdmin = (): boolean => me().role === 'administrator'

export function take(ticket: Ticket): void {
  const { id, name } = me()
  if (ticket.owner?.id !== id || ticket.offeredUntil) void act({ kind: 'assign', conversation: ticket.id, agent: id, agentName: name })
}

export function closeOrReopen(ticket: Ticket): void {
  const status = ticket.status === 'closed' ? 'waiting_on_us' : 'closed'
  void act({ kind: 'status', conversation: ticket.id, status })
}
