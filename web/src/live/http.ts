// The way to /api/v1: JSON in and out, the CSRF header, and errors as values that say whether anything was changed.
import type { Json } from './rest'
import { listOf, objectOf, textOf } from './rest'

export interface Fault {
  location: string // as the API spells it: body.email
  message: string
}

// ApiError: the server answered with a refusal (problem+json). Nothing was changed.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly faults: Fault[] = [],
    readonly reason = '',
  ) {
    super(detail)
    this.name = 'ApiError'
  }
}

// OfflineError: no answer came. Whether something was changed is not known; what carries an id may be sent again.
export class OfflineError extends Error {
  constructor(cause?: unknown) {
    super('the server cannot be reached', { cause })
    this.name = 'OfflineError'
  }
}

export interface HttpOptions {
  base?: string
  fetch?: typeof fetch
  cookie?: () => string // document.cookie
  timeout?: number // ms
}

export class Http {
  readonly base: string
  readonly #fetch: typeof fetch
  readonly #cookie: () => string
  readonly #timeout: number
  onSignedOut: () => void = () => {}

  constructor({ base = '/api/v1', fetch: f = fetch, cookie = () => '', timeout = 20_000 }: HttpOptions = {}) {
    this.base = base
    this.#fetch = f.bind(globalThis)
    this.#cookie = cookie
    this.#timeout = timeout
  }

  get = (path: string): Promise<Json> => this.send('GET', path)
  post = (path: string, body?: unknown): Promise<Json> => this.send('POST', path, body ?? {})
  put = (path: string, body?: unknown): Promise<Json> => this.send('PUT', path, body ?? {})
  patch = (path: string, body?: unknown): Promise<Json> => this.send('PATCH', path, body ?? {})
  delete = (path: string): Promise<Json> => this.send('DELETE', path)

  // leaving is send for a page that ends: the browser finishes it, up to 64 kB, when nobody is there to hear the answer.
  leaving = (method: string, path: string, body?: unknown): Promise<Json> => this.send(method, path, body, true)

  get csrf(): string {
    const m = /(?:^|;\s*)centralita_csrf=([^;]*)/.exec(this.#cookie())
    return m?.[1] ? decodeURIComponent(m[1]) : ''
  }

  async send(method: string, path: string, body?: unknown, leaving = false): Promise<Json> {
    const headers: Record<string, string> = { Accept: 'application/json' }
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    if (method !== 'GET') headers['X-Centralita-CSRF'] = this.csrf
    let res: Response
    let text: string
    try {
      res = await this.#fetch(this.base + path, {
        method,
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(this.#timeout),
        ...(leaving && JSON.stringify(body ?? '').length < 60_000 ? { keepalive: true } : {}),
      })
      text = await res.text()
    } catch (err) {
      throw new OfflineError(err)
    }
    if (res.ok) return text ? objectOf(parse(text)) : {}
    throw this.refusal(res.status, text, path)
  }

  // refusal makes an error of an answer that is not 2xx. A gateway's 502, 503 or 504 without a problem in it is no answer
  // of ours.
  refusal(status: number, text: string, path: string): Error {
    const problem = objectOf(parse(text))
    if (status === 401 && path !== '/session') this.onSignedOut()
    if (status >= 502 && status <= 504 && !problem.code) return new OfflineError(new Error(`HTTP ${status}`))
    const faults = listOf(problem.errors).map((e) => ({
      location: textOf(objectOf(e).location),
      message: textOf(objectOf(e).message),
    }))
    const detail = textOf(problem.detail) || textOf(problem.title) || `HTTP ${status}`
    return new ApiError(status, textOf(problem.code) || codeOf(status), detail, faults, textOf(problem.reason))
  }
}

function codeOf(status: number): string {
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'denied'
  if (status === 404) return 'not_found'
  if (status === 409) return 'conflict'
  if (status === 429) return 'limit'
  if (status === 503) return 'unavailable'
  return status >= 500 ? 'internal' : 'invalid'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
