// From the answers of /api/v1 to the rows of types.ts. Tolerant on purpose: a field that is missing or null becomes its
// zero, so that an older or newer server shows what it knows.
import type {
  Access,
  Address,
  Agent,
  Attachment,
  Body,
  ByGroup,
  Channel, ChannelMail,
  ChannelKind,
  Contact,
  Delivery,
  Health,
  Item,
  ItemKind,
  Returned,
  Named,
  Priority,
  Reason,
  Role,
  Routing,
  Status,
  Team,
  Ticket,
} from './types'
import { valuesFrom, workFrom } from './work'

export type Json = Record<string, unknown>

const str = (v: unknown): string => (typeof v === 'string' ? v : '')
const num = (v: unknown): number => (typeof v === 'number' ? v : typeof v === 'string' && v !== '' ? Number(v) : 0)
const bool = (v: unknown): boolean => v === true
const obj = (v: unknown): Json => (v && typeof v === 'object' && !Array.isArray(v) ? (v as Json) : {})
const arr = (v: unknown): unknown[] => (Array.isArray(v) ? v : [])
const strs = (v: unknown): string[] => arr(v).map(str)

// A time is RFC 3339; null or missing is 0.
export function timeOf(v: unknown): number {
  if (typeof v !== 'string' || v === '') return 0
  const t = Date.parse(v)
  return Number.isNaN(t) || t < 0 ? 0 : t
}

export const numberOf = num
export const textOf = str
export const listOf = arr
export const objectOf = obj

const named = (v: unknown): Named => ({ id: str(obj(v).id), name: str(obj(v).name) })

export function reasonFrom(v: unknown): Reason | null {
  const r = obj(v)
  if (!str(r.code) && !str(r.text)) return null
  return {
    code: str(r.code),
    text: str(r.text),
    considered: num(r.considered),
    rule: str(r.rule_name),
    from: str(r.from),
    away: num(r.away),
    until: timeOf(r.until),
    candidates: arr(r.candidates).map((c) => ({
      agent: str(obj(c).agent),
      verdict: str(obj(c).verdict),
      load: num(obj(c).load),
      capacity: num(obj(c).capacity),
    })),
  }
}

export function ticketFrom(v: unknown): Ticket {
  const t = obj(v)
  const owner = named(t.owner)
  return {
    id: str(t.id),
    number: num(t.number),
    subject: str(t.subject),
    contact: named(t.contact),
    channel: { id: str(obj(t.channel).id), kind: (str(obj(t.channel).kind) || 'custom') as ChannelKind },
    status: (str(t.status) || 'new') as Status,
    priority: (str(t.priority) || 'normal') as Priority,
    owner: owner.id ? owner : null,
    openedAt: timeOf(t.opened_at),
    updatedAt: timeOf(t.updated_at),
    waitingSince: timeOf(t.waiting_since),
    preview: str(t.preview),
    lastAuthor: str(t.last_author),
    messages: num(t.messages),
    version: num(t.version),
    position: num(t.position),
    inLine: bool(t.in_line),
    inLineSince: timeOf(t.in_line_since),
    reason: reasonFrom(t.reason),
    undelivered: num(t.undelivered),
    ...workFrom(t),
    scheduledAt: timeOf(t.scheduled_at),
  }
}

function attachmentFrom(v: unknown): Attachment {
  const a = obj(v)
  return {
    blob: str(a.blob),
    name: str(a.name),
    mediaType: str(a.media_type),
    size: num(a.size),
    inline: bool(a.inline),
    contentId: str(a.content_id),
  }
}

function bodyFrom(v: unknown): Body {
  const b = obj(v)
  return {
    text: str(b.text),
    html: str(b.html),
    freshTextBytes: num(b.fresh_text_bytes),
    attachments: arr(b.attachments).map(attachmentFrom),
  }
}

const addressFrom = (v: unknown): Address => ({ name: str(obj(v).name), address: str(obj(v).address) })
const addressesFrom = (v: unknown): Address[] => arr(v).map(addressFrom)

