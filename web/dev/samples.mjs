// A desk with a life: people, channels and conversations for the development server, the same every time.
import { assigned } from './desk.mjs'

const minute = 60_000
const names = [
  'Carla Jiménez', 'Tom Whitfield', 'Aïcha Benali', 'Mateo Fuentes', 'Yuki Tanaka', 'Sofia Rossi', 'Lukas Brandt', 'Priya Nair',
  'Ewa Kowalska', 'Noah Thompson', 'Inés Calderón', 'Olof Berg', 'Fatima Zahra', 'Hugo Martins', 'Grace Okafor', 'Jan de Vries',
]
const matters = [
  ['Invoice 4471 shows the wrong VAT', 'Hello,\n\nour invoice 4471 from last month was issued with 21 % VAT, but we are a company in Portugal and our VAT id is on file. Could you send a corrected one?\n\nThanks'],
  ['Parcel not arrived', 'Hi there, my parcel was supposed to be here on Tuesday. Tracking has not moved since Saturday: https://track.example/AB123456. What now?'],
  ['How do I add a second user?', 'I cannot find where to invite my colleague. Is that in the small plan?'],
  ['Cancelación de pedido 8812', 'Buenos días, quisiera cancelar el pedido 8812 que hice ayer por error. ¿Es posible todavía?'],
  ['Broken on arrival', 'The lamp arrived broken, pictures attached. I would like a replacement rather than the money back.'],
  ['Export hangs at 99 %', 'Since this morning every CSV export stops at 99 %. We need the numbers for a board meeting at three o’clock.'],
  ['Question about the annual plan', 'Before we renew: does the annual plan include phone support?'],
  ['Password reset mail does not come', 'I asked for it four times. Nothing in spam either.'],
]
const answers = [
  'Good morning, thank you for the details. I have passed this to our accounting colleagues and will come back to you today.',
  'I am sorry about that! I have just checked with the carrier: it is in their depot and should be with you tomorrow before noon.',
  'You find it under Settings → People → Invite. It is included in every plan.',
]

export function fill(desk, clock) {
  const start = clock.at
  clock.at = start - 3 * 24 * 60 * minute
  const ana = desk.addAgent({ id: 'ag_ana', email: 'ana@desk.test', name: 'Ana Torres', role: 'ROLE_ADMINISTRATOR', load: 0 })
  const ben = desk.addAgent({ id: 'ag_ben', email: 'ben@desk.test', name: 'Ben Ostrowski', capacity: 4 })
  const chloe = desk.addAgent({ id: 'ag_chloe', email: 'chloe@desk.test', name: 'Chloé Martin', available: false, awayReason: 'Lunch' })
  desk.addAgent({ id: 'ag_dan', email: 'dan@desk.test', name: 'Dan Whitmore', seat: false, capacity: 0, available: false })
  const routing = { mode: 'users_and_teams', agents: ['ag_ana', 'ag_ben', 'ag_chloe'], teams: [], only_available: true }
  const server = (host) => ({ host, security: 'tls', port: host.startsWith('imap') ? 993 : 465 })
  channel(desk, 'ch_mail', 'EMAIL', 'Support', 'support@desk.test', 'RUNNING', {
    configObject: { address: 'support@desk.test', imap: server('imap.desk.test'), smtp: server('smtp.desk.test') }, routingRest: routing,
    live: { phase: 'idling', lag: 0, last_item_ms: start - 2 * minute },
  })
  channel(desk, 'ch_chat', 'CHAT', 'Website', '', 'RUNNING', { routingRest: routing, live: { phase: 'listening', lag: 0 } })
  channel(desk, 'ch_billing', 'EMAIL', 'Billing', 'billing@desk.test', 'RETRYING', {
    healthReason: 'Sign-in refused by imap.desk.test: the user name or password is wrong.', routingRest: { ...routing, agents: ['ag_ben'] }, quarantined: 1,
    configObject: { address: 'billing@desk.test', imap: server('imap.desk.test'), smtp: server('smtp.desk.test') },
    live: { phase: 'connecting', lag: -1, failures: 4, restarts: 4, next_retry_ms: start + 40_000, last_error: 'LOGIN: NO [AUTHENTICATIONFAILED]', outbox: 2 },
  })
  for (let i = 0; i < 90; i++) conversation(desk, clock, i, [ana, ben, chloe])
  showpiece(desk, clock, start, ana)
  chat(desk, clock, start, ana)
  clock.at = start
}

function channel(desk, id, kind, name, address, health, more) {
  desk.channels.set(id, {
    channel: id, kind: `CHANNEL_KIND_${kind}`, name, address, on: true, health: `HEALTH_STATE_${health}`,
    healthSinceMs: desk.now() + 60 * minute, version: 1, ...more,
  })
}

function contactOf(i) {
  const name = names[i % names.length]
  const mail = `${name.split(' ')[0].normalize('NFD').replace(/[^a-z]/gi, '').toLowerCase()}@customer.example`
  return { contact: `ct_${i % names.length}`, name, identities: [{ kind: 'email', value: mail }], address: mail }
}

