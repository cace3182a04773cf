// How far this agent has read a conversation, kept in the browser: what came later is marked when they come back.
const key = (agent: string): string => `centralita.seen.${agent}`
const most = 400 // conversations that are remembered; the latest ones

type Seen = [conversation: string, version: number][]

function all(agent: string): Seen {
  try {
    const v: unknown = JSON.parse(localStorage.getItem(key(agent)) ?? '[]')
    return Array.isArray(v) ? (v as Seen) : []
  } catch {
    return []
  }
}

// seenVersion is 0 when it is not known: then nothing is marked.
export const seenVersion = (agent: string, conversation: string): number => all(agent).find(([c]) => c === conversation)?.[1] ?? 0

export function sawVersion(agent: string, conversation: string, version: number): void {
  const others = all(agent).filter(([c]) => c !== conversation)
  try {
    localStorage.setItem(key(agent), JSON.stringify([...others.slice(1 - most), [conversation, version]]))
  } catch {
    // A full storage: then nothing is marked.
  }
}
