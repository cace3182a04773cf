//go:build integration

package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/mailsim"
)

const supplierAddress = "sam@parts.test"

// A ticket is forwarded to a supplier, who answers. What is said there is seen apart, and over the real mail server neither side is sent
// anything of the other: not in text, recipients or references, with the whole conversation quoted below every reply.
func TestBrowserAsksASupplier(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress, supplierAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	channel := mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin)
	channel["config"].(obj)["sending"] = obj{"quote": "whole"}
	ch := admin.connect(t, channel)
	awaitIdle(t, admin, ch.ID)
	carla := "Carla Gil <" + customerAddress + ">"
	deliver(t, mail, letter{from: carla, subject: "Lamp broken", id: "lamp@customer.test", text: "My lamp is broken, my card is CUSTOMERSECRET."})
	p := openBrowser(t, "side", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/tickets/open"))
	p.opens("Lamp broken")
	conv := admin.tickets(t, "open")[0].ID
	admin.must(t, "POST", "/conversations/"+conv+"/notes", obj{"message_id": "ms_note", "text": "NOTESECRET"}, nil)
	p.until("the note", "$('#conversation').innerText.includes('NOTESECRET')")

	p.click("button[aria-label='More actions']")
	p.until("the menu", "$('dialog.chooser[open]')")
	p.chooses("forward")
	p.until("the dialog", "$('dialog[open]')?.innerText.includes('never go along') && !$('dialog[open]').innerText.includes('NOTESECRET') && $$('dialog[open] li').length === 1")
	p.fill("dialog[open] .recipients input", supplierAddress)
	p.fill("dialog[open] [role=textbox]", "Do you have a SUPPLIERSECRET bulb?")
	p.axeInBoth("forwarding", "forward", nil)
	p.press2("dialog[open] button", "Preview")
	p.until("the preview", "$('dialog[open] [data-preview]')?.innerText.includes('SUPPLIERSECRET') && $('dialog[open] [data-preview]').innerText.includes('CUSTOMERSECRET')")
	p.shoot("preview")
	p.press2("dialog[open] button", "Send")
	first := comes(t, mail, supplierAddress, "SUPPLIERSECRET")
	for _, word := range []string{"NOTESECRET", "lamp@customer.test"} {
		if strings.Contains(string(first.Raw), word) {
			t.Errorf("the supplier is sent %q", word)
		}
	}
	if !strings.Contains(string(first.Raw), "CUSTOMERSECRET") || !strings.Contains(string(first.Raw), "Fwd: Lamp broken") {
		t.Errorf("the supplier got\n%s", first.Raw)
	}
	p.until("that one waits", "$('#conversation').innerText.includes('1 side conversation waiting') && $('#conversation [data-side=opened]')")
	p.shoot("waiting")

	admin.must(t, "PUT", "/conversations/"+conv+"/status", obj{"status": "closed"}, nil)
	deliver(t, mail, letter{from: "Sam Parts <" + supplierAddress + ">", subject: "Re: Fwd: Lamp broken", id: "price@parts.test", answers: []string{first.MessageID}, text: "Yes, for 3 euros. SUPPLIERSECRET"})
	p.until("the answer", "$('#conversation').innerText.includes('1 side answer') && $('#conversation [data-side=answered]')?.innerText.includes('Sam Parts')")
	if rows := admin.tickets(t, "open"); len(rows) != 1 || rows[0].ID != conv || rows[0].Messages != 1 {
		t.Errorf("the answer did not open the ticket, or is in it: %+v", rows)
	}
	p.shoot("answered")
	p.click("#conversation [data-side=answered] button")
	p.until("what was said", "$('dialog[open]')?.innerText.includes('for 3 euros')")
	p.axeInBoth("a side conversation", "aside", nil)
	p.fill("dialog[open] [role=textbox]", "Please send one. SUPPLIERSECRET")
	p.press2("dialog[open] button", "Send")
	second := comes(t, mail, supplierAddress, "Please send one.")
	p.until("it on the screen", "$('dialog[open]').innerText.includes('Please send one')")

	admin.must(t, "POST", "/conversations/"+conv+"/replies", obj{"message_id": "ms_customer", "text": "A new bulb is on its way."}, nil)
	reply := comes(t, mail, customerAddress, "A new bulb is on its way.")
	apartIn(t, "the customer", reply, "SUPPLIERSECRET", supplierAddress, first.MessageID, second.MessageID, "price@parts.test", "3 euros")
	deliver(t, mail, letter{from: carla, subject: "Re: Lamp broken", id: "thanks@customer.test", answers: []string{reply.MessageID}, text: "Thanks, LATERSECRET."})
	p.until("the customer's answer in the ticket", "$('#conversation').innerText.includes('LATERSECRET')")
	side := sideOf(t, admin, conv, "waiting")
	admin.must(t, "POST", "/conversations/"+conv+"/sides/"+side+"/replies", obj{"message_id": "ms_third", "text": "Has it left?"}, nil)
	third := comes(t, mail, supplierAddress, "Has it left?")
	apartIn(t, "the supplier", third, "LATERSECRET", "NOTESECRET", reply.MessageID, "thanks@customer.test", "is on its way")
	p.press2("dialog[open] button", "Mark as done")
	p.until("that it is done", "$('dialog[open]').innerText.includes('do not open the ticket again')")
	p.shoot("done")
}

// comes waits for a mail with these words.
func comes(t *testing.T, s *mailsim.Server, address, words string) (found mailsim.Message) {
	t.Helper()
	eventually(t, patience, "a mail with "+words, func() bool {
		i := slices.IndexFunc(s.Mailbox(address), func(m mailsim.Message) bool { return strings.Contains(m.Text, words) })
		if i >= 0 {
			found = s.Mailbox(address)[i]
		}
		return i >= 0
	})
	return found
}

// apartIn: a mail has none of these words.
func apartIn(t *testing.T, who string, m mailsim.Message, words ...string) {
	t.Helper()
	for _, word := range words {
		if strings.Contains(string(m.Raw), strings.Trim(word, "<>")) {
			t.Errorf("%s is sent %q:\n%s", who, word, m.Raw)
		}
	}
}

// sideOf is the only side conversation of a ticket, once it stands so.
func sideOf(t *testing.T, c *restClient, conv, status string) string {
	t.Helper()
	var out struct{ Sides []struct{ ID, Status string } }
	eventually(t, 20*time.Second, "the side conversation", func() bool {
		c.must(t, "GET", "/conversations/"+conv+"/sides", nil, &out)
		return slices.ContainsFunc(out.Sides, func(s struct{ ID, Status string }) bool { return s.Status == status })
	})
	return out.Sides[0].ID
}
