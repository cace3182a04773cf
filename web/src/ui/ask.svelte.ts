// A question before something that cannot be undone: `if (await ask({ title, action, danger: true })) …`. What can be undone
// is done at once, and offers to undo it (state/page.svelte.ts, notify with an undo).
export interface Question {
  title: string
  text?: string
  action: string // what the button that does it says: a verb
  danger?: boolean
}

let asked = $state.raw<(Question & { answer: (yes: boolean) => void }) | null>(null)

export const question = () => asked

export function ask(q: Question): Promise<boolean> {
  asked?.answer(false)
  return new Promise((resolve) => {
    asked = {
      ...q,
      answer: (yes) => {
        asked = null
        resolve(yes)
      },
    }
  })
}
