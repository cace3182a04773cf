// What is being written, on every device of its writer. The composer tells what stands in it; it is saved after a moment of
// rest and on leaving. What another device saved is taken over while nothing unsaved stands here; else this device's words win
// when they are saved, and the server keeps the other's beside them until they are let go.
import type { Writing as PbWriting } from '../gen/desk/v1/draft_pb'
import type { DraftSummary } from '../gen/desk/v1/record_pb'
import { ApiError, OfflineError } from './http'
import { Observable } from './observable'
import { listOf, numberOf, objectOf, textOf, timeOf, type Json } from './rest'
import type { Attachment } from './types'

export type PaperKind = 'reply' | 'note'

// Paper is what stands in the composer.
export interface Paper {
  text: string
  html: string
  to: string[]
  cc: string[]
  bcc: string[]
  attachments: Attachment[]
  mentions: string[]
  seenVersion: number // of the conversation, when this was begun
}

export interface Draft {
  conversation: string
  kind: PaperKind
  version: number
  savedAt: number
  device: string
  paper: Paper | null // null: nothing any more
  displaced: Paper | null
  cause: string // why there is nothing any more: sent, discarded
}

export interface DraftsOptions {
  device: string
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  agent: string
  read: (conversation: string) => Promise<Draft[]>
  save: (d: { conversation: string; kind: PaperKind; paper: Paper; base: number; letGo: boolean }, leaving: boolean) => Promise<number>
  clear: (conversation: string, kind: PaperKind, cause: 'sent' | 'discarded', leaving: boolean) => Promise<number>
  rest?: number // ms without a keystroke before a save
  apart?: number // ms between two saves of one draft
  longest?: number // ms that words may stay unsaved while somebody types without a rest
  retry?: number
}

export const emptyPaper = (): Paper => ({ text: '', html: '', to: [], cc: [], bcc: [], attachments: [], mentions: [], seenVersion: 0 })
export const blank = (p: Paper): boolean => p.text.trim() === '' && p.attachments.length === 0 && !p.html.includes('<img')

// Page is one draft as this device has it.
interface Page {
  conversation: string
  kind: PaperKind
  base: number // the version that was seen here
  paper: Paper | null // as it stands here
  saved: string // print of what the server has of it; '' for nothing
  displaced: Paper | null
  dirtySince: number
  lastSave: number
  timer: ReturnType<typeof setTimeout> | undefined
  busy: boolean
  cause: 'sent' | 'discarded'
  letGo: boolean
  refused: string | null // print of what the server will not take
}

export type OnRemote = (kind: PaperKind, paper: Paper, cause: string) => void

export class DraftStore extends Observable {
  readonly #opt: Required<DraftsOptions>
  readonly #pages = new Map<string, Page>()
  readonly #listeners = new Map<string, Set<OnRemote>>()
  #stopped = false

  constructor(opt: DraftsOptions) {
    super()
    this.#opt = { rest: 2_000, apart: 4_000, longest: 10_000, retry: 8_000, ...opt }
  }

  // open says what stands in the composers of a conversation, and asks what other devices have. f is told what to show
  // instead, now and later, until the returned function is called, which saves what is unsaved.
  open(conversation: string, papers: Record<PaperKind, Paper>, f: OnRemote): () => void {
    for (const kind of ['reply', 'note'] as const) {
      const page = this.#page(conversation, kind)
      page.paper = blank(papers[kind]) ? null : papers[kind]
    }
    const all = this.#listeners.get(conversation) ?? new Set()
    this.#listeners.set(conversation, all.add(f))
    void this.reread(conversation)
    return () => {
      all.delete(f)
      if (all.size === 0) this.#listeners.delete(conversation)
      this.leave(conversation)
    }
  }

  // written is told at every change of what stands in a composer.
  written(conversation: string, kind: PaperKind, paper: Paper): void {
    const page = this.#page(conversation, kind)
    page.paper = blank(paper) ? null : paper
    page.cause = 'discarded'
    this.#plan(page)
  }

  // sent: the draft became a message.
  sent(conversation: string, kind: PaperKind): void {
    const page = this.#page(conversation, kind)
    page.paper = null
    page.displaced = null
    page.cause = 'sent'
    this.changed()
    void this.#save(page, false)
  }

  // displaced is what another device had written and this one replaced.
  displaced(conversation: string, kind: PaperKind): Paper | null {
    return this.#pages.get(key(conversation, kind))?.displaced ?? null
  }

