//go:build integration

package main

import (
	"strconv"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/mailsim"
)

// chooses types into the list that is open and takes the first that fits.
func (p *page) chooses(words string) {
	p.t.Helper()
	p.until("the list to choose from", "$('dialog.chooser[open] input.filter') === document.activeElement")
	p.keys(words)
	p.until("something that fits "+words, "$('dialog.chooser[open] [role=option][aria-selected=true]')?.innerText.toLowerCase().includes("+quote(words)+")")
	p.keys("\r")
}

// pressed clicks the button with these words.
func (p *page) pressed(words string) {
	p.t.Helper()
	find := "$$('button').find((b) => b.getClientRects().length && !b.disabled && b.innerText.trim() === " + quote(words) + ")"
	p.until("the button "+words, find)
	p.holds("(" + find + ").click() || true")
}

func deliver(t *testing.T, mail *mailsim.Server, l letter) {
	t.Helper()
	l.to = supportAddress
	if err := mail.Deliver(supportAddress, l.raw()); err != nil {
		t.Fatal(err)
	}
}

// An agent works on tickets, by key and mouse: priority, snooze, merge and its undo, split, a bulk action and its undo, and a
// ticket made by hand whose first mail goes out.
func TestBrowserWorksOnTickets(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	carla := "Carla Gil <" + customerAddress + ">"
	deliver(t, mail, letter{from: carla, subject: "My lamp flickers", id: "lamp@customer.test", text: "Since yesterday."})
	deliver(t, mail, letter{from: carla, subject: "The lamp again", id: "again@customer.test", text: "It flickers more now."})
	deliver(t, mail, letter{from: "Dario <dario@customer.test>", subject: "Where is my order?", id: "order@customer.test", text: "Is it on its way?"})
	deliver(t, mail, letter{from: "Dario <dario@customer.test>", subject: "Re: Where is my order?", id: "chair@customer.test", answers: []string{"order@customer.test"},
		text: "And my chair is broken."})

	p := openBrowser(t, "work", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.keys("3")
	p.until("three tickets", "location.pathname === '/tickets/open' && $$('[data-row]').length === 3")
	start := time.Now()
	p.worksOnOne()
	p.mergesAndUndoes()
	p.splits()
	p.bulkAndBack()
	p.makesByHand()
	awaitMail(t, mail, customerAddress, "We have news of your lamp.")
	t.Logf("the agent's work took %v", time.Since(start).Round(time.Millisecond))
}

func (p *page) opens(words string) {
	p.t.Helper()
	p.until("the row "+words, row(words))
	p.holds("(" + row(words) + ").click() || true")
	p.until("the ticket "+words, "$('#p-owner') && $('#conversation h1')?.innerText.includes("+quote(words)+")")
}

func (p *page) worksOnOne() {
	p.t.Helper()
	p.opens("My lamp flickers")
	p.keys("p")
	p.shoot("chooser")
	p.chooses("urg")
	p.until("the priority", "$('#p-priority').innerText.includes('Urgent')")
	p.keys("t")
	p.until("the list of tags", "$('dialog.chooser[open] input.filter') === document.activeElement")
	p.keys("Lamps\r")
	p.until("the tag, made and chosen", "$$('dialog.chooser[open] [role=option]').some((o) => o.innerText.includes('Lamps') && o.querySelector('.on'))")
	p.keys("\x1b")
	p.until("the tag on the ticket", "$('#p-tags').innerText.includes('Lamps')")
	p.keys("f")
	p.until("me as a follower, told in the timeline", "$('#conversation').innerText.includes('follows it')")
	p.shoot("panel")
	p.keys("z")
	p.chooses("tomorrow")
	p.until("the ticket gone from the open ones", "!("+row("My lamp flickers")+") && $('#conversation').innerText.includes('Snoozed')")
	p.shoot("snoozed")
	p.pressed("Bring it back now")
	p.until("the ticket back", row("My lamp flickers"))
	p.keys("#")
	p.until("the ticket set aside", "!("+row("My lamp flickers")+")")
	p.pressed("Undo")
	p.until("the ticket restored", row("My lamp flickers"))
}

func (p *page) mergesAndUndoes() {
	p.t.Helper()
	p.opens("The lamp again")
	p.keys("m")
	p.until("the contact's other ticket offered", "$('dialog.chooser[open]')?.innerText.includes('My lamp flickers')")
	p.shoot("merge")
	p.chooses("flickers")
	p.until("both in one", "$('#conversation h1')?.innerText === 'My lamp flickers' && $('#conversation').innerText.includes('It flickers more now.') && $('#conversation').innerText.includes('Since yesterday.')")
	p.until("the other one gone", "!("+row("The lamp again")+")")
	p.shoot("merged")
	p.pressed("Undo")
	p.until("the other one back", row("The lamp again"))
	p.opens("My lamp flickers")
	p.until("only its own", "!$('#conversation').innerText.includes('It flickers more now.')")
}

func (p *page) splits() {
	p.t.Helper()
	p.opens("Where is my order?")
	p.until("both messages", "$('#conversation').innerText.includes('my chair is broken')")
	p.click("aside .panel header [aria-haspopup=dialog]")
	p.chooses("split")
	p.until("the messages to choose from", "$$('dialog[open] input[type=checkbox]').length === 2")
	p.holds("$$('dialog[open] input[type=checkbox]')[1].click() || true")
	p.shoot("split")
	p.click("dialog[open] input.input")
	p.keys("A broken chair")
	p.click("dialog[open] footer .primary")
	p.until("the new ticket, with the message", "$('#conversation h1')?.innerText === 'A broken chair' && $('#conversation').innerText.includes('my chair is broken') && !$('#conversation').innerText.includes('Is it on its way')")
	p.opens("Where is my order?")
	p.until("the old one without it", "!$('#conversation .message.inbound ~ *, #conversation .message') || !$('#conversation ol').innerText.includes('my chair is broken')")
}

func (p *page) bulkAndBack() {
	p.t.Helper()
	p.keys("\x1b") // out of the ticket
	p.until("the list alone", "location.pathname === '/tickets/open'")
	p.until("the four tickets", "$$('[data-row]').length === 4")
	for i := range 4 {
		p.holds("$$('[data-row]')[" + strconv.Itoa(i) + "].focus() || true")
		p.keys("x")
	}
	p.until("the bar of the chosen ones", "$('[role=toolbar]')?.innerText.includes('4 chosen')")
	p.shoot("bulk")
	p.pressed("Close")
	p.until("all of them closed", "$$('[data-row]').length === 0")
	p.pressed("Undo (4)")
	p.until("all of them back", "$$('[data-row]').length === 4")
	p.keys("\x1b")
	p.until("none chosen", "!$('[role=toolbar]')")
}

func (p *page) makesByHand() {
	p.t.Helper()
	p.keys("c")
	p.until("the form", "$('dialog[open] #new-ticket')")
	p.click("#new-ticket label:nth-of-type(1) input")
	p.keys(customerAddress)
	p.holds("(() => { const s = $$('#new-ticket > label input')[2]; s.focus(); return true })()")
	p.keys("Your lamp")
	p.click("#new-ticket textarea")
	p.keys("We have news of your lamp.")
	p.shoot("new")
	p.click("dialog[open] footer .primary")
	p.until("the new ticket, its mail sent", "$('#conversation h1')?.innerText === 'Your lamp' && $('#conversation .outbound .tick.sent')")
	p.shoot("made")
}
