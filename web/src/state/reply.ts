// What a reply needs to know of its conversation: to whom it goes by default, what tokens stand for, when "later" is.
import type { Agent, Address, Contact, Item, Ticket } from '../live/types'
import { fill, unresolved } from '../ui/richtext'

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

// answered is whom a reply goes to by itself: who wrote last, and with them everybody else of that message; of a mail that a colleague
// passed on, who had written it; and whose ticket it became since; of one in which nobody has written yet, the contact. Who is not confirmed
// is not answered.
export function answered(items: readonly Item[], ours: readonly string[], contact?: Contact): { to: Address[]; cc: Address[] } {
  const at = items.findLastIndex((i) => i.kind === 'inbound' && i.automatic === '' && i.from !== null && !i.unconfirmed)
  const changed = items.findLastIndex((i) => i.activity?.code === 'requester' && i.activity.field !== '')
  const requester = items[changed]?.activity
  if (requester && changed > at) return { to: [{ name: requester.to, address: requester.field }], cc: [] }
  const last = items[at]
  if (!last?.from) {
    const address = contact?.identities.find((i) => i.kind === 'email')?.value
    return { to: address ? [{ name: contact?.name ?? '', address }] : [], cc: [] }
  }
  if (last.forForwarded && last.forwardedFrom) return { to: [last.forwardedFrom], cc: [] }
  const from = last.from
  const cc = [...last.to, ...last.cc].filter((a) => !same(a.address, from.address) && !ours.some((o) => same(a.address, o)))
  return { to: [from], cc: cc.filter((a, i) => cc.findIndex((b) => same(a.address, b.address)) === i) }
}

// What {{…}} may stand for in snippets and macros: the one list, for the composer and for the words beside their forms.
export const tokenNames = ['contact.name', 'contact.first_name', 'contact.email', 'ticket.number', 'ticket.subject', 'agent.name', 'agent.first_name'] as const
export type Token = (typeof tokenNames)[number]
export const tokenWords = tokenNames.map((name) => `{{${name}}}`).join(' ')

// strange lists the tokens of a text that nothing stands for.
export const strange = (text: string): string[] => unresolved(fill(text, Object.fromEntries(tokenNames.map((name) => [name, '-']))))

export function tokens(ticket: Ticket, contact: Contact | undefined, me: Agent): Record<Token, string> {
  const first = (name: string): string => name.trim().split(/\s+/)[0] ?? ''
  const name = contact?.name || ticket.contact.name
  return {
    'contact.name': name.includes('@') ? '' : name,
    'contact.first_name': name.includes('@') ? '' : first(name),
    'contact.email': contact?.identities.find((i) => i.kind === 'email')?.value ?? '',
    'agent.name': me.name,
    'agent.first_name': first(me.name),
    'ticket.number': String(ticket.number),
    'ticket.subject': ticket.subject,
  }
}

// laters are the moments that people mean by "later": in an hour, tomorrow morning, on Monday.
export function laters(now: number): { key: 'hour' | 'tomorrow' | 'monday'; at: number }[] {
  const at = (days: number): number => {
    const d = new Date(now)
    d.setDate(d.getDate() + days)
    d.setHours(9, 0, 0, 0)
    return d.getTime()
  }
  const toMonday = ((8 - new Date(now).getDay()) % 7) || 7
  const all = [{ key: 'hour' as const, at: now + 3_600_000 }, { key: 'tomorrow' as const, at: at(1) }, { key: 'monday' as const, at: at(toMonday) }]
  return toMonday === 1 ? all.slice(0, 2) : all
}
