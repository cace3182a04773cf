import type { Address } from '../live/types'

// parseAddresses reads a list as people write it: commas or semicolons, with or without names.
export function parseAddresses(list: string): { good: Address[]; bad: string } {
  const good: Address[] = []
  for (const part of list.split(/[,;\n]/).map((s) => s.trim()).filter(Boolean)) {
    const m = /^(?:"?([^"<]*)"?\s*)?<([^<>\s]+)>$/.exec(part)
    const address = m?.[2] ?? part
    if (!/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>".]+$/.test(address) && !/^[^\s@<>"]+@localhost$/.test(address)) return { good, bad: part }
    good.push({ name: m?.[1]?.trim() ?? '', address })
  }
  return { good, bad: '' }
}
