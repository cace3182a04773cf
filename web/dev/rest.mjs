// The part of /api/v1 that the screen uses, on the little desk (desk.mjs). handle gives {status, body}.
import { iso, refuse, restReason } from './desk.mjs'

const word = (v, prefix) => (v ?? '').replace(prefix, '').toLowerCase()
const enumOf = (v, prefix) => prefix + String(v).toUpperCase()
const statusOf = { invalid: 422, denied: 403, not_found: 404, conflict: 409, limit: 429, unavailable: 503 }

export function restTicket(t) {
  return {
    id: t.conversation, number: t.number, subject: t.subject ?? '', contact: { id: t.contact, name: t.contactName },
    channel: { id: t.channel, kind: word(t.channelKind, 'CHANNEL_KIND_') }, status: word(t.status, 'TICKET_STATUS_'),
    priority: word(t.priority, 'PRIORITY_'), owner: t.owner ? { id: t.owner, name: t.ownerName } : null,
    opened_at: iso(t.openedAtMs), updated_at: iso(t.updatedAtMs), waiting_since: iso(t.waitingSinceMs), preview: t.preview ?? '',
    last_author: t.lastAuthor ?? '', messages: t.messages ?? 0, version: t.version, in_line: !!t.inLine,
    in_line_since: iso(t.inLineSinceMs), reason: restReason(t.reason), undelivered: t.undelivered ?? 0,
  }
}

export function restAgent(a) {
  return {
    id: a.agent, email: a.email, name: a.name, role: word(a.role, 'ROLE_'), seat: a.seat, deactivated: a.deactivated,
    available: a.available, away_reason: a.awayReason, capacity: a.capacity, load: a.load,
    last_assigned_at: iso(a.lastAssignedAtMs), version: a.version,
  }
}

export function restChannel(c) {
  const live = c.live ?? {}
  return {
    id: c.channel, kind: word(c.kind, 'CHANNEL_KIND_'), name: c.name, address: c.address ?? '', config: c.configObject ?? {},
    routing: c.routingRest, on: c.on, quarantined: c.quarantined ?? 0, version: c.version,
    health: {
      state: word(c.health, 'HEALTH_STATE_'), reason: c.healthReason ?? '', since: iso(c.healthSinceMs), phase: live.phase ?? '',
      lag: live.lag ?? -1, failures: live.failures ?? 0, restarts: live.restarts ?? 0, last_error: live.last_error ?? '',
      next_retry_at: iso(live.next_retry_ms), in_flight: 0, outbox_depth: live.outbox ?? 0, last_item_at: iso(live.last_item_ms),
    },
  }
}

export function inView(t, view, me) {
  const closed = t.status === 'TICKET_STATUS_CLOSED'
  if (view === 'closed') return closed
  if (closed) return false
  return view === 'open' || (view === 'unassigned' ? !t.owner : t.owner === me)
}

const order = (a, b) => b.updatedAtMs - a.updatedAtMs || (a.conversation < b.conversation ? -1 : 1)

function page(desk, query, me) {
  const limit = Number(query.get('limit') ?? 50)
  const cursor = query.get('cursor')
  let rows = [...desk.tickets.values()].filter((t) => inView(t, query.get('view') ?? 'open', me)).sort(order)
  if (cursor) {
    const [at, id] = cursor.split('.')
    const mark = { updatedAtMs: Number(at), conversation: id }
    rows = rows.filter((t) => order(mark, t) < 0)
  }
  const part = rows.slice(0, limit)
  const last = part.at(-1)
  const next = rows.length > limit ? `${last.updatedAtMs}.${last.conversation}` : ''
  return { tickets: part.map(restTicket), next, epoch: desk.epoch, position: desk.position }
}

function counts(desk, me, withPosition) {
  const c = { open: 0, unassigned: 0, closed: 0, mine: 0 }
  for (const t of desk.tickets.values()) for (const v of Object.keys(c)) if (inView(t, v, me)) c[v]++
  return withPosition ? { ...c, position: desk.position } : c
}

function conversation(desk, id) {
  const t = desk.tickets.get(id)
  if (!t) throw refuse('not_found', 'There is no such conversation.')
  const c = desk.contacts.get(t.contact)
  const contact = { id: c.contact, name: c.name, identities: c.identities ?? [], owner: c.owner ?? '', version: c.version ?? 1 }
  return { ticket: restTicket(t), contact, timeline: desk.items.get(id), version: t.version, position: desk.position }
}

