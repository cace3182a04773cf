//go:build integration

package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// looksRight keeps pictures of a page in both sizes and themes and runs axe-core over each.
func (p *page) looksRight(name string) {
	p.t.Helper()
	for _, size := range [][2]int64{{390, 844}, {1440, 900}} {
		p.do(chromedp.EmulateViewport(size[0], size[1]))
		p.axeInBoth(fmt.Sprintf("%s, %d", name, size[0]), fmt.Sprintf("%s-%d", name, size[0]), nil)
	}
}

// Who set a desk up is led to the first channel, the colleagues and the first ticket; who is no administrator is told for whom
// to wait. The steps go when a ticket came, and an empty list says what would be in it.
func TestBrowserFirstSteps(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	p := openBrowser(t, "first", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.until("the steps", "$$('[data-step]').length === 4 && !$('[data-step].done') && $('#list a[href=\"/settings/channels/new\"]')")
	p.looksRight("first-steps")
	p.do(chromedp.EmulateViewport(390, 844))
	p.until("the steps on a phone, too, below the list", "$$('[data-step]').filter((s) => s.getClientRects().length).length === 4")
	p.do(chromedp.EmulateViewport(1440, 900))
	p.until("the steps once", "$$('[data-step]').length === 4")
	p.click("[data-step=here] button")
	p.until("there, and that step done", "$('[data-step=here].done') && $('.me .sub').innerText.includes('Available')")
	p.click("[data-step=channel] a")
	p.until("the kinds of channels", "$('.kinds')")
	p.goes("/settings/channels")
	p.until("that there is none", "$('main .empty')?.innerText.includes('No channel is connected yet')")
	p.looksRight("first-channels")

	admin.addAgent(t, "Ben Bold", "ben@desk.test", 5)
	q := openBrowser(t, "colleague", d.url+"/")
	q.signInByHand("ben@desk.test", "the-password-of-an-agent")
	q.until("for whom to wait", "$('#list .empty')?.innerText.includes('An administrator connects the first channel') && !$('[data-step]')")

	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr()))
	awaitIdle(t, admin, ch.ID)
	q.click(".me .foot [role=switch]")
	q.until("who is away, in a desk that runs, can say that he is there", "$('#conversation [data-here]') && !$('#conversation').innerText.includes('No channel')")
	q.looksRight("first-away")
	q.click("[data-here]")
	q.until("there", "!$('[data-here]') && $('.me .sub').innerText.includes('Available')")
	p.goes("/tickets/unassigned")
	p.until("three steps done, and where to write", "$$('[data-step].done').length === 3 && $('[data-step=write]').innerText.includes("+quote(supportAddress)+")")
	p.looksRight("first-written")
	deliver(t, mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: "My lamp flickers", id: "lamp@customer.test", text: "Good morning"})
	p.until("the ticket, and no steps", row("My lamp flickers")+" && !$('[data-step]') && $('#conversation').innerText.includes('Choose a ticket')")
	p.goes("/tickets/snoozed")
	p.until("what would be here, and what is elsewhere", "$('#list .empty')?.innerText.includes('Press z') && $('#conversation a[href=\"/tickets/open\"]')")
	p.looksRight("empty-list")
}
