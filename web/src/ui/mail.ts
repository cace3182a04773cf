// Makes of a mail's HTML (sanitised by the server already) the document of a sandboxed frame: nothing in it can run, load
// from elsewhere, or navigate us. Pure but for DOMParser.
import type { Attachment } from '../live/types'

export interface MailDocument {
  srcdoc: string
  blocked: number // remote images
  quoted: boolean // something is folded
  paper: boolean // it brings its own colours: it is shown on white
}

// How mail programs mark what they quote.
const quotes = [
  'blockquote[type="cite"]', '.gmail_quote', '.gmail_extra', '.yahoo_quoted', '.moz-cite-prefix', '#appendonsend',
  '#divRplyFwdMsg', '.protonmail_quote', 'blockquote.gmail_quote', '#isForwardContent', '[data-centralita-quote]',
].join(',')
const forbidden = 'script,iframe,frame,frameset,object,embed,form,input,button,textarea,select,link,meta,base,svg,math,template,noscript,audio,video,source'

// The frame inherits the page's policy; this one is stricter still.
const policy = "default-src 'none'; img-src 'self' data: blob:; style-src 'unsafe-inline'; font-src data:"

// remote: pictures that the mail names and does not bring are shown, fetched by our server (GET /pictures).
export function mailDocument(html: string, attachments: Attachment[], unfold: boolean, dark: boolean, remote = false): MailDocument {
  const doc = new DOMParser().parseFromString(html, 'text/html')
  doc.querySelectorAll(forbidden).forEach((e) => e.remove())
  const paper = /\b(bgcolor|background(-color)?|color)\s*[:=]/i.test(html)
  const blocked = images(doc, attachments, remote)
  for (const e of doc.querySelectorAll('*')) {
    for (const a of [...e.attributes]) {
      if (a.name.startsWith('on') || a.name === 'srcset' || a.name === 'background' || a.name === 'ping') e.removeAttribute(a.name)
      else if (a.name === 'style' && /url\s*\(|position\s*:\s*fixed|expression/i.test(a.value)) {
        e.setAttribute('style', a.value.replace(/[^;]*(url\s*\(|position\s*:\s*fixed|expression)[^;]*;?/gi, ''))
      }
    }
  }
  links(doc)
  const quoted = fold(doc, unfold)
  const css = style(paper ? false : dark)
  const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><style>${css}</style>`
  return { srcdoc: `<!doctype html><html><head>${head}</head><body>${doc.body.innerHTML}</body></html>`, blocked, quoted, paper }
}

function images(doc: Document, attachments: Attachment[], remote: boolean): number {
  let blocked = 0
  for (const img of doc.querySelectorAll('img')) {
    const src = img.getAttribute('data-remote-src') ?? img.getAttribute('src') ?? '' // the server sets aside what is elsewhere
    img.removeAttribute('data-remote-src')
    if (/^cid:/i.test(src)) {
      const id = decode(src.slice(4))
      const a = attachments.find((x) => x.contentId === id)
      if (a) img.setAttribute('src', blobUrl(a, true))
      else img.removeAttribute('src')
    } else if (/^(https?:)?\/\//i.test(src)) {
      if (remote) {
        img.setAttribute('src', `/api/v1/pictures?url=${encodeURIComponent(src.startsWith('//') ? `https:${src}` : src)}`)
        continue
      }
      img.removeAttribute('src')
      img.setAttribute('hidden', '')
      blocked++
    } else if (!/^(data:image\/|\/api\/v1\/blobs\/)/i.test(src)) {
      img.removeAttribute('src')
    }
  }
  return blocked
}

function links(doc: Document): void {
  for (const a of doc.querySelectorAll('a, area')) {
    const href = a.getAttribute('href') ?? ''
    if (!/^(https?:|mailto:|tel:)/i.test(href)) a.removeAttribute('href')
    a.setAttribute('target', '_blank')
    a.setAttribute('rel', 'noopener noreferrer nofollow')
  }
}

// fold hides what is quoted, unless nothing else would be left.
function fold(doc: Document, unfold: boolean): boolean {
  const found = [...doc.querySelectorAll<HTMLElement>(quotes)]
  const outer = found.filter((e) => !found.some((o) => o !== e && o.contains(e)))
  const last = doc.body.lastElementChild
  if (outer.length === 0 && last?.tagName === 'BLOCKQUOTE') outer.push(last as HTMLElement)
  // Outlook marks only the head of what is quoted: all that follows belongs to it.
  for (const e of [...outer]) {
    if (e.id !== 'divRplyFwdMsg' && e.id !== 'appendonsend') continue
    for (let n = e.nextElementSibling; n; n = n.nextElementSibling) outer.push(n as HTMLElement)
  }
  if (outer.length === 0) return false
  const all = doc.body.textContent?.trim().length ?? 0
  const hidden = outer.reduce((sum, e) => sum + (e.textContent?.trim().length ?? 0), 0)
  if (all <= hidden) return false
  if (!unfold) for (const e of outer) e.setAttribute('hidden', '')
  return true
}

function style(dark: boolean): string {
  const [text, link, line, scheme] = dark ? ['#ecebe7', '#54c3ad', '#41413d', 'dark'] : ['#1c1c1a', '#0c6b5e', '#d0cfc8', 'light']
  return (
    `html{color-scheme:${scheme}}body{margin:0;padding:1px 0;font:14px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:${text};` +
    `overflow-wrap:break-word;overflow-x:auto;overflow-y:hidden}a{color:${link}}img{max-width:100%;height:auto}[hidden]{display:none!important}` +
    `blockquote{margin:8px 0;padding-left:12px;border-left:2px solid ${line}}pre{white-space:pre-wrap}table{max-width:100%}p{margin:0 0 .7em}p:last-child{margin-bottom:0}`
  )
}

function decode(s: string): string {
  try {
    return decodeURIComponent(s)
  } catch {
    return s
  }
}

// An agent who does not see every ticket is given a file only with the conversation that holds it: the one on the screen.
export function blobUrl(a: Pick<Attachment, 'blob' | 'name'>, inline = false): string {
  const here = /^\/tickets\/[^/]+\/([^/]+)/.exec(globalThis.location?.pathname ?? '')?.[1]
  const place = here ? `&conversation=${here}` : ''
  return `/api/v1/blobs/${encodeURIComponent(a.blob)}?name=${encodeURIComponent(a.name)}${place}${inline ? '&inline=1' : ''}`
}

// splitFresh parts a text at the byte where quoting begins.
export function splitFresh(text: string, bytes: number): { fresh: string; quoted: string } {
  if (bytes <= 0) return { fresh: text, quoted: '' }
  const raw = new TextEncoder().encode(text)
  if (bytes >= raw.length) return { fresh: text, quoted: '' }
  const d = new TextDecoder()
  const fresh = d.decode(raw.slice(0, bytes)).trimEnd()
  const quoted = d.decode(raw.slice(bytes)).replace(/^\s*\n/, '').trimEnd()
  return fresh === '' || quoted === '' ? { fresh: text, quoted: '' } : { fresh, quoted }
}

// linked cuts a text into plain pieces and addresses.
export function linked(text: string): { text: string; href: string }[] {
  const out: { text: string; href: string }[] = []
  let at = 0
  for (const m of text.matchAll(/\bhttps?:\/\/[^\s<>"']+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g)) {
    const hit = m[0].replace(/[.,;:!?)\]}]+$/, '')
    if (m.index > at) out.push({ text: text.slice(at, m.index), href: '' })
    out.push({ text: hit, href: hit.startsWith('http') ? hit : `mailto:${hit}` })
    at = m.index + hit.length
  }
  if (at < text.length) out.push({ text: text.slice(at), href: '' })
  return out
}
