// The live layer put together: what the screens ask of, and the only place that knows both ways to the server. Everything
// read over HTTP after start() is at least as new as the position the socket resumes from, so that frames and answers
// overlap and never leave a gap; versions decide which of two rows is newer.
import { create } from '@bufbuild/protobuf'
import { ClientFrameSchema, type ServerFrame } from '../gen/desk/v1/frame_pb'
import type { Backoff } from './backoff'
import { Commander, type Action, type Outcome } from './commands'
import { Conversation, type ConversationAnswer } from './conversation'
import { CountStore } from './counts'
import { draftFrom, draftOf, DraftStore, paperTo } from './drafts'
import { ApiError, type Http, OfflineError } from './http'
import { newId } from './ids'
import { Observable } from './observable'
import { Outbox } from './outbox'
import { readPeople, teamOf, Teams } from './people'
import { PresenceStore } from './presence'
import { agentOf, channelOf, contactOf, ticketOf } from './proto'
import { channelFrom, contactFrom, itemFrom, listOf, numberOf, objectOf, textOf, ticketFrom } from './rest'
import { Rows } from './rows'
import { readSizes, savedFilters } from './sizes'
import { SideNews } from './sides'
import { Settings, settingFrom, settingOf, settingsFrom, settingTo, paths, type Setting, type SettingKind, type Values } from './settings'
import { Link, type SocketLike } from './socket'
import { isBuiltIn, queryOf, specOf, type Filter, type ListSpec, type Looker } from './filter'
import { TicketList, TicketStore } from './tickets'
import type { Agent, Channel, Contact, Ticket } from './types'

export interface WorkspaceOptions {
  http: Http
  open: () => SocketLike
  storage: Storage
  me: Agent
  epoch: string
  position: number
  onSignedOut: () => void
  backoff?: Backoff
  pageSize?: number
}

const keepConversations = 5 // opened lately: going back to one shows it at once
const keepLists = 24 // looked at lately
const tickEvery = 20_000 // lists that time alone changes
const pollAfter = 15_000 // without a socket, lists are read again this often

export class Workspace extends Observable {
  readonly http: Http
  readonly me: string
  readonly link: Link
  readonly tickets = new TicketStore()
  readonly counts: CountStore
  readonly agents = new Rows<Agent>()
  readonly channels = new Rows<Channel>()
  readonly contacts = new Rows<Contact>()
  readonly teams = new Teams()
  readonly settings = new Settings()
  readonly presence = new PresenceStore()
  readonly sides = new SideNews()
  readonly outbox: Outbox
  readonly drafts: DraftStore
  readonly #opt: WorkspaceOptions
  readonly #commander: Commander
  readonly #lists = new Map<string, TicketList>()
  readonly looker: Looker
  readonly #loading = new Map<TicketList, Promise<void>>()
  readonly #open: Conversation[] = [] // the last one is on the screen
  readonly #unseen = new Set<string>() // rows known from an answer only: what they were before is not known
  #shown = ''
  #tick: ReturnType<typeof setInterval> | undefined
  #account: (what: string) => void = () => {}
  #looking = ''
  #newMessage: (t: Ticket, before: Ticket | undefined) => void = () => {}
  #poll: ReturnType<typeof setInterval> | undefined
  #downSince = 0
  #readSettings: ReturnType<typeof setTimeout> | undefined

