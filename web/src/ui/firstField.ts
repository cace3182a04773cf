// firstField gives the focus of a dialog that opens to its first field: one wants to write, not to close it. On a phone that
// would bring the keyboard up over what is to be read.
export function firstField(e: Event): void {
  const root = e.currentTarget ?? e.target
  const dialog = root instanceof Element ? (root.closest('[role=dialog]') ?? root) : [...document.querySelectorAll('[role=dialog]')].at(-1)
  const field = dialog?.querySelector<HTMLElement>('.dialog-body :is(input, textarea, select):not([type=hidden], :disabled)')
  if (!field || matchMedia('(pointer: coarse)').matches) return
  e.preventDefault()
  field.focus()
}
