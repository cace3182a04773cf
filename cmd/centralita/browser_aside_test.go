//go:build integration

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/mailsim"
)

// attaches puts a text file into an input for files.
func (p *page) attaches(selector, name, text string) {
	p.t.Helper()
	p.until(selector, "$("+quote(selector)+")")
	p.holds(fmt.Sprintf(`(() => {
		const data = new DataTransfer(), at = $(%s)
		data.items.add(new File([%s], %s, { type: 'text/plain' }))
		at.files = data.files
		at.dispatchEvent(new Event('change', { bubbles: true }))
		return true })()`, quote(selector), quote(text), quote(name)))
}

// An agent writes to a supplier with formatting and a file of their own. What is written is kept when the page is left; an answer is
// seen on the ticket's row, in every layout, until it is looked at and gone on with.
func TestBrowserWritesAside(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress, supplierAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	deliver(t, mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: "Lamp broken", id: "lamp@customer.test", text: "My lamp is broken."})
	p := openBrowser(t, "aside", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/tickets/open"))
	p.opens("Lamp broken")
	conv := admin.tickets(t, "open")[0].ID

	asks := func() {
		t.Helper()
		p.click("button[aria-label='More actions']")
		p.until("the menu", "$('dialog.chooser[open]')")
		p.chooses("ask somebody")
		p.until("the dialog", "$('dialog[open] [role=textbox]')")
	}
	asks()
	p.fill("dialog[open] .recipients input", supplierAddress+",")
	p.click("dialog[open] [role=textbox]")
	p.keys("Do you have ")
	p.keys("b", chromedp.ModifierCtrl)
	p.keys("two")
	p.keys("b", chromedp.ModifierCtrl)
	p.keys(" bulbs?")
	p.attaches("dialog[open] [data-own-files]", "bulb.txt", "E27, warm")
	p.until("the file", "$('dialog[open] .files')?.innerText.includes('bulb.txt') && !$('dialog[open] progress')")
	p.axeInBoth("asking", "ask", nil)
	p.shoot("ask")
	p.keys("\x1b")
	p.until("that Escape leaves the text only", "$('dialog[open]') && document.activeElement?.getAttribute('role') !== 'textbox'")
	p.keys("\x1b")
	p.until("it closed", "!$('dialog[open]')")
	p.do(chromedp.Reload())
	p.until("the ticket", "$('#conversation h1')?.innerText === 'Lamp broken'")
	asks()
	p.until("what was written, again", "$('dialog[open] [role=textbox] strong')?.innerText === 'two' && $('dialog[open] .files').innerText.includes('bulb.txt') && $('dialog[open] .recipients').innerText.includes('sam@')")
	p.press2("dialog[open] button", "Send")
	first := comes(t, mail, supplierAddress, "Do you have two bulbs?")
	if !strings.Contains(first.HTML, "<strong>two</strong>") || !slices.Contains(first.Attachments, "bulb.txt") {
		t.Errorf("the supplier got %v\n%s", first.Attachments, first.HTML)
	}
	p.until("the dialog gone", "!$('dialog[open]')")
	asks()
	p.until("nothing of it any more", "$('dialog[open] [role=textbox]').innerText.trim() === '' && !$('dialog[open] .files')")
	p.keys("\x1b\x1b")
	p.until("it closed", "!$('dialog[open]')")
	p.answered(d.url, mail, first.MessageID, conv, admin)
}

// answered: the supplier writes back. The row says so in each layout, what they wrote is found and leads to it, and who goes on with it
// takes the mark off.
func (p *page) answered(url string, mail *mailsim.Server, first, conv string, admin *restClient) {
	t := p.t
	t.Helper()
	deliver(t, mail, letter{from: "Sam Parts <" + supplierAddress + ">", subject: "Re: Lamp broken", id: "price@parts.test", answers: []string{first}, text: "Yes, and the gasket costs three euros."})
	p.until("the mark on the row", "$('#list [data-row] [data-side-answers]')?.dataset.sideAnswers === '1' && $('[data-side-answers]').innerText.includes('1 side answer')")
	p.shoot("row")
	p.do(chromedp.Navigate(url + "/tickets/open?layout=table"))
	p.until("it in the table", "$('a.line[data-row] [data-side-answers]')")
	p.shoot("table")
	p.do(chromedp.Navigate(url + "/tickets/open?layout=board"))
	p.until("it on the board", "$('[data-card] [data-side-answers]')")
	eventually(t, patience, "search has read it", func() bool {
		var got struct{ Hits []struct{ Side string } }
		admin.must(t, "GET", "/search?q=gasket", nil, &got)
		return len(got.Hits) == 1 && got.Hits[0].Side == sideOf(t, admin, conv, "answered")
	})
	p.do(chromedp.Navigate(url + "/search?q=gasket"))
	p.until("what they wrote", "$('.hit .where')?.innerText.includes('Side conversation') && $('.hit .snippet').innerText.includes('Sam Parts:')")
	p.axeInBoth("a result from aside", "search", nil)
	p.shoot("search")
	p.click(".hit")
	p.until("the side conversation, over its ticket", "$('dialog[open]')?.innerText.includes('the gasket costs three euros') && $('#conversation h1')?.innerText === 'Lamp broken'")
	p.click("dialog[open] [role=textbox]")
	p.keys("One, please.")
	p.attaches("dialog[open] [data-own-files]", "order.txt", "1 gasket")
	p.until("the file", "$('dialog[open] .files')?.innerText.includes('order.txt') && !$('dialog[open] progress')")
	p.axeInBoth("writing aside", "write", nil)
	p.shoot("write")
	p.press2("dialog[open] button", "Send")
	if second := comes(t, mail, supplierAddress, "One, please."); !slices.Contains(second.Attachments, "order.txt") {
		t.Errorf("the supplier got %v", second.Attachments)
	}
	p.until("it in the side conversation, and an empty field", "$('dialog[open] li .message')?.isConnected && $$('dialog[open] li').some((x) => x.innerText.includes('One, please.') && x.innerText.includes('order.txt')) && $('dialog[open] [role=textbox]').innerText.trim() === '' && !$('dialog[open] .files')")
	p.keys("\x1b\x1b")
	p.until("the mark gone", "!$('dialog[open]') && !$('[data-side-answers]')")
}
