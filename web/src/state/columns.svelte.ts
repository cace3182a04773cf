// The columns of tables of tickets: a saved view's own, else those that this agent chose, on every device, else the usual ones.
import { prefer, preferences } from './account.svelte'

// As the server knows them (desk/setting_view.go), each with its width.
const widths = {
  number: '52px',
  contact: 'minmax(110px, 1fr)',
  subject: 'minmax(160px, 3fr)',
  status: '150px',
  priority: '96px',
  owner: 'minmax(90px, 150px)',
  team: 'minmax(80px, 130px)',
  channel: 'minmax(90px, 150px)',
  tags: 'minmax(100px, 1fr)',
  opened: '84px',
  updated: '84px',
  waiting: '84px',
  due: '104px',
} as const
export type Column = keyof typeof widths
export const columns = Object.keys(widths) as Column[]
const usual: readonly Column[] = ['number', 'contact', 'subject', 'status', 'owner', 'updated']

// columnsOf gives those to show: the view's own, if it has any.
export function columnsOf(view: readonly string[]): readonly Column[] {
  const known = (list: readonly string[] = []): Column[] => list.filter((c): c is Column => c in widths)
  const own = known(view)
  const mine = known(preferences()?.columns)
  return own.length > 0 ? own : mine.length > 0 ? mine : usual
}

// gridOf is the grid's template; the first place is the mark that chooses a row.
export const gridOf = (list: readonly Column[]): string => `24px ${list.map((c) => widths[c]).join(' ')}`

// toggled takes one in or out, in the order in which they are named. The subject stays: it is what a row is about.
export const toggled = (now: readonly Column[], c: Column): Column[] =>
  c === 'subject' ? [...now] : columns.filter((x) => (x === c ? !now.includes(x) : now.includes(x)))

// keepColumns makes them one's own, for the lists that have none themselves; none: the usual ones.
export const keepColumns = (list: readonly string[]): void => prefer({ columns: [...list] })
