// What the command palette does besides what has a key: macros on the open ticket and what its menu has, being there or away,
// one's views, signing out.
import '../i18n/macro'
import { t } from '../i18n/format.svelte'
import { isMuted, muteTicket } from './account.svelte'
import { act, me } from './desk.svelte'
import { savedViews } from './lists.svelte'
import { runMacro } from './macro'
import { failed } from './page.svelte'
import type { Item } from './palette.svelte'
import { tokens } from './reply'
import { route, ticketPath } from './router.svelte'
import { signOut, workspace } from './session.svelte'
import { textsOf } from './snippets'
import * as work from './work.svelte'
import type { Ticket, ViewName } from '../live/types'

const reasons = ['break', 'lunch', 'meeting', 'training', 'after_call'] as const

export function deeds(): Item[] {
  const at = route()
  const ticket = at.page === 'tickets' && at.id ? workspace().tickets.get(at.id) : undefined
  return [...(ticket && at.page === 'tickets' ? ofTicket(ticket, at.view) : []), ...views(), ...mine()]
}

function ofTicket(ticket: Ticket, view: ViewName): Item[] {
  const ws = workspace()
  const contact = ws.contacts.get(ticket.contact.id)
  const blocked = contact?.blocked === true
  const muted = isMuted(ticket.id)
  const group = t('keys.scope.ticket')
  const item = (id: string, label: string, run: () => void): Item => ({ id: `deed/${id}`, group, label, run })
  return [
    ...textsOf(ws.settings, ws.me).macros.map((m) => item(`macro/${m.id}`, t('macro.run_named', { name: m.value.name }), () => void runMacro(ticket, m.value, tokens(ticket, contact, me())))),
    item('mute', t(muted ? 'notices.unmute_ticket' : 'notices.mute_ticket'), () => void muteTicket(ticket.id, !muted).catch(failed)),
    item('block', t(blocked ? 'work.unblock' : 'work.block'), () => void work.block(ticket.contact.id, !blocked)),
    ...(ticket.mergedInto ? [item('unmerge', t('work.undo_merge'), () => void work.undoMerge(ticket.id, view))] : []),
  ]
}

const views = (): Item[] => savedViews().map((v) => ({ id: `view/${v.id}`, group: t('nav.views'), label: v.value.name, href: ticketPath(v.id as ViewName) }))

function mine(): Item[] {
  const agent = me()
  const group = t('keys.scope.me')
  const set = (available: boolean, reason: string): void => void act({ kind: 'availability', agent: agent.id, available, reason })
  return [
    ...(agent.available ? [] : [{ id: 'deed/here', group, label: t('me.available'), words: 'available disponible', run: () => set(true, '') }]),
    ...reasons.map((r) => ({ id: `deed/away/${r}`, group, label: t('me.away_as', { reason: t(`me.reason.${r}`) }), words: 'away ausente', run: () => set(false, t(`me.reason.${r}`)) })),
    { id: 'deed/out', group, label: t('me.sign_out'), run: () => void signOut() },
  ]
}
