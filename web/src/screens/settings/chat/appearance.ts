// How a chat looks, as its form holds it.
import { numberOf, objectOf, textOf, type Json } from '../../../live/rest'
import { filled } from './filled'

export interface Appearance {
  name: string
  title: string
  greeting: string
  color: string
  locale: string
  line: boolean // visitors who wait are told their place
  position: string
  x: number | null
  y: number | null
  avatar: string
  font: string
  theme: string
  icon: string
  launcher: string
}

export const appearanceParts = ['title', 'greeting', 'color', 'locale', 'hide_line', 'look']
export const appearanceFields = [
  'name', 'title', 'greeting', 'color', 'locale', ...['position', 'offset_x', 'offset_y', 'avatar', 'font', 'theme', 'icon', 'launcher'].map((f) => `look.${f}`),
]

export function appearanceFrom(config: Json, name: string): Appearance {
  const l = objectOf(config.look)
  return {
    name, title: textOf(config.title), greeting: textOf(config.greeting), color: textOf(config.color) || '#1f6feb', locale: textOf(config.locale), line: config.hide_line !== true,
    position: textOf(l.position), x: numberOf(l.offset_x) || 20, y: numberOf(l.offset_y) || 20, avatar: textOf(l.avatar),
    font: textOf(l.font) || 'system', theme: textOf(l.theme) || 'auto', icon: textOf(l.icon) || 'chat', launcher: textOf(l.launcher),
  }
}

// lookTo keeps what the form does not show: texts in other languages.
export function lookTo(d: Appearance, before: unknown): Record<string, unknown> | null {
  const distance = (n: number | null) => (n === null || n === 20 ? null : n)
  return filled({
    ...objectOf(before), position: d.position, offset_x: distance(d.x), offset_y: distance(d.y), avatar: d.avatar.trim(),
    font: d.font === 'system' ? '' : d.font, theme: d.theme === 'auto' ? '' : d.theme, icon: d.icon === 'chat' ? '' : d.icon, launcher: d.launcher.trim(),
  })
}

export const appearanceTo = (d: Appearance, config: Json): Record<string, unknown> => ({
  title: d.title.trim() || null, greeting: d.greeting.trim() || null, color: d.color, locale: d.locale || null, hide_line: d.line ? null : true, look: lookTo(d, config.look),
})
