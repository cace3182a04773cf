package email

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/channels/email/compose"
	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/channels/email/thread"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/proto/deskpb"
)

func TestSendArrives(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	c, blobs := connect(t, conf, secrets, quick())
	hash, size, err := blobs.Put(t.Context(), strings.NewReader("a,b\n1,2\n"), 100)
	if err != nil {
		t.Fatal(err)
	}
	out := answer("cv_1", "ms_1", "Guten Morgen, schöne Grüße.\n.\nA dot stood alone.")
	out.Body.Html = "<p>Guten Morgen, <b>schöne</b> Grüße.</p>"
	out.Body.Attachments = []*deskpb.Attachment{{Blob: hash, Name: "Übersicht der Bestellungen.csv", MediaType: "text/csv", Size: size}}
	id, err := c.Send(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimPrefix(out.ThreadKeys[0], "mid:"); id != want {
		t.Errorf("external id %q, want %q", id, want)
	}
	box := s.Mailbox(customer)
	if len(box) != 1 {
		t.Fatalf("%d mails arrived", len(box))
	}
	m, err := letter.Parse(box[0].Raw, letter.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	anchor := strings.TrimPrefix(out.ThreadKeys[1], "mid:")
	switch {
	case m.MessageID != id:
		t.Errorf("Message-ID %q, want %q", m.MessageID, id)
	case m.From.Name != "Bea at The Shop" || m.From.Address != support:
		t.Errorf("From %+v", m.From)
	case m.Subject != "Re: Question" || !m.Date.Equal(out.RequestedAt):
		t.Errorf("Subject %q, Date %v", m.Subject, m.Date)
	case strings.Join(m.InReplyTo, " ") != "q1@customer.test" || strings.Join(m.References, " ") != anchor+" q1@customer.test":
		t.Errorf("In-Reply-To %v, References %v", m.InReplyTo, m.References)
	case m.Text != out.Body.Text || !strings.Contains(m.HTML, "<b>schöne</b>"):
		t.Errorf("text %q, html %q", m.Text, m.HTML)
	case len(m.Attachments) != 1 || m.Attachments[0].Name != "Übersicht der Bestellungen.csv" || string(m.Attachments[0].Data) != "a,b\n1,2\n":
		t.Errorf("attachments %+v", m.Attachments)
	case bytes.Contains(box[0].Raw, []byte("User-Agent")) || bytes.Contains(box[0].Raw, []byte("X-Mailer")):
		t.Error("the mail names the program")
	}
}

// Whoever gets a blind copy gets the mail and is named nowhere in it.
func TestBlindCopies(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	c, _ := connect(t, conf, secrets, quick())
	out := answer("cv_1", "ms_1", "Text")
	hidden := out.To
	out.To, out.Bcc = []*deskpb.Address{{Address: support}}, hidden
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	box := s.Mailbox(customer)
	if len(box) != 1 {
		t.Fatalf("%d mails arrived", len(box))
	}
	if head := strings.ToLower(string(box[0].Raw)); strings.Contains(head, "bcc") || strings.Contains(head, strings.ToLower(customer)) {
		t.Errorf("the blind copy is named:\n%s", box[0].Raw)
	}
	out.Bcc = []*deskpb.Address{{Address: "x\r\nBcc: evil@bad.test"}}
	if _, err := c.Send(t.Context(), out); channels.ClassOfSend(err) != channels.Permanent {
		t.Errorf("a broken blind copy: %v", err)
	}
}

func TestRenderIsStable(t *testing.T) {
	t.Parallel()
	conf, secrets := configFor(t, "127.0.0.1:1", "127.0.0.1:2", "plain", "")
	c, _ := connect(t, conf, secrets, quick())
	out := answer("cv_1", "ms_1", "Text")
	out.Body.Html = "<p>Text</p>"
	files := []compose.File{
		{Attachment: &deskpb.Attachment{Name: "a.png", MediaType: "image/png", Inline: true, ContentId: "a@x"}, Data: []byte("png")},
		{Attachment: &deskpb.Attachment{Name: "b.pdf", MediaType: "application/pdf"}, Data: []byte("pdf")},
	}
	first, err := written(c, out, files)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := written(c, out, files)
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("two renders differ (%v):\n%s\n---\n%s", err, first, again)
		}
	}
	m, err := letter.Parse(first, letter.DefaultLimits)
	if err != nil || len(m.Attachments) != 2 || m.Text != "Text" || m.HTML != "<p>Text</p>" {
		t.Errorf("reads as %+v, %v", m, err)
	}
	out.Message, out.ThreadKeys = "ms_2", replyKeys("cv_1", "ms_2")
	if other, _ := written(c, out, files); bytes.Equal(first, other) {
		t.Error("two replies are one mail")
	}
}

