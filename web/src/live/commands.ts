// What an agent does, sent over the socket when there is one and over HTTP otherwise. Every action carries an id or sets a
// value, so sending it a second time, by either way, changes nothing more: no answer is therefore never a dilemma.
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { ClientFrameSchema, type ClientFrame, type ServerFrame } from '../gen/desk/v1/frame_pb'
import type { CommandSchema } from '../gen/desk/v1/command_pb'
import { ApiError, type Http, OfflineError } from './http'
import { newId } from './ids'
import { priorityNumber, statusNumber } from './proto'
import { listOf, numberOf, objectOf, type Json } from './rest'
import type { Link } from './socket'
import type { Address, Attachment, Priority, Status } from './types'
import { isWork, workCommand, workRequest, type WorkAction } from './work'

export interface Draft {
  text: string
  html?: string // empty: plain text
  attachments: Attachment[]
  to?: Address[] // left out: who wrote last
  cc?: Address[]
  bcc?: Address[]
  from?: string // the address it leaves from; left out or '': the conversation's
  mentions?: string[] // of a note: agents it calls
}

// Sending is how a reply is sent, beside what it says.
export interface Sending {
  sendAt?: number // later, Unix milliseconds
  undoSeconds?: number // for so long it can be taken back before it leaves; at most 60
  seenVersion?: number // the conversation's, as on the screen: refused (answered_since) when somebody answered or wrote since
  anyway?: boolean
  then?: Status // the status that goes with it; left out: waiting_on_contact
}

export type Action =
  | { kind: 'reply'; conversation: string; message: string; draft: Draft; close: boolean; sending?: Sending }
  | { kind: 'cancel'; conversation: string; message: string }
  | { kind: 'reschedule'; conversation: string; message: string; sendAt: number } // 0: now
  | { kind: 'retry'; conversation: string; message: string; attempts: number }
  | { kind: 'macro'; conversation: string; reply?: MacroReply; note?: MacroNote; actions: MacroAction[] }
  | { kind: 'note'; conversation: string; message: string; draft: Draft }
  | { kind: 'assign'; conversation: string; agent: string | null; agentName: string }
  | { kind: 'status'; conversation: string; status: Status }
  | { kind: 'priority'; conversation: string; priority: Priority }
  | { kind: 'subject'; conversation: string; subject: string }
  | WorkAction
  | { kind: 'availability'; agent: string; available: boolean; reason: string }

export interface MacroReply {
  message: string
  draft: Draft
  sending?: Sending
}

export interface MacroNote {
  message: string
  draft: Draft
}

// MacroAction is what a macro does beside what it says, in the API's own form.
export type MacroAction =
  | { kind: 'tags'; add?: string[]; remove?: string[] }
  | { kind: 'assign'; agent: string } // '': nobody
  | { kind: 'team'; team: string; unassign?: boolean }
  | { kind: 'status'; status: Status }
  | { kind: 'stage'; pipeline?: string; stage: string; status: Status }
  | { kind: 'priority'; priority: Priority }
  | { kind: 'follow' | 'unfollow'; agent?: string }

export interface Outcome {
  version: number
  position: number
  undo?: Json[] // of a macro: what takes its actions back, for /tickets/bulk/undo
}

const answerWithin = 8_000
const frameLimit = 48 << 10 // the server reads 64 kB; what is larger goes over HTTP

interface Waiting {
  resolve: (o: Outcome) => void
  reject: (e: Error) => void
  timer: ReturnType<typeof setTimeout>
}

export class Commander {
  readonly #link: Pick<Link, 'send' | 'usable'>
  readonly #http: Http
  readonly #waiting = new Map<string, Waiting>()

  constructor(link: Pick<Link, 'send' | 'usable'>, http: Http) {
    this.#link = link
    this.#http = http
  }

  // run resolves when the change is durable. ApiError: refused. OfflineError: nobody answered.
  async run(action: Action): Promise<Outcome> {
    if (this.#link.usable && small(action)) {
      try {
        return await this.#bySocket(frameOf(action))
      } catch (err) {
        if (!(err instanceof OfflineError)) throw err
      }
    }
    const [method, path, body] = requestOf(action)
    const answer = await this.#http.send(method, path, body)
    return { version: numberOf(answer.version), position: numberOf(answer.position), ...(action.kind === 'macro' ? { undo: listOf(answer.undo).map(objectOf) } : {}) }
  }

  // answered is told of Done and Refused frames.
  answered(kind: ServerFrame['kind']): void {
    if (kind.case !== 'done' && kind.case !== 'refused') return
    const w = this.#waiting.get(kind.value.id)
    if (!w) return
    this.#settle(kind.value.id)
    if (kind.case === 'done') {
      w.resolve({ version: Number(kind.value.version), position: Number(kind.value.position) })
    } else {
      const { code, message, field, reason } = kind.value
      w.reject(new ApiError(0, code, message, field ? [{ location: field, message }] : [], reason))
    }
  }

  // lost: the line is gone, and with it the answers.
  lost(): void {
    for (const [id, w] of [...this.#waiting]) {
      this.#settle(id)
      w.reject(new OfflineError())
    }
  }

  #bySocket(frame: ClientFrame): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(frame.id)
        reject(new OfflineError())
      }, answerWithin)
      this.#waiting.set(frame.id, { resolve, reject, timer })
      if (this.#link.send(frame)) return
      this.#settle(frame.id)
      reject(new OfflineError())
    })
  }

  #settle(id: string): void {
    clearTimeout(this.#waiting.get(id)?.timer)
    this.#waiting.delete(id)
  }
}

// A macro goes over HTTP: there it has a form of its own.
function small(a: Action): boolean {
  if (a.kind === 'macro') return false
  if (!('draft' in a)) return true
  return (a.draft.text.length + (a.draft.html?.length ?? 0)) * 3 + a.draft.attachments.length * 400 < frameLimit
}

