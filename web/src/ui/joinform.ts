// How a mailbox's mail becomes tickets, between the form and the channel's configuration (docs/email.md). What is as it is by
// itself is not written down.
import { listOf, objectOf, textOf } from '../live/rest'

export interface JoinDraft {
  bySubject: boolean
  plus: 'known' | 'on' | 'off' // whether mail to address+token reaches the mailbox; known: where it is known to
  followUp: number | string
  originalSender: boolean
  domains: string
  unproven: boolean
}

const usualDays = 30
const mostDomains = 100
export const joinFields = ['follow_up_days', 'forwards.domains', ...Array.from({ length: mostDomains }, (_, i) => `forwards.domains[${i}]`)]

export function joinFrom(config: Record<string, unknown>): JoinDraft {
  const forwards = objectOf(config.forwards)
  return {
    bySubject: config.by_subject !== false,
    plus: config.plus_addresses === true ? 'on' : config.plus_addresses === false ? 'off' : 'known',
    followUp: typeof config.follow_up_days === 'number' ? config.follow_up_days : usualDays,
    originalSender: forwards.original_sender !== false,
    domains: listOf(forwards.domains).map(textOf).join(', '),
    unproven: forwards.unproven === true,
  }
}

export function joinTo(draft: JoinDraft, config: Record<string, unknown>): Record<string, unknown> {
  const { plus_addresses: _, by_subject: __, follow_up_days: ___, forwards: ____, ...rest } = config
  const domains = draft.domains.split(/[\s,;]+/).filter(Boolean)
  const forwards = {
    ...(draft.originalSender ? {} : { original_sender: false }),
    ...(domains.length > 0 ? { domains } : {}),
    ...(draft.unproven ? { unproven: true } : {}),
  }
  return {
    ...rest,
    ...(draft.bySubject ? {} : { by_subject: false }),
    ...(draft.plus === 'known' ? {} : { plus_addresses: draft.plus === 'on' }),
    ...(Number(draft.followUp) === usualDays ? {} : { follow_up_days: Number(draft.followUp) }),
    ...(Object.keys(forwards).length > 0 ? { forwards } : {}),
  }
}