  constructor(opt: WorkspaceOptions) {
    super()
    this.#opt = opt
    this.http = opt.http
    this.me = opt.me.id
    this.agents.upsert(opt.me)
    this.looker = { me: this.me, teams: new Set() }
    this.teams.onChange(() => this.#teamsChanged())
    this.counts = new CountStore({ fetch: (watched) => readSizes(this.http, watched), me: this.looker })
    this.tickets.onKept = (before, after) => this.counts.rowChanged(before, after)
    this.link = new Link({
      open: opt.open,
      onFrame: (k) => this.#frame(k),
      onReset: () => this.reread(),
      onLive: () => this.#live(),
      probe: () => this.#probe(),
      onSignedOut: opt.onSignedOut,
      backoff: opt.backoff,
    })
    this.link.onChange(() => this.#linkChanged())
    this.#commander = new Commander(this.link, opt.http)
    this.drafts = this.#draftStore()
    this.outbox = new Outbox({
      storage: opt.storage,
      agent: this.me,
      run: (a) => this.act(a),
      onAccepted: (e, o) => this.#accepted(e.conversation, o),
    })
  }

  #draftStore(): DraftStore {
    const path = (conversation: string) => `/conversations/${encodeURIComponent(conversation)}/drafts`
    const device = newId('') // of this page: two tabs are two
    return new DraftStore({
      device,
      storage: this.#opt.storage,
      agent: this.me,
      read: async (conversation) => listOf((await this.http.get(path(conversation))).drafts).map(draftFrom),
      save: async ({ conversation, kind, paper, base, letGo }, leaving) => {
        const body = { ...paperTo(paper), base, device, leaving, let_go: letGo }
        const to = `${path(conversation)}/${kind}`
        return numberOf((await (leaving ? this.http.leaving('PUT', to, body) : this.http.put(to, body))).version)
      },
      clear: async (conversation, kind, cause, leaving) => {
        const to = `${path(conversation)}/${kind}?cause=${cause}&device=${device}`
        return numberOf((await (leaving ? this.http.leaving('DELETE', to) : this.http.delete(to))).version)
      },
    })
  }

  start(): void {
    this.#subscribe()
    this.link.start(this.#opt.epoch, this.#opt.position)
    void this.counts.read()
    void this.loadPeople()
    this.#tick = setInterval(() => (this.tickets.ticked(false), this.counts.ticked()), tickEvery)
    void this.loadSettings()
    this.#poll = setInterval(() => this.#pollWithoutSocket(), pollAfter)
    this.outbox.flush()
  }

  stop(): void {
    clearInterval(this.#poll)
    clearInterval(this.#tick)
    clearTimeout(this.#readSettings)
    this.link.stop()
    this.counts.stop()
    this.outbox.stop()
    this.drafts.stop()
    for (const c of this.#open) c.close()
  }

  // onAccount is told when what only this agent sees is another, on whatever device it was changed.
  onAccount(f: (what: string) => void): void {
    this.#account = f
  }

  onMessage(f: (t: Ticket, before: Ticket | undefined) => void): void {
    this.#newMessage = f
  }

  // ---- lists

  list(what: string | ListSpec): TicketList {
    const spec = typeof what === 'string' ? specOf(isBuiltIn(what) ? what : {}) : what
    let list = this.#lists.get(spec.key)
    if (!list) {
      list = this.tickets.list(spec, this.looker)
      this.#lists.set(spec.key, list)
      this.#forgetLists(spec.key)
    }
    return list
  }

  #forgetLists(but: string): void {
    for (const [key, list] of this.#lists) {
      if (this.#lists.size <= keepLists) return
      if (key === but || key === this.#shown || isBuiltIn(key)) continue
      this.#lists.delete(key)
      this.tickets.drop(list)
    }
  }

  // show makes a list the one on the screen and sees that it is read.
  show(what: string | ListSpec): void {
    const list = this.list(what)
    this.#shown = list.name
    if (!list.loaded || list.stale) void this.#load(list, true)
  }

  // read sees that a list beside the one on the screen is read: a column of the board.
  read(what: string | ListSpec): void {
    const list = this.list(what)
    if (!list.loaded || list.stale) void this.#load(list, true)
  }

  // savedCounts are the lists whose sizes are shown wherever one is, by their keys.
  savedCounts(): Map<string, Filter> {
    return savedFilters(this.settings.forMe('view', this.me, [...this.looker.teams]))
  }

  more(what: string | ListSpec): void {
    const list = this.list(what)
    if (list.loaded && !list.stale && list.next !== '') void this.#load(list, false)
  }

  // The teams one is in decide what "my teams" shows.
  #teamsChanged(): void {
    const mine = this.teams.all.filter((t) => t.members.some((m) => m.agent === this.me)).map((t) => t.id)
    if (mine.toSorted().join() === [...this.looker.teams].toSorted().join()) return
    this.looker.teams = new Set(mine)
    this.tickets.ticked(true)
  }

  #load(list: TicketList, first: boolean): Promise<void> {
    const running = this.#loading.get(list)
    if (running) return running
    const work = this.#read(list, first)
      .catch((err: unknown) => this.#readFailed(list, first, err))
      .finally(() => {
        this.#loading.delete(list)
        if (list.stale && this.#shown === list.name) void this.#load(list, true)
      })
    this.#loading.set(list, work)
    return work
  }

  async #read(list: TicketList, first: boolean): Promise<void> {
    const generation = this.tickets.generation
    const size = this.#opt.pageSize ?? 50
    const limit = first ? Math.min(200, Math.max(size, list.rows.length)) : size
    const cursor = first ? '' : `&cursor=${encodeURIComponent(list.next)}`
    const answer = await this.http.get(`/tickets?${queryOf(list.spec)}&limit=${limit}${cursor}`)
    if (generation !== this.tickets.generation) return // asked before a reset: list is stale and is read again
    const epoch = textOf(answer.epoch)
    if (epoch && this.link.epoch && epoch !== this.link.epoch) {
      this.link.reopen() // another journal answers: the socket's welcome says which, and resets
      return
    }
    const page = listOf(answer.tickets).map(ticketFrom)
    this.#adopted(page)
    this.tickets.adopt(list, page, textOf(answer.next), first)
    if (page.length === 0 && list.next !== '') await this.#read(list, false) // closed tickets of long ago come in short pages
  }

  async #readFailed(list: TicketList, first: boolean, err: unknown): Promise<void> {
    if (err instanceof ApiError && err.status === 401) return
    if (err instanceof ApiError && err.status === 400 && !first) {
      list.stale = true // a cursor the server does not know any more: from the top
      return
    }
    await new Promise((r) => setTimeout(r, 2_000))
    if (first) list.stale = true
    this.changed()
  }

  // ---- conversations

  conversation(id: string): Conversation | undefined {
    return this.#open.find((c) => c.id === id)
  }

  enter(id: string): Conversation {
    const at = this.#open.findIndex((c) => c.id === id)
    const conversation = at >= 0 ? this.#open.splice(at, 1)[0]! : this.#begin(id)
    this.#open.push(conversation)
    while (this.#open.length > keepConversations) this.#open.shift()?.close()
    this.#subscribe()
    if (at < 0 || conversation.state === 'failed') void conversation.load()
    return conversation
  }

  #begin(id: string): Conversation {
    const conversation = new Conversation({
      id,
      fetch: () => this.#fetchConversation(id),
      onTicket: (t) => this.#adopted([t]),
      onContact: (c) => this.contacts.upsert(c),
    })
    conversation.onChange(() => this.outbox.settled((m) => conversation.has(m)))
    return conversation
  }

  async #fetchConversation(id: string): Promise<ConversationAnswer> {
    const a = await this.http.get(`/conversations/${encodeURIComponent(id)}`)
    return {
      ticket: ticketFrom(a.ticket),
      contact: contactFrom(a.contact),
      items: listOf(a.timeline).map(itemFrom),
      version: numberOf(a.version),
    }
  }

  #subscribe(): void {
    this.link.subscribe({ conversations: this.#open.map((c) => c.id), agents: true, channels: true, looking: this.#looking })
  }

  // look says which conversation is before a person's eyes: the others are told.
  look(id: string): void {
    if (this.#looking === id) return
    this.#looking = id
    this.#subscribe()
  }

  // ---- doing

  async act(action: Action): Promise<Outcome> {
    const outcome = await this.#commander.run(action)
    if (this.link.state === 'waiting') this.link.doubt() // HTTP got through: the network is back
    if ('conversation' in action) this.conversation(action.conversation)?.expect(outcome.version)
    return outcome
  }

  // The answer and the record race: whichever is second removes the bubble.
  #accepted(id: string, outcome: Outcome): void {
    const conversation = this.conversation(id)
    conversation?.expect(outcome.version)
    if (conversation) this.outbox.settled((m) => conversation.has(m))
  }

  typing(conversation: string, on: boolean): void {
    this.link.send(create(ClientFrameSchema, { kind: { case: 'typing', value: { conversation, on } } }))
  }

  // ---- what comes

  #frame(kind: ServerFrame['kind']): void {
    switch (kind.case) {
      case 'ticket':
        if (kind.value.ticket) this.#ticket(ticketOf(kind.value.ticket))
        break
      case 'gone': {
        const { conversation, position } = kind.value
        this.counts.rowGone(this.tickets.gone(conversation, Number(position)))
        this.#unseen.delete(conversation)
        this.conversation(conversation)?.gone()
        break
      }
      case 'record': {
        const record = kind.value.record
        if (record) this.conversation(record.stream.slice('conversation/'.length))?.record(record)
        break
      }
      case 'agent':
        if (kind.value.agent) this.agents.upsert(agentOf(kind.value.agent, kind.value.partial))
        break
      case 'channel':
        if (kind.value.channel) {
          this.channels.upsert(channelOf(kind.value.channel, this.channels.get(kind.value.channel.channel)))
        }
        break
      case 'team':
        if (kind.value.team) this.teams.upsert(teamOf(kind.value.team))
        break
      case 'contact':
        if (kind.value.contact) this.contacts.upsert(contactOf(kind.value.contact))
        break
      case 'setting': {
        const { setting, partial } = kind.value
        if (!setting) break
        if (partial && !setting.removed) {
          if (setting.owner === '' || setting.owner === this.me) this.#readSettingsSoon()
          break
        }
        const before = this.settings.get(setting.setting)
        const row = settingOf(setting) ?? (before && { ...before, removed: setting.removed, version: Number(setting.version) })
        if (row) this.settings.upsert(row)
        break
      }
      case 'draft':
        if (kind.value.draft) this.drafts.heard(draftOf(kind.value.draft))
        break
      case 'side':
        this.sides.heard()
        break
      case 'account':
        this.#account(kind.value.what)
        break
      case 'presence': {
        const { conversation, who, name, typing, left } = kind.value
        this.presence.sign(conversation, { who, name, typing, left })
        break
      }
      default:
        this.#commander.answered(kind)
    }
  }

  // A row from a frame. One that HTTP brought before its frame came was never compared with what it was: doubt.
  #ticket(ticket: Ticket): void {
    const { kept, before } = this.tickets.upsert(ticket)
    const first = this.#unseen.delete(ticket.id)
    if (kept ? !before : first) this.counts.rowChanged(undefined, ticket)
    this.conversation(ticket.id)?.expect(ticket.version)
    if (!kept) return
    if (!before || before.messages < ticket.messages) {
      this.presence.stopped(ticket.id, ticket.lastAuthor === 'contact' ? 'contact' : (ticket.owner?.id ?? ''))
      this.#newMessage(ticket, before)
    }
  }

  // A row from an answer.
  #adopted(tickets: Ticket[]): void {
    for (const t of tickets) {
      if (!this.tickets.get(t.id)) this.#unseen.add(t.id)
      this.tickets.upsert(t)
      this.conversation(t.id)?.expect(t.version)
    }
  }

  // reread: what is known may be stale. It stays on the screen until the answers are there.
  reread(): void {
    this.tickets.newGeneration()
    for (const c of this.#open) c.forget()
    const shown = this.#lists.get(this.#shown)
    if (shown) void this.#load(shown, true)
    void this.counts.read()
    void this.loadPeople(true)
    void this.loadSettings(true)
  }

  #live(): void {
    this.#account('notifications') // what was told meanwhile
    for (const c of this.drafts.shown) void this.drafts.reread(c)
    void this.counts.read()
    this.outbox.flush()
    const shown = this.#lists.get(this.#shown)
    if (shown && (!shown.loaded || shown.stale)) void this.#load(shown, true)
    for (const c of this.#open) {
      const row = this.tickets.get(c.id)
      if (row) c.expect(row.version)
      if (c.state === 'failed') void c.load()
    }
  }

  #linkChanged(): void {
    const up = this.link.usable
    if (!up) this.#commander.lost()
    if (up) this.#downSince = 0
    else this.#downSince ||= Date.now()
    this.changed()
  }

  // A network that lets no socket through still shows a desk that moves, only slower.
  #pollWithoutSocket(): void {
    if (!this.#downSince || Date.now() - this.#downSince < pollAfter || this.link.state === 'signed_out') return
    this.reread()
    this.outbox.flush()
  }

  async #probe(): Promise<'ok' | 'signed_out' | 'offline'> {
    try {
      await this.http.get('/me')
      return 'ok'
    } catch (err) {
      if (err instanceof ApiError && err.status === 401) return 'signed_out'
      return err instanceof OfflineError ? 'offline' : 'ok'
    }
  }

