// The dialog of why a ticket is whose it is stands in the page itself, not in the panel that asks for it: the panel goes when the window
// gets narrow, and would take the dialog with it.
import { mount, unmount } from 'svelte'
import WhyRouting from './WhyRouting.svelte'
import type { Ticket } from '../live/types'

export function askWhy(ticket: Ticket): void {
  let open = true
  const dialog = mount(WhyRouting, {
    target: document.body,
    props: {
      ticket,
      onclose: () => {
        if (open) void unmount(dialog)
        open = false
      },
    },
  })
}
