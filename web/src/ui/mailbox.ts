// The mailbox form and the email connector's configuration (channels/email/config.go).
import { numberOf, objectOf, textOf } from '../live/rest'
import type { Channel } from '../live/types'

export interface MailServer {
  host: string
  port: number | null
  security: string
  username: string
  password: string
}
export type Provider = 'google' | 'microsoft'
export interface Mailbox {
  provider: '' | Provider // '': signed in by password
  app: { on: boolean; tenant: string; clientId: string; clientSecret: string } // Microsoft, as the organisation's program
  signIn: string // what a sign-in with the provider is called, '' for none now
  name: string
  address: string
  fromName: string
  receive: 'imap' | 'forwarding'
  key: string // forwarding: the part before the @ of the address to forward to
  imap: MailServer
  smtp: MailServer
  same: boolean // outgoing mail signs in as incoming does
}

const servers = ['imap', 'smtp'] as const
export const mailboxFields = [
  'name', 'address', 'from_name', 'receive', 'forwarding.key', 'sign_in', 'refresh_token', 'oauth', 'oauth.provider', 'oauth.tenant', 'oauth.client_id', 'client_secret',
  ...servers.flatMap((s) => [`${s}.host`, `${s}.port`, `${s}.security`, `${s}.username`, `${s}_password`]),
]

function serverFrom(v: unknown): MailServer {
  const s = objectOf(v)
  return { host: textOf(s.host), port: numberOf(s.port) || null, security: textOf(s.security) || 'tls', username: textOf(s.username), password: '' }
}

function providerOf(v: unknown): '' | Provider {
  return v === 'google' || v === 'microsoft' ? v : ''
}

// presets are the servers of the providers one signs in with.
export const presets: Record<Provider, Record<'imap' | 'smtp', { host: string; port: number; security: string }>> = {
  google: { imap: { host: 'imap.gmail.com', port: 993, security: 'tls' }, smtp: { host: 'smtp.gmail.com', port: 465, security: 'tls' } },
  microsoft: { imap: { host: 'outlook.office365.com', port: 993, security: 'tls' }, smtp: { host: 'smtp.office365.com', port: 587, security: 'starttls' } },
}

// newKey is an address that cannot be guessed from the team's own: its name, and ten random characters.
export function newKey(address: string): string {
  const name = (address.split('@')[0] ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 30) || 'mail'
  const letters = '23456789abcdefghjkmnpqrstuvwxyz' // none that is taken for another; 31, so the remainder tells next to nothing
  return `${name}-${Array.from(crypto.getRandomValues(new Uint8Array(10)), (b) => letters[b % letters.length]).join('')}`
}

export function mailboxFrom(channel: Channel | null): Mailbox {
  const c = channel?.config ?? {}
  const imap = serverFrom(c.imap)
  const smtp = serverFrom(c.smtp)
  return {
    name: channel?.name ?? '',
    address: textOf(c.address) || (channel?.address ?? ''),
    fromName: textOf(c.from_name),
    provider: providerOf(objectOf(c.oauth).provider),
    app: { on: objectOf(c.oauth).app === true, tenant: textOf(objectOf(c.oauth).tenant), clientId: textOf(objectOf(c.oauth).client_id), clientSecret: '' },
    signIn: '',
    receive: c.receive === 'forwarding' ? 'forwarding' : 'imap',
    key: textOf(objectOf(c.forwarding).key),
    imap,
    smtp,
    same: imap.username === smtp.username,
  }
}

// mailboxTo keeps what the form does not show (folder, ca_pem, poll_seconds). secrets is null when none was written.
export function mailboxTo(m: Mailbox, before: Record<string, unknown>) {
  const server = (s: MailServer, username: string, old: unknown) => {
    const { port: _, username: __, ...rest } = objectOf(old)
    return {
      ...rest, host: s.host.trim(), security: s.security,
      ...(s.port ? { port: s.port } : {}), ...(username.trim() ? { username: username.trim() } : {}),
    }
  }
  const { from_name: _, receive: __, forwarding: ___, imap: ____, oauth: was, after_intake: after, ...rest } = before
  const forwarded = m.receive === 'forwarding'
  const same = m.same && !forwarded
  const config = {
    ...rest,
    address: m.address.trim(),
    ...(m.provider ? { oauth: oauthTo(m, objectOf(was)) } : {}),
    ...(m.fromName.trim() ? { from_name: m.fromName.trim() } : {}),
    ...(forwarded ? { receive: 'forwarding', forwarding: { key: m.key } } : { imap: server(m.imap, m.imap.username, before.imap), ...(after ? { after_intake: after } : {}) }),
    smtp: server(m.smtp, same ? m.imap.username : m.smtp.username, before.smtp),
  }
  const smtpPassword = same ? '' : m.smtp.password
  const imapPassword = forwarded ? '' : m.imap.password
  if (m.provider && m.app.on) return { config, secrets: m.app.clientSecret.trim() ? { client_secret: m.app.clientSecret.trim() } : null }
  if (m.provider) return { config, secrets: m.signIn ? { sign_in: m.signIn } : null }
  const secrets = imapPassword || smtpPassword
    ? { ...(imapPassword ? { imap_password: imapPassword } : {}), ...(smtpPassword ? { smtp_password: smtpPassword } : {}) }
    : null
  return { config, secrets }
}

// oauthTo keeps what the form does not know of, for the same provider in the same way.
function oauthTo(m: Mailbox, was: Record<string, unknown>) {
  const { tenant: _, client_id: __, app: ___, ...rest } = was.provider === m.provider ? was : {}
  const own = { tenant: m.app.tenant.trim(), client_id: m.app.clientId.trim() }
  // A channel that was set up through the API may be signed in as the desk's own program.
  const named = own.client_id || was.app !== true ? own : {}
  return { ...rest, provider: m.provider, ...(m.app.on ? { app: true, ...named } : {}) }
}