function deliveryFrom(v: unknown): Delivery | null {
  const d = obj(v)
  if (!str(d.state)) return null
  return {
    state: str(d.state) as Delivery['state'],
    reason: str(d.reason),
    attempts: num(d.attempts),
    retryAt: timeOf(d.retry_at),
    sendAt: timeOf(d.send_at),
    ...(arr(d.returns).length > 0 ? { returns: returnsFrom(d.returns) } : {}),
  }
}

function returnsFrom(v: unknown): Returned[] {
  return arr(v).map(obj).map((r) => ({
    kind: str(r.kind),
    at: timeOf(r.at),
    from: str(r.from),
    text: str(r.text),
    rawBlob: str(r.raw_blob),
    recipients: arr(r.recipients).map(obj).map((x) => ({ address: str(x.address), status: str(x.status), permanent: bool(x.permanent), delayed: bool(x.delayed), cause: str(x.cause) })),
  }))
}

export function itemFrom(v: unknown): Item {
  const i = obj(v)
  const kind = str(i.kind) as ItemKind
  const author = obj(i.author)
  const activity = obj(i.activity)
  const from = addressFrom(i.from)
  return {
    id: str(i.id),
    kind,
    version: num(i.version),
    at: timeOf(i.at),
    author: {
      kind: (str(author.kind) || 'desk') as Item['author']['kind'],
      id: str(author.id),
      name: str(author.name),
    },
    body: kind === 'activity' ? null : bodyFrom(i.body),
    delivery: deliveryFrom(i.delivery),
    activity: kind === 'activity' ? activityFrom(activity) : null,
    from: from.address || from.name ? from : null,
    to: addressesFrom(i.to),
    cc: addressesFrom(i.cc),
    bcc: addressesFrom(i.bcc),
    subject: str(i.subject),
    warnings: strs(i.warnings),
    automatic: str(i.automatic),
    handling: str(i.handling),
    sender: senderFrom(i.sender),
    threading: strs(i.threading),
    unconfirmed: bool(i.unconfirmed),
    forwardedFrom: obj(i.forwarded_from).address ? addressFrom(i.forwarded_from) : null,
    forForwarded: bool(i.for_forwarded),
    imported: bool(i.imported),
    rawBlob: str(i.raw_blob),
    clientId: str(i.client_id),
    origin: str(obj(i.origin).id) ? { id: str(obj(i.origin).id), number: num(obj(i.origin).number), subject: str(obj(i.origin).subject) } : null,
  }
}

function senderFrom(v: unknown): Item['sender'] {
  const s = obj(v)
  const verdict = str(s.verdict)
  if (verdict !== 'verified' && verdict !== 'failed' && verdict !== 'unknown') return null
  return { verdict, reason: str(s.reason), domain: str(s.domain), server: str(s.server) }
}

function activityFrom(a: Json): Item['activity'] {
  return {
    code: str(a.code),
    text: str(a.text),
    agent: str(a.agent),
    agentName: str(a.agent_name),
    from: str(a.from),
    to: str(a.to),
    cause: str(a.cause),
    waiting: bool(a.waiting),
    reason: reasonFrom(a.reason),
    added: strs(a.added),
    removed: strs(a.removed),
    field: str(a.field),
    until: timeOf(a.until),
    conversation: str(a.conversation),
    number: num(a.number),
    count: num(a.count),
  }
}

export function contactFrom(v: unknown): Contact {
  const c = obj(v)
  const owner = c.owner
  return {
    id: str(c.id),
    name: str(c.name),
    identities: arr(c.identities).map((i) => ({ kind: str(obj(i).kind), value: str(obj(i).value) })),
    owner: typeof owner === 'string' ? owner : named(owner).id,
    version: num(c.version),
    properties: valuesFrom(c.properties),
    blocked: bool(c.blocked),
    answersStopped: { until: timeOf(c.answers_stopped_until), cause: str(c.answers_stopped_cause) },
    undeliverable: valuesFrom(c.undeliverable),
  }
}

const byGroup = (v: unknown): ByGroup => ({ calls: num(obj(v).calls), messaging: num(obj(v).messaging), email: num(obj(v).email) })