// TestTokenGoesAlong: the token stands in Reply-To where the mailbox takes plus addresses, and as a hidden mark in the HTML; an answer
// to either names the conversation.
func TestTokenGoesAlong(t *testing.T) {
	t.Parallel()
	for _, plus := range []bool{true, false} {
		conf, secrets := configFor(t, "127.0.0.1:1", "127.0.0.1:2", "plain", "")
		c, _ := connect(t, conf, secrets, quick())
		c.config.PlusAddresses = &plus
		out := answer("cv_1", "ms_1", "Text")
		out.Body.Html = "<p>Text</p>"
		m, err := c.mail(t.Context(), out)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := compose.Write(m)
		if err != nil {
			t.Fatal(err)
		}
		read, err := letter.Parse(raw, letter.DefaultLimits)
		if err != nil || len(read.Marks) != 1 || (len(read.ReplyTo) == 1) != plus {
			t.Fatalf("%v: %+v, %v", plus, read, err)
		}
		quoted := letter.Mail{MessageID: "x@customer.test", Marks: read.Marks, To: read.ReplyTo}
		want := map[bool]string{true: thread.ByToken, false: thread.ByMark}[plus]
		if n := c.box.Names(&quoted, ""); n.Reasons[0] != want || n.Keys[0] != out.ThreadKeys[2] {
			t.Errorf("%v: an answer is named by %v %v", plus, n.Reasons, n.Keys)
		}
	}
}

// A picture in the text goes with the mail as multipart/related, as mail programs show it, and not as a file beside it.
func TestPictureInTheText(t *testing.T) {
	t.Parallel()
	conf, secrets := configFor(t, "127.0.0.1:1", "127.0.0.1:2", "plain", "")
	c, _ := connect(t, conf, secrets, quick())
	out := answer("cv_1", "ms_1", "Press here: [button.png]")
	out.Body.Html = SanitizeHTML(`<p>Press here: <img src="cid:pic@desk" alt="button.png" onerror="alert(1)" id="x"></p>`)
	raw, err := written(c, out, []compose.File{{Attachment: &deskpb.Attachment{Name: "button.png", MediaType: "image/png", Inline: true, ContentId: "pic@desk"}, Data: []byte("pixels")}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := letter.Parse(raw, letter.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw, []byte("multipart/related")) || bytes.Contains(raw, []byte("multipart/mixed")) || m.HTML != `<p>Press here: <img src="cid:pic@desk" alt="button.png"/></p>` {
		t.Errorf("HTML %q in\n%s", m.HTML, raw)
	}
	if len(m.Attachments) != 1 || !m.Attachments[0].Inline || m.Attachments[0].ContentID != "pic@desk" || string(m.Attachments[0].Data) != "pixels" {
		t.Errorf("attachments %+v", m.Attachments)
	}
}

func TestNoHeaderCanBeInjected(t *testing.T) {
	t.Parallel()
	conf, secrets := configFor(t, "127.0.0.1:1", "127.0.0.1:2", "plain", "")
	c, _ := connect(t, conf, secrets, quick())
	const evil = "x\r\nBcc: victim@evil.test\r\n\r\nbody"
	out := answer("cv_1", "ms_1", "Text")
	out.Subject, out.AgentName = evil, evil+"<a@b>"
	out.To[0].Name = evil
	out.References, out.InReplyTo = []string{"mid:" + evil}, "mid:"+evil
	raw, err := written(c, out, []compose.File{{Attachment: &deskpb.Attachment{Name: evil, MediaType: "text/x\r\nBcc: a@b"}, Data: []byte("x")}})
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "Bcc:") {
			t.Errorf("injected:\n%s", head)
		}
	}
	for _, bad := range []string{"", "nobody", "a@b.test\r\nRCPT TO:<c@d.test>", "a@b.test>", "unknown@invalid", "<a@b.test"} {
		out.To = []*deskpb.Address{{Address: bad}}
		if _, err := written(c, out, nil); err == nil {
			t.Errorf("mail goes to %q", bad)
		}
	}
}

