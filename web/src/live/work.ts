// The work on a ticket, beside what is said: what its row tells, what an agent does about it, and the lines it leaves in the
// timeline. The counterpart of api/work.go; both ways to the server are here beside each other.
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { CommandSchema } from '../gen/desk/v1/command_pb'
import type { Record as PbRecord, TicketSummary } from '../gen/desk/v1/record_pb'
import { statusNumber, statusOf } from './proto'
import { listOf, numberOf, objectOf, textOf, timeOf, type Json } from './rest'
import type { Activity, Status, Work } from './types'

// untilContactWrites is the snooze that no time ends: the last second of the year 9999.
export const untilContactWrites = 253_402_300_799_000

const texts = (v: unknown): string[] => listOf(v).map(textOf)

export const valuesFrom = (v: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(objectOf(v)).map(([id, value]) => [id, textOf(value)]))

export function workFrom(t: Json): Work {
  return {
    tags: texts(t.tags),
    team: textOf(t.team),
    pipeline: textOf(t.pipeline),
    stage: textOf(t.stage),
    properties: valuesFrom(t.properties),
    snoozedUntil: timeOf(t.snoozed_until),
    dueAt: timeOf(t.due_at),
    offeredUntil: timeOf(t.offered_until),
    followers: texts(t.followers),
    mentioned: texts(t.mentioned),
    spam: t.spam === true,
    mergedInto: textOf(t.merged_into),
    closedAt: timeOf(t.closed_at),
    firstReplyAt: timeOf(t.first_reply_at),
    lastReceivedAt: timeOf(t.last_received_at),
    hasAttachments: t.has_attachments === true,
    source: textOf(t.source),
    bot: textOf(t.bot),
    fromAddress: textOf(t.from_address),
    heldUntil: timeOf(t.held_until),
    heldBy: t.held_by ? { limit: textOf(objectOf(t.held_by).limit), of: textOf(objectOf(t.held_by).of) } : null,
    setAside: textOf(t.set_aside),
    sides: numberOf(t.sides),
    sidesWaiting: numberOf(t.sides_waiting),
    sidesAnswered: numberOf(t.sides_answered),
  }
}

export function workOf(t: TicketSummary): Work {
  return {
    tags: t.tags,
    team: t.team,
    pipeline: t.pipeline,
    stage: t.stage,
    properties: t.properties,
    snoozedUntil: Number(t.snoozedUntilMs),
    dueAt: statusOf(t.status) === 'closed' ? 0 : Number(t.dueMs),
    offeredUntil: offerOf(t),
    followers: t.followers,
    mentioned: t.mentioned,
    spam: t.spam,
    mergedInto: t.mergedInto,
    closedAt: Number(t.closedAtMs),
    firstReplyAt: Number(t.firstReplyAtMs),
    lastReceivedAt: Number(t.lastReceivedAtMs),
    hasAttachments: t.hasAttachments,
    source: t.source,
    bot: t.bot,
    fromAddress: t.fromAddress,
    heldUntil: Number(t.heldUntilMs),
    heldBy: t.hold ?? null,
    setAside: t.setAside,
    sides: t.sides.length,
    sidesWaiting: t.sides.filter((s) => statusOf(s.status) === 'waiting_on_contact').length,
    sidesAnswered: t.sides.filter((s) => statusOf(s.status) === 'waiting_on_us').length,
  }
}

// offerOf: as desk.OfferedUntil has it. What waits for somebody else or is laid aside is no offer.
const offerOf = (t: TicketSummary): number =>
  t.owner && !t.snoozedUntilMs && !t.spam && !t.mergedInto && ['new', 'waiting_on_us'].includes(statusOf(t.status)) ? Number(t.tenure?.takeByMs ?? 0) : 0

// WorkAction is what an agent does to one ticket. Times are Unix milliseconds.
export type WorkAction =
  | { kind: 'tags'; conversation: string; add: string[]; remove: string[] }
  | { kind: 'team'; conversation: string; team: string; unassign: boolean }
  | { kind: 'stage'; conversation: string; pipeline: string; stage: string; status: Status }
  | { kind: 'property'; conversation: string; property: string; value: string }
  | { kind: 'snooze'; conversation: string; until: number } // 0: bring it back
  | { kind: 'due'; conversation: string; at: number } // 0: by no time
  | { kind: 'follow'; conversation: string; agent: string; on: boolean }
  | { kind: 'seen'; conversation: string }
  | { kind: 'spam'; conversation: string; spam: boolean }

