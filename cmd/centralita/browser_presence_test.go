//go:build integration

package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/proto/deskpb"
)

// Three visitors chat with a desk where somebody is available and has no workspace open: they stand in line, and are told so when somebody is there. The
// one who opens a workspace gets one after the other, whoever is left is told that it goes on, and who runs the desk sees who is connected.
func TestBrowserPresenceAndPlaces(t *testing.T) {
	t.Parallel() // it waits most of the time
	d := openDesk(t, "", func(o *centralita.Options) { o.Tuning.PresenceGrace = 200 * time.Millisecond })
	ana := d.setUp(t)
	ben := ana.addAgent(t, "Ben Okafor", "ben@desk.example", 1)
	ben.setAvailable(t, true)
	chat := "/channels/" + ana.connect(t, chatChannel("Lamps and more", ben)).ID + "/"
	visitors(t, d.url, chat, "first", "second")
	waiting := func(n int) (all []ticket) {
		t.Helper()
		eventually(t, patience, "so many chats in line", func() bool {
			all = ana.tickets(t, "unassigned")
			return len(all) == n
		})
		return all
	}
	waiting(2)

	visitor := openBrowser(t, "visitor", d.url+chat)
	visitor.until("the widget", "$('.launcher')")
	visitor.click(".launcher")
	visitor.until("the open panel", "root.activeElement.tagName === 'IFRAME' && frame.activeElement.tagName === 'TEXTAREA'")
	visitor.click(".composer textarea")
	visitor.keys("Is the Encina lamp in stock?\r")
	third := waiting(3)[0]
	visitor.until("no place while nobody is there", "!$('.place')?.innerText.trim()")
	visitor.shoot("waits")

	p := openBrowser(t, "workspace", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/tickets/open/" + third.ID))
	p.press("Why, and who now?")
	p.until("its place, and why Ben does not get it", "$('dialog[open] [data-line]')?.innerText === 'It stands at number 3 in line.' && $('dialog[open] li').innerText.includes('not connected')")
	p.settle()
	p.axe("why a chat waits", nil)
	p.shoot("why")
	p.do(chromedp.Navigate(d.url + "/settings/agents"))
	state := func(name, words string) string {
		return "$$('tbody tr').some((r) => r.innerText.includes(" + quote(name) + ") && r.querySelector('.there')?.innerText === " + quote(words) + ")"
	}
	p.until("who is connected", state("Ben Okafor", "Not connected")+" && "+state("Ana Torres", "Connected"))
	p.settle()
	p.axeInBoth("agents, connected or not", "agents", nil)
	p.shoot("agents")

	workspace := ben.dialSocket(t, "", 0, &deskpb.Subscribe{})
	p.until("that Ben came, without asking", state("Ben Okafor", "Connected"))
	servesThem(t, ana, visitor, waiting)
	workspace.close()
	p.until("that Ben is gone", state("Ben Okafor", "Not connected"))
}

// visitors are others who chat, each with a few words.
func visitors(t *testing.T, url, chat string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		var s struct {
			Token string `json:"visitor_token"`
		}
		c := newRESTClient(url)
		if err := c.do("POST", chat+"v1/session", "", obj{"page": "/"}, &s); err != nil {
			t.Fatal(err)
		}
		if err := c.do("POST", chat+"v1/messages", s.Token, obj{"client_msg_id": "m-" + text, "text": text}, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// servesThem closes what somebody has until the last of three has somebody, who was told that it goes on.
func servesThem(t *testing.T, admin *restClient, visitor *page, waiting func(int) []ticket) {
	t.Helper()
	for left := 2; left > 0; left-- {
		waiting(left)
		var mine ticket
		eventually(t, patience, "a chat of Ben's", func() bool {
			for _, x := range admin.tickets(t, "open") {
				if x.Owner != nil {
					mine = x
				}
			}
			return mine.ID != ""
		})
		if left == 1 {
			visitor.until("the last place, a time, and that somebody is there", "$('.place').innerText === 'You are next in line: about a minute.' && $('.presence').innerText === 'We are here for you'")
			visitor.shoot("next")
		}
		admin.must(t, "PUT", "/conversations/"+mine.ID+"/status", obj{"status": "closed"}, nil)
	}
	waiting(0)
	visitor.until("no place any more", "$('.place').hidden")
}
