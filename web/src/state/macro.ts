// A macro is one command: everything it does is decided together, or nothing is done. One is shown what it will do first.
import '../i18n/macro'
import { t } from '../i18n/format.svelte'
import { newId } from '../live/ids'
import type { Action, MacroAction } from '../live/commands'
import { listOf, objectOf, textOf, type Json } from '../live/rest'
import type { Macro } from '../live/settings'
import type { Ticket } from '../live/types'
import { ask } from '../ui/ask.svelte'
import { escaped, fill, htmlOf, unresolved } from '../ui/richtext'
import { undoing } from './account.svelte'
import { failed, notify, offerUndo } from './page.svelte'
import { workspace } from './session.svelte'
import { teamName } from './teams'

export function actionsOf(m: Macro, me: string): MacroAction[] {
  const all: MacroAction[] = []
  if (m.addTags.length + m.removeTags.length > 0) all.push({ kind: 'tags', add: m.addTags, remove: m.removeTags })
  if (m.team) all.push({ kind: 'team', team: m.team === 'none' ? '' : m.team })
  if (m.assign) all.push({ kind: 'assign', agent: m.assign === 'me' ? me : m.assign === 'nobody' ? '' : m.assign })
  if (m.priority) all.push({ kind: 'priority', priority: m.priority })
  if (m.stage && m.status) all.push({ kind: 'stage', pipeline: m.pipeline, stage: m.stage, status: m.status })
  else if (m.status) all.push({ kind: 'status', status: m.status })
  return all
}

export async function runMacro(ticket: Ticket, m: Macro, values: Record<string, string>): Promise<void> {
  const ws = workspace()
  const text = fill(m.replyText, values)
  const html = m.replyHtml ? fill(m.replyHtml, values, escaped) : ''
  const missing = unresolved(text + html)
  if (missing.length > 0) return notify(t('compose.unresolved', { list: missing.join(' ') }), true)
  const name = (kind: 'tag', id: string): string => ws.settings.of(kind).find((s) => s.id === id)?.value.name ?? id
  const does = [
    m.addTags.length > 0 ? t('macro.adds', { list: m.addTags.map((x) => name('tag', x)).join(', ') }) : '',
    m.removeTags.length > 0 ? t('macro.removes', { list: m.removeTags.map((x) => name('tag', x)).join(', ') }) : '',
    m.team ? t('macro.team', { name: teamName(m.team) || t('macro.nobody') }) : '',
    m.assign ? t('macro.owner', { name: m.assign === 'me' ? (ws.agents.get(ws.me)?.name ?? '') : (ws.agents.get(m.assign)?.name ?? t('macro.nobody')) }) : '',
    m.priority ? t('macro.priority', { to: t(`priority.${m.priority}`) }) : '',
    m.status ? t('macro.status', { to: t(`status.${m.status}`) }) : '',
    m.note ? t('macro.note', { text: m.note.slice(0, 200) }) : '',
    text || html ? t('macro.reply', { name: ticket.contact.name, text: (text || html.replace(/<[^>]+>/g, ' ')).slice(0, 300) }) : '',
  ].filter(Boolean)
  if (!(await ask({ title: m.name, text: does.join('\n'), action: t('macro.run') }))) return
  const seenVersion = ws.conversation(ticket.id)?.version
  const action: Action = {
    kind: 'macro', conversation: ticket.id, actions: actionsOf(m, ws.me),
    ...(text || html ? { reply: { message: newId('ms_'), draft: { text: text || html.replace(/<[^>]+>/g, ' ').trim(), html: html || (text ? '' : htmlOf(text)), attachments: [] }, sending: { seenVersion, ...undoing(ticket) } } } : {}),
    ...(m.note ? { note: { message: newId('ms_'), draft: { text: m.note, attachments: [] } } } : {}),
  }
  let undo: Json[]
  try {
    undo = (await ws.act(action)).undo ?? []
  } catch (err) {
    return failed(err)
  }
  if (action.reply) keep(action.reply.message, undo)
  else if (undo.length > 0) offerUndo(t('macro.done', { name: m.name }), () => void undoActions(undo).then((all) => all || notify(t('macro.changed'), true), failed))
}

// What a macro did beside its reply goes back with the reply, also after a reload of this page.
const place = (message: string): string => `centralita.macro.${message}`

function keep(message: string, undo: Json[]): void {
  try {
    if (undo.length > 0) sessionStorage.setItem(place(message), JSON.stringify(undo))
  } catch {
    // Then only the reply is taken back.
  }
}

// takeMacroBack takes back what was done with a reply, where nobody changed it since. It says whether that was all of it.
export async function takeMacroBack(message: string): Promise<boolean> {
  const kept = sessionStorage.getItem(place(message))
  if (!kept) return true
  sessionStorage.removeItem(place(message))
  return undoActions(JSON.parse(kept) as Json[])
}

async function undoActions(undo: Json[]): Promise<boolean> {
  const answer = await workspace().http.send('POST', '/tickets/bulk/undo', { undo })
  return listOf(answer.results).every((r) => textOf(objectOf(r).outcome) !== 'refused')
}
