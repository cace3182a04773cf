// A form that is saved: what is written in it, whether that differs from what is kept, and what of it was refused.
import { t } from '../i18n/format.svelte'
import { faultsOf, noFaults, type Faults } from '../ui/faults'
import { notify } from './page.svelte'

// Keep writes what the form says to where it is kept. Faults of its own, found before anything was written, it gives back.
export type Keep<D> = (draft: D) => Promise<Faults | void>

export class Form<D extends object> {
  draft: D = $state()!
  busy = $state(false)
  faults = $state.raw(noFaults)
  #kept = $state('')
  dirty = $derived(JSON.stringify(this.draft) !== this.#kept)

  // fields are those the form shows, as the API calls them; or who sorts its refusals.
  constructor(begin: D, private readonly fields: string[] | ((err: unknown) => Faults), private readonly keep: Keep<D>) {
    this.begin(begin)
  }

  // begin takes what is kept: there is nothing to save in it.
  begin(draft: D): void {
    this.draft = draft
    this.#kept = JSON.stringify(draft)
  }

  save = async (e?: SubmitEvent): Promise<boolean> => {
    e?.preventDefault()
    if (this.busy) return false
    this.busy = true
    this.faults = noFaults
    const sent = $state.snapshot(this.draft) as D
    const before = this.#kept
    try {
      const faults = await this.keep(sent)
      if (faults) {
        this.faults = faults
        return false
      }
      if (this.#kept === before) this.#kept = JSON.stringify(sent) // else keep has begun it anew
      notify(t('form.saved'))
      return true
    } catch (err) {
      this.faults = typeof this.fields === 'function' ? this.fields(err) : faultsOf(err, this.fields)
      return false
    } finally {
      this.busy = false
    }
  }
}
