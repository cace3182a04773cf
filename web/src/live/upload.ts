// A file on its way up, with its progress; fetch cannot tell that, XMLHttpRequest can.
import { ApiError, type Http, OfflineError } from './http'
import { numberOf, objectOf, textOf } from './rest'
import type { Attachment } from './types'

export const maxUpload = 25 * 1024 * 1024

export function upload(http: Http, file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<Attachment> {
  return new Promise((resolve, reject) => {
    const x = new XMLHttpRequest()
    x.open('POST', `${http.base}/uploads?name=${encodeURIComponent(file.name)}`)
    x.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
    x.setRequestHeader('X-Centralita-CSRF', http.csrf)
    x.upload.onprogress = (e) => e.lengthComputable && onProgress(e.loaded / e.total)
    x.onerror = x.ontimeout = () => reject(new OfflineError())
    x.onabort = () => reject(new ApiError(0, 'aborted', 'aborted'))
    x.onload = () => {
      if (x.status < 200 || x.status > 299) return reject(http.refusal(x.status, x.responseText, '/uploads'))
      const a = objectOf(JSON.parse(x.responseText))
      resolve({
        blob: textOf(a.blob), name: textOf(a.name) || file.name, mediaType: textOf(a.media_type), size: numberOf(a.size),
        inline: false, contentId: '',
      })
    }
    signal.addEventListener('abort', () => x.abort())
    x.send(file)
  })
}
