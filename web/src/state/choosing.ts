// What an agent chooses for tickets from a list: owner, team, status and the rest. It is loaded when the page has come to rest, or when it is
// asked for first.
import { t } from '../i18n/format.svelte'
import { untilContactWrites } from '../live/work'
import { whenText } from '../ui/presence'
import { groupOf, hindrances, isFull, nearerText, talkedIn } from './capacity'
import { choose, type Choice } from './chooser.svelte'
import { act } from './desk.svelte'
import { watch } from './live'
import { now } from './page.svelte'
import { workspace } from './session.svelte'
import { snoozes } from './snoozes'
import { run, type Anchor } from './work.svelte'
import * as words from './words.svelte'
import type { Priority, Status, Ticket } from '../live/types'

const statuses: Status[] = ['new', 'waiting_on_us', 'waiting_on_contact', 'closed']
const priorities: Priority[] = ['urgent', 'high', 'normal', 'low']

const same = <T>(tickets: Ticket[], of: (t: Ticket) => T): T | undefined => {
  const [first, ...rest] = tickets
  return first && rest.every((t) => of(t) === of(first)) ? of(first) : undefined
}

export function chooseOwner(tickets: Ticket[], anchor?: Anchor): void {
  const ws = workspace()
  const group = same(tickets, (x) => groupOf(x.channel.kind))
  const live = tickets.some((x) => talkedIn(x.channel.kind))
  const agents = watch(ws.agents)
    .all.filter((a) => !a.deactivated)
    .toSorted((a, b) => Number(b.id === ws.me) - Number(a.id === ws.me) || Number(b.available) - Number(a.available) || a.name.localeCompare(b.name))
  const choices: Choice[] = [
    ...agents.map((a) => ({
      id: a.id,
      label: a.id === ws.me ? t('work.me', { name: a.name }) : a.name,
      hint: [t(a.available ? 'me.available' : 'me.away'), ...hindrances(a, live), ...(a.partial ? [] : [nearerText(a, group)]), ...(!a.partial && isFull(a, group) ? [t('capacity.full')] : [])].join(' · '),
    })),
    { id: '', label: t('panel.nobody') },
  ]
  choose({
    title: t('work.owner'),
    choices,
    chosen: [same(tickets, (x) => x.owner?.id ?? '') ?? '-'],
    anchor,
    pick: ([id = '']) =>
      void run(
        tickets,
        (x) => ({ kind: 'assign', conversation: x.id, agent: id || null, agentName: agents.find((a) => a.id === id)?.name ?? '' }),
        { kind: 'assign', agent: id },
      ),
  })
}

export function chooseTeam(tickets: Ticket[], anchor?: Anchor): void {
  const teams = watch(workspace().teams).all.toSorted((a, b) => a.name.localeCompare(b.name))
  const owned = tickets.some((x) => x.owner)
  const choices: Choice[] = teams.flatMap((team) => [
    { id: `keep ${team.id}`, label: team.name, hint: owned ? t('work.team_keep') : '' },
    ...(owned ? [{ id: `hand ${team.id}`, label: team.name, hint: t('work.team_hand') }] : []),
  ])
  choose({
    title: t('work.team'),
    choices: [...choices, { id: 'keep ', label: t('work.no_team') }],
    chosen: [`keep ${same(tickets, (x) => x.team) ?? '-'}`],
    anchor,
    pick: ([id = '']) => {
      const [how, team = ''] = id.split(' ')
      const unassign = how === 'hand'
      void run(tickets, (x) => ({ kind: 'team', conversation: x.id, team, unassign }), { kind: 'team', team, unassign })
    },
  })
}

