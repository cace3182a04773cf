import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { blank, draftFrom, DraftStore, emptyPaper, paperTo, print, type Draft, type Paper, type PaperKind } from './drafts'
import { ApiError, OfflineError } from './http'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const paper = (text: string): Paper => ({ ...emptyPaper(), text })

// Desk is the server's rule in small: the latest save holds, what it had not seen stays beside it.
class Desk {
  version = 0
  paper: Paper | null = null
  by = ''
  displaced: Paper | null = null
  saves = 0
  fail: Error | null = null
  devices: DraftStore[] = []

  draft(cause = ''): Draft {
    return {
      conversation: 'cv', kind: 'reply', version: this.version, savedAt: 0, device: this.by, paper: this.paper, displaced: this.displaced, cause,
    }
  }

  device(name: string, storage = new Memory()) {
    const shown: Record<PaperKind, string> = { reply: '', note: '' }
    const store = new DraftStore({
      device: name, agent: 'ag', storage,
      read: () => (this.fail ? Promise.reject(this.fail) : Promise.resolve(this.paper ? [this.draft()] : [])),
      save: (d) => {
        if (this.fail) return Promise.reject(this.fail)
        this.saves++
        if (this.paper && this.by !== name && d.base < this.version) this.displaced = this.paper
        else if (d.letGo) this.displaced = null
        this.paper = d.paper
        return this.#news(name)
      },
      clear: (_c, _k, cause) => {
        if (this.fail) return Promise.reject(this.fail)
        if (!this.paper) return Promise.resolve(this.version)
        this.paper = this.displaced = null
        return this.#news(name, cause)
      },
    })
    this.devices.push(store)
    const open = (text = ''): (() => void) => {
      shown.reply = text
      return store.open('cv', { reply: paper(text), note: emptyPaper() }, (kind, p) => void (shown[kind] = p.text))
    }
    const type = (text: string): void => {
      shown.reply = text
      store.written('cv', 'reply', paper(text))
    }
    return { store, shown, open, type }
  }

  #news(by: string, cause = ''): Promise<number> {
    this.by = by
    this.version++
    for (const d of this.devices) d.heard(this.draft(cause))
    return Promise.resolve(this.version)
  }
}

class Memory {
  readonly all = new Map<string, string>()
  getItem = (k: string): string | null => this.all.get(k) ?? null
  setItem = (k: string, v: string): void => void this.all.set(k, v)
  removeItem = (k: string): void => void this.all.delete(k)
}

const rest = (ms: number) => vi.advanceTimersByTimeAsync(ms)

test('a draft is saved after a rest, and appears on the other device', async () => {
  const desk = new Desk()
  const [a, b] = [desk.device('a'), desk.device('b')]
  a.open()
  b.open()
  await rest(0)
  a.type('Dear')
  await rest(1_900)
  a.type('Dear Anna')
  await rest(1_900)
  expect(desk.saves).toBe(0)
  await rest(200)
  expect([desk.saves, b.shown.reply]).toEqual([1, 'Dear Anna'])
  b.type('Dear Anna, thank you')
  await rest(5_000)
  expect([desk.saves, a.shown.reply, desk.displaced]).toEqual([2, 'Dear Anna, thank you', null])
})

test('who types without a rest is saved seldom, and on leaving at once', async () => {
  const desk = new Desk()
  const a = desk.device('a')
  const leave = a.open()
  for (let i = 0; i < 60; i++) {
    a.type('x'.repeat(i + 1))
    await rest(500)
  }
  expect(desk.saves).toBeGreaterThanOrEqual(2)
  expect(desk.saves).toBeLessThanOrEqual(4) // 30 s
  a.type('the end')
  leave()
  await rest(0)
  expect(desk.paper?.text).toBe('the end')
})