type CommandKind = NonNullable<MessageInitShape<typeof CommandSchema>['kind']>

export function workCommand(a: WorkAction): CommandKind {
  switch (a.kind) {
    case 'tags':
      return { case: 'changeTicketTags', value: { add: a.add, remove: a.remove } }
    case 'team':
      return { case: 'transferToTeam', value: { team: a.team, unassign: a.unassign } }
    case 'stage':
      return { case: 'setTicketStage', value: { pipeline: a.pipeline, stage: a.stage, status: statusNumber(a.status) } }
    case 'property':
      return { case: 'setTicketProperty', value: { property: a.property, value: a.value } }
    case 'snooze':
      return { case: 'snoozeTicket', value: { untilMs: BigInt(a.until) } }
    case 'due':
      return { case: 'setTicketDue', value: { dueMs: BigInt(a.at) } }
    case 'follow':
      return { case: a.on ? 'followTicket' : 'unfollowTicket', value: { agent: a.agent } }
    case 'seen':
      return { case: 'dismissMention', value: {} }
    case 'spam':
      return { case: a.spam ? 'markSpam' : 'unmarkSpam', value: {} }
  }
}

export function workRequest(a: WorkAction): [method: string, path: string, body: unknown] {
  const at = `/conversations/${a.conversation}`
  switch (a.kind) {
    case 'tags':
      return ['POST', `${at}/tags`, { add: a.add, remove: a.remove }]
    case 'team':
      return ['PUT', `${at}/team`, { team: a.team || null, unassign: a.unassign }]
    case 'stage':
      return ['PUT', `${at}/stage`, { pipeline: a.pipeline, stage: a.stage }]
    case 'property':
      return ['PUT', `${at}/properties/${a.property}`, { value: a.value }]
    case 'snooze':
      if (a.until === 0) return ['DELETE', `${at}/snooze`, undefined]
      return ['PUT', `${at}/snooze`, { until: a.until >= untilContactWrites ? null : new Date(a.until).toISOString() }]
    case 'due':
      return a.at ? ['PUT', `${at}/due`, { due: new Date(a.at).toISOString() }] : ['DELETE', `${at}/due`, undefined]
    case 'follow':
      return [a.on ? 'PUT' : 'DELETE', `${at}/followers/${a.agent}`, undefined]
    case 'seen':
      return ['DELETE', `${at}/mention`, undefined]
    case 'spam':
      return ['PUT', `${at}/spam`, { spam: a.spam }]
  }
}

export const isWork = (a: { kind: string }): a is WorkAction =>
  ['tags', 'team', 'stage', 'property', 'snooze', 'due', 'follow', 'seen', 'spam'].includes(a.kind)

// workActivityOf is the line a record of the work leaves, over what every line has.
export function workActivityOf(record: PbRecord, nothing: Activity): Activity | null {
  const kind = record.event?.kind
  switch (kind?.case) {
    case 'ticketTagsChanged':
      return { ...nothing, code: 'tags', added: kind.value.added, removed: kind.value.removed }
    case 'ticketTeamChanged':
      return { ...nothing, code: 'team', field: kind.value.team, to: kind.value.teamName }
    case 'ticketStageChanged':
      return { ...nothing, code: 'stage', field: kind.value.pipeline, to: kind.value.stageName }
    case 'ticketPropertySet':
      return { ...nothing, code: 'property', field: kind.value.property, to: kind.value.value }
    case 'ticketSnoozed':
      return { ...nothing, code: 'snoozed', until: Number(kind.value.untilMs) }
    case 'ticketDueChanged': {
      const e = kind.value
      return { ...nothing, code: 'due', until: Number(e.cause === 'answered' ? e.wasMs : e.dueMs), cause: e.late ? 'answered_late' : e.cause }
    }
    case 'ticketHeld': {
      const e = kind.value
      return e.untilMs ? { ...nothing, code: 'held', until: Number(e.untilMs), cause: e.limit, to: e.of } : { ...nothing, code: 'released', cause: e.cause }
    }
    case 'chatEntered': {
      const e = kind.value
      return {
        ...nothing, code: 'chat_entered', to: e.flowName, from: e.page, cause: e.consent, text: e.consentText, field: e.consentVersion,
        until: Number(e.consentAtMs), added: e.answers.map((a) => `${a.label}: ${a.value}`),
      }
    }
    case 'botStarted':
      return { ...nothing, code: 'bot_started', to: kind.value.bot }
    case 'botEnded':
      return { ...nothing, code: 'bot_ended', cause: kind.value.cause, agent: kind.value.by, agentName: kind.value.byName }
    case 'ticketWoken':
      return { ...nothing, code: 'woken', cause: kind.value.cause }
    case 'ticketFollowed':
      return { ...nothing, code: 'followed', agent: kind.value.agent, agentName: kind.value.agentName }
    case 'ticketUnfollowed':
      return { ...nothing, code: 'unfollowed', agent: kind.value.agent }
    case 'ticketMarkedSpam':
      return { ...nothing, code: 'spam', cause: kind.value.cause }
    case 'ticketUnmarkedSpam':
      return { ...nothing, code: 'not_spam', cause: kind.value.cause }
  }
  return mergeActivityOf(record, nothing)
}

