// What is being written, kept in the browser per agent and conversation until it is sent.
import type { Attachment } from '../live/types'

export interface Writing {
  text: string
  cc: string
  attachments: Attachment[]
}
export interface Drafts {
  tab: 'reply' | 'note'
  reply: Writing
  note: Writing
}

const key = (agent: string, conversation: string): string => `centralita.draft.${agent}.${conversation}`
const empty = (): Writing => ({ text: '', cc: '', attachments: [] })

export function loadDrafts(agent: string, conversation: string): Drafts {
  const fresh: Drafts = { tab: 'reply', reply: empty(), note: empty() }
  try {
    const d = JSON.parse(localStorage.getItem(key(agent, conversation)) ?? '{}') as Partial<Drafts>
    return {
      tab: d.tab === 'note' ? 'note' : 'reply',
      reply: { ...fresh.reply, ...d.reply },
      note: { ...fresh.note, ...d.note },
    }
  } catch {
    return fresh
  }
}

export const isEmpty = (w: Writing): boolean => w.text.trim() === '' && w.attachments.length === 0

export function saveDrafts(agent: string, conversation: string, d: Drafts): void {
  try {
    if (isEmpty(d.reply) && isEmpty(d.note)) localStorage.removeItem(key(agent, conversation))
    else localStorage.setItem(key(agent, conversation), JSON.stringify(d))
  } catch {
    // A full storage: the draft lives as long as the page.
  }
}
