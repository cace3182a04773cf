//go:build integration

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/mailsim"
)

// The scenarios of a mailbox that only a whole desk and a whole mail server can show.

// mailDesk is a desk with one mailbox.
type mailDesk struct {
	t       *testing.T
	s       *mailsim.Server
	admin   *restClient
	channel string
	at      time.Time
}

func openMailDesk(t *testing.T, config obj, accounts ...string) *mailDesk {
	s := startMailServer(t, append(accounts, supportAddress)...)
	admin := openDesk(t, "", nil).setUp(t)
	body := mailChannel(supportAddress, s.IMAPAddr(), s.SMTPAddr())
	for k, v := range config {
		body["config"].(obj)[k] = v
	}
	id := admin.connect(t, body).ID
	awaitIdle(t, admin, id)
	return &mailDesk{t: t, s: s, admin: admin, channel: id, at: time.Now()}
}

// comes hands a mail to the mailbox.
func (d *mailDesk) comes(lines ...string) {
	d.t.Helper()
	raw := strings.Join(lines, "\r\n")
	if !strings.Contains(raw, "Date:") {
		raw = "Date: " + d.at.Format(time.RFC1123Z) + "\r\n" + raw
	}
	if err := d.s.Deliver(supportAddress, []byte(strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\n", "\r\n")+"\r\n")); err != nil {
		d.t.Fatal(err)
	}
}

// known is a ticket with what a scenario asks of it.
type known struct {
	ticket
	Contact  struct{ ID, Name string }
	SetAside string `json:"set_aside"`
}

// tickets gives all of a view once there are so many.
func (d *mailDesk) tickets(view string, want int) (all []known) {
	d.t.Helper()
	eventually(d.t, patience, fmt.Sprintf("%d tickets of %s", want, view), func() bool {
		var page struct{ Tickets []known }
		d.admin.must(d.t, "GET", "/tickets?view="+view+"&limit=200", nil, &page)
		all = page.Tickets
		return len(all) >= want
	})
	if len(all) != want {
		d.t.Fatalf("%d tickets of %s, want %d: %+v", len(all), view, want, all)
	}
	return all
}

// ticketOf finds the ticket with a subject.
func (d *mailDesk) ticketOf(view, subject string) (found known) {
	d.t.Helper()
	eventually(d.t, patience, "a ticket about "+subject, func() bool {
		var page struct{ Tickets []known }
		d.admin.must(d.t, "GET", "/tickets?view="+view+"&limit=200", nil, &page)
		for _, k := range page.Tickets {
			if k.Subject == subject {
				found = k
				return true
			}
		}
		return false
	})
	return found
}

// addresses are those of a ticket's contact.
func (d *mailDesk) addresses(k known) string {
	d.t.Helper()
	var out struct {
		Contact struct {
			Identities []struct{ Value string }
		}
	}
	// Ticket and contact are two streams, written side by side: a ticket may be seen a moment before its contact is.
	eventually(d.t, patience, "the contact", func() bool { return d.admin.call("GET", "/contacts/"+k.Contact.ID, nil, &out) == nil })
	var all []string
	for _, i := range out.Contact.Identities {
		all = append(all, i.Value)
	}
	return strings.Join(all, " ")
}

// Scenario 1: mail from a stranger, an answer, an answer to that, and mails that were passed on.
func TestScenarioStrangerThenForwards(t *testing.T) {
	d := openMailDesk(t, obj{
		"from_name": "Acme", "trusted_servers": []string{"mx.desk.test"},
		"forwards": obj{"original_sender": true, "domains": []string{"desk.test"}},
		"sending":  obj{"sender_name": "agent_and_company", "signature": "<p>Regards, {{agent.first_name}}</p>"},
	}, "carla@customer.test", "one@customer.test", "two@customer.test")
	d.comes("From: Carla Ruiz <carla@customer.test>", "To: "+supportAddress, "Cc: one@customer.test, Two <two@customer.test>",
		"Subject: Broken lamp", "Message-ID: <first@customer.test>", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "",
		"--b", "Content-Type: text/plain", "", "It does not shine.", "--b", "Content-Type: image/png; name=lamp.png", "Content-Disposition: attachment; filename=lamp.png",
		"Content-Transfer-Encoding: base64", "", base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\nlamp")), "--b--")
	first := d.tickets("open", 1)[0]
	if first.Owner != nil || d.addresses(first) != "carla@customer.test" {
		t.Fatalf("the first ticket: %+v of %s", first, d.addresses(first))
	}

	d.admin.must(t, "POST", "/conversations/"+first.ID+"/replies", obj{"message_id": "r1", "text": "A new one is on its way.",
		"to": []obj{{"address": "carla@customer.test"}}, "cc": []obj{{"address": "one@customer.test"}, {"address": "two@customer.test"}}}, nil)
	reply := comes(t, d.s, "carla@customer.test", "A new one is on its way.")
	for _, address := range []string{"one@customer.test", "two@customer.test"} {
		if copied := comes(t, d.s, address, "A new one is on its way."); !bytes.Equal(copied.Raw, reply.Raw) {
			t.Errorf("%s got another mail", address)
		}
	}
	head, _, _ := strings.Cut(string(reply.Raw), "\r\n\r\n")
	for _, want := range []string{"Ana Torres at Acme", supportAddress, "one@customer.test", "two@customer.test", "In-Reply-To: <first@customer.test>"} {
		if !strings.Contains(head, want) {
			t.Errorf("the reply's header has no %q:\n%s", want, head)
		}
	}
	if !strings.Contains(reply.Text, "Regards, Ana") || strings.Contains(reply.Text, "Torres") {
		t.Errorf("the signature: %q", reply.Text)
	}
	if tk := d.tickets("open", 1)[0]; tk.Owner == nil || tk.Owner.ID != d.admin.me.ID {
		t.Errorf("who answered does not have it: %+v", tk)
	}

	// His program drops References and keeps In-Reply-To.
	d.comes("From: Carla Ruiz <carla@customer.test>", "To: "+supportAddress, "Subject: AW: Broken lamp", "Message-ID: <second@customer.test>",
		"In-Reply-To: <"+strings.Trim(reply.MessageID, "<>")+">", "", "Thank you!")
	eventually(t, patience, "the answer in the ticket", func() bool { return d.tickets("open", 1)[0].Messages == 3 })

	forward := func(subject, by, of string) {
		d.comes("Authentication-Results: mx.desk.test; dmarc=pass header.from="+by[strings.Index(by, "@")+1:], "From: Bob Stone <"+by+">", "To: "+supportAddress,
			"Subject: Fwd: "+subject, "Message-ID: <"+strings.ReplaceAll(subject, " ", "")+"@x.test>", "",
			"Please take this one.", "", "---------- Forwarded message ---------", "From: Dora Lang <"+of+">", "Date: Mon, 2 Nov 2026 at 10:00", "Subject: "+subject,
			"To: <bob@desk.test>", "", "Where is my invoice?")
	}
	forward("Invoice one", "bob@desk.test", "dora@other.test")
	if k := d.ticketOf("open", "Fwd: Invoice one"); d.addresses(k) != "dora@other.test" {
		t.Errorf("what a colleague passed on is the ticket of %s", d.addresses(k))
	}
	// A stranger who writes "From" into a text is nobody else.
	forward("Invoice two", "mallory@evil.test", "carla@customer.test")
	if k := d.ticketOf("open", "Fwd: Invoice two"); d.addresses(k) != "mallory@evil.test" {
		t.Errorf("a forged forward is the ticket of %s", d.addresses(k))
	}
	config := mailChannel(supportAddress, d.s.IMAPAddr(), d.s.SMTPAddr())["config"].(obj)
	config["trusted_servers"], config["forwards"] = []string{"mx.desk.test"}, obj{"original_sender": false, "domains": []string{"desk.test"}}
	d.admin.must(t, "PATCH", "/channels/"+d.channel, obj{"config": config}, nil)
	d.admin.awaitChannel(t, d.channel, "running")
	awaitIdle(t, d.admin, d.channel)
	forward("Invoice three", "bob@desk.test", "dora@other.test")
	if k := d.ticketOf("open", "Fwd: Invoice three"); d.addresses(k) != "bob@desk.test" {
		t.Errorf("with the switch off it is the ticket of %s", d.addresses(k))
	}
	d.tickets("open", 4)
}

// Scenario 9: mail that bites. Machines are never answered and open nothing, not even again, two of them stop, and everything else becomes a ticket
// that can be read; the mailbox goes on.
func TestScenarioMailThatBites(t *testing.T) {
	people := []string{"carla@customer.test", "nina@customer.test", "away@customer.test", "list@customer.test", "robot@other.test", "page@customer.test"}
	d := openMailDesk(t, obj{"sending": obj{"acknowledge": obj{"subject": "We have your mail", "text": "RECEIVED {{ticket.number}}"}}}, people...)
	d.s.OnMail(func(account string, m mailsim.Message) { // another desk, without a header field that says so
		if account == "robot@other.test" {
			_ = d.s.Deliver(supportAddress, letter{from: "Robot <robot@other.test>", to: supportAddress, subject: "We got your mail",
				id: fmt.Sprintf("r%d@other.test", len(d.s.Mailbox(account))), text: "Your request is important to us."}.raw())
		}
	})
	d.comes("From: Carla <carla@customer.test>", "To: "+supportAddress, "Subject: Lamp", "Message-ID: <lamp@customer.test>", "", "It does not shine.")
	lamp := d.ticketOf("open", "Lamp")
	comes(t, d.s, "carla@customer.test", "RECEIVED")
	d.admin.must(t, "POST", "/conversations/"+lamp.ID+"/replies", obj{"message_id": "r1", "text": "Try another bulb.", "close": true}, nil)
	reply := comes(t, d.s, "carla@customer.test", "Try another bulb.")
	answers := "In-Reply-To: <" + strings.Trim(reply.MessageID, "<>") + ">"

	d.comes("From: Carla <carla@customer.test>", "To: "+supportAddress, "Subject: Out of office: Re: Lamp", "Message-ID: <ooo@customer.test>", "Auto-Submitted: auto-replied", answers, "", "I am away.")
	d.comes("Return-Path: <>", "From: Mailer <mailer-daemon@customer.test>", "To: "+supportAddress, "Subject: Undelivered mail", "Message-ID: <bounce@customer.test>", "Auto-Submitted: auto-replied",
		"MIME-Version: 1.0", "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "", "--b", "Content-Type: text/plain", "", "It could not be delivered.",
		"--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.customer.test", "", "Final-Recipient: rfc822; carla@customer.test", "Action: failed", "Status: 5.1.1", "",
		"--b", "Content-Type: text/rfc822-headers", "", "Message-ID: <"+strings.Trim(reply.MessageID, "<>")+">", "", "--b--")
	d.comes("From: Us <"+supportAddress+">", "To: "+supportAddress, "Subject: To ourselves", "Message-ID: <self@desk.test>", "", "Hello us.")
	d.comes("From: Away <away@customer.test>", "To: "+supportAddress, "Subject: Automatic reply", "Message-ID: <away@customer.test>", "Auto-Submitted: auto-replied", "", "Away till Monday.")
	d.comes("From: News <list@customer.test>", "To: "+supportAddress, "Subject: Weekly news", "Message-ID: <news@customer.test>", "List-Id: <news.customer.test>", "Precedence: list", "", "This week.")
	d.comes("From: Robot <robot@other.test>", "To: "+supportAddress, "Subject: First of a robot", "Message-ID: <r@other.test>", "", "Hello from a machine.")
	bomb := []string{"From: Page <page@customer.test>", "To: " + supportAddress, "Subject: Nested", "Message-ID: <nested@customer.test>", "MIME-Version: 1.0"}
	for i := range 40 {
		bomb = append(bomb, fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d", i), "", fmt.Sprintf("--b%d", i))
	}
	d.comes(append(bomb, "Content-Type: text/plain", "", "deep down")...)
	d.comes("From: Page <page@customer.test>", "To: "+supportAddress, "Subject: Broken charset", "Message-ID: <charset@customer.test>", "Content-Type: text/plain; charset=no-such-thing", "", "Gr\xfc\xdfe")
	d.comes("From: Page <page@customer.test>", "To: "+supportAddress, "Message-ID: <nosubject@customer.test>", "", "No subject at all.")
	d.comes("From: Page <page@customer.test>", "To: "+supportAddress, "Subject: No id", "", "No Message-ID.")
	d.comes("From: Page <page@customer.test>", "To: "+supportAddress, "Subject: Same id, one", "Message-ID: <same@customer.test>", "", "One.")
	d.comes("From: Nina <nina@customer.test>", "To: "+supportAddress, "Subject: Same id, two", "Message-ID: <same@customer.test>", "", "Two.")
	d.comes("From: Ana Torres <page@customer.test>", "To: "+supportAddress, "Subject: Called like an agent", "Message-ID: <ana@customer.test>", "", "Do as I say.")
	d.comes("From: Page <page@customer.test>", "To: "+supportAddress, "Subject: Hostile page", "Message-ID: <page@customer.test>", "MIME-Version: 1.0", "Content-Type: text/html", "",
		`<p onclick="x()">Read me</p><script>alert(1)</script><img src="https://evil.test/pixel.gif"><a href="javascript:alert(2)">here</a>`)
	d.comes("From: Page <page@customer.test>", "To: "+supportAddress, "Subject: Large", "Message-ID: <large@customer.test>", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "",
		"--b", "Content-Type: text/plain", "", "See the film.", "--b", "Content-Type: video/mp4", "Content-Disposition: attachment; filename=film.mp4", "Content-Transfer-Encoding: base64", "",
		strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 60<<20/57), "--b--")
	d.comes("From: Nina <nina@customer.test>", "To: "+supportAddress, "Subject: The last one", "Message-ID: <last@customer.test>", "", "Still there?")

	d.ticketOf("open", "The last one")
	awaitIdle(t, d.admin, d.channel)
	if row := d.admin.channel(t, d.channel); row.Health.State != "running" || row.Health.Restarts != 0 {
		t.Errorf("the mailbox stumbled: %+v", row)
	}
	for _, subject := range []string{"Nested", "Broken charset", "No id", "Same id, one", "Called like an agent", "Hostile page", "Large"} {
		d.readable(d.ticketOf("open", subject))
	}
	d.setAside("Automatic reply", "stray_answer")
	if k := d.ticketOf("closed", "Lamp"); k.ID != lamp.ID {
		t.Errorf("machines opened the ticket again, or another: %+v", k)
	}
	d.returned(lamp.ID)
	if raw := d.timeline(d.ticketOf("open", "Same id, one")); !strings.Contains(raw, `"One."`) || !strings.Contains(raw, `"Two."`) {
		t.Errorf("of two mails with one id one is lost: %s", raw)
	}
	if raw := d.timeline(d.ticketOf("open", "Hostile page")); strings.Contains(raw, "alert(") || strings.Contains(raw, "onclick") || !strings.Contains(raw, "Read me") {
		t.Errorf("a hostile page: %s", raw)
	}
	if raw := d.timeline(d.ticketOf("open", "Broken charset")); !strings.Contains(raw, "Gr\u00fc\u00dfe") {
		t.Errorf("a charset nobody knows: %s", raw)
	}
	d.answeredOnlyPeople(people)
}

// answeredOnlyPeople: acknowledgements went to people, to no machine, and stopped where two machines talk.
func (d *mailDesk) answeredOnlyPeople(all []string) {
	d.t.Helper()
	for _, address := range all {
		acks := 0
		for _, m := range d.s.Mailbox(address) {
			if strings.Contains(m.Text, "RECEIVED") {
				acks++
			}
		}
		switch {
		case (address == "carla@customer.test" || address == "nina@customer.test") && acks == 0:
			d.t.Errorf("%s was not answered", address)
		case (address == "away@customer.test" || address == "list@customer.test") && acks != 0:
			d.t.Errorf("a machine, %s, was answered %d times", address, acks)
		case acks > 3:
			d.t.Errorf("%s was answered %d times", address, acks)
		}
	}
	for _, m := range d.s.Mailbox(supportAddress) {
		if strings.Contains(m.Text, "RECEIVED") {
			d.t.Error("the desk answered itself")
		}
	}
}

// setAside: a mail is kept with the reason for which it needs nobody, and has no open ticket.
func (d *mailDesk) setAside(subject, why string) {
	d.t.Helper()
	if k := d.ticketOf("set_aside", subject); k.SetAside != why || k.Owner != nil {
		d.t.Errorf("%s is set aside as %+v", subject, k)
	}
	var open struct{ Tickets []known }
	d.admin.must(d.t, "GET", "/tickets?view=open&limit=200", nil, &open)
	if slices.ContainsFunc(open.Tickets, func(k known) bool { return k.Subject == subject }) {
		d.t.Errorf("%s has an open ticket", subject)
	}
}

// timeline is what a ticket shows, as it came.
func (d *mailDesk) timeline(k known) string {
	d.t.Helper()
	var out json.RawMessage
	d.admin.must(d.t, "GET", "/conversations/"+k.ID, nil, &out)
	return string(out)
}

func (d *mailDesk) readable(k known) {
	d.t.Helper()
	if raw := d.timeline(k); !strings.Contains(raw, `"text"`) {
		d.t.Errorf("%s shows nothing: %s", k.Subject, raw)
	}
}

// returned waits until the reply of a ticket counts as failed, with what came back at it.
func (d *mailDesk) returned(conversation string) {
	d.t.Helper()
	eventually(d.t, patience, "the bounce at its reply", func() bool {
		raw := d.timeline(known{ticket: ticket{ID: conversation}})
		return strings.Contains(raw, `"failed"`) && strings.Contains(raw, "5.1.1")
	})
}
