// What this agent is writing, kept on the server for all their devices. It is saved after a rest and on leaving, the same words
// once; what other devices write comes by frames. Of two devices the one that wrote last is kept. Without a network it
// is tried again; what is in the browser's own storage (state/drafts.ts) is the way back until then.
import type { Writing as PbWriting } from '../gen/desk/v1/event_pb'
import type { DraftSummary } from '../gen/desk/v1/record_pb'
import { ApiError, type Http, OfflineError } from './http'
import { Observable } from './observable'
import { addressesOf, bodyOf } from './proto'
import { addressesFrom, attachmentFrom, listOf, numberOf, objectOf, textOf, timeOf } from './rest'
import type { Address, Attachment } from './types'

export interface Writing {
  text: string
  html: string
  attachments: Attachment[]
  to: Address[]
  cc: Address[]
  bcc: Address[]
  mentions: string[]
}

export interface ServerDraft {
  reply: Writing
  note: Writing
  onNote: boolean
  baseVersion: number // the conversation's, as on the screen
  writtenAt: number // 0: it is none
}

export const nothing = (): Writing => ({ text: '', html: '', attachments: [], to: [], cc: [], bcc: [], mentions: [] })
export const noDraft = (): ServerDraft => ({ reply: nothing(), note: nothing(), onNote: false, baseVersion: 0, writtenAt: 0 })
export const isBlank = (w: Writing): boolean => w.text.trim() === '' && w.html === '' && w.attachments.length === 0

export interface DraftOptions {
  http: Http
  rest?: number // ms without a change before it is saved
  now?: () => number
}

interface Held {
  draft: ServerDraft
  dirty: boolean
  busy: boolean
  timer: ReturnType<typeof setTimeout> | undefined
}

export class DraftStore extends Observable {
  readonly #http: Http
  readonly #rest: number
  readonly #now: () => number
  readonly #held = new Map<string, Held>()
  #remote: (conversation: string, draft: ServerDraft) => void = () => {}

  constructor({ http, rest = 2000, now = Date.now }: DraftOptions) {
    super()
    this.#http = http
    this.#rest = rest
    this.#now = now
  }

  // onRemote is told when another device of this agent has written, or cleared.
  onRemote(f: (conversation: string, draft: ServerDraft) => void): void {
    this.#remote = f
  }

  // load gives what the server has, or what is being written here if that is later.
  async load(conversation: string): Promise<ServerDraft> {
    const answer = await this.#http.get(this.#path(conversation))
    const there = draftFrom(answer.draft)
    const held = this.#held.get(conversation)
    if (held && (held.dirty || held.busy) && held.draft.writtenAt >= there.writtenAt) return held.draft
    this.#keep(conversation, there)
    return there
  }