function conversation(desk, clock, i, agents) {
  clock.at += (20 + desk.random() * 60) * minute * (i > 70 ? 0.5 : 0.6)
  const [subject, text] = matters[i % matters.length]
  const onChat = i % 5 === 3
  const contact = contactOf(i * 7 + 3)
  const id = desk.receive({ channel: onChat ? 'ch_chat' : 'ch_mail', contact, subject: onChat ? '' : subject, body: { text } })
  const s = `conversation/${id}`
  const owner = agents[Math.floor(desk.random() * 3)]
  if (i % 6 !== 5) assign(desk, s, owner, agents)
  else defer(desk, s)
  if (i < 84 && desk.random() < 0.75) {
    clock.at += 9 * minute
    const message = desk.id('ms_')
    desk.command(s, { requestReply: { message, body: { text: answers[i % 3] }, close: desk.random() < 0.6 } }, owner)
    desk.settle(id, message, i === 80 ? 'DELIVERY_STATE_FAILED' : 'DELIVERY_STATE_SENT', i === 80 ? '550 5.1.1 no such user' : '')
  }
  if (i % 17 === 4) desk.command(s, { setTicketPriority: { priority: i % 2 ? 'PRIORITY_URGENT' : 'PRIORITY_HIGH' } }, owner)
}

function assign(desk, s, owner, agents) {
  const candidates = agents.map((a) => ({
    agent: a.agent, verdict: a === owner ? 'chosen' : a.available ? 'more_loaded' : 'away', load: a.load, capacity: a.capacity,
  }))
  const row = desk.tickets.get(s.split('/')[1])
  const text = `${owner.name} is the least loaded of ${agents.length} agents of this channel.`
  desk.append(s, { kind: 'KIND_UNSPECIFIED' }, assigned(owner, '', 'assigned_least_loaded', text, candidates, agents.length))
  desk.moveLoad('', desk.tickets.get(row.conversation), row)
}

function defer(desk, s) {
  const reason = {
    code: 'all_at_capacity', text: 'Everyone who may take it has as many tickets as they can.', considered: 3,
    candidates: [{ agent: 'ag_ben', verdict: 'at_capacity', load: 4, capacity: 4 }, { agent: 'ag_chloe', verdict: 'away', load: 2, capacity: 8 }],
  }
  desk.append(s, { kind: 'KIND_UNSPECIFIED' }, { assignmentDeferred: { waiting: true, reason } })
}

// One conversation that has everything.
function showpiece(desk, clock, start, ana) {
  clock.at = start - 26 * 60 * minute
  const contact = contactOf(0)
  const html = `<p>Hello team,</p><p>the <b>Export</b> stops at <span style="color:#b00020">99&nbsp;%</span> since this morning. See the picture:</p>
    <p><img src="cid:shot" alt="the dialog"><img src="https://tracker.example/p.gif"></p><ul><li>CSV and Excel alike</li><li>all three of us</li></ul><p>Carla</p>`
  const id = desk.receive({
    channel: 'ch_mail', contact, subject: 'Export hangs at 99 %', body: {
      text: 'Hello team,\nthe Export stops at 99 % since this morning.', html,
      attachments: [{ blob: 'a'.repeat(64), name: 'export-log.txt', mediaType: 'text/plain', size: 18234 }],
    },
  })
  const s = `conversation/${id}`
  assign(desk, s, ana, [ana, desk.agents.get('ag_ben'), desk.agents.get('ag_chloe')])
  clock.at += 6 * minute
  desk.command(s, { addNote: { message: desk.id('ms_'), body: { text: 'Same as #31. The worker ran out of disk, Ben is on it.' } } }, ana)
  clock.at += 3 * minute
  const reply = desk.id('ms_')
  desk.command(s, { requestReply: { message: reply, body: { text: 'Hello Carla,\n\nthank you for the report and the log. We have found the cause and are working on it; I will write as soon as exports run again.\n\nAna' } } }, ana)
  desk.settle(id, reply, 'DELIVERY_STATE_DELIVERED')
  clock.at = start - 31 * minute
  const fresh = 'Any news? We need the numbers for the board meeting at three o’clock.'
  const text = `${fresh}\n\nOn Tue, Ana Torres wrote:\n> Hello Carla,\n> thank you for the report and the log.`
  desk.receive({ conversation: id, channel: 'ch_mail', contact, body: { text, freshTextBytes: new TextEncoder().encode(fresh).length } })
  desk.command(s, { setTicketPriority: { priority: 'PRIORITY_URGENT' } }, ana)
  clock.at += 12 * minute
  const failed = desk.id('ms_')
  desk.command(s, { requestReply: { message: failed, body: { text: 'It runs again. Please try once more.' }, cc: [{ name: '', address: 'boss@customer.example' }] } }, ana)
  desk.settle(id, failed, 'DELIVERY_STATE_FAILED', '452 4.2.2 The mailbox is full')
  clock.at = start - 4 * minute
  desk.receive({ conversation: id, channel: 'ch_mail', contact, body: { text: 'It works now. You saved my day, thank you!' } })
  desk.showpiece = id
}

function chat(desk, clock, start, ana) {
  clock.at = start - 9 * minute
  const contact = { contact: 'ct_visitor', name: 'Visitor 7K2', identities: [{ kind: 'visitor', value: 'ch_chat/7k2' }] }
  const say = (conversation, text) => ((clock.at += 40_000), desk.receive({ conversation, channel: 'ch_chat', contact, body: { text } }))
  const id = say(undefined, 'hi! is somebody there?')
  const s = `conversation/${id}`
  assign(desk, s, ana, [ana, desk.agents.get('ag_ben')])
  const answer = (text) => {
    clock.at += 30_000
    const message = desk.id('ms_')
    desk.command(s, { requestReply: { message, body: { text } } }, ana)
    desk.settle(id, message, 'DELIVERY_STATE_READ')
  }
  answer('Hello, Ana here. How can I help?')
  say(id, 'does the small lamp also come in green?')
  say(id, 'and how long does it take to Portugal?')
  answer('It does! Shipping to Portugal takes three to four days.')
  say(id, 'great, I’ll take two')
  desk.chat = id
}
