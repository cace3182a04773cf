//go:build integration

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/centralita/centralita/internal/mailsim"
)

// writing is a desk with mails of customers, and an administrator's browser that shows them.
type writing struct {
	*page
	mail  *mailsim.Server
	desk  *inProcess
	admin *restClient
}

func openWriting(t *testing.T, name string, subjects ...string) *writing {
	t.Helper()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr()))
	awaitIdle(t, admin, ch.ID)
	for _, s := range subjects {
		deliver(t, mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: s, id: strings.ReplaceAll(s, " ", "-") + "@customer.test", text: "About this: " + s})
	}
	p := openBrowser(t, name, d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.keys("3")
	for _, s := range subjects {
		p.until(s, row(s))
	}
	return &writing{p, mail, d, admin}
}

const editor = "$('.composer [role=textbox]')"

// begins opens a ticket and puts the cursor into its reply.
func (p *page) begins(words string) {
	p.t.Helper()
	p.opens(words)
	p.until("the editor", editor)
	if !p.holds(inEditor) {
		p.keys("r")
	}
	p.until("the cursor in it", inEditor)
}

// picks opens a menu by the name of its button and takes the entry with these words.
func (p *page) picks(menu, words string) {
	p.t.Helper()
	p.click("[aria-label=" + quote(menu) + "]")
	p.enters("$$('[role=menuitem]').find((m) => m.innerText.includes(" + quote(words) + "))")
	p.until("the menu gone", "!$('[role=menuitem]')")
}

// enters takes an entry of the menu that opens, by the keyboard. A menu takes the focus when it has come: an entry that is
// given the focus before that loses it again.
func (p *page) enters(entry string) {
	p.t.Helper()
	p.until("the menu with the focus in it", entry+"?.getClientRects().length && document.activeElement?.closest('[role=menu]')")
	p.until("the focus on the entry", "("+entry+"?.focus(), document.activeElement === "+entry+")")
	p.keys("\r")
}

