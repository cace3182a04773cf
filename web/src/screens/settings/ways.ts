// By what channels can be connected here, as far as that depends on how the desk was set up. Asked once.
import type { Http } from '../../live/http'
import { textOf } from '../../live/rest'

export interface Ways {
  mailDomain: string // '': mail cannot be forwarded to this desk
}

let asked: Promise<Ways> | null = null

export function waysOf(http: Http): Promise<Ways> {
  asked ??= http.get('/channels/ways').then((a) => ({ mailDomain: textOf(a.mail_domain) }))
  asked.catch(() => (asked = null))
  return asked
}
