import { fromJson, fromJsonString } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import { assigned, Desk, type Obj } from '../../dev/desk.mjs'
import { RecordSchema, TicketSummarySchema } from '../gen/desk/v1/record_pb'
import { restTicket } from '../../dev/rest.mjs'
import { ticketOf } from './proto'
import { itemFrom, ticketFrom } from './rest'
import { applyRecord } from './timeline'
import type { Item } from './types'

function busyDesk(): { desk: Desk; id: string } {
  let clock = 1_700_000_000_000
  const desk = new Desk({ now: () => (clock += 1000) })
  const ana = desk.addAgent({ id: 'ag_ana', name: 'Ana', email: 'ana@desk.test' })
  desk.channels.set('ch_1', { channel: 'ch_1', kind: 'CHANNEL_KIND_EMAIL', name: 'Support', address: 'help@desk.test' })
  const contact = { contact: 'ct_1', name: 'Carla', identities: [{ kind: 'email', value: 'c@x.test' }] }
  const id = desk.receive({
    channel: 'ch_1', contact, subject: 'Hi', body: { text: 'Hello\n> old', freshTextBytes: 5, html: '<p>Hello', attachments: [{ blob: 'ab', name: 'a.png', size: 12, mediaType: 'image/png' }] },
  })
  const s = `conversation/${id}`
  const by = { kind: 'KIND_AGENT', id: 'ag_ana', name: 'Ana' }
  desk.append(s, { kind: 'KIND_UNSPECIFIED' }, { assignmentDeferred: { waiting: true, reason: { code: 'no_available_agent', text: 'Nobody is there.' } } })
  desk.append(s, { kind: 'KIND_UNSPECIFIED' }, assigned(ana, '', 'assigned_least_loaded', 'Least loaded.'))
  desk.command(s, { addNote: { message: 'n1', body: { text: 'a note' } } }, ana)
  desk.command(s, { requestReply: { message: 'm1', body: { text: 'answer' }, cc: [{ address: 'd@x.test', name: '' }] } }, ana)
  desk.settle(id, 'm1', 'DELIVERY_STATE_FAILED', 'no such user')
  desk.command(s, { setTicketPriority: { priority: 'PRIORITY_URGENT' } }, ana)
  desk.command(s, { setTicketSubject: { subject: 'Better' } }, ana)
  desk.command(s, { unassignConversation: {} }, ana)
  desk.append(s, by, { ticketStatusChanged: { from: 'TICKET_STATUS_NEW', to: 'TICKET_STATUS_CLOSED', by: 'ag_ana', cause: 'by_hand' } })
  return { desk, id }
}

describe('timeline', () => {
  it('makes of records the very items the server makes', () => {
    const { desk, id } = busyDesk()
    let items: readonly Item[] = []
    for (const r of desk.streams.get(`conversation/${id}`) as Obj[]) {
      items = applyRecord(items, fromJsonString(RecordSchema, JSON.stringify(r), { ignoreUnknownFields: true }))
    }
    const fromServer = (desk.items.get(id) ?? []).map(itemFrom)
    expect(items.length).toBeGreaterThan(8)
    expect(items).toEqual(fromServer)
    expect(items.find((i) => i.id === 'm1')?.delivery).toEqual({ state: 'failed', reason: 'no such user', attempts: 1, retryAt: 0, sendAt: 0 })
  })

  it('makes of a row from a frame the row of an answer', () => {
    const { desk, id } = busyDesk()
    const row = desk.tickets.get(id)!
    const frame = ticketOf(fromJsonString(TicketSummarySchema, JSON.stringify(row)))
    expect({ ...frame, position: 0 }).toEqual(ticketFrom(restTicket(row)))
  })

  it('shows a reply that waits, is moved, taken back, tried again', () => {
    const at = (version: number, event: object) =>
      fromJson(RecordSchema, { stream: 'conversation/x', version, event } as never)
    const asked = { replyRequested: { message: 'm', bcc: [{ address: 'b@x.test' }], sendAtMs: '5000' } }
    const run = (...events: object[]) => events.reduce<readonly Item[]>((items, e, i) => applyRecord(items, at(i + 1, e)), [])[0]
    expect(run(asked)).toMatchObject({ delivery: { state: 'queued', sendAt: 5000 }, bcc: [{ name: '', address: 'b@x.test' }] })
    expect(run(asked, { replyRescheduled: { message: 'm', sendAtMs: '9000' } })?.delivery).toMatchObject({ state: 'queued', sendAt: 9000 })
    expect(run(asked, { replyCanceled: { message: 'm' } })?.delivery).toMatchObject({ state: 'canceled', sendAt: 0 })
    expect(run(asked, { deliveryStarted: { message: 'm', attempt: 1 } })?.delivery).toMatchObject({ state: 'sending', sendAt: 0 })
    const failed = { deliverySettled: { message: 'm', attempt: 1, state: 'DELIVERY_STATE_FAILED', reason: 'no' } }
    expect(run(asked, failed, { replyRetried: { message: 'm', attempts: 1 } })?.delivery).toMatchObject({ state: 'queued', reason: '', attempts: 1 })
  })

  it('puts what was taken in from the past where it belongs by its time', () => {
    const at = (version: number, atMs: number, event: object) => fromJson(RecordSchema, { stream: 'conversation/x', version, atMs: String(atMs), event } as never)
    const said = (message: string, pastMs: number) => ({ message, from: { name: 'Ana', address: 'a@x.test' }, body: { text: message }, ...(pastMs ? { pastMs: String(pastMs) } : {}) })
    const items = [
      at(1, 5000, { messageReceived: said('live', 0) }),
      at(2, 3000, { messageReceived: said('question', 3000) }),
      at(3, 4000, { replyImported: { mail: said('answer', 4000), agent: 'ag_1', agentName: 'Bea' } }),
      at(4, 6000, { messageReceived: said('next', 0) }),
    ].reduce<readonly Item[]>(applyRecord, [])
    expect(items.map((i) => i.id)).toEqual(['question', 'answer', 'live', 'next'])
    expect(items[1]).toMatchObject({ kind: 'outbound', imported: true, author: { kind: 'agent', id: 'ag_1', name: 'Bea' }, delivery: { state: 'delivered' } })
    expect(items[2]?.imported).toBe(false)
  })

  it('ignores delivery news of a message it does not have', () => {
    const record = fromJson(RecordSchema, { stream: 'conversation/x', version: 3, event: { deliveryStarted: { message: 'zz', attempt: 1 } } })
    expect(applyRecord([], record)).toEqual([])
  })
})