  // ---- small lists

  async loadPeople(fresh = false): Promise<void> {
    await readPeople(this.http, this, fresh)
  }

  async loadSettings(fresh = false): Promise<void> {
    const mark = this.settings.mark()
    try {
      const answer = await this.http.get('/settings')
      this.settings.replaceAll(settingsFrom(objectOf(answer.kinds)), mark, fresh)
    } catch {
      // The next start, reset or frame reads them again.
    }
  }

  // Several values that a frame left out are read in one go.
  #readSettingsSoon(): void {
    this.#readSettings ??= setTimeout(() => {
      this.#readSettings = undefined
      void this.loadSettings()
    }, 200)
  }

  // saveSetting makes (id '') or replaces a setting, or brings back one that was removed.
  async saveSetting<K extends SettingKind>(kind: K, id: string, value: Values[K]): Promise<Setting<K>> {
    const path = paths[kind]
    const body = settingTo(value)
    const answer = id === '' ? await this.http.post(path, body) : await this.http.put(`${path}/${encodeURIComponent(id)}`, body)
    const row = settingFrom(kind, answer.item)
    this.settings.upsert(row)
    return row
  }

  async removeSetting(row: Setting): Promise<void> {
    await this.http.delete(`${paths[row.kind]}/${encodeURIComponent(row.id)}`)
    this.settings.upsert({ ...row, removed: true, version: row.version + 1 })
  }

  async loadChannels(): Promise<void> {
    const mark = this.channels.mark()
    const answer = await this.http.get('/channels')
    this.channels.replaceAll(listOf(answer.channels).map(channelFrom), mark)
  }
}
