//go:build integration

package main

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/mailsim"
)

const absence = 60 // seconds without network

// pair are two agents before the same ticket; the network of one of them can be cut.
type pair struct {
	t        *testing.T
	mail     *mailsim.Server
	admin    *restClient
	ana, ben *page
	net      *mailsim.Proxy // Ben's
	id       string
}

func openPair(t *testing.T) *pair {
	t.Helper()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ben := admin.addAgent(t, "Ben Bold", "ben@desk.test", 5)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), ben))
	awaitIdle(t, admin, ch.ID)
	w := &pair{t: t, mail: mail, admin: admin, net: d.network(t)}
	w.carla("customer-1", "lamp")
	w.ana = openBrowser(t, "ana", d.url+"/")
	w.ben = openBrowser(t, "ben", "http://"+w.net.Addr()+"/")
	w.ana.signInByHand(adminEmail, adminPass)
	w.ben.signInByHand("ben@desk.test", "the-password-of-an-agent")
	for _, p := range []*page{w.ana, w.ben} {
		p.keys("3")
		p.opens("My lamp flickers")
		p.until("the editor", editor)
	}
	w.id = ask[string](w.ana, "location.pathname.split('/')[3]")
	return w
}

// carla writes; her later mails answer her first.
func (w *pair) carla(text, id string) {
	w.t.Helper()
	l := letter{from: "Carla Gil <" + customerAddress + ">", subject: "My lamp flickers", id: id + "@customer.test", text: text}
	if id != "lamp" {
		l.subject, l.answers = "Re: My lamp flickers", []string{"lamp@customer.test"}
	}
	deliver(w.t, w.mail, l)
}

// says sends a reply by the keyboard.
func (w *pair) says(p *page, text string) {
	w.t.Helper()
	p.begins("My lamp flickers")
	p.keys(text)
	p.keys("\r", chromedp.ModifierCtrl)
}

var spoken = regexp.MustCompile(`\b(?:customer|ana|ben)-\d+\b`)

// shows is what a screen shows of what was said, in its order; what waits for a word of its writer is not said yet.
func shows(p *page) []string {
	const said = "[...$$('#conversation .message:not(.refused):not([aria-busy=true])')].map((e) => e.querySelector('.card').textContent).join('\\n')"
	return spoken.FindAllString(ask[string](p, said), -1)
}

// agree holds both screens against what the desk has.
func (w *pair) agree(want int) {
	w.t.Helper()
	var all []string
	eventually(w.t, patience, fmt.Sprintf("%d messages at the desk", want), func() bool {
		var c struct {
			Timeline []struct{ Body *struct{ Text string } }
		}
		w.admin.must(w.t, "GET", "/conversations/"+w.id, nil, &c)
		all = nil
		for _, item := range c.Timeline {
			if item.Body != nil {
				all = append(all, spoken.FindString(item.Body.Text))
			}
		}
		return len(all) == want
	})
	for _, p := range []*page{w.ana, w.ben} {
		eventually(w.t, patience, fmt.Sprintf("%s's screen shows %v", p.name, all), func() bool { return slices.Equal(shows(p), all) })
	}
}

