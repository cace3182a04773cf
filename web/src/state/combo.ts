// A press of the keyboard as text, and how it is shown.
const modifiers = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified'])

export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform ?? '')

type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

// combo is the press as a registered key is written, '' for one of a modifier alone. Shift is part of a character ('?') and
// is named only with keys that are none, or together with Mod.
export function combo(e: Press): string {
  if (modifiers.has(e.key)) return ''
  const character = [...e.key].length === 1
  const mod = e.ctrlKey || e.metaKey
  const key = e.key === ' ' ? 'Space' : character && (mod || !e.shiftKey) ? e.key.toLowerCase() : e.key
  // AltGr makes characters on many keyboards: Ctrl and Alt together with a character is that character.
  if (character && e.ctrlKey && e.altKey) return e.key
  return `${mod ? 'Mod+' : ''}${e.altKey ? 'Alt+' : ''}${e.shiftKey && (mod || !character) ? 'Shift+' : ''}${key}`
}

// normal is the one way to write keys: modifiers in the order Mod, Alt, Shift.
export function normal(keys: string): string {
  return keys
    .split(' ')
    .map((press) => {
      const parts = press.split(/\+(?=.)/)
      const key = parts.pop()!
      const has = (m: string): string => (parts.includes(m) ? `${m}+` : '')
      return has('Mod') + has('Alt') + has('Shift') + (parts.includes('Mod') && key.length === 1 ? key.toLowerCase() : key)
    })
    .join(' ')
}

const names: Record<string, string> = {
  ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc', Space: '␣', Enter: '↵', Backspace: '⌫', Delete: 'Del',
}

// shown are the caps of a key or sequence, a list of presses each a list of caps: 'Mod+k' is [['Ctrl', 'K']].
export function shown(keys: string, mac = isMac): string[][] {
  const mods: Record<string, string> = mac ? { Mod: '⌘', Alt: '⌥', Shift: '⇧' } : { Mod: 'Ctrl', Alt: 'Alt', Shift: 'Shift' }
  return normal(keys)
    .split(' ')
    .map((press) => {
      const parts = press.split(/\+(?=.)/)
      return parts.map((p, i) => mods[p] ?? names[p] ?? (i > 0 && p.length === 1 ? p.toUpperCase() : p))
    })
}
