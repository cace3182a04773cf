// What a supervisor does from the board.
import { known, t } from '../../i18n/format.svelte'
import type { Agent } from '../../live/types'
import { choose, type Choice } from '../../state/chooser.svelte'
import { hindrances, loadText, talkedIn } from '../../state/capacity'
import { watch } from '../../state/live'
import { failed, notify } from '../../state/page.svelte'
import { workspace } from '../../state/session.svelte'
import type { MenuEntry } from '../../ui/menu'
import { ticketsOf, type Line } from './board'

const reasons = ['break', 'lunch', 'meeting', 'training', 'after_call'] as const

// setTo makes somebody available or away; they are told so, and by whom.
export async function setTo(agent: Agent, available: boolean, reason = ''): Promise<void> {
  const ws = workspace()
  try {
    await ws.act({ kind: 'availability', agent: agent.id, available, reason })
    if (agent.id !== ws.me) notify(t('board.told', { name: agent.name }))
  } catch (err) {
    failed(err)
  }
}

// otherReason takes one that is written.
function otherReason(a: Agent): void {
  choose({
    title: t('board.why_away', { name: a.name }),
    choices: reasons.map((r) => ({ id: t(`me.reason.${r}`), label: t(`me.reason.${r}`) })),
    create: { label: (text) => t('board.away_as', { text }), make: (text) => Promise.resolve(text) },
    pick: ([reason = '']) => void setTo(a, false, reason),
  })
}

export function deedsOf(a: Agent): MenuEntry[] {
  return [
    ...(a.available
      ? [
          { kind: 'head' as const, label: t('board.set_away') },
          { label: t('me.away'), run: () => void setTo(a, false) },
          ...reasons.map((r) => ({ label: t(`me.reason.${r}`), run: () => void setTo(a, false, t(`me.reason.${r}`)) })),
          { label: t('me.reason.other'), run: () => otherReason(a) },
        ]
      : [{ label: t('board.set_available'), run: () => void setTo(a, true) }]),
    { kind: 'line' },
    { label: t('board.their_tickets'), href: ticketsOf(a.id) },
    { label: t('board.page_of', { name: a.name }), href: `/agents/${a.id}` },
  ]
}

// giveFirst gives the first in a line to somebody, by hand: those its rules name stand before the others.
export function giveFirst(line: Line, anchor: Element): void {
  const ws = workspace()
  const first = line.first
  if (!first) return
  const kind = ws.tickets.get(first.id)?.channel.kind ?? ws.channels.get(line.id)?.kind
  const live = (kind !== undefined && talkedIn(kind)) || line.candidates.some((c) => c.verdict === 'not_connected')
  const named = line.candidates.map((c) => c.agent)
  const place = (id: string): number => (named.includes(id) ? named.indexOf(id) : named.length)
  const choices: Choice[] = watch(ws.agents)
    .all.filter((a) => !a.deactivated)
    .toSorted((a, b) => place(a.id) - place(b.id) || Number(b.available) - Number(a.available) || a.name.localeCompare(b.name))
    .map((a) => {
      const verdict = line.candidates.find((c) => c.agent === a.id)?.verdict
      // What the socket says of them is newer than what the rules said.
      const lasting = verdict && !['away', 'at_capacity', 'not_connected', 'no_seat'].includes(verdict) ? (known('verdict', verdict) ?? verdict) : ''
      const state = lasting || t(a.available ? 'me.available' : 'me.away')
      return {
        id: a.id, label: a.name, group: t(verdict ? 'board.by_rule' : 'board.others'),
        hint: [state, ...hindrances(a, live), loadText(a)].join(' · '),
      }
    })
  choose({
    title: t('board.assign_title', { number: first.number }),
    choices,
    anchor,
    pick: ([id = '']) => {
      const name = ws.agents.get(id)?.name ?? ''
      ws.act({ kind: 'assign', conversation: first.id, agent: id, agentName: name }).then(() => notify(t('board.assigned', { number: first.number, name })), failed)
    },
  })
}
