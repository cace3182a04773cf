// Whose ticket it is, changed by hand: to one whose mail was passed on, to somebody else of the conversation, or to anybody.
import '../i18n/lineage'
import { t } from '../i18n/format.svelte'
import { ticketFrom } from '../live/rest'
import { suggest } from '../live/search'
import { choose, type Choice } from './chooser.svelte'
import { failed, offerUndo } from './page.svelte'
import { workspace } from './session.svelte'
import type { Address, Item, Ticket } from '../live/types'

type Named = { id?: string; email?: string; name?: string }

// setRequester changes it and offers the way back.
export async function setRequester(ticket: Ticket, contact: Named, name: string): Promise<void> {
  const ws = workspace()
  const before = ticket.contact
  const put = async (who: Named): Promise<void> => {
    const answer = await ws.http.send('PUT', `/conversations/${ticket.id}/requester`, { contact: who })
    ws.tickets.upsert(ticketFrom(answer.ticket))
  }
  try {
    await put(contact)
  } catch (err) {
    return failed(err)
  }
  offerUndo(t('lineage.changed', { name }), () => void put({ id: before.id }).catch(failed))
}

// suggestions are those of a conversation who may be meant: whose mail was passed on first, then everybody of its mails.
export function suggestions(items: readonly Item[], ours: string, current: readonly string[]): { address: Address; passedOn: boolean }[] {
  const out = new Map<string, { address: Address; passedOn: boolean }>()
  const add = (a: Address | null, passedOn: boolean): void => {
    const key = a?.address.toLowerCase() ?? ''
    if (a && key && key !== ours.toLowerCase() && !current.includes(key) && !out.has(key)) out.set(key, { address: a, passedOn })
  }
  const mails = items.filter((i) => i.kind === 'inbound').toReversed()
  for (const i of mails) add(i.forwardedFrom, true)
  for (const i of mails) for (const a of [i.from, ...i.to, ...i.cc]) add(a, false)
  return [...out.values()]
}

const isAddress = (s: string): boolean => /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(s.trim())

export function chooseRequester(ticket: Ticket, anchor: Element): void {
  const ws = workspace()
  const items = ws.conversation(ticket.id)?.items ?? []
  const ours = ws.channels.get(ticket.channel.id)?.address ?? ''
  const current = ws.contacts.get(ticket.contact.id)?.identities.map((i) => i.value.toLowerCase()) ?? []
  const offered = new Map<string, Named & { name: string }>()
  const near = suggestions(items, ours, current).map(({ address: a, passedOn }): Choice => {
    offered.set(a.address, { email: a.address, name: a.name })
    return { id: a.address, label: a.name || a.address, hint: a.name ? a.address : undefined, group: t(passedOn ? 'lineage.group_passed_on' : 'lineage.group_here') }
  })
  const typed = (text: string): Choice[] => {
    const address = text.trim()
    if (!isAddress(address) || offered.has(address)) return []
    offered.set(address, { email: address, name: '' })
    return [{ id: address, label: address, group: t('lineage.group_new') }]
  }
  choose({
    title: t('lineage.choose'),
    choices: near,
    anchor,
    search: async (text) => {
      const words = text.toLowerCase()
      const fits = near.filter((c) => `${c.label} ${c.hint ?? ''}`.toLowerCase().includes(words))
      const found: Choice[] = []
      for (const { contact: c } of await suggest(ws.http, text)) {
        if (!c || c.id === ticket.contact.id) continue
        const address = c.identities.find((i) => i.kind === 'email')?.value ?? ''
        if (fits.some((f) => f.id.toLowerCase() === address.toLowerCase())) continue // offered already
        offered.set(c.id, { id: c.id, name: c.name || address })
        found.push({ id: c.id, label: c.name || address, hint: address, group: t('lineage.group_contacts') })
      }
      return [...fits, ...found, ...typed(text)]
    },
    pick: ([id]) => {
      const who = id ? offered.get(id) : undefined
      if (who) void setRequester(ticket, { ...(who.id ? { id: who.id } : { email: who.email ?? '', name: who.name }) }, who.name || who.email || '')
    },
  })
}
