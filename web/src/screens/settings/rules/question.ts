// Question is a ticket that is made up, to ask the rules about it.
export interface Question {
  subject: string
  text: string
  owner: string // of the contact; '' for none
  priority: string
  tags: string[]
}

export const noQuestion = (): Question => ({ subject: '', text: '', owner: '', priority: '', tags: [] })