function message(b) {
  const attachments = (b.attachments ?? []).map((a) => ({ blob: a.blob, name: a.name, mediaType: a.media_type, size: a.size }))
  return { message: b.message_id, body: { text: b.text, attachments }, to: b.to, cc: b.cc, close: b.close }
}

function commandOf(what, b) {
  switch (what) {
    case 'replies': return { requestReply: message(b) }
    case 'notes': return { addNote: message(b) }
    case 'owner': return b.agent ? { assignConversation: { agent: b.agent } } : { unassignConversation: {} }
    case 'status': return { setTicketStatus: { status: enumOf(b.status, 'TICKET_STATUS_') } }
    case 'priority': return { setTicketPriority: { priority: enumOf(b.priority, 'PRIORITY_') } }
    case 'subject': return { setTicketSubject: { subject: b.subject } }
  }
  throw refuse('not_found', 'no such page')
}

// handle answers one request of a signed-in agent.
export function handle(desk, agent, method, path, body, { countsWithPosition = true } = {}) {
  try {
    const url = new URL(path, 'http://desk')
    const [a, b, c] = url.pathname.split('/').slice(1)
    return { status: 200, body: route(desk, agent, method, a, b, c, url.searchParams, body, countsWithPosition) }
  } catch (err) {
    const code = err.code ?? 'internal'
    const errors = err.field ? [{ location: `body.${err.field}`, message: err.message }] : []
    return { status: statusOf[code] ?? 500, body: { title: code, detail: err.message, code, errors } }
  }
}

function route(desk, agent, method, a, b, c, query, body, countsWithPosition) {
  const get = method === 'GET'
  if (a === 'me') return { agent: restAgent(agent), epoch: desk.epoch, position: desk.position }
  if (a === 'tickets' && b === 'counts') return counts(desk, agent.agent, countsWithPosition)
  if (a === 'tickets') return page(desk, query, agent.agent)
  if (a === 'conversations' && get) return conversation(desk, b)
  if (a === 'conversations') return desk.command(`conversation/${b}`, commandOf(c, body), agent)
  if (a === 'agents' && get) return { agents: [...desk.agents.values()].map(restAgent) }
  if (a === 'agents' && c === 'availability') return desk.command(`agent/${b}`, { setAvailability: body }, agent)
  if (a === 'agents' && method === 'POST') {
    if (!/@/.test(body.email ?? '')) throw refuse('invalid', 'This is not a mail address.', 'email')
    return restAgent(desk.addAgent({ ...body, role: enumOf(body.role, 'ROLE_') }))
  }
  if (a === 'agents' && method === 'PATCH') {
    desk.touchAgent(b, { ...body, ...(body.role ? { role: enumOf(body.role, 'ROLE_') } : {}) })
    return restAgent(desk.agents.get(b))
  }
  if (a === 'agents') return {}
  if (a === 'teams') return { teams: [...desk.teams.values()] }
  if (a === 'channels') return channels(desk, method, b, c, body)
  throw refuse('not_found', 'There is no such page.')
}

function channels(desk, method, id, what, body) {
  if (!id && method === 'GET') return { channels: [...desk.channels.values()].map(restChannel) }
  if (!id) {
    if (!body.config?.address && body.kind === 'email') throw refuse('invalid', 'The address is missing.', 'config.address')
    const channel = desk.id('ch_')
    desk.channels.set(channel, {
      channel, kind: enumOf(body.kind, 'CHANNEL_KIND_'), name: body.name, address: body.config?.address, configObject: body.config,
      routingRest: body.routing, on: true, health: 'HEALTH_STATE_STARTING', healthSinceMs: desk.now(), version: 1,
    })
    return restChannel(desk.channels.get(channel))
  }
  const c = desk.channels.get(id)
  if (!c) throw refuse('not_found', 'There is no such channel.')
  if (what === 'check') return { ok: c.health === 'HEALTH_STATE_RUNNING', faults: c.live?.last_error ? [c.live.last_error] : [] }
  if (what === 'quarantine') return { items: [] }
  if (what === 'on') Object.assign(c, { on: body.on, health: body.on ? 'HEALTH_STATE_RUNNING' : 'HEALTH_STATE_OFF' })
  else Object.assign(c, { name: body.name ?? c.name, routingRest: body.routing ?? c.routingRest, configObject: body.config ?? c.configObject })
  c.version++
  desk.append(`channel/${id}`, { kind: 'KIND_AGENT' }, { channelSwitched: { on: c.on } })
  return restChannel(c)
}
