// The tone that says that something came: two notes, made here. A browser lets a page sound only after a person has pressed something in
// it; until then this window is mute, and another one may be the better one to speak.
let context: AudioContext | null = null

export const audible = (): boolean => context?.state === 'running'

// unlock belongs into a press.
export function unlock(): void {
  if (typeof AudioContext === 'undefined') return
  context ??= new AudioContext()
  if (context.state === 'suspended') void context.resume().catch(() => {})
}

const notes: [hertz: number, at: number][] = [
  [784, 0],
  [1047, 0.11],
]

export function chime(): boolean {
  if (!context || context.state !== 'running') return false
  for (const [hertz, at] of notes) {
    const start = context.currentTime + at
    const tone = context.createOscillator()
    const volume = context.createGain()
    tone.type = 'sine'
    tone.frequency.value = hertz
    volume.gain.setValueAtTime(0, start)
    volume.gain.linearRampToValueAtTime(0.12, start + 0.012)
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.3)
    tone.connect(volume).connect(context.destination)
    tone.start(start)
    tone.stop(start + 0.32)
  }
  return true
}
