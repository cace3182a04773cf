// By when an answer is due, chosen for one ticket.
import '../i18n/due'
import { t } from '../i18n/format.svelte'
import { whenText } from '../ui/presence'
import { choose } from './chooser.svelte'
import { act, me } from './desk.svelte'
import { now } from './page.svelte'
import { snoozes } from './snoozes'
import type { Ticket } from '../live/types'

// mayPromise: whoever answers it, and who runs the desk.
export const mayPromise = (ticket: Ticket): boolean => ticket.status !== 'closed' && (me().role !== 'agent' || ticket.owner?.id === me().id)

export function chooseDue(ticket: Ticket, anchor?: Element | null): void {
  const until = (at: number): void => void act({ kind: 'due', conversation: ticket.id, at })
  const from = Date.now()
  choose({
    title: t('due.choose'),
    choices: [
      ...(ticket.dueAt > 0 ? [{ id: '0', label: t('due.none') }] : []),
      { id: String(from + 3_600_000), label: t('due.hour'), hint: whenText(from + 3_600_000, now()) },
      ...snoozes(from).map((s) => ({ id: String(s.at), label: t(s.key), hint: whenText(s.at, now()) })),
    ],
    date: { label: t('due.date'), pick: until },
    anchor,
    pick: ([id]) => until(Number(id)),
  })
}
