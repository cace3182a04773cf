// What one is told: the list as the server has it, what of it is loud here, and what one sees without opening the list. The server
// only says that the list is another; it is read again, so a window that was away misses nothing.
import { untrack } from 'svelte'
import '../i18n/notices'
import { t } from '../i18n/format.svelte'
import { lines, noticesFrom, takeTurn, turnKey, type Notice } from '../live/notices'
import { detailOf, hrefOf, sentenceOf, titleOfNotice } from '../ui/noticeWords'
import { changeRules, onAccount, onceRead, preferences } from './account.svelte'
import { bell } from './bell.svelte'
import { endOffers, sayOffers } from './offers.svelte'
import { audible, chime, unlock } from './chime'
import { act, me } from './desk.svelte'
import { failed, show } from './page.svelte'
import { go, route } from './router.svelte'
import { workspace } from './session.svelte'

const page = 50
const most = 200 // as many as the server keeps
let list = $state.raw<{ all: Notice[]; more: boolean; read: boolean }>({ all: [], more: false, read: false })
let limit = page
let heard = -1 // up to here this window knows what came; -1: it has not read yet
let asked = 0
let attended = $state(false) // somebody is before this window

export const noticeLines = () => lines(list.all)
export const moreNotices = (): boolean => list.more
export const noticesRead = (): boolean => list.read

async function read(): Promise<void> {
  const mine = ++asked
  const ws = workspace()
  try {
    const answer = noticesFrom(await ws.http.get(`/me/notifications?limit=${limit}`))
    if (mine !== asked) return // a later one is under way
    list = { all: answer.all, more: answer.more, read: true }
    bell.unseen = answer.unseen
    const newest = answer.all[0]?.position ?? 0
    if (heard >= 0 && newest > heard) void speak(answer.all.filter((n) => n.position > heard), heard, newest)
    heard = Math.max(heard, newest)
  } catch {
    // The next sign of the server, or the next look, reads again.
  }
}

export function showMore(): void {
  limit = most
  void read()
}

// see marks as seen, here at once and everywhere soon.
async function see(position: number, conversation: string): Promise<void> {
  list = { ...list, all: list.all.map((n) => (n.position <= position && (!conversation || n.conversation === conversation) ? { ...n, unseen: false } : n)) }
  try {
    bell.unseen = Number((await workspace().http.post('/me/notifications/seen', { position, conversation })).unseen) || 0
  } catch (err) {
    if (!conversation) failed(err)
    void read()
  }
}
export const seeAll = (): void => void (list.all[0] && see(list.all[0].position, ''))

const looksAt = (conversation: string): boolean => {
  const r = route()
  return attended && r.page === 'tickets' && r.id !== '' && r.id === conversation
}

// ---------------------------------------------------------------- loud

// Of several windows one speaks: the one somebody is before, else one that is seen, else any that may sound.
async function speak(fresh: Notice[], from: number, to: number): Promise<void> {
  await onceRead()
  const rules = preferences()?.notifications
  if (!rules) return
  const wait = (attended ? 0 : document.visibilityState === 'visible' ? 150 : 400) + (rules.sound && !audible() ? 300 : 0)
  if (wait > 0) await new Promise((r) => setTimeout(r, wait))
  const epoch = workspace().link.epoch
  const since = takeTurn(localStorage, epoch, from, to)
  if (since === null) return
  const mine = await Promise.all(fresh.map(async (n) => n.position > since && (await claim(`${turnKey} ${epoch} ${n.position}`))))
  const known = new Map(list.all.map((n) => [n.position, n]))
  const news = fresh.filter((n, i) => mine[i] && known.get(n.position)?.unseen && !looksAt(n.conversation))
  if (news.length === 0) return
  const changed = news.find((n) => n.kind === 'availability') // the newest: what was before it is over
  if (changed) sayChanged(changed)
  sayOffers(news, !!changed)
  if (rules.quietWhenAway && !me().available) return
  if (rules.sound) chime()
  if (rules.desktop) desktop(news)
}

// What somebody else made of one's availability is said until it is another, whoever changes it.
let said = $state.raw<{ at: number; takeAway: () => void } | null>(null)
const over = (at: number): boolean => me().since > at

