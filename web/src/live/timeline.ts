// The timeline of a conversation as a fold over its records. A record is either a new item (a message, a note, a line of
// activity) or changes one that is there (its delivery). Pure: the items given are not changed.
import type { Record as PbRecord } from '../gen/desk/v1/record_pb'
import { addressesOf, addressOf, bodyOf, deliveryOf, priorityOf, reasonOf, statusOf } from './proto'
import type { Activity, Delivery, Item } from './types'
import { workActivityOf } from './work'

export function applyRecord(items: readonly Item[], record: PbRecord): readonly Item[] {
  const kind = record.event?.kind
  switch (kind?.case) {
    case 'deliveryStarted': {
      const { message, attempt } = kind.value
      return withDelivery(items, message, (d) => ({ ...queued, ...said(d), state: 'sending', attempts: attempt }))
    }
    case 'deliverySettled': {
      const { message, state, reason, retryAtMs, attempt } = kind.value
      return withDelivery(items, message, (d) => ({
        ...d,
        state: deliveryOf(state),
        reason,
        attempts: Math.max(attempt, d.attempts),
        retryAt: Number(retryAtMs),
        sendAt: 0,
      }))
    }
    case 'messageReturned': {
      const { message, kind: what, from, text, rawBlob, recipients } = kind.value
      const news = { kind: what, at: Number(record.atMs), from, text, rawBlob, recipients: recipients.map(({ address, status, permanent, delayed, cause }) => ({ address, status, permanent, delayed, cause })) }
      return withDelivery(items, message, (d) => ({
        ...d,
        state: what === 'delay' && d.state === 'sent' ? 'delayed' : d.state,
        returns: [...(d.returns ?? []), news],
      }))
    }
    case 'replyCanceled':
      return withDelivery(items, kind.value.message, (d) => ({ ...queued, state: 'canceled', attempts: d.attempts }))
    case 'replyRescheduled': {
      const { message, sendAtMs } = kind.value
      return withDelivery(items, message, (d) => ({ ...d, sendAt: Number(sendAtMs), retryAt: 0 }))
    }
    case 'replyRetried':
      return withDelivery(items, kind.value.message, (d) => ({ ...queued, ...said(d), attempts: d.attempts }))
  }
  const item = itemOf(record)
  if (kind?.case === 'participantConfirmed') {
    const { address } = kind.value
    items = items.map((i) => (i.unconfirmed && i.from?.address.toLowerCase() === address ? { ...i, unconfirmed: false } : i))
  }
  if (!item) return items
  const at = item.imported ? items.findLastIndex((i) => i.at <= item.at) + 1 : items.length
  return [...items.slice(0, at), item, ...items.slice(at)]
}

function withDelivery(items: readonly Item[], id: string, change: (d: Delivery) => Delivery): readonly Item[] {
  const at = items.findLastIndex((i) => i.id === id && i.kind === 'outbound')
  const item = items[at]
  if (!item) return items
  const next = [...items]
  next[at] = { ...item, delivery: change(item.delivery ?? queued) }
  return next
}

// said is what machines said of a reply so far: it stays when it is tried again.
const said = (d: Delivery): Pick<Delivery, 'returns'> => (d.returns ? { returns: d.returns } : {})

export const queued: Delivery = { state: 'queued', reason: '', attempts: 0, retryAt: 0, sendAt: 0 }

