import type { AnyIcon } from './icon'
import type { Tone } from './tone'

// Option is one of the things a Select or Combobox offers.
export interface Option<V extends string = string> {
  value: V
  label: string
  hint?: string
  group?: string
  icon?: AnyIcon
  tone?: Tone
  words?: string // more words by which it is found
  disabled?: boolean
}
