import { expect, it } from 'vitest'
import { shiftOf } from './anchor'

const rows = (ids: string): { id: string }[] => [...ids].map((id) => ({ id }))

it.each([
  ['nothing happened', 'abcdefgh', 0],
  ['two came above', 'xyabcdefgh', 2],
  ['one above went', 'bcdefgh', -1],
  ['the first one that is seen went to the top', 'dabcefgh', 0],
  ['one in the midst of what is seen went to the top: the one above it keeps its place', 'eabcdfgh', 1],
  ['the last one that is seen went to the top: all the others are one further down', 'fabcdegh', 1],
  ['one of them went to the top and another came above', 'xdabcefgh', 1],
  ['the first one that is seen is gone', 'abcefgh', -1],
  ['all that was seen is gone', 'abcgh', 0],
])('%s', (_, now, want) => {
  expect(shiftOf(['d', 'e', 'f'], 3, rows(now))).toBe(want)
})
