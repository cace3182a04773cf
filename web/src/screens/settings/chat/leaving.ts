// What a chat does when its visitor has left, as its form holds it.
import { numberOf, objectOf, textOf, type Json } from '../../../live/rest'
import { filled } from './filled'

export interface Leaving {
  mailbox: string
  minutes: number | null
  onlyProved: boolean
  language: string
  transcript: 'off' | 'request' | 'close'
  transcriptMailbox: string
  rating: 'off' | 'stars' | 'thumbs'
  ask: 'never' | 'first_message' | 'wait' | 'away'
  wait: number | null
  en: string
  es: string
  awayEn: string
  awayEs: string
}

export const leavingFields = [
  'mail_channel', 'mail_after_seconds', 'language', 'transcript', 'transcript_channel', 'rating', 'capture.when', 'capture.wait_seconds', 'capture.text.en', 'capture.text.es', 'capture.away_text.en', 'capture.away_text.es',
].map((f) => `after.${f}`)

export function leavingFrom(config: Json): Leaving {
  const a = objectOf(config.after)
  const c = objectOf(a.capture)
  const [text, away] = [objectOf(c.text), objectOf(c.away_text)]
  return {
    mailbox: textOf(a.mail_channel), minutes: (numberOf(a.mail_after_seconds) || 120) / 60, onlyProved: a.only_proved === true, language: textOf(a.language),
    transcript: (textOf(a.transcript) || 'off') as Leaving['transcript'], transcriptMailbox: textOf(a.transcript_channel), rating: (textOf(a.rating) || 'off') as Leaving['rating'],
    ask: (textOf(c.when) || 'never') as Leaving['ask'], wait: numberOf(c.wait_seconds) || 30, en: textOf(text.en), es: textOf(text.es), awayEn: textOf(away.en), awayEs: textOf(away.es),
  }
}

// What is as it is anyway is not kept.
export function leavingTo(d: Leaving): Record<string, unknown> {
  const asks = d.ask !== 'never'
  const seconds = Math.round((d.minutes ?? 2) * 60)
  return {
    after: filled({
      mail_channel: d.mailbox, mail_after_seconds: d.mailbox && seconds !== 120 ? seconds : '', only_proved: d.onlyProved, language: d.language,
      transcript: d.transcript === 'off' ? '' : d.transcript, transcript_channel: d.transcript === 'off' ? '' : d.transcriptMailbox, rating: d.rating === 'off' ? '' : d.rating,
      capture: asks
        ? filled({
            when: d.ask, wait_seconds: d.ask === 'wait' && d.wait !== 30 ? d.wait : '', text: filled({ en: d.en.trim(), es: d.es.trim() }), away_text: filled({ en: d.awayEn.trim(), es: d.awayEs.trim() }),
          })
        : null,
    }),
  }
}
