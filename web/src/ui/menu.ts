import type { AnyIcon } from './icon'
import type { Tone } from './tone'

// What a Menu or ContextMenu shows.
export type MenuEntry =
  | { kind: 'line' }
  | { kind: 'head'; label: string }
  | {
      kind?: 'item'
      label: string
      icon?: AnyIcon
      tone?: Tone // a dot of this colour
      keys?: string
      hint?: string // below
      end?: string // a short word at the end
      checked?: boolean
      stays?: boolean // the menu stays open: several are chosen in a row
      danger?: boolean
      disabled?: boolean
      href?: string
      run?: () => void
      items?: MenuEntry[] // a menu of its own
    }