// Two agents stand before one ticket, and one of them is without network for a minute, while the other one and the customer
// write and he writes, too. Then no screen misses anything or shows what was, and what he wrote not knowing of it waits for
// his word.
func TestBrowserAMinuteAway(t *testing.T) {
	t.Parallel() // it waits most of the time
	w := openPair(t)
	looks := func(name string) string {
		return "$('.lookers')?.getAttribute('aria-label')?.includes(" + quote(name) + ")"
	}
	w.ana.until("Ben is seen to look", looks("Ben Bold"))
	w.ben.until("Ana is seen to look", looks("Ana Torres"))
	w.says(w.ana, "ana-1")
	w.agree(2)

	cut(t, w.net, absence, func(second int) {
		switch second {
		case 3:
			w.carla("customer-2", "c2")
		case 8:
			w.ana.until("the customer's words", "$('#conversation').innerText.includes('customer-2')")
			w.says(w.ana, "ana-2")
		case 15:
			w.ben.until("told that he is offline", "/Not connected|Connecting/.test(document.body.innerText)")
			w.says(w.ben, "ben-1")
			w.ben.shoot("offline")
		case 20:
			w.admin.must(t, "PUT", "/conversations/"+w.id+"/priority", obj{"priority": "urgent"}, nil)
		case 30:
			w.ana.until("Ben is not seen to look any more", "!"+looks("Ben Bold"))
		case 45:
			w.carla("customer-3", "c3")
		case absence - 2:
			w.ana.until("the customer's words", "$('#conversation').innerText.includes('customer-3')")
			if got := shows(w.ben); len(got) != 2 {
				t.Errorf("Ben's network was not cut: he sees %v", got)
			}
		}
	})
	back := time.Now()
	eventually(t, 2*patience, "all that was said on Ben's screen", func() bool { // it may be half a minute until the next try
		return w.ben.holds("$('#conversation').innerText.includes('customer-3') && $('#conversation').innerText.includes('ana-2')")
	})
	t.Logf("Ben's screen is complete %v after a minute away", time.Since(back).Round(time.Millisecond))
	w.ben.until("his reply waits for his word", "$('#conversation .message.refused')?.innerText.includes('ben-1') && $('#conversation .message.refused .ways')")
	w.ben.shoot("back")
	w.ben.axe("a reply that waits for a word", nil)
	w.agree(5)
	if n := ask[int](w.ana, "$$('#conversation .message').filter((m) => m.innerText.includes('ben-1')).length"); n != 0 {
		t.Errorf("Ana sees what Ben did not send, %d times", n)
	}
	for _, m := range w.mail.Mailbox(customerAddress) {
		if spoken.FindString(m.Text) == "ben-1" {
			t.Error("what Ben wrote on an old state went out")
		}
	}
	for _, p := range []*page{w.ana, w.ben} {
		p.until("the priority of meanwhile", "$('#p-priority').innerText.includes('Urgent') && "+row("My lamp flickers"))
	}
	w.ana.until("Ben is seen to look again", looks("Ben Bold"))
	w.ben.pressed("Send anyway")
	w.agree(6)
	w.ben.until("nothing waits", "!$('#conversation .refused')")
	if !w.ben.holds("window.neverReloaded") {
		t.Error("Ben's workspace was reloaded")
	}
}

// Who looks and who writes is seen while they do, and not after; what came while one was elsewhere is marked; a name that
// changes changes wherever it is read.
func TestBrowserPresenceAndWhatIsNew(t *testing.T) {
	t.Parallel()
	w := openPair(t)
	w.ana.until("Ben is seen to look", "$('.lookers')?.getAttribute('aria-label')?.includes('Ben Bold')")
	w.ben.begins("My lamp flickers")
	w.ben.keys("Let me")
	w.ana.until("Ben is seen to write", "$('.composer .others')?.innerText.includes('Ben Bold')")
	w.ana.shoot("writes")
	w.ana.axe("somebody looks and writes", nil)
	w.ben.leaves()
	w.ana.until("Ben is not seen to write any more", "!$('.composer .others')")

	const mark = "$('#conversation .day.new')"
	if w.ana.holds(mark) || w.ben.holds(mark) {
		t.Error("what was read at once is marked as new")
	}
	w.ben.keys("\x1b") // to the list
	w.ben.until("the list alone", "location.pathname === '/tickets/open'")
	w.ana.until("nobody looks", "!$('.lookers')")
	w.carla("customer-2", "c2")
	w.ben.until("the ticket moved on", row("customer-2"))
	w.ben.opens("My lamp flickers")
	w.ben.until("the mark before what is new", mark+"?.closest('li').innerText.includes('customer-2')")
	w.ben.shoot("new")
	w.ben.axe("what is new", nil)
	if w.ana.holds(mark) {
		t.Error("what Ana saw come is marked as new")
	}

	w.ana.click("#conversation ~ aside details summary, aside details summary")
	w.ana.until("the candidates", "$('aside details[open]')?.innerText.includes('Ben Bold')")
	w.admin.must(t, "PATCH", "/agents/"+w.benID(), obj{"name": "Ben Bright"}, nil)
	w.ana.until("the new name there, too", "$('aside details[open]')?.innerText.includes('Ben Bright')")
}

func (w *pair) benID() string {
	w.t.Helper()
	var all struct{ Agents []agent }
	w.admin.must(w.t, "GET", "/agents", nil, &all)
	for _, a := range all.Agents {
		if a.Email == "ben@desk.test" {
			return a.ID
		}
	}
	w.t.Fatal("no Ben")
	return ""
}
