// The table of all texts. An area (one file here) adds its own with texts(); catalogue.ts names the areas.
export type Text = readonly [english: string, spanish: string]

export const table: Record<string, Text> = {}

// texts adds an area's. A key that another area has is a mistake that shows itself in development and in the tests.
export function texts<const T extends Record<string, Text>>(area: T): T {
  for (const [key, text] of Object.entries(area)) {
    if (import.meta.env.DEV && key in table) throw new Error(`the text ${key} is in two files of src/i18n`)
    table[key] = text
  }
  return area
}
