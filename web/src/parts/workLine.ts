// The sentences of activity lines that tell of the work on a ticket.
import { known, fullTime, t } from '../i18n/format.svelte'
import type { Key } from '../i18n/catalogue'
import { untilContactWrites } from '../live/work'
import * as words from '../state/words.svelte'
import type { Activity } from '../live/types'

// workLine is the sentence of a line, null when it is not one of these.
export function workLine(a: Activity, by: string, agent: string): string | null {
  const who = by || t('act.somebody')
  const said = (key: Key, alone: Key, params = {}): string => (by ? t(key, { by, ...params }) : t(alone, params))
  switch (a.code) {
    case 'tags':
      return tags(a, who, by)
    case 'team':
      return a.field ? said('act.team_by', 'act.team', { to: a.to }) : said('act.team_none_by', 'act.team_none')
    case 'stage':
      return a.to ? said('act.stage_by', 'act.stage', { to: a.to }) : ''
    case 'property':
      return property(a, who, by)
    case 'snoozed':
      if (a.until >= untilContactWrites) return t('act.snoozed_contact_by', { by: who })
      return said('act.snoozed_by', 'act.snoozed', { time: fullTime(a.until) })
    case 'woken':
      if (a.cause === 'by_hand') return said('act.woken_by_hand_by', 'act.woken_by_hand')
      if (a.cause === 'side_answer') return t('act.woken_side')
      return t(a.cause === 'time' ? 'act.woken_time' : a.cause === 'closed' ? 'act.woken_closed' : 'act.woken_customer_message')
    case 'followed':
      return by && by !== agent ? t('act.followed_by', { by, agent }) : t('act.followed_self', { agent })
    case 'unfollowed':
      return t('act.unfollowed', { agent })
    case 'spam':
      return known('act.spam_found', a.cause) ?? (a.cause === 'blocked_sender' ? t('act.spam_blocked') : said('act.spam_by', 'act.spam'))
    case 'not_spam':
      return said('act.not_spam_by', 'act.not_spam')
    case 'merged':
      return t('act.merged_by', { by: who, number: a.number })
    case 'merge_undone':
      return t('act.merge_undone_by', { by: who, number: a.number })
    case 'took_in':
      return t('act.took_in_by', { by: who, number: a.number })
    case 'let_go':
      return t('act.let_go_by', { by: who, number: a.number })
    case 'split_off':
      return t('act.split_off_by', { by: who, to: a.to })
    case 'split_from':
      return t('act.split_from_by', { by: who, number: a.number })
    case 'requester':
      return t('act.requester_by', { by: who, to: a.to, from: a.from })
    case 'participant':
      return t('act.participant_by', { by: who, to: a.to })
    case 'side':
      return known('act.side', a.cause)?.replace('{who}', a.agentName || who).replace('{with}', a.to) ?? ''
    case 'owner_told':
      return t(a.cause ? 'act.owner_told_quietly' : 'act.owner_told', { agent })
    case 'linked':
      return t(a.cause === 'follow_up' ? 'act.linked_follow_up' : 'act.linked_same_mail')
  }
  return null
}

const names = (ids: string[]): string => ids.map((id) => `“${words.tag(id)?.name ?? id}”`).join(', ')

function tags(a: Activity, who: string, by: string): string {
  if (a.added.length > 0 && a.removed.length > 0) return t('act.tags_both_by', { by: who, tags: names(a.added), gone: names(a.removed) })
  if (a.added.length > 0) return by ? t('act.tags_added_by', { by, tags: names(a.added) }) : t('act.tags_added', { tags: names(a.added) })
  return by ? t('act.tags_removed_by', { by, tags: names(a.removed) }) : t('act.tags_removed', { tags: names(a.removed) })
}

function property(a: Activity, who: string, by: string): string {
  const p = words.property(a.field)
  const field = p?.name ?? a.field
  if (a.to === '') return t('act.property_clear_by', { by: who, field })
  const to = p ? words.valueText(p, a.to) : a.to
  return by ? t('act.property_by', { by, field, to }) : t('act.property', { field, to })
}
