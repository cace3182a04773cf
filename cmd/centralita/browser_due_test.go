//go:build integration

package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// dueOf is what a row says of when it is due, "" for nothing.
func dueOf(words string) string {
	return "(" + row(words) + ")?.querySelector('[data-due]')?.innerText.trim()"
}

// A channel promises an answer within an hour, the row and the panel say how long it is until then; another time is chosen and taken off, one that is over is late,
// lists are in that order and filtered by it, and an answer settles it.
func TestBrowserSaysWhenAnAnswerIsDue(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	admin.must(t, "PATCH", "/channels/"+ch.ID, obj{"routing": obj{"mode": "nobody", "defaults": obj{"answer_within_minutes": 60}}}, nil)
	carla := "Carla Gil <" + customerAddress + ">"
	deliver(t, mail, letter{from: carla, subject: "My lamp flickers", id: "lamp@customer.test", text: "Since yesterday."})
	deliver(t, mail, letter{from: "Dario <dario@customer.test>", subject: "Where is my order?", id: "order@customer.test", text: "Is it on its way?"})
	deliver(t, mail, letter{from: "Zoe <zoe@customer.test>", subject: "A question of mine", id: "zoe@customer.test", text: "Do you sell chairs?"})
	var lamp, order ticket
	eventually(t, patience, "three tickets", func() bool {
		all := admin.tickets(t, "open")
		for _, x := range all {
			switch x.Subject {
			case "My lamp flickers":
				lamp = x
			case "Where is my order?":
				order = x
			}
		}
		return len(all) == 3 && lamp.ID != "" && order.ID != ""
	})

	p := openBrowser(t, "due", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/tickets/open?sort=due"))
	p.until("by when it is due, on the row", "/^Due in (59|60) min|1 h$/.test("+dueOf("My lamp flickers")+")")
	p.opens("Where is my order?")
	p.until("and in the panel and the timeline", "$('#p-due [data-due]') && $('#conversation').innerText.includes('An answer is due by')")
	p.presses("the time", "$('#p-due')")
	p.chooses("three hours")
	p.until("another time", "/^Due in [23] h$/.test("+dueOf("Where is my order?")+") && $('#conversation').innerText.includes('set the answer to be due by')")
	p.presses("the time", "$('#p-due')")
	p.chooses("no time")
	p.until("none", "("+row("Where is my order?")+") && !"+dueOf("Where is my order?")+" && $('#conversation').innerText.includes('took off the time')")
	p.until("what is due by no time last", "$$('[data-row]').at(-1).innerText.includes('Where is my order?')")

	admin.must(t, "PUT", "/conversations/"+lamp.ID+"/due", obj{"due": time.Now().Add(2 * time.Second).UTC().Format(time.RFC3339Nano)}, nil)
	p.until("what is late, first and in red", "/late$/.test("+dueOf("My lamp flickers")+") && $$('[data-row]')[0].innerText.includes('My lamp flickers') && ("+row("My lamp flickers")+").querySelector('[data-due].danger')")
	p.opens("My lamp flickers")
	p.settle()
	p.axe("what is due", nil)
	p.shoot("late")

	p.do(chromedp.Navigate(d.url + `/tickets/open?filter={"due":{"before":1}}&layout=table&columns=number,contact,subject,due`))
	p.until("the late one alone", "$$('[data-row]').length === 1 && /late$/.test("+dueOf("My lamp flickers")+") && $('.chip-f')?.innerText.includes('Late')")
	p.shoot("table")
	admin.must(t, "POST", "/conversations/"+lamp.ID+"/replies", obj{"message_id": "ms_due", "text": "Shake it."}, nil)
	p.until("nothing late any more", "$$('[data-row]').length === 0")
	p.do(chromedp.Navigate(d.url + "/tickets/open/" + lamp.ID))
	p.until("that the answer came too late", "$('#conversation')?.innerText.includes('Answered late: it was due by') && $('#p-due') && !$('#p-due [data-due]')")
}
