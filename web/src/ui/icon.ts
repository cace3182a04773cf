import type Check from '@lucide/svelte/icons/check'

// AnyIcon is one of @lucide/svelte/icons/*.
export type AnyIcon = typeof Check