test('two devices that write at once: the newer one holds, the other is offered', async () => {
  const desk = new Desk()
  const [a, b] = [desk.device('a'), desk.device('b')]
  a.open()
  b.open()
  await rest(0)
  a.type('From the desk')
  await rest(1_000)
  b.type('From the train')
  await rest(1_000) // a is saved; b has unsaved words and keeps them
  expect([desk.paper?.text, b.shown.reply]).toEqual(['From the desk', 'From the train'])
  await rest(1_500)
  expect([desk.paper?.text, a.shown.reply]).toEqual(['From the train', 'From the train'])
  expect(b.store.displaced('cv', 'reply')?.text).toBe('From the desk')
  expect(a.store.displaced('cv', 'reply')?.text).toBe('From the desk')
  b.store.letGo('cv', 'reply')
  await rest(5_000)
  expect([desk.displaced, a.store.displaced('cv', 'reply'), b.store.displaced('cv', 'reply')]).toEqual([null, null, null])
})

test('what was sent on one device is gone on the other', async () => {
  const desk = new Desk()
  const [a, b] = [desk.device('a'), desk.device('b')]
  a.open()
  b.open()
  await rest(0)
  a.type('Hello')
  await rest(2_500)
  expect(b.shown.reply).toBe('Hello')
  a.store.sent('cv', 'reply')
  await rest(100)
  expect([desk.paper, b.shown.reply]).toEqual([null, ''])
  expect(desk.saves).toBe(1)
})

test('a device that comes back takes over what is newer, unless it has words of its own', async () => {
  const desk = new Desk()
  const storage = new Memory()
  const a = desk.device('a', storage)
  const leave = a.open()
  a.type('Begun here')
  await rest(2_500)
  leave()
  const b = desk.device('b')
  b.open()
  await rest(0)
  b.type('Begun here, gone on there')
  await rest(5_000)
  const again = desk.device('a', storage)
  again.open('Begun here') // as its browser kept it
  await rest(0)
  expect(again.shown.reply).toBe('Begun here, gone on there')

  const other = desk.device('c')
  other.open('Words nobody has seen')
  await rest(5_000)
  expect([desk.paper?.text, other.store.displaced('cv', 'reply')?.text]).toEqual(['Words nobody has seen', 'Begun here, gone on there'])
})

test('what was sent while a browser was away is not restored by it', async () => {
  const desk = new Desk()
  const storage = new Memory()
  const a = desk.device('a', storage)
  const leave = a.open()
  a.type('Hello')
  await rest(2_500)
  leave()
  desk.devices = []
  desk.paper = null
  desk.version++
  const again = desk.device('a', storage)
  again.open('Hello')
  await rest(10_000)
  expect([again.shown.reply, desk.paper]).toEqual(['', null])
})

test('without network it is tried again; what is refused stays here', async () => {
  const desk = new Desk()
  const a = desk.device('a')
  a.open()
  desk.fail = new OfflineError()
  a.type('Hello')
  await rest(3_000)
  expect(desk.paper).toBeNull()
  desk.fail = null
  await rest(10_000)
  expect(desk.paper).toMatchObject({ text: 'Hello' })

  desk.fail = new ApiError(422, 'invalid', 'too large')
  a.type('Hello, a very long one')
  await rest(60_000)
  desk.fail = null
  await rest(60_000)
  expect(desk.paper).toMatchObject({ text: 'Hello' })
  a.type('Hello, shorter')
  await rest(5_000)
  expect(desk.paper).toMatchObject({ text: 'Hello, shorter' })
})

test('papers go over the wire and back', () => {
  const p: Paper = {
    text: 'x', html: '<p>x</p>', to: ['a@b.c'], cc: [], bcc: ['d@e.f'], mentions: ['ag'], seenVersion: 7,
    attachments: [{ blob: 'b', name: 'n', mediaType: 'image/png', size: 3, inline: true, contentId: 'c' }],
  }
  const back = draftFrom({ conversation: 'cv', kind: 'note', version: 2, saved_at: '2026-01-02T03:04:05Z', device: 'd', writing: paperTo(p), displaced: null })
  expect(back).toMatchObject({ kind: 'note', paper: p, displaced: null })
  expect(print({ ...p, seenVersion: 9 })).toBe(print(p))
  expect(print({ ...p, bcc: [] })).not.toBe(print(p))
  expect([blank(emptyPaper()), blank(p), print(emptyPaper())]).toEqual([true, false, ''])
})
