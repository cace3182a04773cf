import type { Desk, Obj } from './desk.mjs'
export class FeedSession {
  constructor(opt: { desk: Desk; agent: Obj; send: (frame: Obj) => void; limit?: number })
  receive(text: string): void
  close(): void
}
