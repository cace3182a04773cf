import { expect, test } from 'vitest'
import { floodFrom, floodTo } from './floodform'

test('what is as it is by itself is not written down, and nothing else is touched', () => {
  const config = { address: 'a@b.test', imap: { host: 'h' } }
  expect(floodTo(floodFrom(config), config)).toEqual(config)
})

test('what was chosen comes back', () => {
  const config = { address: 'a@b.test', flood: { sender: { at_once: 5, per_minute: 1 }, mailbox: { at_once: 0 } } }
  expect(floodTo(floodFrom(config), config)).toEqual(config)
})

test('a limit that is set to the usual is no setting any more', () => {
  const config = { flood: { sender: { at_once: 20, per_minute: 2 } } }
  expect(floodTo(floodFrom(config), config)).toEqual({})
})