function sayChanged(n: Notice): void {
  said?.takeAway()
  said = null
  if (over(n.at)) return
  said = { at: n.at, takeAway: show({ text: sentenceOf(n), bad: false, stays: true, action: { label: t('notices.set_back'), run: () => setBack(n) } }) }
}

// setBack: what somebody else made of one's availability is taken back. Whoever has changed it since means what is now.
function setBack(n: Notice): void {
  const available = n.detail === 'available'
  const mine = me()
  if (mine.available === available) void act({ kind: 'availability', agent: mine.id, available: !available, reason: '' })
}

// claim is true in one window alone. What is written into the storage reaches the others a moment later, a lock is known to all at once:
// it is held until the storage has told even a window that slept.
const claim = (name: string): Promise<boolean> =>
  new Promise((resolve) => {
    if (!navigator.locks) return resolve(true) // without a secure context there is none, and no notification of the browser either
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null)
        return lock && new Promise<void>((over) => setTimeout(over, 60_000))
      })
      .catch(() => resolve(true))
  })

const mostDesktop = 3

function desktop(news: Notice[]): void {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return
  if (news.length > mostDesktop) {
    put(t('app.name'), t('notices.many', { count: news.length }), 'many', '/notifications')
    return
  }
  for (const n of news.toReversed()) {
    const title = n.conversation ? `#${n.number} ${titleOfNotice(n)}` : titleOfNotice(n) || t('app.name')
    put(title, [sentenceOf(n), detailOf(n)].filter(Boolean).join('\n'), n.conversation || n.kind, hrefOf(n))
  }
}

function put(title: string, body: string, tag: string, href: string): void {
  const options = { body, tag, icon: '/icon.svg', silent: true } // the tone is ours, and only where it is wanted
  try {
    const shown = new Notification(title, options)
    shown.onclick = () => {
      window.focus()
      go(href)
      shown.close()
    }
  } catch {
    void import('./phone').then((x) => x.showOnPhone(title, options, href)).catch(() => {}) // the list has it in any case
  }
}

// allowDesktop asks the browser, which it allows in a press only.
export async function allowDesktop(): Promise<void> {
  if (typeof Notification === 'undefined') return
  if ((await Notification.requestPermission()) === 'granted') await changeRules(() => ({ desktop: true }))
}

// ---------------------------------------------------------------- life

export function startNotices(): () => void {
  const ws = workspace()
  list = { all: [], more: false, read: false }
  bell.unseen = 0
  said = null
  heard = -1
  limit = page
  let soon: ReturnType<typeof setTimeout> | undefined
  const readSoon = (): void => {
    clearTimeout(soon)
    soon = setTimeout(() => void read(), 60) // several at once are read in one go
  }
  const look = (): void => void (attended = document.visibilityState === 'visible' && document.hasFocus())
  const press = (): void => {
    if (untrack(preferences)?.notifications.sound) unlock()
  }
  const signs = ['focus', 'blur', 'visibilitychange'] as const
  for (const s of signs) addEventListener(s, look) // of the window itself: the focus of fields does not come up to it
  for (const s of ['pointerdown', 'keydown']) addEventListener(s, press, true)
  const stops = [onAccount('notifications', readSoon), onAccount('preferences', readSoon)]
  const poll = setInterval(() => !ws.link.usable && void read(), 20_000) // where no socket gets through
  const stopSeeing = $effect.root(() => {
    $effect(() => {
      if (!said || !over(said.at)) return
      said.takeAway()
      said = null
    })
    // Whoever opens a ticket has seen what was told of it.
    $effect(() => {
      const r = route()
      if (!attended || r.page !== 'tickets' || r.id === '') return
      const newest = list.all.find((n) => n.unseen && n.conversation === r.id)
      if (newest) untrack(() => void see(newest.position, r.id))
    })
  })
  look()
  void read()
  return () => {
    clearTimeout(soon)
    clearInterval(poll)
    for (const s of signs) removeEventListener(s, look)
    for (const s of ['pointerdown', 'keydown']) removeEventListener(s, press, true)
    for (const stop of stops) stop()
    stopSeeing()
    endOffers()
    asked++
  }
}