  // save remembers what is written and sends it after a rest.
  save(conversation: string, draft: Omit<ServerDraft, 'writtenAt'>): void {
    const held = this.#of(conversation)
    if (same(held.draft, draft)) return
    held.draft = { ...draft, writtenAt: this.#now() }
    held.dirty = true
    clearTimeout(held.timer)
    held.timer = setTimeout(() => void this.#send(conversation), this.#rest)
  }

  // leave saves at once what still rests: on going elsewhere, on closing the page.
  leave(conversation: string): Promise<void> {
    return this.#held.get(conversation)?.dirty ? this.#send(conversation) : Promise.resolve()
  }

  // sent: the server cleared by itself what was sent; what rests must not bring it back.
  sent(conversation: string, kind: 'reply' | 'note'): void {
    const held = this.#of(conversation)
    held.draft = { ...held.draft, [kind]: nothing() }
    if (isBlank(held.draft.reply) && isBlank(held.draft.note)) this.#rested(held)
  }

  async clear(conversation: string): Promise<void> {
    const held = this.#of(conversation)
    held.draft = noDraft()
    this.#rested(held)
    await this.#http.delete(this.#path(conversation))
  }

  // changed elsewhere, or here: the frame of one's own saving says nothing new.
  frame(conversation: string, summary: DraftSummary | undefined): void {
    const there = summary ? draftOf(summary) : noDraft()
    const held = this.#held.get(conversation)
    if (held && (held.dirty || held.busy) && (!summary || held.draft.writtenAt >= there.writtenAt)) return
    if (held && same(held.draft, there)) return
    this.#keep(conversation, there)
    this.#remote(conversation, there)
    this.changed()
  }

  stop(): void {
    for (const held of this.#held.values()) clearTimeout(held.timer)
  }

  async #send(conversation: string): Promise<void> {
    const held = this.#of(conversation)
    this.#rested(held)
    if (held.busy) {
      held.dirty = true // it is sent when the answer is there
      return
    }
    held.busy = true
    const { draft } = held
    try {
      await this.#http.put(this.#path(conversation), bodyFor(draft))
    } catch (err) {
      this.#failed(conversation, held, err)
    }
    held.busy = false
    if (held.dirty && held.timer === undefined) await this.#send(conversation)
  }

  // Another device wrote later: its words come by a frame. What cannot be saved at all stays in this browser.
  #failed(conversation: string, held: Held, err: unknown): void {
    const again = err instanceof OfflineError || (err instanceof ApiError && (err.code === 'unavailable' || err.code === 'internal'))
    if (!again) return
    held.dirty = true
    held.timer ??= setTimeout(() => void this.#send(conversation), 5 * this.#rest)
  }

  #rested(held: Held): void {
    clearTimeout(held.timer)
    held.timer = undefined
    held.dirty = false
  }

  #of(conversation: string): Held {
    let held = this.#held.get(conversation)
    if (!held) {
      held = { draft: noDraft(), dirty: false, busy: false, timer: undefined }
      this.#held.set(conversation, held)
    }
    return held
  }

  #keep(conversation: string, draft: ServerDraft): void {
    const held = this.#of(conversation)
    this.#rested(held)
    held.draft = draft
  }

  #path(conversation: string): string {
    return `/conversations/${encodeURIComponent(conversation)}/draft`
  }
}

type Words = Pick<ServerDraft, 'reply' | 'note' | 'onNote'>

const same = (a: Words, b: Words): boolean =>
  a.onNote === b.onNote && JSON.stringify([a.reply, a.note]) === JSON.stringify([b.reply, b.note])

function bodyFor(d: ServerDraft) {
  return {
    ...(isBlank(d.reply) ? {} : { reply: writingFor(d.reply) }),
    ...(isBlank(d.note) ? {} : { note: writingFor(d.note) }),
    on_note: d.onNote,
    base_version: d.baseVersion,
    written_at: new Date(d.writtenAt).toISOString(),
  }
}

function writingFor(w: Writing) {
  return {
    text: w.text, html: w.html, to: w.to, cc: w.cc, bcc: w.bcc, mentions: w.mentions,
    attachments: w.attachments.map((f) => ({
      blob: f.blob, name: f.name, media_type: f.mediaType, size: f.size, inline: f.inline, content_id: f.contentId,
    })),
  }
}

function writingFrom(v: unknown): Writing {
  const w = objectOf(v)
  return {
    text: textOf(w.text), html: textOf(w.html), attachments: listOf(w.attachments).map(attachmentFrom),
    to: addressesFrom(w.to), cc: addressesFrom(w.cc), bcc: addressesFrom(w.bcc), mentions: listOf(w.mentions).map(textOf),
  }
}

export function draftFrom(v: unknown): ServerDraft {
  const d = objectOf(v)
  return {
    reply: writingFrom(d.reply), note: writingFrom(d.note), onNote: d.on_note === true, baseVersion: numberOf(d.base_version),
    writtenAt: timeOf(d.written_at),
  }
}

function writingOf(w: PbWriting | undefined): Writing {
  if (!w) return nothing()
  const { text, html, attachments } = bodyOf(w.body)
  return { text, html, attachments, to: addressesOf(w.to), cc: addressesOf(w.cc), bcc: addressesOf(w.bcc), mentions: w.mentions }
}

function draftOf(s: DraftSummary): ServerDraft {
  const d = s.draft
  return {
    reply: writingOf(d?.reply), note: writingOf(d?.note), onNote: d?.onNote ?? false, baseVersion: Number(d?.baseVersion ?? 0),
    writtenAt: Number(d?.writtenAtMs ?? 0),
  }
}
