// How long to wait before the next attempt: growing, capped, with jitter, so that a thousand screens that lost the same
// server do not come back in the same instant. It grows slowly: after ten seconds without a network the next attempt is
// at most five away.

export interface BackoffOptions {
  base?: number // ms
  cap?: number // ms
  random?: () => number
}

const growth = 1.6

export class Backoff {
  readonly #base: number
  readonly #cap: number
  readonly #random: () => number
  #failures = 0

  constructor({ base = 500, cap = 30_000, random = Math.random }: BackoffOptions = {}) {
    this.#base = base
    this.#cap = cap
    this.#random = random
  }

  get failures(): number {
    return this.#failures
  }

  reset(): void {
    this.#failures = 0
  }

  // next counts a failure and gives the delay: between a tenth of the step and the whole of it.
  next(): number {
    const step = Math.min(this.#cap, this.#base * growth ** Math.min(this.#failures, 40))
    this.#failures++
    return Math.round(step * (0.1 + 0.9 * this.#random()))
  }

  // soon is the delay for "come back at once": a little jitter only, not a failure.
  soon(): number {
    return Math.round(this.#base * this.#random())
  }
}
