// A small desk in memory, for development and for the tests of the live layer: a journal of records in protobuf's JSON,
// ticket rows folded from it, commands that decide. It knows nothing of sockets or HTTP (feed.mjs, rest.mjs).

export const iso = (ms) => (ms ? new Date(ms).toISOString() : null)
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

export class Desk {
  constructor({ now = Date.now, epoch = 'e1', seed = 1 } = {}) {
    this.now = now
    this.epoch = epoch
    this.seed = seed
    this.log = [] // every record, by position from 1
    this.streams = new Map() // stream -> records
    this.tickets = new Map() // conversation -> TicketSummary JSON
    this.items = new Map() // conversation -> REST items
    this.contacts = new Map()
    this.agents = new Map()
    this.channels = new Map()
    this.teams = new Map()
    this.listeners = new Set() // (frames, record) => void
  }

  random() {
    this.seed = (this.seed * 1664525 + 1013904223) >>> 0
    return this.seed / 2 ** 32
  }

  id(prefix) {
    return prefix + Array.from({ length: 12 }, () => alphabet[Math.floor(this.random() * 32)]).join('')
  }

  get position() {
    return this.log.length
  }

  // append writes events to a stream and tells the listeners the frames they make.
  append(stream, by, ...events) {
    const own = this.streams.get(stream) ?? []
    this.streams.set(stream, own)
    let record
    for (const event of events) {
      record = {
        stream,
        version: own.length + 1,
        position: this.log.length + 1,
        atMs: this.now(),
        by,
        event,
      }
      own.push(record)
      this.log.push(record)
      this.fold(record)
      for (const l of this.listeners) l(record)
    }
    return { version: own.length, position: this.log.length }
  }

  // frames gives what a screen with this subscription is told of a record.
  frames(record, sub) {
    const [kind, id] = record.stream.split('/')
    const { position } = record
    if (kind === 'conversation') {
      const own = sub.conversations?.includes(id) ? [{ record: { record } }] : []
      return [...own, ...(sub.tickets ? [{ ticket: { position, ticket: record.row } }] : [])]
    }
    if (kind === 'agent' && sub.agents) return [{ agent: { position, agent: { ...this.agents.get(id) } } }]
    if (kind === 'channel' && sub.channels) return [{ channel: { position, channel: { ...this.channels.get(id) } } }]
    return []
  }

  fold(record) {
    const [kind, id] = record.stream.split('/')
    if (kind !== 'conversation') return
    const [name, e] = Object.entries(record.event)[0]
    const row = { ...(this.tickets.get(id) ?? { conversation: id }), version: record.version, position: record.position }
    foldRow[name]?.(row, e, record, this)
    record.row = row
    this.tickets.set(id, row)
    this.items.set(id, foldItems(this.items.get(id) ?? [], name, e, record))
  }

  // ---- what happens

  addAgent(a) {
    const agent = {
      agent: a.id ?? this.id('ag_'), email: a.email, name: a.name, role: a.role ?? 'ROLE_AGENT', seat: true, deactivated: false,
      available: a.available ?? true, awayReason: a.awayReason ?? '', capacity: a.capacity ?? 8, load: 0,
      lastAssignedAtMs: 0, version: 1, password: a.password ?? 'secret', ...('seat' in a ? { seat: a.seat } : {}),
    }
    this.agents.set(agent.agent, agent)
    return agent
  }

  touchAgent(id, change) {
    const a = this.agents.get(id)
    if (!a) return
    Object.assign(a, change)
    const { version } = this.append(`agent/${id}`, desk, { availabilityChanged: { available: a.available } })
    a.version = Math.max(version, a.version + 1)
  }

  receive({ conversation, contact, channel, body, subject, from, automatic }) {
    const ch = this.channels.get(channel)
    const id = conversation ?? this.id('cv_')
    const by = { kind: 'KIND_CONTACT', id: contact.contact, name: contact.name }
    const events = []
    this.contacts.set(contact.contact, { version: 1, ...contact })
    const row = this.tickets.get(id)
    if (!row) {
      events.push({
        conversationOpened: {
          channel, channelKind: ch.kind, contact: contact.contact, contactName: contact.name, subject: subject ?? '',
          priority: 'PRIORITY_NORMAL',
        },
      })
    }
    events.push({
      messageReceived: {
        message: this.id('ms_'), channel, contact: contact.contact, subject: subject ?? '', body, automatic: automatic ?? '',
        from: from ?? { name: contact.name, address: contact.identities?.[0]?.value ?? '' },
        to: [{ name: ch.name, address: ch.address ?? '' }],
      },
    })
    if (row && row.status !== 'TICKET_STATUS_WAITING_ON_US' && row.status !== 'TICKET_STATUS_NEW') {
      const cause = row.status === 'TICKET_STATUS_CLOSED' ? 'reopened' : 'customer_message'
      events.push({ ticketStatusChanged: { from: row.status, to: 'TICKET_STATUS_WAITING_ON_US', cause } })
    }
    this.append(`conversation/${id}`, by, ...events)
    return id
  }

