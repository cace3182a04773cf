// The board as it is now: read when the page comes, and again when the socket tells that a ticket, somebody, a team or a channel is
// another, at most once a second. Nothing asks in between; what a hidden page missed it reads when it is looked at.
import { t } from '../../i18n/format.svelte'
import { ApiError } from '../../live/http'
import { workspace } from '../../state/session.svelte'
import { readBoard, type Board } from './board'

const atMost = 1_000

export class LiveBoard {
  now = $state.raw<Board | null>(null)
  failure = $state('')

  // follow belongs into an effect: what it gives ends it.
  follow(): () => void {
    const ws = workspace()
    let soon: ReturnType<typeof setTimeout> | undefined
    let missed = false
    let reading = false
    const read = async (): Promise<void> => {
      reading = true
      try {
        this.now = await readBoard(ws.http)
        this.failure = ''
      } catch (err) {
        this.failure = err instanceof ApiError ? err.message : t('board.offline')
      }
      reading = false
    }
    const news = (): void => {
      if (document.hidden) missed = true
      else
        soon ??= setTimeout(() => {
          soon = undefined
          if (reading) news()
          else void read()
        }, atMost)
    }
    const seen = (): void => {
      if (document.hidden || !missed) return
      missed = false
      void read()
    }
    const ends = [ws.tickets, ws.agents, ws.teams, ws.channels].map((store) => store.onChange(news))
    document.addEventListener('visibilitychange', seen)
    void read()
    return () => {
      clearTimeout(soon)
      document.removeEventListener('visibilitychange', seen)
      for (const end of ends) end()
    }
  }
}
