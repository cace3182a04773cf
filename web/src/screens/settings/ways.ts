// By what channels can be connected here, as far as that depends on how the desk was set up. Asked once.
import type { Http } from '../../live/http'
import { listOf, textOf } from '../../live/rest'
import type { Provider } from '../../ui/mailbox'

export interface Ways {
  signIns: Provider[]
  mailDomain: string // '': mail cannot be forwarded to this desk
}

let asked: Promise<Ways> | null = null

export function waysOf(http: Http): Promise<Ways> {
  asked ??= http.get('/channels/ways').then((a) => ({
    mailDomain: textOf(a.mail_domain),
    signIns: listOf(a.sign_ins).filter((p): p is Provider => p === 'google' || p === 'microsoft'),
  }))
  asked.catch(() => (asked = null))
  return asked
}

// forgetWays: the desk was set up otherwise.
export function forgetWays(): void {
  asked = null
}
