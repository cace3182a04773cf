// What an agent does to tickets, asked for by key, from the panel, from a menu or from the bar of chosen ones: to the chosen
// ones if there are any, else to the one that is open.
import { t } from '../i18n/format.svelte'
import type { WorkAction } from '../live/work'
import { perform, type BulkAction } from './bulk.svelte'
import { act } from './desk.svelte'
import { failed, offerUndo } from './page.svelte'
import { selected } from './selection.svelte'
import { workspace } from './session.svelte'
import type { Ticket, ViewName } from '../live/types'

export type Anchor = Element | null | undefined

// targets are the tickets an action means.
export function targets(open: Ticket | undefined): Ticket[] {
  const ws = workspace()
  const chosen = [...selected()].map((id) => ws.tickets.get(id)).filter((t) => t !== undefined)
  return chosen.length > 0 ? chosen : open ? [open] : []
}

// run does it: one ticket at once over the socket, several in slices.
export async function run(tickets: Ticket[], one: (t: Ticket) => WorkAction | Parameters<typeof act>[0], many: BulkAction): Promise<void> {
  if (selected().size > 0) return perform([...selected()], many)
  const [ticket] = tickets
  if (ticket) await act(one(ticket))
}

// What is chosen from a list is a file of its own, which a page that shows tickets loads in advance: a key must not wait for it.
const choosing = () => import('./choosing')
export const warm = (): void => void choosing().catch(() => undefined) // who asks for it asks again
type List = Exclude<keyof Awaited<ReturnType<typeof choosing>>, 'chooseFollowers'>
const chooses =
  (what: List) =>
  (tickets: Ticket[], anchor?: Anchor): void =>
    void choosing().then((m) => m[what](tickets, anchor), failed)

export const chooseOwner = chooses('chooseOwner')
export const chooseTeam = chooses('chooseTeam')
export const chooseStatus = chooses('chooseStatus')
export const choosePriority = chooses('choosePriority')
export const chooseTags = chooses('chooseTags')
export const chooseSnooze = chooses('chooseSnooze')
export const chooseFollowers = (ticket: Ticket, anchor?: Anchor): void => void choosing().then((m) => m.chooseFollowers(ticket, anchor), failed)

export function follow(tickets: Ticket[]): void {
  const me = workspace().me
  const on = !tickets.every((x) => x.followers.includes(me))
  void run(tickets, (x) => ({ kind: 'follow', conversation: x.id, agent: me, on }), { kind: on ? 'follow' : 'unfollow', agent: me })
}

export function markSpam(tickets: Ticket[]): void {
  const spam = !tickets.every((x) => x.spam)
  void run(tickets, (x) => ({ kind: 'spam', conversation: x.id, spam }), { kind: spam ? 'spam' : 'not_spam' })
  if (selected().size === 0 && spam && tickets[0]) {
    const id = tickets[0].id
    offerUndo(t('work.spam_done'), () => void act({ kind: 'spam', conversation: id, spam: false }))
  }
}

// Merging is seldom: it is loaded when it is asked for.
export const chooseMerge = (ticket: Ticket, view: ViewName, anchor?: Anchor): void => void import('./merge').then((m) => m.chooseMerge(ticket, view, anchor), failed)
export const undoMerge = (id: string, view: ViewName): void => void import('./merge').then((m) => m.undoMerge(id, view), failed)

export async function block(contact: string, blocked: boolean): Promise<void> {
  try {
    await workspace().http.send('PUT', `/contacts/${contact}/blocked`, { blocked })
    if (blocked) offerUndo(t('work.blocked_done'), () => void block(contact, false))
  } catch (err) {
    failed(err)
  }
}

// What opens as a dialog of its own, loaded when it is asked for.
export const dialogs = $state<{ split: Ticket | null; create: boolean; forward: { ticket: Ticket; only?: string; ask?: boolean } | null; side: { ticket: Ticket; side: string } | null }>({ split: null, create: false, forward: null, side: null })
