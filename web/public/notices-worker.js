// Shows the notifications of the workspace where a page may not do so itself (phones), and brings a press on one to a window.
// It keeps nothing, and answers no request.
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (e) => e.waitUntil(self.clients.claim()))
self.addEventListener('notificationclick', (e) => {
  e.notification.close()
  const href = new URL(e.notification.data?.href ?? '/', self.location.origin)
  if (href.origin !== self.location.origin) return
  e.waitUntil(
    self.clients.matchAll({ type: 'window' }).then(async ([window]) => {
      if (!window) return self.clients.openWindow(href.href)
      window.postMessage({ go: href.pathname + href.search })
      return window.focus()
    }),
  )
})