  // command decides; it gives {version, position} or throws {code, message}.
  command(stream, command, agent) {
    const [kind, id] = stream.split('/')
    const by = { kind: 'KIND_AGENT', id: agent.agent, name: agent.name }
    if (kind === 'agent') {
      const { available = false, reason = '' } = command.setAvailability ?? {}
      this.touchAgent(id, { available, awayReason: available ? '' : reason })
      return { version: this.agents.get(id).version, position: this.position }
    }
    const row = this.tickets.get(id)
    if (!row) throw refuse('not_found', 'no such conversation')
    const events = decide(row, command, agent, this)
    if (events.length === 0) return { version: row.version, position: this.position }
    const before = row.owner
    const done = this.append(stream, by, ...events)
    this.moveLoad(before, this.tickets.get(id), row)
    return done
  }

  moveLoad(before, after, old) {
    const counts = (t) => (t.owner && t.status !== 'TICKET_STATUS_CLOSED' ? t.owner : '')
    const [from, to] = [old.status === 'TICKET_STATUS_CLOSED' ? '' : before, counts(after)]
    if (from === to) return
    if (from) this.touchAgent(from, { load: Math.max(0, (this.agents.get(from)?.load ?? 0) - 1) })
    if (to) this.touchAgent(to, { load: (this.agents.get(to)?.load ?? 0) + 1, lastAssignedAtMs: this.now() })
  }

  settle(conversation, message, state, reason = '') {
    this.append(`conversation/${conversation}`, { kind: 'KIND_CHANNEL' }, { deliveryStarted: { message, attempt: 1 } })
    this.append(`conversation/${conversation}`, { kind: 'KIND_CHANNEL' }, {
      deliverySettled: { message, attempt: 1, state, reason },
    })
  }
}

export const desk = { kind: 'KIND_UNSPECIFIED' }
export const refuse = (code, message, field = '') => Object.assign(new Error(message), { code, field })

function decide(row, c, agent, d) {
  const by = agent.agent
  const own = d.streams.get(`conversation/${row.conversation}`)
  const seen = (m) => own.some((r) => (r.event.replyRequested ?? r.event.noteAdded)?.message === m)
  if (c.requestReply) {
    const { message, body, to, cc, close } = c.requestReply
    if (seen(message)) return []
    if (!body?.text && !body?.attachments?.length) throw refuse('invalid', 'a reply needs text or an attachment', 'text')
    const events = [{ replyRequested: { message, channel: row.channel, agent: by, agentName: agent.name, body, to, cc } }]
    if (!row.owner) events.push(assigned(agent, by, 'replied', `${agent.name} replied first.`))
    const to2 = close ? 'TICKET_STATUS_CLOSED' : 'TICKET_STATUS_WAITING_ON_CONTACT'
    if (row.status !== to2) events.push({ ticketStatusChanged: { from: row.status, to: to2, by, cause: 'reply' } })
    return events
  }
  if (c.addNote) {
    const { message, body } = c.addNote
    return seen(message) ? [] : [{ noteAdded: { message, agent: by, agentName: agent.name, body } }]
  }
  if (c.assignConversation) {
    const to = d.agents.get(c.assignConversation.agent)
    if (!to) throw refuse('invalid', 'no such agent', 'agent')
    if (row.owner === to.agent) return []
    return [assigned(to, by, 'assigned_by_hand', `${agent.name} assigned it by hand.`)]
  }
  if (c.unassignConversation) return row.owner ? [{ conversationUnassigned: { agent: row.owner, by } }] : []
  if (c.setTicketStatus) {
    const to = c.setTicketStatus.status
    return row.status === to ? [] : [{ ticketStatusChanged: { from: row.status, to, by, cause: 'by_hand' } }]
  }
  if (c.setTicketPriority) {
    const { priority } = c.setTicketPriority
    return row.priority === priority ? [] : [{ ticketPriorityChanged: { priority, by } }]
  }
  if (c.setTicketSubject) return [{ ticketSubjectChanged: { subject: c.setTicketSubject.subject, by } }]
  throw refuse('invalid', 'unknown command')
}

export function assigned(agent, by, code, text, candidates = [], considered = 0) {
  return { conversationAssigned: { agent: agent.agent, agentName: agent.name, by, reason: { code, text, candidates, considered } } }
}

function said(row, body, record, author) {
  row.preview = (body.text || '').replace(/\s+/g, ' ').slice(0, 140)
  row.messages = (row.messages ?? 0) + (author === 'note' ? 0 : 1)
  row.lastAuthor = author
  row.updatedAtMs = record.atMs
}

