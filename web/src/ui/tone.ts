// The colours people choose from for tags, statuses and the like; styles/tokens.css has what they look like.
import { tagColours as tones } from '../live/colours'

export { tones }
export type Tone = (typeof tones)[number]

// toneOf is a stored colour as a tone; one that this version does not know is grey.
export const toneOf = (color: string): Tone => tones.find((t) => t === color) ?? 'grey'
