import { describe, expect, it } from 'vitest'
import { fill, htmlOf, isPlain, mentionsOf, plainOf, unresolved, type RichNode } from './richtext'

const p = (...content: RichNode[]): RichNode => ({ type: 'paragraph', content })
const s = (text: string, ...marks: { type: string; attrs?: Record<string, unknown> }[]): RichNode => ({ type: 'text', text, marks })
const doc = (...content: RichNode[]): RichNode => ({ type: 'doc', content })

describe('rich text', () => {
  it('is written as plain mail', () => {
    const item = (...content: RichNode[]): RichNode => ({ type: 'listItem', content })
    const all = doc(
      p(s('Hello '), s('Ana', { type: 'bold' }), s(','), { type: 'hardBreak' }, s('two things:')),
      { type: 'bulletList', content: [item(p(s('one'))), item(p(s('two')), { type: 'orderedList', attrs: { start: 3 }, content: [item(p(s('deep')))] })] },
      { type: 'blockquote', content: [p(s('said')), p(s('before'))] },
      p(s('See '), s('our page', { type: 'link', attrs: { href: 'https://a.test/x' } }), s(' or '), s('a.test', { type: 'link', attrs: { href: 'https://a.test/' } })),
    )
    expect(plainOf(all)).toBe(
      'Hello Ana,\ntwo things:\n\n- one\n- two\n  3. deep\n\n> said\n>\n> before\n\nSee our page (https://a.test/x) or a.test',
    )
    expect(isPlain(all)).toBe(false)
    expect(isPlain(doc(p(s('a'), { type: 'hardBreak' }, s('b')), p()))).toBe(true)
  })

  it('names a picture in the text', () => {
    const all = doc(p(s('Press '), { type: 'image', attrs: { cid: 'a@b', alt: 'button.png' } }), p({ type: 'image', attrs: { cid: 'c@d', alt: '' } }))
    expect(plainOf(all)).toBe('Press [button.png]\n\n[image]')
    expect(isPlain(all)).toBe(false)
  })

  it('names whom a note calls, once each', () => {
    const m = (id: string): RichNode => ({ type: 'mention', attrs: { id, label: 'Ben' } })
    const note = doc(p(m('ag_1'), s(' and '), m('ag_1'), m('ag_2')))
    expect(mentionsOf(note)).toEqual(['ag_1', 'ag_2'])
    expect(plainOf(note)).toBe('@Ben and @Ben@Ben')
  })

  it('fills tokens and shows what is missing', () => {
    const text = fill('Hi {{contact.first_name}}, #{{ ticket.number }} {{nobody.knows}}', { 'contact.first_name': '', 'ticket.number': '12' })
    expect(text).toBe('Hi {{contact.first_name}}, #12 {{nobody.knows}}')
    expect(unresolved(text)).toEqual(['{{contact.first_name}}', '{{nobody.knows}}'])
    expect(htmlOf('a <b>\nc\n\nd')).toBe('<p>a &lt;b&gt;<br>c</p><p>d</p>')
  })
})
