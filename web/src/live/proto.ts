// From the socket's messages (src/gen) to the rows of types.ts.
import type { Address as PbAddress, Body as PbBody } from '../gen/desk/v1/event_pb'
import type { AgentSummary, ChannelSummary, ContactSummary, TicketSummary } from '../gen/desk/v1/record_pb'
import type { AssignmentReason, RoutingRule } from '../gen/desk/v1/routing_pb'
import type {
  Access,
  Address,
  Agent,
  Body,
  Channel,
  ChannelKind,
  Contact,
  DeliveryState,
  Health,
  HealthState,
  Priority,
  Reason,
  Role,
  Routing,
  RoutingMode,
  RoutingPolicy,
  Status,
  Ticket,
} from './types'
import { workOf } from './work'

const kinds: ChannelKind[] = ['custom', 'email', 'chat', 'messenger', 'form', 'whatsapp', 'call', 'custom']
const statuses: Status[] = ['new', 'new', 'waiting_on_us', 'waiting_on_contact', 'closed']
const priorities: Priority[] = ['normal', 'low', 'normal', 'high', 'urgent']
const roles: Role[] = ['agent', 'agent', 'administrator', 'supervisor']
const accesses: Access[] = ['all', 'all', 'team', 'own']
const healths: HealthState[] = ['off', 'starting', 'running', 'retrying', 'failed', 'off']
const modes: RoutingMode[] = ['nobody', 'nobody', 'users_and_teams', 'contact_owner']
const policies: RoutingPolicy[] = ['least_loaded', 'least_loaded', 'least_share', 'round_robin', 'weighted', 'longest_idle', 'random']
const deliveries: DeliveryState[] = ['queued', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown', 'canceled']
const identities = ['custom', 'email', 'phone', 'visitor', 'page_scoped', 'whatsapp', 'custom']

export const statusOf = (n: number): Status => statuses[n] ?? 'new'
export const priorityOf = (n: number): Priority => priorities[n] ?? 'normal'
export const kindOf = (n: number): ChannelKind => kinds[n] ?? 'custom'
export const deliveryOf = (n: number): DeliveryState => deliveries[n] ?? 'queued'
export const statusNumber = (s: Status): number => statuses.lastIndexOf(s)
export const priorityNumber = (p: Priority): number => priorities.lastIndexOf(p)

export function reasonOf(r: AssignmentReason | undefined): Reason | null {
  if (!r || (!r.code && !r.text)) return null
  return {
    code: r.code,
    text: r.text,
    considered: r.considered,
    rule: r.ruleName,
    from: r.from,
    away: Number(r.awayMs) / 1000,
    until: Number(r.untilMs),
    candidates: r.candidates.map(({ agent, verdict, load, capacity }) => ({ agent, verdict, load, capacity })),
  }
}

export function ticketOf(t: TicketSummary): Ticket {
  return {
    id: t.conversation,
    number: Number(t.number),
    subject: t.subject,
    contact: { id: t.contact, name: t.contactName },
    channel: { id: t.channel, kind: kindOf(t.channelKind) },
    status: statusOf(t.status),
    priority: priorityOf(t.priority),
    owner: t.owner ? { id: t.owner, name: t.ownerName } : null,
    openedAt: Number(t.openedAtMs),
    updatedAt: Number(t.updatedAtMs),
    waitingSince: Number(t.waitingSinceMs),
    preview: t.preview,
    lastAuthor: t.lastAuthor,
    messages: t.messages,
    version: Number(t.version),
    position: Number(t.position),
    inLine: t.inLine,
    inLineSince: Number(t.inLineSinceMs),
    reason: reasonOf(t.reason),
    undelivered: t.undelivered,
    ...workOf(t),
    scheduledAt: t.scheduled.reduce((at, w) => (at === 0 ? Number(w.sendAtMs) : Math.min(at, Number(w.sendAtMs))), 0),
  }
}

export function bodyOf(b: PbBody | undefined): Body {
  return {
    text: b?.text ?? '',
    html: b?.html ?? '',
    freshTextBytes: b?.freshTextBytes ?? 0,
    attachments: (b?.attachments ?? []).map((a) => ({
      blob: a.blob,
      name: a.name,
      mediaType: a.mediaType,
      size: Number(a.size),
      inline: a.inline,
      contentId: a.contentId,
    })),
  }
}

export const addressOf = (a: PbAddress | undefined): Address | null =>
  a ? { name: a.name, address: a.address } : null

export const addressesOf = (list: PbAddress[]): Address[] =>
  list.map(({ name, address }) => ({ name, address }))

export function contactOf(c: ContactSummary): Contact {
  return {
    id: c.contact,
    name: c.name,
    identities: c.identities.map((i) => ({ kind: identities[i.kind] ?? 'custom', value: i.value })),
    owner: c.owner,
    version: Number(c.version),
    properties: c.properties,
    blocked: c.blocked,
    answersStopped: { until: Number(c.answersStoppedUntilMs), cause: c.answersStoppedCause },
    undeliverable: c.undeliverable,
  }
}

export function agentOf(a: AgentSummary, partial = false): Agent {
  return {
    id: a.agent,
    email: a.email,
    name: a.name,
    role: roles[a.role] ?? 'agent',
    access: accesses[a.access] ?? 'all',
    seat: a.seat,
    deactivated: a.deactivated,
    available: a.available,
    awayReason: a.awayReason,
    connected: a.connected,
    capacity: a.capacity,
    limits: { calls: a.limits?.calls ?? 0, messaging: a.limits?.messaging ?? 0, email: a.limits?.email ?? 0 },
    skills: a.skills,
    secondSkills: a.secondSkills,
    load: a.load,
    loads: { calls: a.callsLoad, messaging: a.messagingLoad, email: a.load - a.callsLoad - a.messagingLoad },
    lastAssignedAt: Number(a.lastAssignedAtMs),
    version: Number(a.version),
    partial,
    twoFactor: a.twoFactor,
    shownEmail: a.shownEmail || a.email,
    changesAt: Number(a.changesAtMs),
    changesCause: a.changesCause as Agent['changesCause'],
    availabilityCause: a.availabilityCause as Agent['availabilityCause'],
    availabilityBy: a.availabilityBy,
    since: Number(a.availabilitySinceMs),
    schedule: a.plan?.scheduled ? (a.plan.available ? 'available' : 'away') : '',
    workingHours: a.workingHours,
    holidays: a.holidays,
    outOfOffice: a.outToMs ? { from: Number(a.outFromMs), to: Number(a.outToMs), message: a.outMessage } : null,
  }
}

function routingOf(r: RoutingRule | undefined): Routing {
  return {
    mode: modes[r?.mode ?? 0] ?? 'nobody',
    agents: r?.agents ?? [],
    teams: r?.teams ?? [],
    onlyAvailable: !(r?.ignoreAvailability ?? false),
    policy: policies[r?.policy ?? 0] ?? 'least_loaded',
    sticky: r?.sticky ?? false,
    weights: (r?.weights ?? []).map((w) => ({ agent: w.agent, weight: w.weight })),
  }
}

// ChannelSummary knows the journaled half of a channel; what the connector is doing this minute (phase, lag, …) comes
// over HTTP only and is kept from the row before.
export function channelOf(c: ChannelSummary, before: Channel | undefined): Channel {
  const state = healths[c.health] ?? 'off'
  const since = Number(c.healthSinceMs)
  const same = before && before.health.state === state
  const fails = state === 'failed' || state === 'retrying'
  const health: Health = {
    ...(before?.health ?? unknownHealth),
    ...(same ? {} : { nextRetryAt: 0 }),
    ...(fails ? { lastError: c.healthReason, lastErrorAt: since } : { failures: 0 }),
    state,
    reason: c.healthReason,
    since,
  }
  return {
    id: c.channel,
    kind: kindOf(c.kind),
    name: c.name,
    address: c.address,
    config: configOf(c.config),
    routing: routingOf(c.routing),
    on: c.on,
    health,
    quarantined: c.quarantined,
    mail: before?.mail ?? null, // over HTTP only, too
    version: Number(c.version),
  }
}

export const unknownHealth: Health = {
  state: 'off', reason: '', since: 0, phase: '', lag: -1, failures: 0, restarts: 0,
  lastError: '', lastErrorAt: 0, warning: '', seen: '', seenAt: 0, nextRetryAt: 0, inFlight: 0, outboxDepth: 0, lastItemAt: 0,
}

function configOf(json: Uint8Array): Record<string, unknown> {
  if (json.length === 0) return {}
  try {
    const v: unknown = JSON.parse(new TextDecoder().decode(json))
    return v && typeof v === 'object' ? (v as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
