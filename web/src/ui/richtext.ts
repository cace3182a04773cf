// What the editor holds, as pure functions over its document (ProseMirror's JSON): the plain text that goes with the HTML,
// whom a note calls, and whether there is any formatting at all.
export interface RichNode {
  type?: string
  text?: string
  attrs?: Record<string, unknown>
  marks?: { type: string; attrs?: Record<string, unknown> }[]
  content?: RichNode[]
}

// plainOf writes a document as people write plain mail: "- " and "1." before items, "> " before what is quoted, an address
// behind a link's words unless they are the address.
export function plainOf(doc: RichNode): string {
  return blocks(doc.content ?? []).replace(/\n{3,}/g, '\n\n').trim()
}

function blocks(nodes: RichNode[]): string {
  return nodes.map(block).join('\n\n')
}

function block(n: RichNode): string {
  switch (n.type) {
    case 'bulletList':
      return (n.content ?? []).map((item) => listed('- ', item)).join('\n')
    case 'orderedList': {
      const start = typeof n.attrs?.start === 'number' ? n.attrs.start : 1
      return (n.content ?? []).map((item, i) => listed(`${start + i}. `, item)).join('\n')
    }
    case 'blockquote':
      return blocks(n.content ?? []).split('\n').map((line) => `> ${line}`.trimEnd()).join('\n')
    case 'codeBlock':
      return inline(n.content ?? [])
    default:
      return inline(n.content ?? [])
  }
}

function listed(mark: string, item: RichNode): string {
  const lines = (item.content ?? []).map(block).join('\n').split('\n')
  return lines.map((line, i) => (i === 0 ? mark : ' '.repeat(mark.length)) + line).join('\n')
}

function inline(nodes: RichNode[]): string {
  return nodes
    .map((n) => {
      if (n.type === 'hardBreak') return '\n'
      if (n.type === 'mention') return `@${String(n.attrs?.label ?? n.attrs?.id ?? '')}`
      if (n.type === 'image') return `[${String(n.attrs?.alt || 'image')}]`
      const text = n.text ?? inline(n.content ?? [])
      const href = n.marks?.find((m) => m.type === 'link')?.attrs?.href
      if (typeof href !== 'string' || href.replace(/^(mailto:|https?:\/\/)/, '').replace(/\/$/, '') === text.replace(/^https?:\/\//, '').replace(/\/$/, '')) return text
      return `${text} (${href.replace(/^mailto:/, '')})`
    })
    .join('')
}

// isPlain: nothing but paragraphs of bare text; then the text says it all, and no HTML is sent.
export function isPlain(doc: RichNode): boolean {
  return (doc.content ?? []).every(
    (p) => p.type === 'paragraph' && (p.content ?? []).every((n) => n.type === 'hardBreak' || (n.type === 'text' && !n.marks?.length)),
  )
}

export function mentionsOf(doc: RichNode): string[] {
  const found = new Set<string>()
  const walk = (n: RichNode): void => {
    if (n.type === 'mention' && typeof n.attrs?.id === 'string') found.add(n.attrs.id)
    n.content?.forEach(walk)
  }
  walk(doc)
  return [...found]
}

// escaped makes text safe inside HTML.
export const escaped = (s: string): string => s.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!)

// htmlOf makes paragraphs of plain text, as the editor reads them.
export function htmlOf(text: string): string {
  return text.split(/\n{2,}/).map((p) => `<p>${escaped(p).replace(/\n/g, '<br>')}</p>`).join('')
}

// ---- {{tokens}} of snippets and macros

const token = /\{\{\s*([a-z_.]+)\s*\}\}/gi

// fill puts values in; what is unknown or empty stays as it stands and is seen.
export function fill(text: string, values: Record<string, string>, encode: (s: string) => string = (s) => s): string {
  return text.replace(token, (all, name: string) => (values[name.toLowerCase()] ? encode(values[name.toLowerCase()]!) : all))
}

// unresolved lists the tokens that still stand in a text.
export const unresolved = (text: string): string[] => [...new Set([...text.matchAll(token)].map((m) => m[0]))]