export function chooseStatus(tickets: Ticket[], anchor?: Anchor): void {
  const pipelines = words.pipelines()
  if (pipelines.length === 0) {
    choose({
      title: t('work.status'),
      choices: statuses.map((s) => ({ id: s, label: t(`status.${s}`) })),
      chosen: [same(tickets, (x) => x.status) ?? ''],
      anchor,
      pick: ([id]) => {
        const status = id as Status
        void run(tickets, (x) => ({ kind: 'status', conversation: x.id, status }), { kind: 'status', status })
      },
    })
    return
  }
  const own = same(tickets, (x) => words.pipelineOf(x.pipeline)?.id)
  const ordered = pipelines.toSorted((a, b) => Number(b.id === own) - Number(a.id === own))
  choose({
    title: t('work.status'),
    choices: ordered.flatMap((p) =>
      p.stages.map((s) => ({
        id: `${p.id} ${s.id}`,
        label: s.name,
        hint: s.name === t(`status.${s.status}`) ? '' : t(`status.${s.status}`),
        group: pipelines.length > 1 ? p.name : undefined,
      })),
    ),
    chosen: [same(tickets, (x) => `${words.pipelineOf(x.pipeline)?.id ?? ''} ${words.stageOf(x)?.id ?? ''}`) ?? ''],
    anchor,
    pick: ([id = '']) => {
      const [pipeline = '', stage = ''] = id.split(' ')
      const status = pipelines.find((p) => p.id === pipeline)?.stages.find((s) => s.id === stage)?.status ?? 'waiting_on_us'
      void run(tickets, (x) => ({ kind: 'stage', conversation: x.id, pipeline, stage, status }), { kind: 'stage', pipeline, stage })
    },
  })
}

export function choosePriority(tickets: Ticket[], anchor?: Anchor): void {
  choose({
    title: t('work.priority'),
    choices: priorities.map((p) => ({ id: p, label: t(`priority.${p}`) })),
    chosen: [same(tickets, (x) => x.priority) ?? ''],
    anchor,
    pick: ([id]) => {
      const priority = id as Priority
      void run(tickets, (x) => ({ kind: 'priority', conversation: x.id, priority }), { kind: 'priority', priority })
    },
  })
}

export function chooseTags(tickets: Ticket[], anchor?: Anchor): void {
  const everywhere = tickets.length > 0 ? tickets[0]!.tags.filter((id) => tickets.every((x) => x.tags.includes(id))) : []
  choose({
    title: t('work.tags'),
    choices: words.tags().map((tag) => ({ id: tag.id, label: tag.name, color: tag.color })),
    chosen: everywhere,
    many: true,
    anchor,
    create: words.canMakeTags() ? { label: (text) => t('work.make_tag', { text }), make: words.makeTag } : undefined,
    pick: (ids) => {
      const add = ids.filter((id) => !everywhere.includes(id))
      const remove = everywhere.filter((id) => !ids.includes(id))
      if (add.length + remove.length === 0) return
      void run(tickets, (x) => ({ kind: 'tags', conversation: x.id, add, remove }), { kind: 'tags', add, remove })
    },
  })
}

export function chooseSnooze(tickets: Ticket[], anchor?: Anchor): void {
  const until = (ms: number): void => {
    const iso = ms >= untilContactWrites ? null : new Date(ms).toISOString()
    void run(tickets, (x) => ({ kind: 'snooze', conversation: x.id, until: ms }), ms === 0 ? { kind: 'unsnooze' } : { kind: 'snooze', until: iso })
  }
  const asleep = tickets.some((x) => x.snoozedUntil > 0)
  choose({
    title: t('work.snooze'),
    choices: [
      ...(asleep ? [{ id: '0', label: t('work.unsnooze') }] : []),
      ...snoozes(Date.now()).map((s) => ({ id: String(s.at), label: t(s.key), hint: whenText(s.at, now()) })),
      { id: String(untilContactWrites), label: t('work.snooze_contact') },
    ],
    date: { label: t('work.snooze_date'), pick: until },
    anchor,
    pick: ([id]) => until(Number(id)),
  })
}

export function chooseFollowers(ticket: Ticket, anchor?: Anchor): void {
  const ws = workspace()
  choose({
    title: t('work.followers'),
    choices: watch(ws.agents)
      .all.filter((a) => !a.deactivated)
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .map((a) => ({ id: a.id, label: a.name })),
    chosen: ticket.followers,
    many: true,
    anchor,
    pick: (ids) => {
      for (const agent of ids) if (!ticket.followers.includes(agent)) void act({ kind: 'follow', conversation: ticket.id, agent, on: true })
      for (const agent of ticket.followers) if (!ids.includes(agent)) void act({ kind: 'follow', conversation: ticket.id, agent, on: false })
    },
  })
}