const foldRow = {
  conversationOpened(row, e, r, d) {
    Object.assign(row, {
      number: d.tickets.size + 1, subject: e.subject, contact: e.contact, contactName: e.contactName, channel: e.channel,
      channelKind: e.channelKind, status: 'TICKET_STATUS_NEW', priority: e.priority, openedAtMs: r.atMs, updatedAtMs: r.atMs,
    })
  },
  messageReceived(row, e, r) {
    said(row, e.body, r, 'contact')
    row.waitingSinceMs ||= r.atMs
  },
  replyRequested(row, e, r) {
    said(row, e.body, r, 'agent')
    row.waitingSinceMs = 0
  },
  noteAdded: (row, e, r) => said(row, e.body, r, 'note'),
  deliverySettled(row, e) {
    if (e.state === 'DELIVERY_STATE_FAILED' || e.state === 'DELIVERY_STATE_UNKNOWN') row.undelivered = (row.undelivered ?? 0) + 1
  },
  conversationAssigned(row, e, r) {
    Object.assign(row, { owner: e.agent, ownerName: e.agentName, reason: e.reason, inLine: false, updatedAtMs: r.atMs })
  },
  conversationUnassigned(row) {
    Object.assign(row, { owner: '', ownerName: '', reason: undefined })
  },
  assignmentDeferred(row, e, r) {
    Object.assign(row, { reason: e.reason, inLine: e.waiting, inLineSinceMs: e.waiting ? r.atMs : 0 })
  },
  ticketStatusChanged(row, e, r) {
    row.status = e.to
    row.updatedAtMs = r.atMs
    if (e.to === 'TICKET_STATUS_CLOSED') row.waitingSinceMs = 0
  },
  ticketPriorityChanged: (row, e) => void (row.priority = e.priority),
  ticketSubjectChanged: (row, e) => void (row.subject = e.subject),
}

// ---- REST items, folded on this side: the tests hold the screen's own fold against it

const word = (enumName, prefix) => (enumName ?? '').replace(prefix, '').toLowerCase()

function foldItems(items, name, e, r) {
  const patch = (id, f) => items.map((i) => (i.id === id && i.kind === 'outbound' ? { ...i, delivery: f(i.delivery) } : i))
  if (name === 'deliveryStarted') {
    return patch(e.message, () => ({ state: 'sending', reason: '', attempts: e.attempt, retry_at: null }))
  }
  if (name === 'deliverySettled') {
    return patch(e.message, (d) => ({
      state: word(e.state, 'DELIVERY_STATE_'), reason: e.reason ?? '', attempts: Math.max(e.attempt, d.attempts), retry_at: iso(e.retryAtMs),
    }))
  }
  const item = restItem(name, e, r)
  return item ? [...items, item] : items
}

export function restBody(b) {
  return {
    text: b?.text ?? '', html: b?.html ?? '', fresh_text_bytes: b?.freshTextBytes ?? 0,
    attachments: (b?.attachments ?? []).map((a) => ({
      blob: a.blob, name: a.name, media_type: a.mediaType ?? '', size: Number(a.size ?? 0), inline: !!a.inline, content_id: a.contentId ?? '',
    })),
  }
}

export function restReason(r) {
  if (!r) return null
  const candidates = (r.candidates ?? []).map((c) => ({ agent: c.agent, verdict: c.verdict, load: c.load ?? 0, capacity: c.capacity ?? 0 }))
  return { code: r.code, text: r.text, considered: r.considered ?? 0, candidates }
}

function restItem(name, e, r) {
  const who = { KIND_AGENT: 'agent', KIND_CONTACT: 'contact' }[r.by?.kind] ?? 'desk'
  const base = { id: `v${r.version}`, version: r.version, at: iso(r.atMs), author: { kind: who, id: r.by?.id ?? '', name: r.by?.name ?? '' } }
  const line = (code, more = {}) => ({ ...base, kind: 'activity', activity: { code, text: '', ...more } })
  switch (name) {
    case 'messageReceived':
      return {
        ...base, id: e.message, kind: 'inbound', body: restBody(e.body), from: e.from ?? null, to: e.to ?? [], cc: e.cc ?? [],
        subject: e.subject ?? '', automatic: e.automatic ?? '', warnings: [], client_id: e.clientId ?? '',
        author: { kind: 'contact', id: e.contact, name: e.from?.name || e.from?.address || '' },
      }
    case 'replyRequested':
    case 'noteAdded': {
      const reply = name === 'replyRequested'
      return {
        ...base, id: e.message, kind: reply ? 'outbound' : 'note', body: restBody(e.body), to: e.to ?? [], cc: e.cc ?? [],
        author: { kind: 'agent', id: e.agent, name: e.agentName },
        delivery: reply ? { state: 'queued', reason: '', attempts: 0, retry_at: null } : null,
      }
    }
    case 'conversationOpened': return line('opened')
    case 'conversationAssigned':
      return line('assigned', { agent: e.agent, agent_name: e.agentName, reason: restReason(e.reason), text: e.reason?.text ?? '' })
    case 'conversationUnassigned': return line('unassigned', { agent: e.agent, reason: restReason(e.reason), text: e.reason?.text ?? '' })
    case 'assignmentDeferred': return line('deferred', { waiting: !!e.waiting, reason: restReason(e.reason), text: e.reason?.text ?? '' })
    case 'ticketStatusChanged':
      return line('status', { from: word(e.from, 'TICKET_STATUS_'), to: word(e.to, 'TICKET_STATUS_'), cause: e.cause ?? '' })
    case 'ticketPriorityChanged': return line('priority', { to: word(e.priority, 'PRIORITY_') })
    case 'ticketSubjectChanged': return line('subject', { to: e.subject })
  }
  return null
}
