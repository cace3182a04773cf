// The whole live layer against the little desk behind a bad network: whatever is cut, delayed or lost, in the end the
// screen shows what the desk holds, each reply is there once, and nothing had to be reloaded by hand.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inView } from '../../dev/rest.mjs'
import { assigned, type Obj } from '../../dev/desk.mjs'
import { later, Net } from './harness'
import { newId } from './ids'
import { itemFrom } from './rest'
import type { ViewName } from './types'
import type { Workspace } from './workspace'

const views: ViewName[] = ['open', 'unassigned', 'mine', 'closed']
const statuses = ['TICKET_STATUS_NEW', 'TICKET_STATUS_WAITING_ON_US', 'TICKET_STATUS_CLOSED']

function begin(seed: number, before = 25): { net: Net; ids: string[] } {
  const net = new Net(seed)
  net.desk.addAgent({ id: 'ag_other', name: 'Other', email: 'o@desk.test' })
  net.desk.channels.set('ch_1', { channel: 'ch_1', kind: 'CHANNEL_KIND_EMAIL', name: 'Support', version: 1 })
  const ids: string[] = []
  for (let i = 0; i < before; i++) ids.push(arrive(net))
  return { net, ids }
}

function arrive(net: Net, conversation?: string): string {
  vi.setSystemTime(Date.now() + 1)
  const contact = { contact: 'ct_1', name: 'Carla', identities: [{ kind: 'email', value: 'c@x.test' }] }
  return net.desk.receive({ conversation, channel: 'ch_1', contact, subject: 'Help', body: { text: `hello ${Date.now()}` } })
}

// One thing happens on the desk, by somebody else.
function happen(net: Net, ids: string[]): void {
  const { desk } = net
  const pick = (): string => ids[Math.floor(desk.random() * ids.length)]!
  const other = desk.agents.get('ag_other') as Obj
  const s = `conversation/${pick()}`
  vi.setSystemTime(Date.now() + 1)
  const dice = desk.random()
  if (dice < 0.2) ids.push(arrive(net))
  else if (dice < 0.45) arrive(net, pick())
  else if (dice < 0.55) desk.command(s, { requestReply: { message: newId('ms_'), body: { text: 'from another' } } }, other)
  else if (dice < 0.7) {
    const status = statuses[Math.floor(desk.random() * 3)]
    desk.command(s, { setTicketStatus: { status } }, other)
  } else if (dice < 0.85) desk.append(s, {}, assigned(net.agent, '', 'assigned_least_loaded', 'You have the least.'))
  else desk.command(s, { unassignConversation: {} }, other)
}

function expectTruth(w: Workspace, net: Net): void {
  for (const view of views) {
    const want = [...net.desk.tickets.values()]
      .filter((t) => inView(t, view, 'ag_me'))
      .sort((a, b) => b.updatedAtMs - a.updatedAtMs || (a.conversation < b.conversation ? -1 : 1))
      .map((t) => `${t.conversation} ${t.version}`)
    const rows = w.list(view).rows.map((t) => `${t.id} ${t.version}`)
    expect(rows, `rows of ${view}`).toEqual(want.slice(0, rows.length))
    if (w.list(view).complete) expect(rows.length, `length of ${view}`).toBe(want.length)
    expect(w.counts.value?.[view], `count of ${view}`).toBe(want.length)
  }
}

function expectConversation(w: Workspace, net: Net, id: string): void {
  const c = w.conversation(id)!
  expect(c.state).toBe('ready')
  expect(c.items).toEqual(net.desk.items.get(id)!.map(itemFrom))
}

async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await later(2_000)
}