export function agentFrom(v: unknown): Agent {
  const a = obj(v)
  return {
    id: str(a.id),
    email: str(a.email),
    name: str(a.name),
    role: (str(a.role) || 'agent') as Role,
    access: (str(a.access) || 'all') as Access,
    seat: bool(a.seat),
    deactivated: bool(a.deactivated),
    available: bool(a.available),
    awayReason: str(a.away_reason),
    connected: bool(a.connected),
    capacity: num(a.capacity),
    limits: byGroup(a.limits),
    skills: strs(a.skills),
    secondSkills: strs(a.second_skills),
    load: num(a.load),
    loads: byGroup(a.loads),
    lastAssignedAt: timeOf(a.last_assigned_at),
    version: num(a.version),
    partial: bool(a.partial),
    twoFactor: bool(a.two_factor),
    shownEmail: str(a.shown_email) || str(a.email),
    changesAt: timeOf(a.changes_at),
    changesCause: str(a.changes_cause) as Agent['changesCause'],
    availabilityCause: str(a.availability_cause) as Agent['availabilityCause'],
    availabilityBy: str(a.availability_by),
    since: timeOf(a.availability_since),
    schedule: str(a.schedule) as Agent['schedule'],
    workingHours: str(a.working_hours),
    holidays: str(a.holidays),
    outOfOffice: a.out_of_office
      ? { from: timeOf(obj(a.out_of_office).from), to: timeOf(obj(a.out_of_office).to), message: str(obj(a.out_of_office).message) }
      : null,
  }
}

export function routingFrom(v: unknown): Routing {
  const r = obj(v)
  return {
    mode: (str(r.mode) || 'nobody') as Routing['mode'],
    agents: strs(r.agents),
    teams: strs(r.teams),
    onlyAvailable: r.only_available !== false,
    policy: (str(r.policy) || 'least_loaded') as Routing['policy'],
    sticky: r.sticky === true,
    weights: arr(r.weights).map((w) => ({ agent: str(obj(w).agent), weight: num(obj(w).weight) })),
  }
}

export function routingTo(r: Routing): Json {
  return { mode: r.mode, agents: r.agents, teams: r.teams, only_available: r.onlyAvailable, policy: r.policy, sticky: r.sticky, weights: r.weights }
}

function healthFrom(v: unknown): Health {
  const h = obj(v)
  return {
    state: (str(h.state) || 'off') as Health['state'],
    reason: str(h.reason),
    since: timeOf(h.since),
    phase: str(h.phase),
    lag: h.lag === undefined || h.lag === null ? -1 : num(h.lag),
    failures: num(h.failures),
    restarts: num(h.restarts),
    lastError: str(h.last_error),
    lastErrorAt: timeOf(h.last_error_at),
    seen: str(h.seen),
    seenAt: timeOf(h.seen_at),
    warning: str(h.warning),
    nextRetryAt: timeOf(h.next_retry_at),
    inFlight: num(h.in_flight),
    outboxDepth: num(h.outbox_depth),
    lastItemAt: timeOf(h.last_item_at),
  }
}

function mailFrom(v: unknown): ChannelMail | null {
  if (!v) return null
  const m = obj(v)
  return { from: str(m.from), ours: arr(m.ours).map(str), attachMB: num(m.attach_mb), linkDays: num(m.link_days) }
}

export function channelFrom(v: unknown): Channel {
  const c = obj(v)
  return {
    id: str(c.id),
    kind: (str(c.kind) || 'custom') as ChannelKind,
    name: str(c.name),
    address: str(c.address),
    config: obj(c.config),
    routing: routingFrom(c.routing),
    on: bool(c.on),
    health: healthFrom(c.health),
    quarantined: num(c.quarantined),
    mail: mailFrom(c.mail),
    version: num(c.version),
  }
}

export function teamFrom(v: unknown): Team {
  const t = obj(v)
  return {
    id: str(t.id),
    name: str(t.name),
    members: arr(t.members).map((m) => ({ agent: str(obj(m).agent), main: bool(obj(m).main) })),
    replyChannel: str(t.reply_channel),
    removed: bool(t.removed),
    version: num(t.version),
  }
}
