//go:build integration

package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// An administrator says what becomes of a channel's tickets whose owner is not there, and deactivates a colleague: how many tickets go
// back is told before, the next one gets them, and the ticket says why, in the reader's language.
func TestBrowserOwners(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ben := admin.addAgent(t, "Ben Bold", "ben@desk.test", 5)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), ben))
	awaitIdle(t, admin, ch.ID)
	deliver(t, mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: "Invoice 12", id: "inv@customer.test", text: "Where is it?"})
	var got ticket
	owned := func(by *restClient) func() bool {
		return func() bool {
			all := admin.tickets(t, "open")
			if len(all) == 1 {
				got = all[0]
			}
			return got.Owner != nil && got.Owner.ID == by.me.ID
		}
	}
	eventually(t, patience, "the ticket with Ben", owned(ben))

	p := openBrowser(t, "owners", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	saysOwners(p, d, admin, ch.ID)
	admin.must(t, "PATCH", "/channels/"+ch.ID, obj{"routing": obj{"mode": "users_and_teams", "agents": []string{ben.me.ID}, "owners": obj{"away": "keep", "offer": 600}}}, nil)
	takesAnOffer(p, d, admin, ben, ch.ID, func() {
		deliver(t, mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: "A lamp", id: "offer@customer.test", text: "Is it there?"})
	})

	eva := admin.addAgent(t, "Eva Roca", "eva@desk.test", 5)
	admin.must(t, "PATCH", "/channels/"+ch.ID, obj{"routing": obj{"mode": "users_and_teams", "agents": []string{ben.me.ID, eva.me.ID}, "owners": obj{"away": "keep"}}}, nil)
	p.do(chromedp.Navigate(d.url + "/settings/agents/" + ben.me.ID))
	p.until("Ben's page", "$$('label').some((x) => x.innerText.includes('Deactivated'))")
	p.presses("the box", "$$('label').find((x) => x.innerText.includes('Deactivated')).querySelector('input')")
	p.presses("Save", "$('form .foot .primary')")
	p.until("the question with the number", "$('[role=alertdialog]')?.innerText.includes('1 open ticket goes back')")
	p.shoot("question")
	p.presses("Deactivate", "$('[role=alertdialog] .danger')")
	p.until("what went back", "document.body.innerText.includes('1 ticket went back')")
	eventually(t, patience, "the ticket with Eva", owned(eva))
	p.do(chromedp.Navigate(d.url + "/tickets/open/" + got.ID))
	p.until("why, in the timeline", "document.body.innerText.includes('Taken back: the account of Ben Bold was deactivated.')")
	p.shoot("timeline")
	p.holds("(localStorage.setItem('centralita.locale', 'es'), true)")
	p.do(chromedp.Reload())
	p.until("why, in Spanish", "document.body.innerText.includes('la cuenta de Ben Bold se desactivó')")
}

// takesAnOffer: Ben is told at once that a ticket is an offer, and until when; that he missed one; and takes it with a press when it comes
// again. The live board says meanwhile that it went round.
func takesAnOffer(p *page, d *inProcess, admin, ben *restClient, channel string, write func()) {
	t := p.t
	t.Helper()
	q := openBrowser(t, "offers", d.url+"/")
	q.signInByHand("ben@desk.test", "the-password-of-an-agent")
	q.do(chromedp.Navigate(d.url + "/tickets/mine"))
	q.until("his own list, and that he is told things", "$('#list [data-row]') && $('nav a[href=\"/notifications\"]')")
	write()
	notice := func(words string) string {
		return "$$('.notice').some((n) => n.innerText.includes(" + quote(words) + "))"
	}
	q.until("the offer in his list, with its time", "/^Take it: (10:00|9:[0-5][0-9])$/.test($('[data-row] [data-offer]')?.innerText)")
	q.until("the notice of it", notice("A lamp is offered to you until"))
	q.axe("an offer", nil)
	q.shoot("offered")
	ben.setAvailable(t, false)
	q.until("that he missed it, and nothing of the offer", notice("went to the next: you did not take it in time")+" && !"+notice("is offered to you")+" && !$('[data-offer]')")
	p.do(chromedp.Navigate(d.url + "/live"))
	p.until("on the board that it went round", onBoard("line", channel)+"?.querySelector('[data-round]')?.innerText === '#2 was offered once and not taken'")
	p.shoot("round")
	ben.setAvailable(t, true)
	q.until("the offer once more", notice("A lamp is offered to you until"))
	q.presses("to take it", "$$('.notice').find((n) => n.innerText.includes('is offered to you')).querySelector('button')")
	q.until("the ticket, which is his", "location.pathname.startsWith('/tickets/open/') && $$('h1').some((x) => x.innerText === 'A lamp') && !$('[data-offer]') && !"+notice("is offered to you"))
	p.until("nothing that goes round", "!"+onBoard("line", channel)+".querySelector('[data-round]')")
	for _, x := range admin.tickets(t, "open") {
		if x.Subject == "A lamp" {
			admin.must(t, "PUT", "/conversations/"+x.ID+"/status", obj{"status": "closed"}, nil)
		}
	}
}

// saysOwners fills in the form and finds it kept.
func saysOwners(p *page, d *inProcess, admin *restClient, channel string) {
	p.t.Helper()
	p.do(chromedp.Navigate(d.url + "/settings/channels/" + channel + "/routing"))
	p.until("the form, as nothing was said", "$('[data-owners] input[value=keep]')?.checked === true && !$('[data-owners] input[name=after]')")
	p.presses("to give back after a time", "$('[data-owners] input[value=requeue]')")
	p.until("the minutes", "$('[data-owners] input[name=after]')?.value === '30'")
	p.fill("[data-owners] input[name=after]", "45")
	p.presses("kept if available", "$('[data-owners] input[value=if_available]')")
	p.presses("offers", "$('[data-owners] input[name=offers]')")
	p.until("their time", "$('[data-owners] input[name=offer]')?.value === '60'")
	p.fill("[data-owners] input[name=missed]", "3")
	p.settle()
	p.axe("the form of owners", nil)
	p.holds("($('[data-owners]').scrollIntoView(), true)")
	p.shoot("form")
	p.presses("its button", "$('[data-owners] [data-do=owners]')")
	var rows struct {
		Channels []struct {
			Routing struct {
				Owners struct {
					Away, Reopened string
					After, Offer   int
					MostMissed     int `json:"most_missed"`
				}
			}
		}
	}
	eventually(p.t, patience, "it kept", func() bool {
		admin.must(p.t, "GET", "/channels", nil, &rows)
		o := rows.Channels[0].Routing.Owners
		return o.Away == "requeue" && o.After == 2700 && o.Reopened == "if_available" && o.Offer == 60 && o.MostMissed == 3
	})
	p.do(chromedp.Reload())
	p.until("what was kept", "$('[data-owners] input[value=requeue]')?.checked && $('[data-owners] input[name=after]')?.value === '45' && $('[data-owners] input[name=missed]')?.value === '3'")
}