describe('workspace', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }))
  afterEach(() => void vi.useRealTimers())

  it('shows news without reading lists again', async () => {
    const { net, ids } = begin(1)
    const w = net.workspace(50)
    w.start()
    for (const v of views) w.show(v)
    await settle()
    expectTruth(w, net)
    const before = net.requests.filter((r) => !r.includes('counts')).length
    for (let i = 0; i < 50; i++) {
      happen(net, ids)
      await later(20)
    }
    await later(500)
    for (const v of views) expect(w.list(v).rows.length).toBe([...net.desk.tickets.values()].filter((t) => inView(t, v, 'ag_me')).length)
    expect(net.requests.filter((r) => !r.includes('counts')).length).toBe(before)
    await settle()
    expectTruth(w, net)
    w.stop()
  })

  it.each(Array.from({ length: Number(process.env.SEEDS ?? 24) }, (_, i) => i + 1))('is right after cuts, delays and resets (seed %i)', async (seed) => {
    const { net, ids } = begin(seed)
    net.resetLimit = seed % 3 === 0 ? 5 : 1000
    net.countsWithPosition = seed % 2 === 0
    net.maxDelay = [5, 60, 400][seed % 3]!
    const { desk } = net
    const w = net.workspace()
    w.start()
    const id = ids[3]!
    w.enter(id)
    for (let i = 0; i < 150; i++) {
      happen(net, desk.random() < 0.3 ? [id] : ids)
      if (desk.random() < 0.06) net.cut([1006, 1012, 4008][Math.floor(desk.random() * 3)])
      if (desk.random() < 0.03) net.online = !net.online
      if (desk.random() < 0.05) w.link.reopen()
      if (desk.random() < 0.1) w.show(views[Math.floor(desk.random() * 4)]!)
      if (desk.random() < 0.1) w.more(views[Math.floor(desk.random() * 4)]!)
      if (desk.random() < 0.05) w.enter(ids[Math.floor(desk.random() * ids.length)]!)
      await later(desk.random() * 300)
    }
    net.online = true
    w.enter(id)
    await settle()
    for (const v of views) {
      w.show(v)
      await settle()
    }
    expectTruth(w, net)
    expectConversation(w, net, id)
    w.stop()
  })

  it.each([1, 2, 3, 4, 5, 6])('sends every reply exactly once and in order over a bad line (seed %i)', async (seed) => {
    const { net, ids } = begin(seed, 3)
    net.loseAnswers = 0.3
    const { desk } = net
    const w = net.workspace()
    w.start()
    const id = ids[0]!
    w.enter(id)
    await later(500)
    const sent: string[] = []
    for (let i = 0; i < 20; i++) {
      const message = newId('ms_')
      sent.push(message)
      w.outbox.add({ id: message, conversation: id, kind: i % 4 ? 'reply' : 'note', draft: { text: `say ${i}`, attachments: [] }, close: false, at: i })
      if (desk.random() < 0.4) net.cut()
      if (desk.random() < 0.2) net.online = !net.online
      await later(desk.random() * 2_000)
    }
    net.online = true
    net.loseAnswers = 0
    await settle()
    await settle()
    const mine = desk.items.get(id)!.filter((i) => i.kind === 'outbound' || i.kind === 'note').map((i) => i.id)
    expect(mine).toEqual(sent)
    expect(w.outbox.of(id)).toEqual([])
    expect(net.storage.length).toBe(0)
    expectConversation(w, net, id)
    w.stop()
  })

  it('sends what was written offline after the page was loaded again', async () => {
    const { net, ids } = begin(9, 3)
    const a = net.workspace()
    a.start()
    await later(500)
    net.online = false
    net.socketsWork = false
    net.cut()
    a.outbox.add({ id: 'ms_tunnel', conversation: ids[0]!, kind: 'reply', draft: { text: 'in a tunnel', attachments: [] }, close: true, at: 1 })
    await later(5_000)
    expect(a.outbox.size).toBe(1)
    a.stop()
    net.online = true
    net.socketsWork = true
    const b = net.workspace()
    expect(b.outbox.of(ids[0]!).map((e) => e.state)).toEqual(['queued'])
    b.start()
    await settle()
    expect(net.desk.items.get(ids[0]!)!.filter((i) => i.id === 'ms_tunnel').length).toBe(1)
    expect(net.desk.tickets.get(ids[0]!)!.status).toBe('TICKET_STATUS_CLOSED')
    expect(net.storage.length).toBe(0)
    b.stop()
  })

  it('keeps a refused reply until a person decides, and sends the next one', async () => {
    const { net, ids } = begin(10, 3)
    const w = net.workspace()
    w.start()
    await later(500)
    w.outbox.add({ id: 'ms_empty', conversation: ids[0]!, kind: 'reply', draft: { text: '', attachments: [] }, close: false, at: 1 })
    w.outbox.add({ id: 'ms_good', conversation: ids[0]!, kind: 'reply', draft: { text: 'good', attachments: [] }, close: false, at: 2 })
    await settle()
    const [refused] = w.outbox.of(ids[0]!)
    expect([refused?.id, refused?.state, refused?.code]).toEqual(['ms_empty', 'refused', 'invalid'])
    expect(net.desk.items.get(ids[0]!)!.some((i) => i.id === 'ms_good')).toBe(true)
    expect(w.outbox.discard('ms_empty')?.id).toBe('ms_empty')
    expect(net.storage.length).toBe(0)
    w.stop()
  })

  it('works without a socket, only slower', async () => {
    const { net, ids } = begin(11, 5)
    net.socketsWork = false
    const w = net.workspace()
    w.start()
    w.show('open')
    w.enter(ids[0]!)
    await settle()
    happen(net, ids)
    arrive(net, ids[0]!)
    void w.act({ kind: 'assign', conversation: ids[1]!, agent: 'ag_me', agentName: 'Me' })
    await settle()
    w.show('mine')
    for (const v of views) {
      w.show(v)
      await settle()
    }
    expectTruth(w, net)
    expectConversation(w, net, ids[0]!)
    w.stop()
  })

  it('forgets another journal', async () => {
    const { net } = begin(12, 12)
    const w = net.workspace()
    w.start()
    w.show('open')
    await settle()
    const other = begin(13, 4)
    other.net.desk.epoch = 'e2'
    Object.assign(net, { desk: other.net.desk })
    net.cut()
    await settle()
    for (const v of views) {
      w.show(v)
      await settle()
    }
    expect(w.list('open').rows.length).toBe(4)
    expectTruth(w, net)
    w.stop()
  })
})
