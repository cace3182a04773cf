// What is found of a mailbox's servers from its address, and what the form makes of it.
import type { Http } from '../../live/http'
import { listOf, numberOf, objectOf, textOf } from '../../live/rest'
import type { Mailbox, MailServer, Provider } from '../../ui/mailbox'

export interface FoundServer {
  host: string // '': not found
  port: number
  security: string
  username: string
  answers: boolean
}

const kinds = ['provider', 'mx', 'autoconfig', 'ispdb', 'ispdb-mx', 'srv', 'guess'] as const

export interface Found {
  name: string
  provider: '' | Provider
  appPassword: boolean
  imap: FoundServer
  smtp: FoundServer
  sources: { kind: (typeof kinds)[number]; detail: string }[]
  foreign: boolean // of another domain, and nothing vouches for them
}

const server = (v: unknown): FoundServer => {
  const s = objectOf(v)
  return { host: textOf(s.host), port: numberOf(s.port), security: textOf(s.security), username: textOf(s.username), answers: s.answers === true }
}

export async function find(http: Http, address: string): Promise<Found[]> {
  const answer = await http.post('/channels/discover', { address })
  return listOf(answer.found).map(objectOf).map((f) => ({
    name: textOf(f.name),
    provider: f.provider === 'google' || f.provider === 'microsoft' ? f.provider : '',
    appPassword: f.app_password === true,
    imap: server(f.imap),
    smtp: server(f.smtp),
    sources: listOf(f.sources).map(objectOf).flatMap((s) => kinds.filter((k) => k === s.kind).map((kind) => ({ kind, detail: textOf(s.detail) }))),
    foreign: f.foreign === true,
  }))
}

let made = '' // the name that was put in last: another address has another

// take puts what was found into the form; what was not found stays for the person.
export function take(box: Mailbox, f: Found): void {
  const fill = (at: MailServer, s: FoundServer): void => {
    Object.assign(at, { host: s.host, port: s.port || null, security: s.security || 'tls', username: s.username })
  }
  fill(box.imap, f.imap)
  fill(box.smtp, f.smtp)
  box.same = box.imap.username === box.smtp.username
  if (!box.same) box.smtp.password = box.imap.password
  if (box.name === '' || box.name === made) box.name = made = nameOf(box.address)
}

// nameOf is what a mailbox is likely to be called: Support, of support@example.com.
function nameOf(address: string): string {
  const words = (address.split('@')[0] ?? '').replace(/[._-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
