// What is being written in a side conversation, kept in the browser per agent until it is sent.
import { newId } from '../live/ids'
import { listOf, objectOf, textOf, type Json } from '../live/rest'
import type { Address, Attachment } from '../live/types'

export interface SideDraft {
  message: string // its id: sent again, it is the same message
  text: string
  html: string // '' when there is no formatting
  attachments: Attachment[]
  from: string // the mailbox; '' for the usual one
  to: Address[] | null // null: who wrote last
  cc: Address[]
  subject: string | null // null: as it begins
  messages: string[] | null // that go along; null: as it begins
  left: string[] // files of these that stay
}

export const newSideDraft = (): SideDraft => ({
  message: newId('ms_'), text: '', html: '', attachments: [], from: '', to: null, cc: [], subject: null, messages: null, left: [],
})

const key = (agent: string, ticket: string, side: string): string => `centralita.aside.${agent}.${ticket}.${side}`

// loadSide gives what stands in a side conversation of a ticket, or in one that is not begun ("ask", "forward").
export function loadSide(agent: string, ticket: string, side: string): SideDraft {
  const fresh = newSideDraft()
  try {
    const d = objectOf(JSON.parse(localStorage.getItem(key(agent, ticket, side)) ?? '{}'))
    const addresses = (v: unknown): Address[] => listOf(v).map(objectOf).map((a) => ({ name: textOf(a.name), address: textOf(a.address) }))
    return {
      message: textOf(d.message) || fresh.message, text: textOf(d.text), html: textOf(d.html), attachments: listOf(d.attachments) as Attachment[], from: textOf(d.from),
      to: Array.isArray(d.to) ? addresses(d.to) : null, cc: addresses(d.cc), subject: typeof d.subject === 'string' ? d.subject : null,
      messages: Array.isArray(d.messages) ? d.messages.map(textOf) : null, left: listOf(d.left).map(textOf),
    }
  } catch {
    return fresh
  }
}

export const isBlank = (d: SideDraft): boolean => d.text.trim() === '' && d.attachments.length === 0 && !d.html.includes('<img')

// saveSide keeps it, or forgets it when there is nothing in it that anybody would miss.
export function saveSide(agent: string, ticket: string, side: string, d: SideDraft): void {
  try {
    if (isBlank(d) && !d.to?.length) localStorage.removeItem(key(agent, ticket, side))
    else localStorage.setItem(key(agent, ticket, side), JSON.stringify(d))
  } catch {
    // A full storage: the draft lives as long as the dialog.
  }
}

// sentFiles are its files as the API takes them.
export const sentFiles = (files: Attachment[]): Json[] =>
  files.map((f) => ({ blob: f.blob, name: f.name, media_type: f.mediaType, size: f.size, ...(f.inline ? { inline: true, content_id: f.contentId } : {}) }))