// mailWith waits for a mail to the customer with these words.
func (w *writing) mailWith(words string) (found mailsim.Message) {
	w.t.Helper()
	eventually(w.t, patience, "a mail with "+words, func() bool {
		for _, m := range w.mail.Mailbox(customerAddress) {
			if strings.Contains(m.Text, words) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

func (w *writing) noMailWith(words string) {
	w.t.Helper()
	for _, m := range w.mail.Mailbox(customerAddress) {
		if strings.Contains(m.Text, words) {
			w.t.Errorf("a mail with %q went out", words)
		}
	}
}

func (w *writing) ticketCalled(subject string) (id string) {
	w.t.Helper()
	for _, view := range []string{"open", "closed"} {
		for _, row := range w.admin.tickets(w.t, view) {
			if row.Subject == subject {
				return row.ID
			}
		}
	}
	w.t.Fatalf("no ticket %q", subject)
	return ""
}

// An agent writes with what is prepared: a snippet typed and one from the menu, with their tokens filled; a macro that answers,
// tags, closes and takes the ticket as one; a reply that goes later, and one that closes its ticket.
func TestBrowserSnippetsMacrosAndLater(t *testing.T) {
	t.Parallel()
	w := openWriting(t, "texts", "My lamp flickers", "Where is my order", "A broken chair", "A lost parcel")
	var tag struct{ Item struct{ ID string } }
	w.admin.must(t, "POST", "/tags", obj{"name": "Refund", "colour": "red"}, &tag)
	w.admin.must(t, "POST", "/snippets", obj{"name": "Greeting", "shortcut": "hi", "text": "Hello {{contact.first_name}}, this is {{agent.first_name}} about #{{ticket.number}}."}, nil)
	w.admin.must(t, "POST", "/snippets", obj{"name": "Goodbye", "shortcut": "bye", "text": "Write to us again: {{contact.email}}"}, nil)
	w.admin.must(t, "POST", "/snippets", obj{"name": "With a gap", "shortcut": "gap", "text": "Your order {{order.number}} is on its way."}, nil)
	w.admin.must(t, "POST", "/macros", obj{"name": "Refund and close", "reply_text": "Dear {{contact.first_name}}, the money for “{{ticket.subject}}” is on its way.",
		"add_tags": []string{tag.Item.ID}, "status": "closed", "assign": "me", "priority": "high"}, nil)
	w.insertsSnippets()
	w.runsMacro(tag.Item.ID)
	w.sendsLater()
	w.sendsAndCloses()
	w.takesAMacroBack()
}

func (w *writing) insertsSnippets() {
	w.t.Helper()
	w.begins("My lamp flickers")
	w.keys(";hi")
	w.until("the snippet offered", "$('.offer')?.innerText.includes('Greeting')")
	w.shoot("offer")
	w.axe("the snippets offered", nil)
	w.keys("\r")
	w.until("its words with the tokens filled", editor+".innerText.includes('Hello Carla, this is Ana about #')")
	w.keys(" ")
	w.picks("Snippets and macros", "Goodbye")
	w.until("the second one behind it", "/about #\\d+\\.\\s+Write to us again: "+customerAddress+"/.test("+editor+".innerText)")
	w.picks("Snippets and macros", "With a gap")
	w.until("a token that nobody knows stands", editor+".innerText.includes('{{order.number}}')")
	w.keys("\r", chromedp.ModifierCtrl)
	w.until("told what is missing", "document.body.innerText.includes('Fill in first: {{order.number}}')")
	w.shoot("missing")
	if w.holds("$('#conversation .outbound')") {
		w.t.Error("a reply with a gap went out")
	}
	w.keys("a", chromedp.ModifierCtrl)
	w.keys("; hi") // a ; alone is a letter
	w.keys("\r", chromedp.ModifierCtrl)
	w.mailWith("; hi")
}

func (w *writing) runsMacro(tag string) {
	w.t.Helper()
	w.begins("Where is my order")
	w.picks("Snippets and macros", "Refund and close")
	w.until("what it will do", "$('.dialog')?.innerText.includes('Adds the tags Refund') && $('.dialog').innerText.includes('Dear Carla')")
	w.shoot("macro")
	w.axe("a macro's question", nil)
	w.pressed("Run it")
	w.until("the answer, the tag and the priority on the screen", "$('#conversation .outbound')?.innerText.includes('Dear Carla') && $('#p-tags')?.innerText.includes('Refund') && $('#p-priority').innerText.includes('High')")
	w.mailWith("the money for “Where is my order” is on its way")
	var got struct {
		Ticket struct {
			Status, Priority string
			Tags             []string
			Owner            struct{ ID string }
		}
		Timeline []struct{ At string }
	}
	w.admin.must(w.t, "GET", "/conversations/"+w.ticketCalled("Where is my order"), nil, &got)
	if got.Ticket.Status != "closed" || got.Ticket.Priority != "high" || len(got.Ticket.Tags) != 1 || got.Ticket.Tags[0] != tag || got.Ticket.Owner.ID != w.admin.me.ID {
		w.t.Errorf("after the macro: %+v", got.Ticket)
	}
	at := map[string]bool{}
	for _, item := range got.Timeline[3:] { // it opened, the customer's mail, left to be taken
		at[item.At] = true
	}
	if len(at) != 1 {
		w.t.Errorf("the macro was done at %d times, want 1: all of it together", len(at))
	}
}

func (w *writing) sendsLater() {
	w.t.Helper()
	w.begins("A broken chair")
	w.keys("The new chair comes tomorrow.")
	w.picks("Send later", "Tomorrow morning")
	w.until("the reply, waiting", "$('#conversation .outbound .goes')?.innerText.includes('Goes out')")
	w.shoot("later")
	w.noMailWith("The new chair")
	w.pressed("Take back")
	w.until("its words back in the composer", editor+".innerText.includes('The new chair comes tomorrow.') && $('#conversation .canceled')")
	w.begins("A broken chair")
	w.keys(kb.End)
	w.picks("Send later", "In an hour")
	w.until("it waits again", "$('#conversation .outbound:not(.canceled) .goes')")
	w.holds("([...$('#conversation .outbound:not(.canceled) .goes').querySelectorAll('button')].at(-1).click(), true)") // now, after all
	w.mailWith("The new chair comes tomorrow.")
}

func (w *writing) sendsAndCloses() {
	w.t.Helper()
	w.begins("A broken chair")
	w.keys("Goodbye, chair.")
	w.until("it can be sent", "!$('.composer .primary').disabled")
	w.pressed("Send and close")
	w.until("gone from the open ones", "!("+row("A broken chair")+")")
	w.mailWith("Goodbye, chair.")
	for _, row := range w.admin.tickets(w.t, "closed") {
		if row.Subject == "A broken chair" {
			return
		}
	}
	w.t.Error("the ticket is not closed")
}

// goes to another place as a link does, without a new start.
func (p *page) goes(path string) {
	p.t.Helper()
	p.holds("(() => { const a = document.createElement('a'); a.href = " + quote(path) + "; document.body.append(a); a.click(); a.remove(); return true })()")
	p.until("at "+path, "location.pathname === "+quote(path))
}

// takesAMacroBack: what a macro sends can be undone for as long as a reply that was typed.
func (w *writing) takesAMacroBack() {
	w.t.Helper()
	w.admin.must(w.t, "PATCH", "/me/preferences", obj{"undo_send_seconds": 60}, nil)
	w.goes("/me/profile")
	w.until("the time to undo", "$$('select').some((s) => s.value === '60')")
	w.goes("/tickets/open")
	w.begins("A lost parcel")
	openPalette(w.page)
	w.until("the focus in the palette", "document.activeElement?.role === 'combobox'")
	w.keys("refund and")
	w.until("the macro", "$('[role=option][aria-selected=true]')?.innerText.includes('Run the macro “Refund and close”')")
	w.keys("\r")
	w.until("what it will do", "$('.dialog')?.innerText.includes('Dear Carla')")
	w.pressed("Run it")
	w.until("the way back", "$('#conversation .outbound .goes')?.innerText.includes('Undo')")
	left := "(/Goes out in (\\d+)s/.exec($('#conversation .outbound .goes').innerText)?.[1] ?? 60)"
	if took := w.until("seconds that go by", "(window.left ??= "+left+") - "+left+" > 1"); took > 10*time.Second {
		w.t.Errorf("a reply that waits counts its seconds down only after %v", took)
	}
	w.holds("($('#conversation .outbound .goes button').click(), true)")
	w.until("that it was taken back, in words", "$('#conversation .canceled [data-taken-back]')?.innerText === 'Taken back'")
	w.until("its words in the composer", editor+".innerText.includes('Dear Carla')")
	w.until("and what the macro did beside it, too", "$('#p-priority').innerText.includes('Normal') && !$('#p-tags').innerText.includes('Refund') && !$('#p-status').innerText.includes('Closed') && document.body.innerText.includes('Not sent. It is back in the composer.')")
	w.shoot("taken-back")
	w.noMailWith("A lost parcel” is on its way")
}

// What is written follows its writer to another browser, survives a macro that answers beside it, and is gone everywhere once
// it is sent.
func TestBrowserDraftFollows(t *testing.T) {
	t.Parallel()
	w := openWriting(t, "desktop", "My lamp flickers")
	w.admin.must(t, "POST", "/macros", obj{"name": "We are on it", "reply_text": "We are on it, {{contact.first_name}}.", "priority": "high"}, nil)
	q := openBrowser(t, "laptop", w.desk.url+"/")
	q.signInByHand(adminEmail, adminPass)
	q.keys("3")
	w.begins("My lamp flickers")
	w.keys("Half a")
	q.opens("My lamp flickers")
	q.until("the words on the other device", editor+"?.innerText.trim() === 'Half a'")
	w.keys(" sentence")
	q.until("and what was added", editor+".innerText.trim() === 'Half a sentence'")

	w.picks("Snippets and macros", "We are on it")
	w.pressed("Run it")
	w.mailWith("We are on it, Carla.")
	for _, p := range []*page{w.page, q} {
		p.until("the macro's answer beside the draft", "$('#conversation .outbound')?.innerText.includes('We are on it, Carla.') && "+editor+".innerText.trim() === 'Half a sentence'")
	}
	q.shoot("draft")

	q.keys("r")
	q.until("the cursor there", inEditor)
	q.keys(", now whole.")
	w.until("the other way round", editor+".innerText.includes('Half a sentence, now whole.')")
	q.keys("\r", chromedp.ModifierCtrl)
	for _, p := range []*page{w.page, q} {
		p.until("the reply sent and nothing left of the draft", "$$('#conversation .outbound').length === 2 && "+editor+".innerText.trim() === ''")
	}
	w.mailWith("Half a sentence, now whole.")
	w.do(chromedp.Reload())
	w.until("nothing of it after a reload", editor+"?.innerText.trim() === '' && !Object.keys(localStorage).some((k) => k.startsWith('centralita.draft.'))")
	var left struct{ Drafts []obj }
	w.admin.must(t, "GET", "/me/drafts", nil, &left)
	if len(left.Drafts) != 0 {
		t.Errorf("the desk still keeps %v", left.Drafts)
	}
}
