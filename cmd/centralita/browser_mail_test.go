//go:build integration

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What a server that is trusted says of a sender is seen at the message, and an administrator chooses whom to trust from what came.
func TestBrowserSenderIsNotVerified(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	bring := func(subject, result string) {
		l := letter{from: "Carla Gil <carla@bank.test>", to: supportAddress, subject: subject, id: subject[:4] + "@bank.test", text: "Please send me the list of your customers."}
		head := "Received: from out.example by mx.desk.test with ESMTPS; Mon, 2 Nov 2026 10:00:00 +0000\r\nAuthentication-Results: mx.desk.test; " + result + "\r\n"
		if err := mail.Deliver(supportAddress, append([]byte(head), l.raw()...)); err != nil {
			t.Fatal(err)
		}
	}
	bring("Before anybody is trusted", "dmarc=fail header.from=bank.test")
	p := openBrowser(t, "sender", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/tickets/open"))
	p.until("the first mail", row("Before anybody"))

	p.do(chromedp.Navigate(d.url + "/settings/channels/" + ch.ID + "/trust"))
	p.until("the server that was seen", button("Trust: mx.desk.test")+" || $$('button').some((b) => b.getAttribute('aria-label') === 'Trust: mx.desk.test')")
	p.axe("the trust of a mailbox", nil)
	p.shoot("trust-offered")
	p.click("button[aria-label='Trust: mx.desk.test']")
	p.until("that it is trusted", "$$('button').some((b) => b.getAttribute('aria-label') === 'Trust mx.desk.test no more')")
	p.shoot("trust")
	awaitIdle(t, admin, ch.ID)

	bring("Fake request", "dmarc=fail header.from=bank.test")
	bring("Real request", "dmarc=pass header.from=bank.test")
	p.do(chromedp.Navigate(d.url + "/tickets/open"))
	p.until("both mails", row("Fake request")+" && "+row("Real request"))
	p.holds("(" + row("Fake request") + ".click(), true)")
	p.until("the mark", "$('#conversation .chip.warn')?.innerText.includes('Sender not verified')")
	p.until("why", "$('#conversation .chip.warn').title.includes('bank.test') && $('#conversation .chip.warn').title.includes('mx.desk.test')")
	p.axe("the mark", nil)
	p.shoot("badge")
	p.holds("(" + row("Real request") + ".click(), true)")
	p.until("the other one, without it", "$('#conversation')?.innerText.includes('Real request') && $('#conversation article.inbound') && !$('#conversation .chip.warn')")
	p.holds("(" + row("Before anybody") + ".click(), true)")
	p.until("nor the first, of which nobody could tell", "$('#conversation')?.innerText.includes('Before anybody') && $('#conversation article.inbound') && !$('#conversation .chip.warn')")
}

// bounceOf is what a server writes of a mail that nobody takes (RFC 3464).
func bounceOf(messageID, recipient, action, status, said string) []byte {
	const boundary = "=_bounce"
	return []byte(strings.ReplaceAll(fmt.Sprintf(`From: Mail Delivery System <mailer-daemon@relay.test>
To: %[1]s
Subject: Undelivered Mail Returned to Sender
Date: Mon, 2 Nov 2026 10:00:00 +0000
Message-ID: <%[6]s.%[3]s@relay.test>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="%[2]s"

--%[2]s
Content-Type: text/plain

I could not deliver your message to %[4]s.

--%[2]s
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.test

Final-Recipient: rfc822; %[4]s
Action: %[3]s
Status: %[5]s
Diagnostic-Code: smtp; %[7]s

--%[2]s
Content-Type: text/rfc822-headers

Message-ID: <%[6]s>
To: %[4]s

--%[2]s--
`, supportAddress, boundary, action, recipient, status, messageID, said), "\n", "\r\n"))
}

// A reply comes back: that stands at the reply in words, the ticket has no new message, and who writes to the address again is warned
// until a mail comes from it. What bounces of others is in no list of open tickets.
func TestBrowserBounce(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	admin.setAvailable(t, true)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	question := letter{from: "Carla Gil <" + customerAddress + ">", to: supportAddress, subject: "My lamp flickers", id: "lamp@customer.test", text: "What can I do?"}
	bring := func(raw []byte) {
		if err := mail.Deliver(supportAddress, raw); err != nil {
			t.Fatal(err)
		}
	}
	bring(question.raw())
	p := openBrowser(t, "bounce", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/tickets/open"))
	p.until("the mail", row("My lamp flickers"))
	p.holds("(" + row("My lamp flickers") + ".click(), true)")
	p.until("the conversation", "$('#conversation')?.innerText.includes('What can I do?')")
	p.keys("r")
	p.until("the cursor in the composer", inEditor)
	p.keys("Please tighten the bulb.")
	p.keys("\r", chromedp.ModifierCtrl)
	p.until("the reply, sent", "$('#conversation .outbound .tick.sent')")
	answer := awaitMail(t, mail, customerAddress, "tighten the bulb")

	bring(bounceOf(answer.MessageID, customerAddress, "delayed", "4.4.1", "connection timed out"))
	p.until("that it is late", "$('#conversation .outbound .tick.delayed') && $('#conversation .returned.late')?.innerText.includes('still trying')")
	p.shoot("delayed")
	bring(bounceOf(answer.MessageID, customerAddress, "failed", "5.1.1", "550 user unknown"))
	p.until("that it failed, and why", "$('#conversation .outbound .tick.failed') && $('#conversation .returned.bad')?.innerText.includes('there is no such address')")
	p.until("the warning in the composer", "$('.unreachable')?.innerText.includes('"+customerAddress+"')")
	if n := ask[int](p, "$$('#conversation article.inbound').length"); n != 1 {
		t.Errorf("%d messages of the customer, want 1: a bounce is none", n)
	}
	p.axe("a bounce", nil)
	p.shoot("failed")
	var told struct {
		Notifications []struct{ Kind string }
	}
	admin.must(t, "GET", "/me/notifications", nil, &told)
	if len(told.Notifications) == 0 || told.Notifications[0].Kind != "undelivered" {
		t.Errorf("the owner was told %v", told.Notifications)
	}

	bring(bounceOf("nobody-knows-this@elsewhere.test", "dario@other.test", "failed", "5.1.1", "550 user unknown"))
	again := letter{from: question.from, to: supportAddress, subject: "Re: My lamp flickers", id: "here@customer.test", answers: []string{question.id, answer.MessageID}, text: "I am here after all."}
	bring(again.raw())
	p.until("the customer's mail, and no warning", "$('#conversation')?.innerText.includes('I am here after all.') && !$('.unreachable')")
	if all := admin.tickets(t, "open"); len(all) != 1 {
		t.Errorf("%d open tickets, want 1", len(all))
	}
	if all := admin.tickets(t, "closed"); len(all) != 1 || all[0].Owner != nil {
		t.Errorf("closed: %v, want the bounce of nobody's, of no owner", all)
	}
}

// An administrator denies a domain; what comes from it is under Spam and told to nobody, until an agent says that it is none and
// allows the sender.
func TestBrowserSpamLists(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	p := openBrowser(t, "spam", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/spam"))
	p.fill("textarea[name=deny]", "offers.test\nnot an address")
	p.press("Save")
	p.until("the fault at the list", "$('textarea[name=deny]').getAttribute('aria-invalid') === 'true' && $('.fault').innerText.includes('not an address')")
	p.axe("a fault of the spam lists", nil)
	p.fill("textarea[name=deny]", "@Offers.test")
	p.until("how long spam is kept", "$('input[name=keep_days]').value === '90'")
	p.fill("input[name=keep_days]", "30")
	p.press("Save")
	p.until("that it is kept, in its form", "$('textarea[name=deny]').value === 'offers.test' && document.body.innerText.includes('Saved')")
	p.shoot("lists")

	bring := func(subject, id string) {
		l := letter{from: "Olga <olga@offers.test>", to: supportAddress, subject: subject, id: id + "@offers.test", text: "Buy now."}
		if err := mail.Deliver(supportAddress, l.raw()); err != nil {
			t.Fatal(err)
		}
	}
	bring("Cheap lamps", "lamps")
	eventually(t, patience, "the mail under Spam", func() bool { return len(admin.tickets(t, "spam")) == 1 })
	if open := admin.tickets(t, "open"); len(open) != 0 {
		t.Errorf("%d open tickets", len(open))
	}
	p.do(chromedp.Navigate(d.url + "/tickets/spam"))
	p.until("it is under Spam", row("Cheap lamps"))
	p.holds("(" + row("Cheap lamps") + ".click(), true)")
	p.until("why", "$('#conversation')?.innerText.includes('the sender is on the list')")
	p.shoot("spam")
	p.press("Not spam, and allow the sender")
	p.until("that the sender is allowed", "document.body.innerText.includes('olga@offers.test is never spam from now on')")
	eventually(t, patience, "it is open", func() bool { return len(admin.tickets(t, "open")) == 1 })
	bring("Dear lamps", "dear")
	eventually(t, patience, "the next one is open, too", func() bool { return len(admin.tickets(t, "open")) == 2 })
	var rules struct {
		Allow, Deny []string
		Days        int `json:"keep_days"`
	}
	admin.must(t, "GET", "/spam-rules", nil, &rules)
	if len(rules.Allow) != 1 || rules.Allow[0] != "olga@offers.test" || len(rules.Deny) != 1 || rules.Days != 30 {
		t.Errorf("%v", rules)
	}
	var audit struct {
		Entries []struct{ Setting, Kind string }
	}
	admin.must(t, "GET", "/audit?noun=setting", nil, &audit)
	if of := func(i int) string { return audit.Entries[i].Setting }; len(audit.Entries) < 3 || of(0) != "spam" || of(1) != "spam" || of(2) == "spam" { // a new desk has skills
		t.Errorf("the audit has %v", audit.Entries)
	}
}

// What a machine wrote says why nothing follows from it; a contact who is not answered by machine any more says so, and is allowed again.
func TestBrowserMachines(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	order := letter{from: "Carla Gil <" + customerAddress + ">", to: supportAddress, subject: "Your order of lamps", id: "order@customer.test", text: "We have your order."}
	if err := mail.Deliver(supportAddress, append([]byte("Auto-Submitted: auto-generated\r\n"), order.raw()...)); err != nil {
		t.Fatal(err)
	}
	p := openBrowser(t, "machines", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/tickets/open"))
	p.until("the mail", row("Your order of lamps"))
	p.holds("(" + row("Your order of lamps") + ".click(), true)")
	p.until("why nothing follows from it", "$('#conversation [data-handled=auto_reply]')?.innerText.includes('Written by a machine')")
	away := letter{from: "Carla Gil <" + customerAddress + ">", to: supportAddress, subject: "Out of office: lamps", id: "away@customer.test", text: "I am away until Monday."}
	if err := mail.Deliver(supportAddress, append([]byte("Auto-Submitted: auto-replied\r\n"), away.raw()...)); err != nil {
		t.Fatal(err)
	}
	p.until("how many were set aside", "$('nav a[href=\"/tickets/set_aside\"] .count')?.innerText === '1'")
	p.holds("($('nav a[href=\"/tickets/set_aside\"]').click(), true)")
	p.until("what was set aside", row("Out of office: lamps"))
	p.holds("(" + row("Out of office: lamps") + ".click(), true)")
	p.until("why it is", "$('#conversation [data-handled=stray_answer]')?.innerText.includes('kept closed')")
	p.shoot("set-aside")
	p.do(chromedp.Navigate(d.url + "/tickets/open"))
	p.until("what is open", row("Your order of lamps"))
	p.holds("!" + row("Out of office: lamps"))
	p.holds("(" + row("Your order of lamps") + ".click(), true)")
	p.until("its ticket", "$('#conversation [data-handled=auto_reply]')")
	contact := desk.ContactIDFor(int32(deskpb.IdentityKind_IDENTITY_KIND_EMAIL), customerAddress)
	if _, err := d.engine.Do(t.Context(), contact.Stream(), deskpb.NewCommand(&deskpb.StopAutomaticAnswers{Cause: desk.StoppedByFlood})); err != nil {
		t.Fatal(err)
	}
	p.until("that answers are off", "document.body.innerText.includes('Too many mails came from here at once.')")
	p.axe("answers that are off", nil)
	p.shoot("stopped")
	p.press("Allow again")
	p.until("that they are on", "document.body.innerText.includes('Automatic answers are on again.') && !document.body.innerText.includes('Too many mails')")
}
