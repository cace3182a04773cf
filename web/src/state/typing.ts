// The sign that one is typing: said at the first key and every three seconds, taken back after four without one.
export interface TypingSign {
  typed: () => void
  quiet: () => void
}

export function typingSign(tell: (on: boolean) => void): TypingSign {
  let at = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  function quiet(): void {
    clearTimeout(timer)
    if (at > 0) tell(false)
    at = 0
  }
  function typed(): void {
    clearTimeout(timer)
    timer = setTimeout(quiet, 4_000)
    if (Date.now() - at < 3_000) return
    at = Date.now()
    tell(true)
  }
  return { typed, quiet }
}