  // letGo: the other device's words are not wanted, or were taken over.
  letGo(conversation: string, kind: PaperKind): void {
    const page = this.#page(conversation, kind)
    if (!page.displaced) return
    page.displaced = null
    page.letGo = true
    this.changed()
    void this.#save(page, false)
  }

  // leave saves what is unsaved, at once: the page or the conversation is left.
  leave(conversation?: string): void {
    for (const page of this.#pages.values()) {
      if (conversation && page.conversation !== conversation) continue
      if (this.#dirty(page)) void this.#save(page, true)
    }
  }

  stop(): void {
    this.leave()
    this.#stopped = true
    for (const page of this.#pages.values()) clearTimeout(page.timer)
  }

  // shown are the conversations whose composer is on the screen.
  get shown(): string[] {
    return [...this.#listeners.keys()]
  }

  async reread(conversation: string): Promise<void> {
    let there: Draft[]
    try {
      there = await this.#opt.read(conversation)
    } catch {
      return // what stands here stays; the next time the socket lives it is asked for again
    }
    for (const kind of ['reply', 'note'] as const) {
      const d = there.find((x) => x.kind === kind)
      if (d) this.heard(d)
      else this.#gone(this.#page(conversation, kind), 0, '')
    }
  }

  // heard takes in what the server has: from a frame, or read. Where no composer stands open nothing is taken in: what this
  // browser keeps would not follow, and opening it asks.
  heard(d: Draft): void {
    if (!this.#listeners.has(d.conversation)) return
    const page = this.#page(d.conversation, d.kind)
    if (!d.paper) {
      if (d.device !== this.#opt.device) this.#gone(page, d.version, d.cause)
      return
    }
    if (d.version < page.base) return
    const same = print(d.paper) === print(page.paper)
    if (same || !this.#dirty(page)) {
      this.#synced(page, d.version, d.paper)
      if (!same) this.#show(page, d.paper, '')
    } else if (!page.timer && !page.busy) {
      this.#plan(page) // what stands here and was never saved
    }
    if (page.letGo) return
    page.displaced = d.displaced && print(d.displaced) !== print(page.paper) ? d.displaced : null
    this.changed()
  }

  #gone(page: Page, version: number, cause: string): void {
    if (version && version < page.base) return
    if (this.#dirty(page)) {
      if (version) page.base = version
      this.#plan(page)
      return
    }
    const had = page.paper !== null
    page.displaced = null
    this.#synced(page, version, null)
    if (had) this.#show(page, null, cause)
  }

  #show(page: Page, paper: Paper | null, cause: string): void {
    page.paper = paper
    for (const f of this.#listeners.get(page.conversation) ?? []) f(page.kind, paper ?? emptyPaper(), cause)
    this.changed()
  }

  #dirty(page: Page): boolean {
    return print(page.paper) !== page.saved || page.letGo
  }

  #plan(page: Page): void {
    if (!this.#dirty(page)) {
      clearTimeout(page.timer)
      page.timer = undefined
      page.dirtySince = 0
      return
    }
    const now = Date.now()
    page.dirtySince ||= now
    const rested = Math.min(now + this.#opt.rest, page.dirtySince + this.#opt.longest)
    this.#at(page, Math.max(rested, page.lastSave + this.#opt.apart) - now)
  }

  #at(page: Page, ms: number): void {
    clearTimeout(page.timer)
    page.timer = setTimeout(() => void this.#save(page, false), Math.max(0, ms))
  }

  async #save(page: Page, leaving: boolean): Promise<void> {
    clearTimeout(page.timer)
    page.timer = undefined
    if (this.#stopped || (page.busy && !leaving)) return
    const paper = page.paper
    const what = print(paper)
    if (!this.#dirty(page) || what === page.refused) return
    page.busy = true
    page.dirtySince = 0
    page.lastSave = Date.now()
    const { conversation, kind, base, letGo } = page
    try {
      const version = paper
        ? await this.#opt.save({ conversation, kind, paper, base, letGo }, leaving)
        : await this.#opt.clear(conversation, kind, page.cause, leaving)
      page.letGo = page.letGo && !letGo
      this.#synced(page, version, paper)
    } catch (err) {
      if (err instanceof OfflineError || (err instanceof ApiError && (err.code === 'limit' || err.code === 'unavailable' || err.code === 'internal'))) {
        if (!this.#stopped) this.#at(page, err instanceof ApiError && err.code === 'limit' ? this.#opt.rest : this.#opt.retry)
      } else {
        page.refused = what // too large, or not ours to see: it stays in this browser
        page.letGo = false
      }
    }
    page.busy = false
    if (!page.timer && !this.#stopped && print(page.paper) !== page.refused) this.#plan(page)
  }

  #synced(page: Page, version: number, paper: Paper | null): void {
    page.base = Math.max(page.base, version)
    page.saved = print(paper)
    try {
      const k = this.#stored(page)
      if (paper) this.#opt.storage.setItem(k, JSON.stringify({ base: page.base, saved: page.saved }))
      else this.#opt.storage.removeItem(k)
    } catch {
      // A full storage: after a reload this device's words count as unsaved, and win.
    }
  }

  #page(conversation: string, kind: PaperKind): Page {
    const k = key(conversation, kind)
    let page = this.#pages.get(k)
    if (!page) {
      page = {
        conversation, kind, base: 0, paper: null, saved: '', displaced: null, dirtySince: 0, lastSave: 0,
        timer: undefined, busy: false, cause: 'discarded', letGo: false, refused: null,
      }
      try {
        const was = objectOf(JSON.parse(this.#opt.storage.getItem(this.#stored(page)) ?? '{}'))
        page.base = numberOf(was.base)
        page.saved = textOf(was.saved)
      } catch {
        // As if it had never been saved.
      }
      this.#pages.set(k, page)
    }
    return page
  }

  #stored(page: Page): string {
    return `centralita.draftsync.${this.#opt.agent}.${page.conversation}.${page.kind}`
  }
}

const key = (conversation: string, kind: PaperKind): string => `${conversation}/${kind}`

// print tells two papers apart without keeping them: 53 bits of their words. When a draft was begun is no part of it.
export function print(p: Paper | null): string {
  if (!p || blank(p)) return ''
  const s = JSON.stringify([p.text, p.html, p.to, p.cc, p.bcc, p.attachments.map((a) => a.blob), p.mentions])
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i)
    a = Math.imul(a ^ c, 2654435761)
    b = Math.imul(b ^ c, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return `${(b >>> 0).toString(36)}.${(a >>> 0).toString(36)}`
}

// ---- from and to the wire

export function draftFrom(v: unknown): Draft {
  const d = objectOf(v)
  return {
    conversation: textOf(d.conversation),
    kind: d.kind === 'note' ? 'note' : 'reply',
    version: numberOf(d.version),
    savedAt: timeOf(d.saved_at),
    device: textOf(d.device),
    paper: paperFrom(d.writing),
    displaced: d.displaced ? paperFrom(d.displaced) : null,
    cause: '',
  }
}

function paperFrom(v: unknown): Paper {
  const w = objectOf(v)
  const texts = (list: unknown): string[] => listOf(list).map(textOf)
  return {
    text: textOf(w.text),
    html: textOf(w.html),
    to: texts(w.to),
    cc: texts(w.cc),
    bcc: texts(w.bcc),
    mentions: texts(w.mentions),
    seenVersion: numberOf(w.seen_version),
    attachments: listOf(w.attachments).map((x) => {
      const a = objectOf(x)
      return {
        blob: textOf(a.blob), name: textOf(a.name), mediaType: textOf(a.media_type), size: numberOf(a.size),
        inline: a.inline === true, contentId: textOf(a.content_id),
      }
    }),
  }
}

export function draftOf(d: DraftSummary): Draft {
  return {
    conversation: d.conversation,
    kind: d.note ? 'note' : 'reply',
    version: Number(d.version),
    savedAt: Number(d.savedAtMs),
    device: d.device,
    paper: d.writing ? paperOf(d.writing) : null,
    displaced: d.displaced ? paperOf(d.displaced) : null,
    cause: d.cause,
  }
}

function paperOf(w: PbWriting): Paper {
  return {
    text: w.text, html: w.html, to: [...w.to], cc: [...w.cc], bcc: [...w.bcc], mentions: [...w.mentions], seenVersion: Number(w.seenVersion),
    attachments: w.files.map((f) => ({
      blob: f.blob, name: f.name, mediaType: f.mediaType, size: Number(f.size), inline: f.inline, contentId: f.contentId,
    })),
  }
}

export function paperTo(p: Paper): Json {
  return {
    text: p.text, html: p.html, to: p.to, cc: p.cc, bcc: p.bcc, mentions: p.mentions, seen_version: p.seenVersion,
    attachments: p.attachments.map((a) => ({
      blob: a.blob, name: a.name, media_type: a.mediaType, size: a.size, inline: a.inline, content_id: a.contentId,
    })),
  }
}
