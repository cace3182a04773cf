import { describe, expect, it } from 'vitest'
import { appearanceFrom, appearanceTo } from './appearance'
import { leavingFrom, leavingTo } from './leaving'
import { openingFrom, openingTo } from './opening'

// What a form reads it writes as it was, and of what is as it is anyway nothing is kept.
describe('parts of a chat’s settings', () => {
  it('are empty when nothing is said', () => {
    expect(openingTo(openingFrom({}))).toEqual({ availability: null })
    expect(leavingTo(leavingFrom({}))).toEqual({ after: null })
    expect(appearanceTo(appearanceFrom({}, 'Shop'), {}).look).toBe(null)
  })
  it('are written as they were read', () => {
    const availability = {
      mode: 'hours', hours: 'wh_1', holidays: 'hd_1', away: { text: { en: 'Away' } }, closed: { show: 'form', text: { en: 'Closed', es: 'Cerrado' } }, reply_time: 'hours', departments: ['tm_1'],
    }
    expect(openingTo(openingFrom({ availability }))).toEqual({ availability })
    const after = { mail_channel: 'ch_1', mail_after_seconds: 300, only_proved: true, transcript: 'close', transcript_channel: 'ch_2', rating: 'stars', capture: { when: 'wait', wait_seconds: 45, text: { es: 'Hola' } } }
    expect(leavingTo(leavingFrom({ after }))).toEqual({ after })
    const look = { position: 'left', offset_x: 40, theme: 'dark', font: 'serif', icon: 'help', launcher: 'Help', texts: { fr: { send: 'Envoyer' } } }
    expect(appearanceTo(appearanceFrom({ look }, 'Shop'), { look }).look).toEqual(look)
  })
  it('leave out what a mode has no use for', () => {
    expect(openingTo({ ...openingFrom({}), mode: 'always', hours: 'wh_1', evenAway: true, away: { show: 'form', en: 'x', es: '' } })).toEqual({ availability: { mode: 'always' } })
  })
})
