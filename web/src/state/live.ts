// The bridge from the live layer to components: reading a store inside a template, $derived or $effect makes it run
// again when the store changes.
import { createSubscriber } from 'svelte/reactivity'
import { batchWith, type Observable } from '../live/observable'

const subscribers = new WeakMap<Observable, () => void>()

export function watch<T extends Observable>(store: T): T {
  let subscribe = subscribers.get(store)
  if (!subscribe) {
    subscribe = createSubscriber((update) => store.onChange(update))
    subscribers.set(store, subscribe)
  }
  subscribe()
  return store
}

// One repaint for a burst of frames. A hidden page has no animation frames; it keeps its title right, at leisure.
export function batchFrames(): void {
  batchWith((flush) => {
    if (document.hidden) setTimeout(flush, 250)
    else requestAnimationFrame(flush)
  })
}
