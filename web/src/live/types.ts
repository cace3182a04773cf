// The rows the workspace shows, in one form, whether they came over HTTP (rest.ts) or the socket (proto.ts).
// Times are Unix milliseconds, 0 for none. Numbers of the journal (version, position) fit a JavaScript number.

export type Status = 'new' | 'waiting_on_us' | 'waiting_on_contact' | 'closed'
export type Priority = 'low' | 'normal' | 'high' | 'urgent'
export type ChannelKind = 'email' | 'chat' | 'messenger' | 'form' | 'whatsapp' | 'call' | 'custom'
export type DeliveryState = 'queued' | 'sending' | 'sent' | 'delayed' | 'delivered' | 'read' | 'failed' | 'unknown' | 'canceled'
export type HealthState = 'starting' | 'running' | 'retrying' | 'failed' | 'off'
export type Role = 'agent' | 'supervisor' | 'administrator'
export type Access = 'all' | 'team' | 'own'
export type RoutingMode = 'nobody' | 'users_and_teams' | 'contact_owner'
export type RoutingPolicy = 'least_loaded' | 'least_share' | 'round_robin' | 'weighted' | 'longest_idle' | 'random'
// ViewName is a built-in view (live/filter.ts) or the id of one that somebody saved.
export type ViewName = string

export interface Named {
  id: string
  name: string
}

export interface Candidate {
  agent: string
  verdict: string
  load: number
  capacity: number
}

export interface Reason {
  code: string
  text: string
  candidates: Candidate[]
  considered: number
  rule: string // the name of the channel's rule that decided; '' for its default, and for who does not run the desk
  from: string // who had a ticket that was taken back
  away: number // and for how many seconds they were away
  until: number // when its channel opens; 0: nobody knows, or it is open
}

// Work is what a row says of the work on its ticket: live/work.ts.
export interface Work {
  tags: string[] // ids, in the order they were put on
  team: string
  pipeline: string // '' is the default one
  stage: string // '' is the pipeline's default one of the status
  properties: Record<string, string>
  snoozedUntil: number
  bot: string // the name of the bot that talks with them, '' for none
  dueAt: number // by when an answer is due; 0: by no time
  offeredUntil: number // an offer to its owner, who takes it until then; 0: it is none
  followers: string[]
  mentioned: string[] // who was called by a note and has not seen it
  spam: boolean
  mergedInto: string
  closedAt: number
  firstReplyAt: number
  lastReceivedAt: number
  hasAttachments: boolean
  source: string
  fromAddress: string // from which it is answered; '': as its channel says
  heldUntil: number // what follows from its messages waits until then: too much came at once; 0: it does not
  heldBy: { limit: string; of: string } | null // whose limit that is: sender, domain or mailbox
  setAside: string // why it was closed when it came; '': it was not
  sides: number // side conversations
  sidesWaiting: number // side conversations that wait for who was asked
  sidesAnswered: number // and those that were answered
}

export interface Ticket extends Work {
  id: string
  number: number
  subject: string
  contact: Named
  channel: { id: string; kind: ChannelKind }
  status: Status
  priority: Priority
  owner: Named | null
  openedAt: number
  updatedAt: number
  waitingSince: number
  preview: string
  lastAuthor: string
  messages: number
  version: number
  position: number // of the last record folded in; 0 when it is not known
  inLine: boolean
  inLineSince: number
  reason: Reason | null
  undelivered: number
  tags: string[] // ids, in the order they were put on
  team: string // '' for none
  pipeline: string // '' is the default one
  stage: string // '' is the default one of the status
  properties: Record<string, string>
  snoozedUntil: number // 0: not snoozed
  followers: string[]
  mentioned: string[]
  spam: boolean
  mergedInto: string
  closedAt: number
  scheduledAt: number // when the next reply leaves that waits for its time; 0: none does
}

export interface Attachment {
  blob: string
  name: string
  mediaType: string
  size: number
  inline: boolean
  contentId: string
}

export interface Body {
  text: string
  html: string
  freshTextBytes: number
  attachments: Attachment[]
}

export interface Address {
  name: string
  address: string
}

// Returned is what a machine said of a reply after it left.
export interface Returned {
  kind: 'bounce' | 'delay' | 'complaint' | 'receipt' | (string & {})
  at: number
  from: string
  text: string
  rawBlob: string
  recipients: { address: string; status: string; permanent: boolean; delayed: boolean; cause: string }[]
}

export interface Delivery {
  state: DeliveryState
  reason: string
  attempts: number
  retryAt: number
  sendAt: number // of a queued one: it does not leave before, and can be taken back until then; 0: none was set
  returns?: readonly Returned[] // the oldest first
}

