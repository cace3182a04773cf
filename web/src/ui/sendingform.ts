// How a channel's mails look: the form, and what the connector's configuration says (channels/email/compose/settings.go).
import { numberOf, objectOf, textOf, type Json } from '../live/rest'
import type { Attachment, ChannelMail } from '../live/types'

export interface SendingDraft {
  senderName: 'agent_and_company' | 'company'
  fromName: string
  fromAddress: string
  replyTo: string
  language: string
  signature: string
  quote: 'none' | 'last' | 'whole'
  attachMB: number | null
  linkDays: number | null
  ack: boolean
  ackSubject: string
  ackText: string
  ackClosed: string
  ackHours: string
  ackHolidays: string
  ackLater: boolean
}

const names = ['sender_name', 'from_address', 'reply_to', 'language', 'signature', 'quote', 'attach_mb', 'link_days', 'acknowledge.subject', 'acknowledge.text', 'acknowledge.closed_text']
export const sendingFields = ['from_name', ...names.map((n) => `sending.${n}`)]

// begin: null for a channel that is being made, which quotes what it answers.
export function sendingFrom(config: Json | null, language: string): SendingDraft {
  const s = objectOf(config?.sending)
  const a = objectOf(s.acknowledge)
  const quote = textOf(s.quote)
  return {
    senderName: s.sender_name === 'company' ? 'company' : 'agent_and_company',
    fromName: textOf(config?.from_name),
    fromAddress: textOf(s.from_address),
    replyTo: textOf(s.reply_to),
    language: textOf(s.language) || (config ? 'en' : language),
    signature: textOf(s.signature),
    quote: quote === 'last' || quote === 'whole' ? quote : config ? 'none' : 'last',
    attachMB: numberOf(s.attach_mb) || null,
    linkDays: numberOf(s.link_days) || null,
    ack: s.acknowledge !== undefined && s.acknowledge !== null,
    ackSubject: textOf(a.subject),
    ackText: textOf(a.text),
    ackClosed: textOf(a.closed_text),
    ackHours: textOf(a.hours),
    ackHolidays: textOf(a.holidays),
    ackLater: a.later === true,
  }
}

// sendingTo puts the form into a configuration; what is left empty is left out.
export function sendingTo(d: SendingDraft, config: Json): Json {
  const { from_name: _, sending: __, ...rest } = config
  const set = (all: Json): Json => Object.fromEntries(Object.entries(all).filter(([, v]) => v !== '' && v !== null && v !== false && v !== undefined))
  const ack = { text: '', ...set({ subject: d.ackSubject.trim(), text: d.ackText, closed_text: d.ackHours ? d.ackClosed.trim() : '', hours: d.ackHours, holidays: d.ackHours ? d.ackHolidays : '', later: d.ackLater }) }
  const sending = set({
    sender_name: d.senderName, from_address: d.fromAddress.trim(), reply_to: d.replyTo.trim(), language: d.language, signature: d.signature,
    quote: d.quote, attach_mb: d.attachMB, link_days: d.linkDays, acknowledge: d.ack ? ack : null,
  })
  return { ...rest, ...set({ from_name: d.fromName.trim() }), sending }
}

// linked gives the names of the files that go as links: as Split decides (channels/email/compose/link.go).
export function linked(files: readonly Attachment[], mail: ChannelMail): string[] {
  if (mail.attachMB === 0) return []
  const limit = mail.attachMB * 1024 * 1024
  const out = new Set<Attachment>()
  let total = files.reduce((sum, f) => sum + f.size, 0)
  while (total > limit) {
    const rest = files.filter((f) => !f.inline && !out.has(f))
    const largest = rest.reduce<Attachment | null>((a, b) => (a === null || b.size > a.size ? b : a), null)
    if (!largest) break
    out.add(largest)
    total -= largest.size
  }
  return files.filter((f) => out.has(f)).map((f) => f.name)
}
