// The editor's node for a picture in the text. In HTML it is <img src="cid:…">: what a picture is called inside a mail. Other
// images in what is pasted are left out: they would be fetched from who knows where.
import { mergeAttributes, Node } from '@tiptap/core'

export const cidOf = (src: string | null): string => (src?.startsWith('cid:') ? src.slice(4) : '')

// urlOf says where a picture's content is, '' when nobody knows: then it is left out, too.
export const pictures = (urlOf: (cid: string) => string) =>
  Node.create({
    name: 'image',
    group: 'inline',
    inline: true,
    draggable: true,
    addAttributes() {
      return { cid: { default: '', rendered: false }, alt: { default: '' } }
    },
    parseHTML() {
      return [
        {
          tag: 'img[src^="cid:"]',
          getAttrs: (e) => {
            const cid = cidOf(e.getAttribute('src'))
            return urlOf(cid) ? { cid, alt: e.getAttribute('alt') ?? '' } : false
          },
        },
      ]
    },
    renderHTML({ node, HTMLAttributes }) {
      return ['img', mergeAttributes(HTMLAttributes, { src: `cid:${String(node.attrs.cid)}` })]
    },
    addNodeView() {
      return ({ node }) => {
        const dom = document.createElement('img')
        dom.src = urlOf(String(node.attrs.cid))
        dom.alt = String(node.attrs.alt)
        dom.title = dom.alt
        return { dom }
      }
    },
  })

// worded: what is pasted says something by itself, so that a picture beside it is only its look (a spreadsheet's cells).
export function worded(html: string): boolean {
  return (new DOMParser().parseFromString(html, 'text/html').body.textContent ?? '').trim() !== ''
}

// cellsApart makes lines of a table's rows: the editor knows no tables, and the cells of a spreadsheet are not one word.
export function cellsApart(html: string): string {
  if (!/<table/i.test(html)) return html
  const doc = new DOMParser().parseFromString(html, 'text/html')
  for (const table of doc.querySelectorAll('table')) {
    if (table.querySelector('table')) continue // a table for the layout: what is in it stands by itself
    const lines = [...table.rows].map((row) => {
      const line = doc.createElement('p')
      line.textContent = [...row.cells].map((c) => (c.textContent ?? '').trim()).join('\u2003')
      return line
    })
    table.replaceWith(...lines)
  }
  return doc.body.innerHTML
}
