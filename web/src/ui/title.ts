import { known, t } from '../i18n/format.svelte'
import type { Ticket } from '../live/types'

// titleOf names a ticket: its subject, or for channels that have none what it is.
export function titleOf(ticket: Ticket): string {
  if (ticket.subject) return ticket.subject
  return ticket.channel.kind === 'email' ? t('list.no_subject') : (known('kind', ticket.channel.kind) ?? t('list.no_subject'))
}
