// Types of what the tests use of desk.mjs.
export type Obj = Record<string, any>
export class Desk {
  constructor(opt?: { now?: () => number; epoch?: string; seed?: number })
  epoch: string
  readonly position: number
  readonly log: Obj[]
  readonly tickets: Map<string, Obj>
  readonly items: Map<string, Obj[]>
  readonly streams: Map<string, Obj[]>
  readonly agents: Map<string, Obj>
  readonly channels: Map<string, Obj>
  random(): number
  id(prefix: string): string
  append(stream: string, by: Obj, ...events: Obj[]): { version: number; position: number }
  addAgent(a: Obj): Obj
  receive(m: Obj): string
  command(stream: string, command: Obj, agent: Obj): { version: number; position: number }
  settle(conversation: string, message: string, state: string, reason?: string): void
}
export function assigned(agent: Obj, by: string, code: string, text: string): Obj
