// The kinds of channel one can connect here. A new kind is its file in kinds/ and a line below: how a form begins, what
// the API takes, which fields it shows, and the component that shows them.
import '../../i18n/administering'
import MessageSquare from '@lucide/svelte/icons/message-square'
import Mail from '@lucide/svelte/icons/mail'
import type { Component } from 'svelte'
import type { Key } from '../../i18n/catalogue'
import { textOf, type Json } from '../../live/rest'
import type { Channel } from '../../live/types'
import type { AnyIcon } from '../../ui/icon'
import type { Faults } from '../../ui/faults'
import { mailboxFields, mailboxFrom, mailboxTo, type Mailbox } from '../../ui/mailbox'
import Chat from './kinds/Chat.svelte'
import Email from './kinds/Email.svelte'

export interface Sent {
  name: string
  config: Json
  secrets: Json | null // null: those stored stay
}

// D is what the form holds.
export interface Kind<D = unknown> {
  label: Key
  lead: Key
  icon: AnyIcon
  begin: (channel: Channel | null) => D
  send: (draft: D, before: Json) => Sent
  fields: string[]
  Fields: Component<{ draft: D; faults: Faults; known: boolean }>
}

export interface ChatDraft {
  name: string
  greeting: string
  color: string
  origins: string
  line: boolean // visitors who wait are told their place
}

const email: Kind<Mailbox> = {
  label: 'connect.kind.email',
  lead: 'connect.kind.email_lead',
  icon: Mail,
  begin: mailboxFrom,
  send: (draft, before) => ({ name: draft.name, ...mailboxTo(draft, before) }),
  fields: mailboxFields,
  Fields: Email,
}

const chat: Kind<ChatDraft> = {
  label: 'connect.kind.chat',
  lead: 'connect.kind.chat_lead',
  icon: MessageSquare,
  begin: (c) => ({
    name: c?.name ?? '',
    greeting: textOf(c?.config.greeting),
    color: textOf(c?.config.color) || '#0c6b5e',
    origins: (Array.isArray(c?.config.allowed_origins) ? c.config.allowed_origins.map(textOf) : []).join('\n'),
    line: c?.config.hide_line !== true,
  }),
  send: (draft, before) => {
    const { allowed_origins: _, hide_line: __, ...rest } = before
    const origins = draft.origins.split(/\s+/).filter(Boolean)
    return {
      name: draft.name,
      config: { ...rest, greeting: draft.greeting.trim(), color: draft.color, ...(origins.length > 0 ? { allowed_origins: origins } : {}), ...(draft.line ? {} : { hide_line: true }) },
      secrets: null,
    }
  },
  fields: ['name', 'greeting', 'color', 'allowed_origins'],
  Fields: Chat,
}

export const channelKinds: Record<string, Kind> = { email: email as Kind, chat: chat as Kind }
