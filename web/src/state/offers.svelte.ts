// What is offered to one is said at once, with the press that takes it, and for as long as it is an offer. What one missed is said until it is
// taken away, in one sentence however many they were: whoever missed it was not looking.
import { secondTime, t } from '../i18n/format.svelte'
import type { Notice } from '../live/notices'
import type { Ticket } from '../live/types'
import { hrefOf, titleOfNotice } from '../ui/noticeWords'
import { take } from './desk.svelte'
import { watch } from './live'
import { show } from './page.svelte'
import { go } from './router.svelte'
import { workspace } from './session.svelte'

const said = new Map<string, () => void>() // of offers: takes away what is said of them
let missed: { count: number; takeAway: () => void } | null = null

const isOffer = (ticket: Ticket | undefined): ticket is Ticket => !!ticket && ticket.owner?.id === workspace().me && ticket.offeredUntil > Date.now()

// sayOffers is told what is new. madeAway: that one is away because of them is said already, and says more.
export function sayOffers(news: readonly Notice[], madeAway: boolean): void {
  for (const n of news) if (n.kind === 'assigned' && n.detail === 'offer') sayOffer(n)
  const gone = news.filter((n) => n.kind === 'unassigned' && n.detail === 'not_taken')
  if (gone.length > 0 && !madeAway) sayMissed(gone[0]!, gone.length)
}

function sayOffer(n: Notice): void {
  const tickets = workspace().tickets
  const ticket = tickets.get(n.conversation)
  if (!isOffer(ticket) || said.has(n.conversation)) return
  const takeAway = show({
    text: t('notice.offer_now', { number: n.number, title: titleOfNotice(n), time: secondTime(ticket.offeredUntil) }),
    bad: false,
    stays: true,
    action: {
      label: t('notice.take'),
      run: () => {
        const now = tickets.get(n.conversation)
        if (isOffer(now)) take(now)
        go(hrefOf(n))
      },
    },
  })
  // It is over when somebody took it, when it went on, and when its time is up, whether or not the server is heard of then.
  const stop = $effect.root(() => {
    $effect(() => {
      if (!isOffer(watch(tickets).get(n.conversation))) end()
    })
  })
  const last = setTimeout(end, ticket.offeredUntil - Date.now())
  said.set(n.conversation, end)
  function end(): void {
    if (said.get(n.conversation) !== end) return
    said.delete(n.conversation)
    clearTimeout(last)
    stop()
    takeAway()
  }
}

function sayMissed(n: Notice, count: number): void {
  missed?.takeAway()
  const all = (missed?.count ?? 0) + count
  missed = {
    count: all,
    takeAway: show({
      text: all === 1 ? t('notice.missed_one', { number: n.number }) : t('notice.missed_many', { count: all }),
      bad: false,
      stays: true,
      action: { label: t('notice.read'), run: () => ((missed = null), go(all === 1 ? hrefOf(n) : '/notifications')) },
    }),
  }
}

// endOffers: who signs out is told nothing more.
export function endOffers(): void {
  for (const end of [...said.values()]) end()
  missed?.takeAway()
  missed = null
}
