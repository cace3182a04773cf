// The sentence of a notification, and its picture.
import AlarmClock from '@lucide/svelte/icons/alarm-clock'
import AtSign from '@lucide/svelte/icons/at-sign'
import CircleCheck from '@lucide/svelte/icons/circle-check'
import MessageSquare from '@lucide/svelte/icons/message-square'
import MailWarning from '@lucide/svelte/icons/mail-warning'
import MessagesSquare from '@lucide/svelte/icons/messages-square'
import Reply from '@lucide/svelte/icons/reply'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import StickyNote from '@lucide/svelte/icons/sticky-note'
import Unplug from '@lucide/svelte/icons/unplug'
import UserRoundCheck from '@lucide/svelte/icons/user-round-check'
import UserRoundCog from '@lucide/svelte/icons/user-round-cog'
import UserRoundX from '@lucide/svelte/icons/user-round-x'
import UsersRound from '@lucide/svelte/icons/users-round'
import '../i18n/notices'
import { known, t } from '../i18n/format.svelte'
import type { Notice } from '../live/notices'
import type { AnyIcon } from './icon'

export function sentenceOf(n: Notice): string {
  const words = { who: n.who || t('notice.somebody'), text: n.text }
  switch (n.kind) {
    case 'assigned':
      if (n.detail === 'offer') return t('notice.offer')
      return n.who ? t('notice.assigned_by', words) : t('notice.assigned')
    case 'unassigned':
      if (n.detail === 'not_taken') return t('notice.missed')
      return n.text ? t('notice.unassigned_to', words) : t('notice.unassigned')
    case 'mention':
      return t('notice.mention', words)
    case 'woken':
      return t('notice.woken')
    case 'undelivered':
      return t('notice.undelivered')
    case 'side':
      return t('notice.side', words)
    case 'owner_away':
      return t('notice.owner_away', words)
    case 'channel_failed':
      return t('notice.channel_failed')
    case 'availability':
      if (n.detail === 'not_taken') return t('notice.made_away_not_taken')
      if (n.detail === 'available') return t('notice.made_available', words)
      return t(n.text ? 'notice.made_away_as' : 'notice.made_away', words)
  }
  if (n.detail === 'offer') return t('notice.owner', words)
  if (n.detail === 'not_taken' || (n.detail === 'owner' && !n.text)) return t('notice.owner_nobody')
  return known('notice', n.detail)?.replace('{who}', words.who).replace('{text}', words.text) ?? words.who
}

// detailOf is what was said, where the sentence does not say it already.
export const detailOf = (n: Notice): string => (['assigned', 'unassigned', 'availability', 'followed_change'].includes(n.kind) || ['owner', 'offer'].includes(n.detail) ? '' : n.text)

export const titleOfNotice = (n: Notice): string => n.title || (n.conversation ? t('list.no_subject') : '')

export const hrefOf = (n: Notice): string => {
  if (n.conversation) return `/tickets/open/${encodeURIComponent(n.conversation)}`
  return n.kind === 'channel_failed' ? `/settings/channels/${encodeURIComponent(n.channel)}` : '/me'
}

const byKind: Record<string, AnyIcon> = {
  assigned: UserRoundCheck,
  unassigned: UsersRound,
  mention: AtSign,
  woken: AlarmClock,
  undelivered: MailWarning,
  availability: UserRoundCog,
  owner_away: UserRoundX,
  side: MessagesSquare,
  channel_failed: Unplug,
}
const byDetail: Record<string, AnyIcon> = { contact: MessageSquare, reply: Reply, note: StickyNote, closed: CircleCheck, reopened: RotateCcw, owner: UsersRound }

export const iconOf = (n: Notice): AnyIcon => byKind[n.kind] ?? byDetail[n.detail] ?? MessageSquare
