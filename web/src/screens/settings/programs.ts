// The programs that this desk is with the providers by which mailboxes are signed in. Their secrets are written, never read.
import { textOf, type Json } from '../../live/rest'
import type { Provider } from '../../ui/mailbox'

export interface Program {
  provider: Provider
  clientId: string // '': not set up
  tenant: string
  hasSecret: boolean
  fixed: boolean // set where the desk is configured
  ready: boolean
}

export const providerNames: Record<Provider, string> = { google: 'Google', microsoft: 'Microsoft' }

export const programFrom = (p: Json): Program => ({
  provider: p.provider === 'microsoft' ? 'microsoft' : 'google',
  clientId: textOf(p.client_id),
  tenant: textOf(p.tenant),
  hasSecret: p.has_secret === true,
  fixed: p.fixed === true,
  ready: p.ready === true,
})
