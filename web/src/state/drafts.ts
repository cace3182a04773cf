// What is being written, kept in the browser per agent and conversation until it is sent.
import type { Draft } from '../live/commands'
import { emptyPaper, type Paper } from '../live/drafts'
import type { Address, Attachment } from '../live/types'
import { parseAddresses } from '../ui/addresses'

export interface Writing {
  text: string
  html: string // '' when there is no formatting
  to: Address[] | null // null: who wrote last
  cc: Address[] | null // null: everybody else who takes part
  bcc: Address[]
  attachments: Attachment[]
  mentions: string[] // of a note: agents it calls
  seen: number // the conversation's version when this was begun; 0: not begun
}
export interface Drafts {
  tab: 'reply' | 'note'
  reply: Writing
  note: Writing
}

const key = (agent: string, conversation: string): string => `centralita.draft.${agent}.${conversation}`
export const emptyWriting = (): Writing => ({ text: '', html: '', to: null, cc: null, bcc: [], attachments: [], mentions: [], seen: 0 })

export function loadDrafts(agent: string, conversation: string): Drafts {
  try {
    const d = JSON.parse(localStorage.getItem(key(agent, conversation)) ?? '{}') as Partial<Drafts>
    return { tab: d.tab === 'note' ? 'note' : 'reply', reply: restored(d.reply), note: restored(d.note) }
  } catch {
    return { tab: 'reply', reply: emptyWriting(), note: emptyWriting() }
  }
}

function restored(w: Partial<Writing> | undefined): Writing {
  const all = { ...emptyWriting(), ...w }
  const list = (v: unknown): Address[] | null => (Array.isArray(v) ? (v as Address[]) : null)
  return { ...all, to: list(all.to), cc: list(all.cc), bcc: list(all.bcc) ?? [] }
}

// paperOf and writingOf: what is kept here is kept on the server in the same words.
const written = (all: Address[] | null): string[] => (all ?? []).map((a) => (a.name ? `"${a.name.replaceAll('"', '')}" <${a.address}>` : a.address))
const read = (all: string[]): Address[] | null => (all.length > 0 ? all.flatMap((s) => parseAddresses(s).good) : null)

export const paperOf = (w: Writing): Paper => ({
  ...emptyPaper(), text: w.text, html: w.html, to: written(w.to), cc: written(w.cc), bcc: written(w.bcc),
  attachments: w.attachments, mentions: w.mentions, seenVersion: w.seen,
})
export const writingOf = (p: Paper): Writing => ({
  text: p.text, html: p.html, to: read(p.to), cc: read(p.cc), bcc: read(p.bcc) ?? [],
  attachments: p.attachments, mentions: p.mentions, seen: p.seenVersion,
})

// writingFrom puts what was sent, or was to be, back where it was written.
export const writingFrom = (d: Draft): Writing => ({
  ...emptyWriting(), text: d.text, html: d.html ?? '', to: d.to?.length ? d.to : null, cc: d.cc ?? null, bcc: d.bcc ?? [],
  attachments: d.attachments, mentions: d.mentions ?? [],
})

export const isEmpty = (w: Writing): boolean => w.text.trim() === '' && w.attachments.length === 0

export function saveDrafts(agent: string, conversation: string, d: Drafts): void {
  try {
    if (isEmpty(d.reply) && isEmpty(d.note)) localStorage.removeItem(key(agent, conversation))
    else localStorage.setItem(key(agent, conversation), JSON.stringify(d))
  } catch {
    // A full storage: the draft lives as long as the page.
  }
}
