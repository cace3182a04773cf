import { expect, test } from 'vitest'
import { joinFrom, joinTo } from './joinform'

test('what is as it is by itself is not written down, and nothing else is touched', () => {
  const config = { address: 'a@b.test', imap: { host: 'h' } }
  expect(joinTo(joinFrom(config), config)).toEqual(config)
})

test('what was chosen comes back', () => {
  const config = {
    address: 'a@b.test',
    by_subject: false,
    plus_addresses: false,
    follow_up_days: 0,
    forwards: { original_sender: false, domains: ['one.test', 'two.test'], unproven: true },
  }
  expect(joinTo(joinFrom(config), config)).toEqual(config)
})

test('domains are written as people write lists', () => {
  const draft = { ...joinFrom({}), domains: ' one.test;two.test\nthree.test, ' }
  expect(joinTo(draft, {})).toEqual({ forwards: { domains: ['one.test', 'two.test', 'three.test'] } })
})
