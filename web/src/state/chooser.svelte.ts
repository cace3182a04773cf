// One list to choose from, for owner, status, tags and the rest: by key in the middle of the screen, by mouse beside what was
// pressed. Chooser.svelte shows it.
export interface Choice {
  id: string
  label: string
  hint?: string
  color?: string
  group?: string
  keys?: string // shown on the right
  danger?: boolean
}

export interface Question {
  title: string
  choices: Choice[]
  chosen?: readonly string[]
  many?: boolean // several may be chosen; each is told when the list closes
  pick: (ids: string[]) => void
  create?: { label: (text: string) => string; make: (text: string) => Promise<string> } // what is typed becomes a choice
  search?: (text: string) => Promise<Choice[]>
  date?: { label: string; pick: (at: number) => void } // or a time of one's own
  anchor?: Element | null // beside which it opens
}

let question = $state.raw<Question | null>(null)

export const asked = (): Question | null => question

export function choose(q: Question): void {
  question = q
}

export function unask(): void {
  question = null
}
