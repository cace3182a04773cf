// What a browser tells about the world: the network came back, the page is looked at again, it was taken out of the
// back/forward cache, another window wrote to the storage. Each is a reason to look whether the line still lives.
import type { Workspace } from './workspace'

export function wake(w: Workspace): () => void {
  const stop = new AbortController()
  const { signal } = stop
  addEventListener('online', () => (w.link.doubt(), w.outbox.flush()), { signal })
  addEventListener('offline', () => w.link.doubt(), { signal })
  addEventListener('pageshow', (e) => e.persisted && w.link.reopen(), { signal })
  addEventListener('storage', () => w.outbox.reread(), { signal })
  document.addEventListener('visibilitychange', () => document.hidden || w.link.doubt(), { signal })
  return () => stop.abort()
}
