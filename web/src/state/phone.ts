// Notifications of browsers in which a page may not show them itself, on phones: a worker of ours does, and says what was pressed.
import { go } from './router.svelte'

let worker: Promise<ServiceWorkerRegistration> | undefined

function ready(): Promise<ServiceWorkerRegistration> {
  worker ??= (async () => {
    navigator.serviceWorker.addEventListener('message', (e: MessageEvent) => {
      const at: unknown = (e.data as { go?: unknown } | null)?.go
      if (typeof at === 'string' && /^\/(?!\/)/.test(at)) go(at)
    })
    await navigator.serviceWorker.register('/notices-worker.js')
    return navigator.serviceWorker.ready
  })().catch((err: unknown) => {
    worker = undefined // the next one tries again
    throw err
  })
  return worker
}

export async function showOnPhone(title: string, options: NotificationOptions, href: string): Promise<void> {
  if (!('serviceWorker' in navigator)) return // no secure context: the list has it
  for (let pause = 1; ; pause *= 2) {
    try {
      return await (await ready()).showNotification(title, { ...options, data: { href } })
    } catch (err) {
      if (pause > 8) throw err
      await new Promise((over) => setTimeout(over, pause * 1000)) // a phone that has much to do starts no worker
    }
  }
}
