// Which ticket another one is merged into, and the way back.
import { known, t } from '../i18n/format.svelte'
import { listOf, textOf, ticketFrom } from '../live/rest'
import { titleOf } from '../ui/title'
import { choose, type Choice } from './chooser.svelte'
import { failed, notify, offerUndo } from './page.svelte'
import { go, ticketPath } from './router.svelte'
import { workspace } from './session.svelte'
import type { Anchor } from './work.svelte'
import type { Ticket, ViewName } from '../live/types'

// chooseMerge looks for the ticket to merge into, by number, subject or contact.
export async function chooseMerge(ticket: Ticket, view: ViewName, anchor?: Anchor): Promise<void> {
  const { http } = workspace()
  let refused = ''
  const look = async (text: string): Promise<Choice[]> => {
    const answer = await http.get(`/conversations/${ticket.id}/merge?q=${encodeURIComponent(text)}`)
    refused = known('work.merge_refused', textOf(answer.refused)) ?? ''
    if (refused && text) notify(refused, true)
    const all = listOf(answer.tickets).map(ticketFrom)
    return [...all.filter((x) => x.status !== 'closed'), ...all.filter((x) => x.status === 'closed')].map((x) => ({
      id: x.id, label: `#${x.number} ${titleOf(x)}`, hint: x.status === 'closed' ? `${x.contact.name} · ${t('status.closed')}` : x.contact.name,
    }))
  }
  try {
    const own = await look('')
    if (refused) return notify(refused, true)
    choose({
      title: t('work.merge_into', { number: ticket.number }),
      choices: own.map((c) => ({ ...c, group: t('work.merge_own') })),
      search: look,
      anchor,
      pick: ([id]) => void merge(ticket, id ?? '', view),
    })
  } catch (err) {
    failed(err)
  }
}

async function merge(ticket: Ticket, into: string, view: ViewName): Promise<void> {
  const { http } = workspace()
  try {
    const answer = await http.send('POST', `/conversations/${ticket.id}/merge`, { into })
    const target = ticketFrom(answer.ticket)
    go(ticketPath(view, target.id))
    offerUndo(t('work.merged', { number: ticket.number, into: target.number }), () => void undoMerge(ticket.id, view))
  } catch (err) {
    failed(err)
  }
}

export async function undoMerge(id: string, view: ViewName): Promise<void> {
  try {
    await workspace().http.send('DELETE', `/conversations/${id}/merge`)
    go(ticketPath(view, id))
  } catch (err) {
    failed(err)
  }
}
