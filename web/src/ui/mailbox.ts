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
export interface Mailbox {
  name: string
  address: string
  fromName: string
  imap: MailServer
  smtp: MailServer
  same: boolean // outgoing mail signs in as incoming does
}

const servers = ['imap', 'smtp'] as const
export const mailboxFields = [
  'name', 'address', 'from_name',
  ...servers.flatMap((s) => [`${s}.host`, `${s}.port`, `${s}.security`, `${s}.username`, `${s}_password`]),
]

function serverFrom(v: unknown): MailServer {
  const s = objectOf(v)
  return { host: textOf(s.host), port: numberOf(s.port) || null, security: textOf(s.security) || 'tls', username: textOf(s.username), password: '' }
}

export function mailboxFrom(channel: Channel | null): Mailbox {
  const c = channel?.config ?? {}
  const imap = serverFrom(c.imap)
  const smtp = serverFrom(c.smtp)
  return {
    name: channel?.name ?? '',
    address: textOf(c.address) || (channel?.address ?? ''),
    fromName: textOf(c.from_name),
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
  const { from_name: _, ...rest } = before
  const config = {
    ...rest,
    address: m.address.trim(),
    ...(m.fromName.trim() ? { from_name: m.fromName.trim() } : {}),
    imap: server(m.imap, m.imap.username, before.imap),
    smtp: server(m.smtp, m.same ? m.imap.username : m.smtp.username, before.smtp),
  }
  const smtpPassword = m.same ? '' : m.smtp.password
  const secrets = m.imap.password || smtpPassword
    ? { ...(m.imap.password ? { imap_password: m.imap.password } : {}), ...(smtpPassword ? { smtp_password: smtpPassword } : {}) }
    : null
  return { config, secrets }
}
