//go:build integration

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/mailsim"
)

// inEditor: the cursor is where formatted text is written.
const inEditor = "document.activeElement?.closest('.composer [role=textbox]')"

// A formatted reply can be taken back before it leaves, and arrives formatted; a note calls a colleague; who writes on an old
// state is warned before it goes out.
func TestBrowserComposer(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	admin.setAvailable(t, true)
	ben := admin.addAgent(t, "Ben Bold", "ben@desk.test", 5)
	ben.setAvailable(t, false)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	first := letter{from: "Carla Gil <" + customerAddress + ">", to: supportAddress, subject: "My lamp flickers", id: "lamp@customer.test", text: "What can I do?"}
	if err := mail.Deliver(supportAddress, first.raw()); err != nil {
		t.Fatal(err)
	}

	p := openBrowser(t, "composer", d.url+"/")
	writeAndTakeBack(t, p, mail)
	id := callColleague(t, p, admin, ben)
	answerMeanwhile(t, p, openBrowser(t, "colleague", d.url+"/tickets/open/"+id), mail)
}

// leaves takes the cursor out of the composer: keys are commands again.
func (p *page) leaves() {
	p.t.Helper()
	p.keys("\x1b")
	p.until("the cursor out of the composer", "!document.activeElement?.closest('.composer')")
}

// writeAndTakeBack formats a reply, takes it back, and sends it after all.
func writeAndTakeBack(t *testing.T, p *page, mail *mailsim.Server) {
	t.Helper()
	p.signInByHand(adminEmail, adminPass)
	p.keys("2")
	p.until("the mail in the list", row("My lamp flickers"))
	p.holds("(" + row("My lamp flickers") + ".click(), true)")
	p.until("the conversation", "$('#conversation')?.innerText.includes('What can I do?')")
	p.keys("r")
	p.until("the editor", inEditor)
	p.keys("Please ")
	p.keys("b", chromedp.ModifierCtrl)
	p.keys("tighten")
	p.keys("b", chromedp.ModifierCtrl)
	p.keys(" the bulb.")
	p.until("bold letters", "$('.composer strong')?.innerText === 'tighten'")
	p.shoot("writing")
	p.keys("\r", chromedp.ModifierCtrl)
	p.until("the way back", "$('#conversation .outbound .goes button')")
	p.shoot("undo")
	p.holds("($('#conversation .outbound .goes button').click(), true)") // what is above may still grow
	p.until("the words back in the composer", "$('.composer [role=textbox]')?.innerText.includes('Please tighten the bulb.') && $('.composer strong')")
	p.until("the reply taken back", "$('#conversation .canceled')")
	p.until("the editor again", inEditor)
	p.keys("\r", chromedp.ModifierCtrl)
	p.until("the second try", "$$('#conversation .outbound .goes button').length === 2")
	p.holds("($$('#conversation .outbound .goes button')[1].click(), true)") // now
	answer := awaitMail(t, mail, customerAddress, "tighten the bulb")        // and that it is the only one
	if !strings.Contains(answer.HTML, "<strong>tighten</strong>") || !strings.Contains(answer.Text, "Please tighten the bulb.") {
		t.Errorf("text %q, html %q", answer.Text, answer.HTML)
	}
}

// callColleague writes a note that calls Ben, who sees only his own tickets: whom it shows the ticket is said before it is sent.
func callColleague(t *testing.T, p *page, admin, ben *restClient) (conversation string) {
	t.Helper()
	admin.must(t, "PATCH", "/agents/"+ben.me.ID, obj{"access": "own"}, nil)
	p.leaves()
	p.keys("n")
	p.until("the note", inEditor+" && $('.composer.note')")
	p.keys("@Be")
	p.until("Ben is offered", "$('.offer')?.innerText.includes('Ben Bold')")
	p.shoot("mention")
	p.keys("\r")
	p.until("Ben is called", "$('.composer .mention')?.innerText === '@Ben Bold'")
	p.until("who would see the ticket only now", "$('.composer [data-outsiders]')?.innerText.includes('Ben Bold')")
	p.shoot("outsider")
	p.keys("can you look?")
	p.keys("\r", chromedp.ModifierCtrl)
	p.until("the note in the timeline", "$('#conversation .message.note')?.innerText.includes('can you look?')")
	id := strings.Split(ask[string](p, "location.pathname"), "/")[3]
	eventually(t, patience, "Ben is called, and he alone", func() bool { // the screen shows the note before the desk has it
		var shown struct{ Ticket struct{ Mentioned []string } }
		admin.must(t, "GET", "/conversations/"+id, nil, &shown)
		return slices.Equal(shown.Ticket.Mentioned, []string{ben.me.ID})
	})
	return id
}

// answerMeanwhile: Ben writes while Ada answers. He is told, and what he sends waits for his word.
func answerMeanwhile(t *testing.T, p, q *page, mail *mailsim.Server) {
	t.Helper()
	address := ask[string](q, "location.href")
	q.signInByHand("ben@desk.test", "the-password-of-an-agent")
	q.do(chromedp.Navigate(address))
	q.until("the conversation", "$('#conversation')?.innerText.includes('What can I do?')")
	p.until("Ben is seen to look", "$('.lookers')?.getAttribute('aria-label')?.includes('Ben Bold')")
	q.until("the editor", "$('.composer [role=textbox]')")
	q.click(".composer [role=textbox]")
	q.until("the cursor in it", inEditor)
	q.keys("I would say")
	p.until("Ben is seen to write", "$('.composer .others')?.innerText.includes('Ben Bold')")
	p.leaves()
	p.keys("r")
	p.until("the editor", inEditor)
	p.keys("One more thing: switch it off first.")
	p.keys("\r", chromedp.ModifierCtrl)
	q.until("Ben is told", "$('.composer .banner')?.innerText.includes('while you were writing')")
	q.shoot("collision")
	q.keys(" the bulb is broken.")
	q.keys("\r", chromedp.ModifierCtrl)
	q.until("his reply waits for his word", "$('#conversation .message.refused .ways')")
	q.shoot("stale")
	for _, m := range mail.Mailbox(customerAddress) {
		if strings.Contains(m.Text, "I would say") {
			t.Error("the stale reply went out")
		}
	}
	q.click("#conversation .message.refused .ways button")
	eventually(t, patience, "his reply, after his word", func() bool {
		for _, m := range mail.Mailbox(customerAddress) {
			if strings.Contains(m.Text, "I would say the bulb is broken.") {
				return true
			}
		}
		return false
	})
}