function frameOf(a: Action): ClientFrame {
  const id = 'draft' in a ? `c-${a.message}` : newId('c-')
  const stream = a.kind === 'availability' ? `agent/${a.agent}` : `conversation/${a.conversation}`
  return create(ClientFrameSchema, {
    id,
    kind: { case: 'command', value: { stream, command: { key: 'draft' in a ? a.message : id, kind: commandOf(a) } } },
  })
}

type CommandKind = NonNullable<MessageInitShape<typeof CommandSchema>['kind']>

function commandOf(a: Action): CommandKind {
  if (isWork(a)) return workCommand(a)
  switch (a.kind) {
    case 'reply': {
      const { to = [], cc = [], bcc = [], from = '' } = a.draft
      const { sendAt = 0, undoSeconds = 0, seenVersion = 0, anyway = false, then } = a.sending ?? {}
      return {
        case: 'requestReply',
        value: {
          message: a.message, body: bodyOf(a.draft), to, cc, bcc, fromAddress: from, close: a.close,
          sendAtMs: BigInt(sendAt), undoSeconds, seenVersion: BigInt(seenVersion), anyway, then: then ? statusNumber(then) : 0,
        },
      }
    }
    case 'cancel':
      return { case: 'cancelReply', value: { message: a.message } }
    case 'reschedule':
      return { case: 'rescheduleReply', value: { message: a.message, sendAtMs: BigInt(a.sendAt) } }
    case 'retry':
      return { case: 'retryReply', value: { message: a.message, attempts: a.attempts } }
    case 'macro':
      throw new Error('a macro goes over HTTP')
    case 'note':
      return { case: 'addNote', value: { message: a.message, body: bodyOf(a.draft), mentions: a.draft.mentions ?? [] } }
    case 'assign':
      if (a.agent === null) return { case: 'unassignConversation', value: {} }
      return { case: 'assignConversation', value: { agent: a.agent, agentName: a.agentName } }
    case 'status':
      return { case: 'setTicketStatus', value: { status: statusNumber(a.status) } }
    case 'priority':
      return { case: 'setTicketPriority', value: { priority: priorityNumber(a.priority) } }
    case 'subject':
      return { case: 'setTicketSubject', value: { subject: a.subject } }
    case 'availability':
      return { case: 'setAvailability', value: { available: a.available, reason: a.reason } }
  }
}

function bodyOf(d: Draft) {
  return {
    text: d.text,
    html: d.html ?? '',
    attachments: d.attachments.map(({ blob, name, mediaType, size, inline, contentId }) => ({
      blob, name, mediaType, size: BigInt(size), inline, contentId,
    })),
  }
}

function requestOf(a: Action): [method: string, path: string, body: unknown] {
  if (isWork(a)) return workRequest(a)
  if (a.kind === 'availability') {
    return ['PUT', `/agents/${a.agent}/availability`, { available: a.available, reason: a.reason }]
  }
  const at = `/conversations/${a.conversation}`
  switch (a.kind) {
    case 'reply':
      return ['POST', `${at}/replies`, replyOf(a.message, a.draft, a.close, a.sending)]
    case 'cancel':
      return ['DELETE', `${at}/replies/${a.message}`, undefined]
    case 'reschedule':
      return ['PUT', `${at}/replies/${a.message}/send-at`, { send_at: a.sendAt ? new Date(a.sendAt).toISOString() : null }]
    case 'retry':
      return ['POST', `${at}/replies/${a.message}/retry?attempts=${a.attempts}`, undefined]
    case 'macro':
      return ['POST', `${at}/together`, {
        ...(a.reply ? { reply: replyOf(a.reply.message, a.reply.draft, false, a.reply.sending) } : {}),
        ...(a.note ? { note: noteOf(a.note.message, a.note.draft) } : {}),
        actions: a.actions,
      }]
    case 'note':
      return ['POST', `${at}/notes`, noteOf(a.message, a.draft)]
    case 'assign':
      return ['PUT', `${at}/owner`, { agent: a.agent }]
    case 'status':
      return ['PUT', `${at}/status`, { status: a.status }]
    case 'priority':
      return ['PUT', `${at}/priority`, { priority: a.priority }]
    case 'subject':
      return ['PUT', `${at}/subject`, { subject: a.subject }]
  }
}

function messageOf(message: string, d: Draft) {
  return {
    message_id: message,
    text: d.text,
    ...(d.html ? { html: d.html } : {}),
    attachments: d.attachments.map((f) => ({
      blob: f.blob, name: f.name, media_type: f.mediaType, size: f.size,
      ...(f.inline ? { inline: true, content_id: f.contentId } : {}),
    })),
  }
}

function noteOf(message: string, d: Draft) {
  return { ...messageOf(message, d), ...(d.mentions?.length ? { mentions: d.mentions } : {}) }
}

function replyOf(message: string, d: Draft, close: boolean, s: Sending = {}) {
  return {
    ...messageOf(message, d),
    ...parties(d),
    close,
    ...(s.sendAt ? { send_at: new Date(s.sendAt).toISOString() } : {}),
    ...(s.undoSeconds ? { undo_seconds: s.undoSeconds } : {}),
    ...(s.seenVersion ? { seen_version: s.seenVersion } : {}),
    ...(s.anyway ? { anyway: true } : {}),
    ...(s.then ? { then: s.then } : {}),
  }
}

function parties(d: Draft) {
  return {
    ...(d.to?.length ? { to: d.to } : {}),
    ...(d.cc?.length ? { cc: d.cc } : {}),
    ...(d.bcc?.length ? { bcc: d.bcc } : {}),
    ...(d.from ? { from_address: d.from } : {}),
  }
}