// Activity is a line between the messages. code says what happened, the rest is what its sentence needs.
export interface Activity {
  code: 'opened' | 'assigned' | 'unassigned' | 'deferred' | 'status' | 'priority' | 'subject' | (string & {})
  text: string
  agent: string
  agentName: string
  from: string
  to: string
  cause: string
  waiting: boolean // of deferred: it stands in line
  reason: Reason | null

  added: string[]
  removed: string[]
  field: string // of property: its id; of team: its id
  until: number
  conversation: string // the other one, of merging and splitting
  number: number
  count: number
}

export interface Origin {
  id: string
  number: number
  subject: string
}

export interface Sender {
  verdict: 'unknown' | 'verified' | 'failed'
  reason: string // a code
  domain: string
  server: string // whose word it is
}

export type ItemKind = 'inbound' | 'outbound' | 'note' | 'activity'

export interface Item {
  id: string
  kind: ItemKind
  version: number
  at: number
  author: { kind: 'contact' | 'agent' | 'desk'; id: string; name: string }
  body: Body | null
  delivery: Delivery | null
  activity: Activity | null
  from: Address | null
  to: Address[]
  cc: Address[]
  bcc: Address[]
  subject: string
  warnings: string[]
  automatic: string
  handling: string // why less is done for it than for a person's message; '': nothing less
  sender: Sender | null // of a mail: whether the sender is who it says
  rawBlob: string
  clientId: string
  threading: string[] // why it is in its conversation: codes
  unconfirmed: boolean // its sender does not take part
  forwardedFrom: Address | null // who wrote the mail that its sender passed on
  forForwarded: boolean // and the ticket is theirs
  imported: boolean // of the past: it stands where it belongs by its time
  origin: Origin | null // in whose stream it is, if not in this one's
}

export interface Identity {
  kind: string
  value: string
}

export interface Contact {
  id: string
  name: string
  identities: Identity[]
  owner: string
  version: number
  properties: Record<string, string>
  blocked: boolean
  answersStopped: { until: number; cause: string } // no automatic answers until then; 0: they go
  undeliverable: Record<string, string> // addresses at which nobody is, with the cause
}

// ByGroup are numbers of each group of kinds of channel.
export interface ByGroup {
  calls: number
  messaging: number
  email: number
}

export interface Agent {
  id: string
  email: string
  name: string
  role: Role
  access: Access
  seat: boolean
  deactivated: boolean
  available: boolean
  awayReason: string
  connected: boolean // a workspace is open: chats go to them
  capacity: number
  limits: ByGroup // beside the capacity, which is that of all; 0: none
  skills: string[]
  secondSkills: string[] // of these: languages that are not the main ones
  load: number
  loads: ByGroup
  lastAssignedAt: number
  version: number
  partial: boolean // a colleague's, who is shown no more than everybody is
  twoFactor: boolean
  shownEmail: string
  changesAt: number // when availability will change by itself; 0: it will not
  changesCause: Cause
  availabilityCause: Cause
  availabilityBy: string
  since: number // when it became so
  schedule: '' | 'available' | 'away' // what the working hours say of now; '': there are none
  workingHours: string
  holidays: string
  outOfOffice: { from: number; to: number; message: string } | null
}

// Cause is why availability changed, or will: '' is by hand.
export type Cause = '' | 'hours' | 'holiday' | 'out_of_office' | 'not_taken'

export interface Routing {
  mode: RoutingMode
  agents: string[]
  teams: string[]
  onlyAvailable: boolean
  policy: RoutingPolicy
  sticky: boolean
  weights: { agent: string; weight: number }[]
}

export interface Health {
  state: HealthState
  reason: string
  since: number
  phase: string
  lag: number // -1: unknown
  failures: number
  restarts: number
  lastError: string // of the last failure, which may be past: state says how it is now
  lastErrorAt: number
  seen: string // the website on which a chat was shown last
  seenAt: number
  warning: string // what does not work although items come in
  nextRetryAt: number
  inFlight: number
  outboxDepth: number
  lastItemAt: number
}

// What whoever writes a mail has to know of the mailbox.
export interface ChannelMail {
  from: string
  ours: string[]
  attachMB: number // beyond it files go as links; 0: they never do
  linkDays: number
}

export interface Channel {
  id: string
  kind: ChannelKind
  name: string
  address: string
  config: Record<string, unknown>
  routing: Routing
  on: boolean
  health: Health
  mail: ChannelMail | null // of a mailbox
  quarantined: number
  version: number
}

export interface Team {
  id: string
  name: string
  members: { agent: string; main: boolean }[]
  replyChannel: string // by which its tickets are opened if nobody says another; '' for none
  removed: boolean
  version: number
}

// Counts are the sizes of lists, by their key.
export type Counts = Record<string, number>