func TestSendOutcomes(t *testing.T) {
	t.Parallel()
	const second = "carl@customer.test"
	both := func(out *desk.Outbound) { out.Cc = []*deskpb.Address{{Address: second}} }
	cases := map[string]struct {
		faults  mailsim.Faults
		change  func(*desk.Outbound)
		class   channels.Class
		reason  string
		arrived int
		id      bool
	}{
		"cut before the text":     {faults: mailsim.Faults{DropMail: true}, class: channels.Temporary},
		"busy at the sender":      {faults: mailsim.Faults{MailCode: 451}, class: channels.Temporary, reason: "451"},
		"refused sender":          {faults: mailsim.Faults{MailCode: 550}, class: channels.Permanent, reason: "550"},
		"busy after the text":     {faults: mailsim.Faults{DataCode: 451}, class: channels.Temporary, reason: "451 refused by the simulator"},
		"refused after the text":  {faults: mailsim.Faults{DataCode: 554}, class: channels.Permanent, reason: "554 refused by the simulator"},
		"taken, then silence":     {faults: mailsim.Faults{DropAfterDot: true}, class: channels.Unknown, arrived: 1},
		"lost, then silence":      {faults: mailsim.Faults{LoseAfterDot: true}, class: channels.Unknown},
		"unknown recipient":       {change: func(o *desk.Outbound) { o.To[0].Address = "nobody@customer.test" }, class: channels.Permanent, reason: "nobody@customer.test (550"},
		"recipient later":         {faults: mailsim.Faults{RcptCode: map[string]int{customer: 450}}, class: channels.Temporary, reason: customer + " (450"},
		"one of two refused":      {faults: mailsim.Faults{RcptCode: map[string]int{second: 550}}, change: both, class: channels.Permanent, reason: second + " (550", arrived: 1, id: true},
		"no recipient":            {change: func(o *desk.Outbound) { o.To = nil }, class: channels.Permanent},
		"an address of nobody":    {change: func(o *desk.Outbound) { o.To[0].Address = "unknown@invalid" }, class: channels.Permanent},
		"an attachment not there": {change: func(o *desk.Outbound) { o.Body.Attachments = []*deskpb.Attachment{{Blob: "00", Name: "x.pdf"}} }, class: channels.Permanent, reason: "x.pdf"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startMail(t, mailsim.Options{})
			if err := s.AddAccount(second, "x"); err != nil {
				t.Fatal(err)
			}
			s.SetFaults(tc.faults)
			conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
			c, _ := connect(t, conf, secrets, quick())
			out := answer("cv_1", "ms_1", "Text")
			if tc.change != nil {
				tc.change(&out)
			}
			id, err := c.Send(t.Context(), out)
			var e *channels.Error
			if !errors.As(err, &e) || e.Class != tc.class || !strings.Contains(e.Reason, tc.reason) {
				t.Errorf("got %v, want %v with %q", err, tc.class, tc.reason)
			}
			if got := len(s.Mailbox(customer)); got != tc.arrived {
				t.Errorf("%d mails arrived, want %d", got, tc.arrived)
			}
			if (id != "") != tc.id {
				t.Errorf("external id %q", id)
			}
		})
	}
}