function mergeActivityOf(record: PbRecord, nothing: Activity): Activity | null {
  const kind = record.event?.kind
  switch (kind?.case) {
    case 'conversationMerged': {
      const e = kind.value
      return { ...nothing, code: 'merged', conversation: e.into, number: Number(e.intoNumber), to: e.intoSubject }
    }
    case 'mergeUndone':
      return { ...nothing, code: 'merge_undone', conversation: kind.value.from, number: Number(kind.value.fromNumber) }
    case 'conversationTookIn': {
      const e = kind.value
      return { ...nothing, code: 'took_in', conversation: e.conversation, number: Number(e.number), to: e.subject }
    }
    case 'conversationLetGo':
      return { ...nothing, code: 'let_go', conversation: kind.value.conversation, number: Number(kind.value.number) }
    case 'messagesSplitOff': {
      const e = kind.value
      return { ...nothing, code: 'split_off', conversation: e.into, to: e.opening?.subject ?? '', count: e.messages.length }
    }
    case 'conversationSplitFrom': {
      const e = kind.value
      return { ...nothing, code: 'split_from', conversation: e.conversation, number: Number(e.number), count: e.messages.length }
    }
    case 'requesterChanged':
      return { ...nothing, code: 'requester', from: kind.value.fromName, to: kind.value.contactName, field: kind.value.address }
    case 'participantConfirmed':
      return { ...nothing, code: 'participant', to: kind.value.address }
    case 'sideChanged': {
      const e = kind.value
      return e.what === 'written' ? null : { ...nothing, code: 'side', conversation: e.side, cause: e.what, to: e.with, from: e.subject, agentName: e.who }
    }
    case 'ownerTold':
      return { ...nothing, code: 'owner_told', agent: kind.value.agent, agentName: kind.value.agentName, cause: kind.value.withheld }
    case 'unreadNotMailed':
      return { ...nothing, code: 'not_mailed', cause: kind.value.cause, count: kind.value.messages.length }
    case 'visitorAddressGiven':
      return { ...nothing, code: 'address', to: kind.value.address }
    case 'conversationRated': {
      const e = kind.value
      return { ...nothing, code: 'rated', number: e.score, text: e.comment, field: e.scale, cause: e.by, agent: e.agent }
    }
    case 'chatEnded':
      return kind.value.transcript || kind.value.rating ? { ...nothing, code: 'chat_ended', cause: kind.value.rating, field: kind.value.transcript } : null
    case 'conversationLinked': {
      const e = kind.value
      return { ...nothing, code: 'linked', conversation: e.conversation, number: Number(e.number), to: e.subject, cause: e.cause }
    }
  }
  return null
}

// movesMessages: after such a record the timeline shows other messages than it did, and they are in another stream.
export function movesMessages(record: PbRecord): boolean {
  switch (record.event?.kind.case) {
    case 'conversationTookIn':
    case 'conversationLetGo':
    case 'messagesSplitOff':
    case 'conversationSplitFrom':
      return true
  }
  return false
}
