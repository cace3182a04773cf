// What can be done from the keyboard, and from the command palette: one registry, from which the sheet of shortcuts (?) and
// the palette (Ctrl-K) are made. A component registers what it can do while it is there:
//
//   $effect(() => register({ scope: 'ticket', keys: 'a', label: 'keys.assign', run: () => take(ticket) }))
//
// keys is one press ('j', '?', 'Enter', 'Mod+k', 'Mod+Shift+Enter', 'Alt+ArrowUp'; Mod is Ctrl, or ⌘ on a Mac) or a sequence
// ('g i'). Without keys it is a command of the palette only. run may return false: then the press was not for it, and the
// next one who knows the key is asked. The newest registration is asked first.
import { untrack } from 'svelte'
import { t } from '../i18n/format.svelte'
import type { Key } from '../i18n/catalogue'
import { combo, normal } from './combo'

// Scope is the heading in the sheet: a new one needs its text keys.scope.<name> and nothing else.
export type Scope = Key extends infer K ? (K extends `keys.scope.${infer S}` ? S : never) : never

export interface Command {
  scope: Scope
  label: Key | (() => string)
  keys?: string | string[] // several ways to the same; the first is shown
  run?: (e?: KeyboardEvent) => boolean | void // without: shown in the sheet, done by whoever has the focus
  typing?: boolean // also while one types
  anywhere?: boolean // also inside a dialog or menu
  palette?: boolean // false: not in the palette (moving in a list, say)
  words?: string // more words by which the palette finds it
}

// What is registered is no state: effects that begin and end in one flush would each write what they had read before the
// others, and commands would be lost. Who shows them is told by the number.
let commands: readonly Command[] = []
let changes = $state(0)
let pending: { presses: string; at: number } = { presses: '', at: 0 }
const patience = 1_200 // between the presses of a sequence

export function registered(): readonly Command[] {
  void changes
  return commands
}
export const labelOf = (c: Command): string => (typeof c.label === 'function' ? c.label() : t(c.label))
export const keysOf = (c: Command): string[] => (c.keys === undefined ? [] : typeof c.keys === 'string' ? [c.keys] : c.keys)

// byScope is the order of the sheet and the palette: what is at hand first, what is always there last.
const order: readonly string[] = ['ticket', 'compose', 'list', 'search', 'go', '', 'me', 'look', 'app']
export function byScope(all: readonly Command[]): Command[] {
  const place = (c: Command): number => order.indexOf(order.includes(c.scope) ? c.scope : '')
  return all.map((c, i) => ({ c, i })).sort((a, b) => place(a.c) - place(b.c) || a.i - b.i).map((x) => x.c)
}

// register adds commands until the returned function is called.
export function register(...added: Command[]): () => void {
  commands = [...added, ...commands]
  if (import.meta.env.DEV) for (const text of conflicts(commands)) console.error(text)
  untrack(() => (changes += 1))
  return () => {
    commands = commands.filter((c) => !added.includes(c))
    untrack(() => (changes += 1))
  }
}

// conflicts tells of keys that two commands of one scope have, and of presses that are the beginning of a sequence.
export function conflicts(all: readonly Command[]): string[] {
  const found: string[] = []
  const owned = all.flatMap((c) => keysOf(c).map((k) => ({ keys: normal(k), c })))
  for (const [i, a] of owned.entries()) {
    for (const b of owned.slice(i + 1)) {
      const both = `${a.c.scope}/${String(a.c.label)} and ${b.c.scope}/${String(b.c.label)}`
      if (a.keys === b.keys && a.c.scope === b.c.scope) found.push(`the key ${a.keys} belongs to two: ${both}`)
      else if (a.keys.startsWith(`${b.keys} `) || b.keys.startsWith(`${a.keys} `)) found.push(`${a.keys} and ${b.keys} hide each other: ${both}`)
    }
  }
  return found
}

const fields = 'input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable=true], [contenteditable=""]'
// A dialog that was just closed may still have the focus, until the next frame is drawn.
const overlays = 'dialog[open], [role=dialog], [role=alertdialog], [role=menu], [role=listbox], [data-keys]'

// press takes a key of the window. It stays away from fields, dialogs and menus, but for those that say otherwise.
export function press(e: KeyboardEvent): void {
  if (e.defaultPrevented || e.isComposing) return
  const now = combo(e)
  if (now === '') return
  const target = e.target instanceof Element ? e.target : null
  const typing = target?.closest(fields) != null && target.closest('dialog:not([open])') === null
  // Who clicked on the words of a dialog has the focus nowhere: what is behind it takes no keys all the same.
  const overlay = target?.closest(overlays) != null || document.querySelector('dialog:modal') !== null
  const before = e.timeStamp - pending.at < patience && pending.presses ? `${pending.presses} ` : ''
  pending = { presses: '', at: 0 }
  const may = commands.filter((c) => (c.typing || !typing) && (c.anywhere || !overlay))
  for (const presses of before ? [before + now, now] : [now]) {
    for (const c of may) {
      if (!c.run || !keysOf(c).some((k) => normal(k) === presses) || c.run(e) === false) continue
      e.preventDefault()
      return
    }
    if (may.some((c) => keysOf(c).some((k) => normal(k).startsWith(`${presses} `)))) {
      pending = { presses, at: e.timeStamp }
      e.preventDefault()
      return
    }
  }
  if (now === 'Escape' && typing && !overlay && target instanceof HTMLElement) target.blur()
}