func TestSendRefusedLogin(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	c, _ := connect(t, conf, secrets, quick())
	if err := s.SetPassword(support, "another"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send(t.Context(), answer("cv_1", "ms_1", "x")); channels.ClassOfSend(err) != channels.Auth {
		t.Errorf("got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send(t.Context(), answer("cv_1", "ms_1", "x")); channels.ClassOfSend(err) != channels.Temporary {
		t.Errorf("without a server: %v", err)
	}
}

// TestAnswerComesBack goes the whole way: a mail in, an answer out, the customer's answer in, with the thread intact.
func TestAnswerComesBack(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	c, _ := connect(t, conf, secrets, quick())
	in := channeltest.NewIntake()
	supervised(t, c, in)
	awaitPhase(t, in, "idling")
	deliver(t, s, support, plainMail(1, ""))
	first := awaitItems(t, in, 1)[0].Message
	out := answer("cv_1", "ms_1", "Text")
	out.To = []*deskpb.Address{first.From}
	out.InReplyTo = first.ThreadKeys[len(first.ThreadKeys)-1]
	id, err := c.Send(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	deliver(t, s, support, plainMail(2, "In-Reply-To: <"+id+">\nReferences: <q1@customer.test> <"+id+">\n"))
	second := awaitItems(t, in, 2)[1].Message
	want := []string{out.ThreadKeys[0], out.ThreadKeys[1], "mid:q1@customer.test", "mid:q2@customer.test"}
	if strings.Join(second.ThreadKeys, " ") != strings.Join(want, " ") || second.InReplyTo != out.ThreadKeys[0] {
		t.Errorf("keys %v, in reply to %q, want %v", second.ThreadKeys, second.InReplyTo, want)
	}
	// Our own answer, copied to the mailbox by a rule or a list, is not a message.
	if err := s.Deliver(support, s.Mailbox(customer)[0].Raw); err != nil {
		t.Fatal(err)
	}
	deliver(t, s, support, plainMail(3, ""))
	if got := awaitItems(t, in, 3)[2].Message.Subject; got != "Question 3" {
		t.Errorf("our own answer came back as %q", got)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for name, keeps := range map[string]bool{"with a Sent folder that is kept": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startMail(t, mailsim.Options{KeepSent: keeps})
			conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
			tune := quick()
			tune.sentAfter = time.Hour
			c, _ := connect(t, conf, secrets, tune)
			sent := answer("cv_1", "ms_1", "x")
			lost := answer("cv_1", "ms_2", "y")
			lost.RequestedAt = time.Now()
			if _, err := c.Send(t.Context(), sent); err != nil {
				t.Fatal(err)
			}
			found, id, err := c.Find(t.Context(), sent)
			if found != keeps || (err == nil) != keeps || keeps && id != messageID(sent) {
				t.Errorf("of the one sent: %v %q %v", found, id, err)
			}
			if found, _, err := c.Find(t.Context(), lost); found || err == nil {
				t.Errorf("too early: %v %v", found, err)
			}
			lost.RequestedAt = time.Now().Add(-2 * time.Hour)
			if found, _, err := c.Find(t.Context(), lost); found || (err == nil) != keeps {
				t.Errorf("of the one lost: %v %v", found, err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, _, err := c.Find(ctx, sent); err == nil {
				t.Error("an ended context is ignored")
			}
		})
	}
}

// written is a reply without what is around it.
func written(c *Connector, out desk.Outbound, files []compose.File) ([]byte, error) {
	m := c.envelope(out)
	m.Files = files
	return compose.Write(m)
}
