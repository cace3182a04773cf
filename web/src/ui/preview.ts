// How an attachment is shown without leaving the page. A file came from a stranger: pictures are checked by the server, text
// is shown as text, and everything else is handed to the browser's own viewer as what it is, never as a page.
import type { Attachment } from '../live/types'

export type Preview = 'picture' | 'pdf' | 'text' | 'audio' | 'video' | 'none'

const largest: Record<Preview, number> = {
  picture: 25_000_000, pdf: 25_000_000, text: 1_000_000, audio: 25_000_000, video: 25_000_000, none: 0,
}
const textual = /\.(txt|log|md|csv|tsv|json|ya?ml|xml|ini|eml|ics|vcf|diff|patch)$/i

export function previewOf(f: Pick<Attachment, 'mediaType' | 'name' | 'size'>): Preview {
  const type = f.mediaType.toLowerCase().split(';')[0]!.trim()
  const kind = ((): Preview => {
    if (/^image\/(png|jpeg|gif|webp|bmp)$/.test(type)) return 'picture'
    if (type === 'application/pdf') return 'pdf'
    if (/^audio\/(mpeg|mp3|mp4|ogg|wav|x-wav|webm|aac|flac)$/.test(type)) return 'audio'
    if (/^video\/(mp4|webm|ogg)$/.test(type)) return 'video'
    if ((type.startsWith('text/') && type !== 'text/html') || type === 'application/json' || type === 'message/rfc822' || textual.test(f.name)) return 'text'
    return 'none'
  })()
  return f.size <= largest[kind] ? kind : 'none'
}
