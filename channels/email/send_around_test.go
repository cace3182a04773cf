package email

import (
	"bytes"
	"context"
	"encoding/json"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/compose"
	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/proto/deskpb"
)

// sendingAs connects a channel whose mails look so.
func sendingAs(t *testing.T, s *mailsim.Server, sending compose.Settings) (*Connector, channels.Blobs) {
	t.Helper()
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	var c config
	if err := json.Unmarshal(conf, &c); err != nil {
		t.Fatal(err)
	}
	c.Sending = sending
	conf, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	conn, blobs := connect(t, conf, secrets, quick())
	return conn, blobs
}

// A reply goes over a real SMTP server with all that a channel puts around it, and arrives as text and as HTML.
func TestSendDressed(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	c, blobs := sendingAs(t, s, compose.Settings{
		FromAddress: "sales@desk.test", ReplyTo: "team@desk.test", Language: "es", Signature: "<p>Un saludo,<br><b>{{agent.first_name}}</b></p>", Quote: "last", AttachMB: 1,
	})
	c.env.Link = func(f *deskpb.Attachment, until time.Time) string {
		return "https://desk.test/files/" + f.Blob[:8] + until.Format("?20060102")
	}
	c.env.Earlier = func(context.Context, desk.ConversationID, desk.MessageID) ([]channels.Said, error) {
		return []channels.Said{
			{Name: "Bea", At: time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC), Body: &deskpb.Body{Text: "Ours before"}},
			{Name: "Ana", Address: customer, At: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC), Body: &deskpb.Body{Text: "My question"}},
		}, nil
	}
	attach := func(name string, size int) *deskpb.Attachment {
		hash, n, err := blobs.Put(t.Context(), bytes.NewReader(bytes.Repeat([]byte{byte(size)}, size)), int64(size))
		if err != nil {
			t.Fatal(err)
		}
		return &deskpb.Attachment{Blob: hash, Name: name, MediaType: "application/zip", Size: n}
	}
	out := answer("cv_1", "ms_1", "Aquí va.")
	out.AgentName = "Bea Ruiz"
	out.Body.Attachments = []*deskpb.Attachment{attach("small.zip", 300<<10), attach("large.zip", 1<<20)}
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	raw := s.Mailbox(customer)[0].Raw
	m, err := letter.Parse(raw, letter.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	std, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if from, _ := std.Header.AddressList("From"); len(from) != 1 || from[0].Name != "Bea Ruiz de The Shop" || from[0].Address != "sales@desk.test" || std.Header.Get("Reply-To") != "<team@desk.test>" {
		t.Errorf("From %v, Reply-To %q", from, std.Header.Get("Reply-To"))
	}
	out.From, out.Message = "before@desk.test", "ms_2" // its thread has another address
	out.ThreadKeys = []string{"mid:ms_2@desk.test"}
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if kept, err := letter.Parse(s.Mailbox(customer)[1].Raw, letter.DefaultLimits); err != nil || kept.From.Address != "before@desk.test" || kept.From.Name != "Bea Ruiz de The Shop" {
		t.Errorf("of a thread with an address of its own: %v, %v", kept, err)
	}
	link := "https://desk.test/files/" + out.Body.Attachments[1].Blob[:8] + "?20261202"
	for _, want := range []string{"Aquí va.", "Un saludo,\nBea", link, "large.zip (1.0 MB, disponible hasta el 2 dic 2026)", "El lun, 2 nov 2026 a las 08:00 UTC, Ana <ana@customer.test> escribió:", "> My question"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("no %q in the text:\n%s", want, m.Text)
		}
	}
	for _, want := range []string{"Aquí va.", "<b>Bea</b>", link, "My question"} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("no %q in the HTML:\n%s", want, m.HTML)
		}
	}
	if strings.Contains(m.Text, "Ours before") || len(m.Attachments) != 1 || m.Attachments[0].Name != "small.zip" {
		t.Errorf("text %q, attachments %v", m.Text, m.Attachments)
	}
	if strings.TrimSpace(m.Text[:m.FreshTextBytes]) == "" || strings.Contains(m.Text[:m.FreshTextBytes], "My question") {
		t.Errorf("new in it: %q", m.Text[:m.FreshTextBytes])
	}
}

func TestSendAcknowledgement(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	c, _ := sendingAs(t, s, compose.Settings{Signature: "<p>{{agent.name}}</p>"})
	out := answer("cv_1", "ms_1", "We have it as #{{ticket.number}}.")
	out.Automatic, out.AgentName, out.Number, out.Subject = true, "", 17, "[#{{ticket.number}}] Question"
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	m, err := letter.Parse(s.Mailbox(customer)[0].Raw, letter.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "[#17] Question" || !strings.HasPrefix(m.Text, "We have it as #17.") || !strings.HasSuffix(m.Text, "The Shop") || m.From.Name != "The Shop" || m.Automatic != letter.AutoReply {
		t.Errorf("%q from %q (%s): %q", m.Subject, m.From.Name, m.Automatic, m.Text)
	}
}

func TestWhoIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	answers := acknowledger(json.RawMessage(`{"address":"support@desk.test","sending":{"from_address":"sales@desk.test","reply_to":"Team@desk.test","acknowledge":{"text":"x"}}}`))
	for from, want := range map[string]bool{
		customer: true, "Support@desk.test": false, "sales@desk.test": false, "team@desk.test": false, "unknown@invalid": false, "": false, "a b@c.test": false,
	} {
		if got := answers(channels.Received{From: from}); (got != nil) != want {
			t.Errorf("%q is answered with %v", from, got)
		}
	}
	if acknowledger(json.RawMessage(`{"sending":{}}`)) != nil || acknowledger(json.RawMessage(`not JSON`)) != nil {
		t.Error("what does not ask for it acknowledges")
	}
}

// What is shown is what is sent: the same settings give the same signature and sender over SMTP.
func TestPreviewIsWhatIsSent(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	sending := compose.Settings{Signature: `<p style="color:#123456">Best, {{agent.name}} <a href="https://shop.test">shop</a></p>`, ReplyTo: "team@desk.test"}
	c, _ := sendingAs(t, s, sending)
	conf, err := json.Marshal(c.config)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := preview("Support", conf, "Bea Ruiz")
	if err != nil {
		t.Fatal(err)
	}
	out := answer("cv_1", "ms_1", "Hello")
	out.AgentName = "Bea Ruiz"
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	m, err := letter.Parse(s.Mailbox(customer)[0].Raw, letter.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if shown.From.Name != m.From.Name || shown.From.Address != m.From.Address || shown.ReplyTo != m.ReplyTo[0].Address {
		t.Errorf("shown %v %q, sent %+v %v", shown.From, shown.ReplyTo, m.From, m.ReplyTo)
	}
	seen, _, _ := strings.Cut(m.HTML, `<div style="display: none`) // the mark is for mail programs
	if shown.HTML == "" || !strings.HasSuffix(seen, shown.HTML) || !strings.HasSuffix(m.Text, strings.TrimSpace(shown.Text)) {
		t.Errorf("shown %q\nsent %q", shown.HTML, m.HTML)
	}
	if _, err := preview("x", json.RawMessage(`{"sending":{"quote":"all"}}`), "Bea"); err == nil || !strings.Contains(err.Error(), "sending.quote") {
		t.Errorf("a fault of the settings: %v", err)
	}
}