// itemOf gives the item a record adds, or null when it adds none.
export function itemOf(record: PbRecord): Item | null {
  const kind = record.event?.kind
  switch (kind?.case) {
    case 'messageReceived':
    case 'replyImported': {
      const sent = kind.case === 'replyImported' ? kind.value : null
      const m = kind.case === 'replyImported' ? kind.value.mail! : kind.value
      const from = addressOf(m.from)
      return {
        ...blank(record),
        id: m.message,
        kind: sent ? 'outbound' : 'inbound',
        author: sent
          ? { kind: 'agent', id: sent.agent, name: sent.agentName || from?.name || from?.address || '' }
          : { kind: 'contact', id: m.contact, name: from?.name || from?.address || '' },
        delivery: sent ? { ...queued, state: 'delivered' } : null,
        imported: m.pastMs > 0n,
        body: bodyOf(m.body),
        from,
        to: addressesOf(m.to),
        cc: addressesOf(m.cc),
        subject: m.subject,
        warnings: m.warnings,
        automatic: m.automatic,
        handling: m.handling?.reason ?? '',
        sender: m.sender ? { verdict: verdicts[m.sender.verdict] ?? 'unknown', reason: m.sender.reason, domain: m.sender.domain, server: m.sender.server } : null,
        threading: m.threading,
        unconfirmed: m.unconfirmed,
        forwardedFrom: addressOf(m.forwardedFrom),
        forForwarded: m.forForwarded,
        rawBlob: m.rawBlob,
        clientId: m.clientId,
      }
    }
    case 'replyRequested': {
      const m = kind.value
      return {
        ...blank(record),
        id: m.message,
        kind: 'outbound',
        author: { kind: m.automatic ? 'desk' : 'agent', id: m.agent, name: m.agentName },
        automatic: m.automatic,
        body: bodyOf(m.body),
        delivery: { ...queued, sendAt: Number(m.sendAtMs) },
        to: addressesOf(m.to),
        cc: addressesOf(m.cc),
        bcc: addressesOf(m.bcc),
        subject: m.subject,
      }
    }
    case 'noteAdded': {
      const m = kind.value
      return {
        ...blank(record),
        id: m.message,
        kind: 'note',
        author: { kind: 'agent', id: m.agent, name: m.agentName },
        body: bodyOf(m.body),
      }
    }
  }
  const activity = activityOf(record)
  return activity ? { ...blank(record), activity } : null
}

const verdicts = ['unknown', 'unknown', 'verified', 'failed'] as const

function activityOf(record: PbRecord): Activity | null {
  const kind = record.event?.kind
  switch (kind?.case) {
    case 'conversationOpened':
      return { ...nothing, code: 'opened', conversation: kind.value.follows, number: Number(kind.value.followsNumber), cause: kind.value.source === 'import' ? 'import' : '' }
    case 'conversationAssigned': {
      const e = kind.value
      return {
        ...nothing, code: 'assigned', text: e.reason?.text ?? '',
        agent: e.agent, agentName: e.agentName, reason: reasonOf(e.reason),
      }
    }
    case 'conversationUnassigned': {
      const e = kind.value
      return { ...nothing, code: 'unassigned', text: e.reason?.text ?? '', agent: e.agent, reason: reasonOf(e.reason) }
    }
    case 'assignmentDeferred': {
      const e = kind.value
      return { ...nothing, code: 'deferred', text: e.reason?.text ?? '', waiting: e.waiting, reason: reasonOf(e.reason) }
    }
    case 'ticketStatusChanged': {
      const e = kind.value
      return { ...nothing, code: 'status', from: statusOf(e.from), to: statusOf(e.to), cause: e.cause }
    }
    case 'ticketPriorityChanged':
      return { ...nothing, code: 'priority', to: priorityOf(kind.value.priority) }
    case 'ticketSubjectChanged':
      return { ...nothing, code: 'subject', to: kind.value.subject }
  }
  return workActivityOf(record, nothing)
}

const nothing: Activity = {
  code: '', text: '', agent: '', agentName: '', from: '', to: '', cause: '', waiting: false, reason: null,
  added: [], removed: [], field: '', until: 0, conversation: '', number: 0, count: 0,
}

function blank(record: PbRecord): Item {
  const version = Number(record.version)
  const by = record.by
  return {
    id: `v${version}`,
    kind: 'activity',
    version,
    at: Number(record.atMs),
    author: {
      kind: by?.kind === 1 ? 'agent' : by?.kind === 2 ? 'contact' : 'desk',
      id: by?.id ?? '',
      name: by?.name ?? '',
    },
    body: null,
    delivery: null,
    activity: null,
    from: null,
    to: [],
    cc: [],
    bcc: [],
    subject: '',
    warnings: [],
    automatic: '',
    handling: '',
    sender: null,
    threading: [],
    unconfirmed: false,
    forwardedFrom: null,
    forForwarded: false,
    imported: false,
    rawBlob: '',
    clientId: '',
    origin: null,
  }
}
