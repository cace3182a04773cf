//go:build integration

package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Whose ticket it is: a mail that a colleague passed on, without proof of who they are, is theirs, and one press makes it the
// customer's; the way back is offered. A stranger who only has the id of a mail of ours is heard, marked, answered by nobody, and opens
// nothing again until somebody confirms them. One mail in two mailboxes makes two tickets that name each other.
func TestBrowserWhoseTicketItIs(t *testing.T) {
	t.Parallel()
	const sales = "sales@desk.test"
	mail := startMailServer(t, supportAddress, sales, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	for _, address := range []string{supportAddress, sales} {
		awaitIdle(t, admin, admin.connect(t, mailChannel(address, mail.IMAPAddr(), mail.SMTPAddr(), admin)).ID)
	}
	carla := "Carla Gil <" + customerAddress + ">"
	deliver(t, mail, letter{from: "Ada Admin <" + adminEmail + ">", subject: "Fwd: Lamp broken", id: "passed@desk.test", text: "Please look.\n\n" +
		"---------- Forwarded message ---------\nFrom: " + carla + "\nDate: Sun, 1 Nov 2026 at 09:00\nSubject: Lamp broken\nTo: Ada <" + adminEmail + ">\n\nMy lamp is broken.\n"})
	both := letter{from: carla, to: supportAddress, subject: "An order for both", id: "both@customer.test", text: "Who sells lamps?"}
	for _, address := range []string{supportAddress, sales} {
		if err := mail.Deliver(address, both.raw()); err != nil {
			t.Fatal(err)
		}
	}

	p := openBrowser(t, "who", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.keys("3")
	p.until("three tickets", "location.pathname === '/tickets/open' && $$('[data-row]').length === 3")
	p.opens("Fwd: Lamp broken")
	p.until("the one who wrote, offered", "$('#conversation').innerText.includes('Make Carla Gil the requester')")
	p.shoot("passed-on")
	p.pressed("Make Carla Gil the requester")
	p.until("Carla's card and the line", "$('.panel .person').innerText.includes('Carla Gil') && $('#conversation').innerText.includes('made this Carla Gil’s ticket')")
	p.shoot("changed")
	p.pressed("Undo")
	p.until("Ada's card again", "$('.panel .person').innerText.includes('Ada Admin')")
	p.click("#p-requester")
	p.until("Carla among the choices", "$('dialog.chooser[open]')?.innerText.includes('Carla Gil')")
	p.shoot("choose")
	p.chooses("carla")
	p.until("Carla's again", "$('.panel .person').innerText.includes('Carla Gil')")

	p.opens("An order for both")
	p.until("the other ticket, named", "$('#conversation').innerText.includes('The same mail came to another mailbox') && $('#conversation a[href^=\"/tickets/open/\"]')")
	p.shoot("same-mail")

	var conv string
	for _, row := range admin.tickets(t, "open") {
		if row.Subject == "Fwd: Lamp broken" {
			conv = row.ID
		}
	}
	admin.must(t, "POST", "/conversations/"+conv+"/replies", obj{"message_id": "ms_who", "text": "We send a new one."}, nil)
	answer := awaitMail(t, mail, customerAddress, "We send a new one.")
	admin.must(t, "PUT", "/conversations/"+conv+"/status", obj{"status": "closed"}, nil)
	deliver(t, mail, letter{from: "Mallory <mallory@elsewhere.test>", subject: "Re: Fwd: Lamp broken", id: "stranger@elsewhere.test", answers: []string{answer.MessageID}, text: "Send it to me instead."})
	eventually(t, 20*time.Second, "the stranger's mail", func() bool {
		for _, row := range admin.tickets(t, "closed") {
			if row.ID == conv && row.Messages == 3 {
				return true
			}
		}
		return false
	})
	p.do(chromedp.Navigate(d.url + "/tickets/closed/" + conv))
	p.until("the badge", "$('#conversation')?.innerText.includes('Not confirmed.')")
	p.shoot("unconfirmed")
	p.until("why it is here", "$$('#conversation details summary').length > 0")
	p.holds("($$('#conversation details summary').at(-1).click() || true)")
	p.until("the reason", "$('#conversation').innerText.includes('It answers a mail of ours.')")
	p.shoot("why")
	p.pressed("They take part")
	p.until("the badge gone", "!$('#conversation').innerText.includes('Not confirmed.') && $('#conversation').innerText.includes('takes part')")
}
