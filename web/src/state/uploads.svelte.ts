// Files on their way up from a composer, and the pictures that stand inside its text. A picture is shown at once, from this
// browser; its place in the HTML is a name (cid:…), which the mail keeps and the file of that name fills.
import { t } from '../i18n/format.svelte'
import { newId } from '../live/ids'
import { maxUpload, upload } from '../live/upload'
import type { Attachment } from '../live/types'
import { blobUrl } from '../ui/mail'
import { notify } from './page.svelte'
import { workspace } from './session.svelte'

export interface Upload {
  key: string
  name: string
  percent: number
  stop: AbortController
}

// What mail programs show inside a text; anything else is a file beside it.
export const isPicture = (f: File): boolean => /^image\/(png|jpeg|gif|webp)$/.test(f.type)

export class Uploads {
  list = $state<Upload[]>([])
  readonly #pictures = new Map<string, { url: string; file: Attachment | null }>() // by content id, also what was deleted: one may undo that
  readonly #ws = workspace()

  // add gives the file as it is on the server, or null: it is too large, stopped, or did not get through.
  async add(file: File): Promise<Attachment | null> {
    if (file.size > maxUpload) return notify(t('compose.too_large', { name: file.name }), true), null
    const key = newId('')
    const stop = new AbortController()
    this.list.push({ key, name: file.name, percent: 0, stop })
    const progress = (share: number): void => {
      const u = this.list.find((x) => x.key === key)
      if (u) u.percent = Math.round(share * 100)
    }
    try {
      return await upload(this.#ws.http, file, progress, stop.signal)
    } catch (err) {
      if (!stop.signal.aborted) notify(t('compose.upload_failed', { name: file.name, error: (err as Error).message }), true)
      return null
    } finally {
      this.list = this.list.filter((x) => x.key !== key)
    }
  }

  // picture starts a picture's way and gives its name in the HTML at once; done is told when it is there, or will not be.
  picture(file: File, done: (id: string, there: boolean) => void): string {
    const id = `${newId('im_')}@centralita`
    const shown = { url: URL.createObjectURL(file), file: null as Attachment | null }
    this.#pictures.set(id, shown)
    void this.add(file).then((there) => {
      shown.file = there && { ...there, inline: true, contentId: id }
      if (!there) this.#pictures.delete(id)
      done(id, there !== null)
    })
    return id
  }

  // known are pictures that came with a draft.
  known(files: Attachment[]): void {
    for (const f of files) if (f.inline && !this.#pictures.has(f.contentId)) this.#pictures.set(f.contentId, { url: blobUrl(f, true), file: f })
  }

  urlOf = (id: string): string => this.#pictures.get(id)?.url ?? ''

  // within are the files of a text: those beside it, and the pictures that its HTML shows.
  within(html: string, beside: Attachment[]): Attachment[] {
    const pictures = [...this.#pictures.entries()].filter(([id, p]) => p.file && html.includes(`"cid:${id}"`))
    return [...beside.filter((f) => !f.inline), ...pictures.map(([, p]) => p.file!)]
  }

  free(): void {
    for (const p of this.#pictures.values()) if (p.url.startsWith('blob:')) URL.revokeObjectURL(p.url)
  }
}
