// plainly is a text as people type it when they look for it: lower case, without accents.
export const plainly = (s: string): string =>
  s
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .trim()
