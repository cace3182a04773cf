import type { Desk, Obj } from './desk.mjs'
export function handle(
  desk: Desk, agent: Obj, method: string, path: string, body: unknown, opt?: { countsWithPosition?: boolean },
): { status: number; body: Obj }
export function restTicket(t: Obj): Obj
export function inView(t: Obj, view: string, me: string): boolean
