// Who works here: signed in or not, and the workspace that belongs to them. Signing out by the server (a session that
// expired) keeps the address, so that after signing in one is back where one was.
import { clear } from './page.svelte'
import { ApiError, Http, OfflineError } from '../live/http'
import { agentFrom, numberOf, textOf } from '../live/rest'
import type { Agent } from '../live/types'
import { wake } from '../live/wake'
import { Workspace } from '../live/workspace'

export type Phase = 'loading' | 'offline' | 'signed_out' | 'in'

export const http = new Http({ cookie: () => document.cookie })

const state = $state<{ phase: Phase; expired: boolean; setupNeeded: boolean }>({
  phase: 'loading',
  expired: false,
  setupNeeded: false,
})
let current = $state.raw<Workspace | null>(null)
let sleep: (() => void) | null = null

export const phase = (): Phase => state.phase
export const expired = (): boolean => state.expired
export const setupNeeded = (): boolean => state.setupNeeded

// workspace is there whenever phase is 'in'.
export function workspace(): Workspace {
  if (!current) throw new Error('nobody is signed in')
  return current
}

// enter asks who we are and opens the workspace, or the sign-in.
export async function enter(): Promise<void> {
  try {
    const answer = await http.get('/me')
    open(agentFrom(answer.agent), textOf(answer.epoch), numberOf(answer.position))
  } catch (err) {
    if (err instanceof ApiError && err.status === 401) {
      state.phase = 'signed_out'
      void askSetup()
      return
    }
    state.phase = 'offline'
    setTimeout(() => void enter(), err instanceof OfflineError ? 2_000 : 10_000)
  }
}

async function askSetup(): Promise<void> {
  try {
    state.setupNeeded = (await http.get('/setup')).needed === true
  } catch {
    state.setupNeeded = false // then the sign-in says what is wrong
  }
}

function open(me: Agent, epoch: string, position: number): void {
  close()
  current = new Workspace({ http, open: openSocket, storage: localStorage, me, epoch, position, onSignedOut: lost })
  sleep = wake(current)
  current.start()
  state.phase = 'in'
  state.expired = false
}

function openSocket(): WebSocket {
  const url = new URL(`${http.base}/socket`, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(url, ['centralita.v1.json'])
}

function close(): void {
  sleep?.()
  sleep = null
  current?.stop()
  clear()
}

// lost: the server does not know our session any more.
function lost(): void {
  if (state.phase !== 'in') return
  close()
  state.phase = 'signed_out'
  state.expired = true
}
http.onSignedOut = lost

export async function signIn(email: string, password: string, code = ''): Promise<void> {
  await http.post('/session', code ? { email, password, code } : { email, password })
  state.phase = 'loading'
  await enter()
}

export async function signOut(): Promise<void> {
  try {
    await http.delete('/session')
  } catch {
    // The cookie may be gone already.
  }
  close()
  state.phase = 'signed_out'
  state.expired = false
}
