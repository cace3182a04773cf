package compose_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/compose"
	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/proto/deskpb"
)

var sent = time.Date(2026, 11, 3, 9, 30, 0, 0, time.UTC)

// written writes a mail twice, and reads it back with our own reader and with net/mail.
func written(t *testing.T, m *compose.Mail) (*letter.Mail, mail.Header, []byte) {
	t.Helper()
	if m.ID == "" {
		m.ID, m.Date, m.To = "m1@desk.test", sent, []*deskpb.Address{{Name: "Ana", Address: "ana@customer.test"}}
	}
	raw, err := compose.Write(m)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := compose.Write(m); err != nil || !bytes.Equal(raw, again) {
		t.Errorf("written twice it is not the same (%v)", err)
	}
	read, err := letter.Parse(raw, letter.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	std, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return read, std.Header, raw
}

func TestSenderNames(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ mode, language, agent, company, want string }{
		{"", "", "Ana López", "Acme", "Ana López at Acme"},
		{"agent_and_company", "es", "Ana López", "Acme", "Ana López de Acme"},
		{"company", "", "Ana", "Acme", "Acme"},
		{"", "", "", "Acme", "Acme"},
		{"", "", "Ana", "", "Ana"},
		{"company", "", "Ana", "", "Ana"},
		{"", "", "", "", ""},
		{"", "", "Ana\r\nBcc: x@evil.test", "Ac<me>@\x00\"Co\"", "Ana Bcc: xevil.test at Acme Co"},
		{"", "", "Ana\u202e\tB.", "Acme", "Ana B. at Acme"},
	} {
		s := compose.Settings{SenderName: tc.mode, Language: tc.language}
		from := s.From(tc.agent, tc.company, "support@desk.test")
		read, std, _ := written(t, &compose.Mail{From: from, Text: "x"})
		if read.From.Name != tc.want || read.From.Address != "support@desk.test" {
			t.Errorf("%+v: our reader has %+v", tc, read.From)
		}
		if a, err := std.AddressList("From"); err != nil || len(a) != 1 || a[0].Name != tc.want {
			t.Errorf("%+v: net/mail has %v, %v", tc, a, err)
		}
	}
	s := compose.Settings{FromAddress: "sales@desk.test", ReplyTo: "team@desk.test"}
	read, _, _ := written(t, &compose.Mail{From: s.From("Ana", "Acme", "support@desk.test"), ReplyTo: s.ReplyTo, Text: "x"})
	if read.From.Address != "sales@desk.test" || len(read.ReplyTo) != 1 || read.ReplyTo[0].Address != "team@desk.test" {
		t.Errorf("from %+v, reply to %+v", read.From, read.ReplyTo)
	}
}

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

func TestSignature(t *testing.T) {
	t.Parallel()
	s := compose.Settings{Signature: `<p><b>{{agent.name}}</b> ({{ agent.first_name }}, {{agent.last_name}})<script>alert(1)</script><br>` +
		`<a href="https://shop.test/?a=1&b=2">shop.test</a> <img alt="Logo" onerror="x" src="data:image/png;base64,` + pixel + `"> <img alt="Web" src="https://shop.test/l.png"></p>`}
	if faults := s.Check("sending"); len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, body := range []struct{ text, html string }{{"Hello\n  <there>", ""}, {"Hello bold", "<p>Hello <b>bold</b></p>"}} {
		m := &compose.Mail{Text: body.text, HTML: body.html}
		s.Dress(m, compose.Around{Agent: `Ana "<b>" de la O'Hara`})
		read, _, raw := written(t, m)
		for _, want := range []string{"Hello", `<b>Ana &#34;&lt;b&gt;&#34; de la O&#39;Hara</b> (Ana, &#34;&lt;b&gt;&#34; de la O&#39;Hara)`, `href="https://shop.test/?a=1&amp;b=2"`, `src="cid:signature-`, letter.RemoteAttr + `="https://shop.test/l.png"`} {
			if !strings.Contains(read.HTML, want) {
				t.Errorf("no %q in %s", want, read.HTML)
			}
		}
		if strings.Contains(read.HTML, "alert") || strings.Contains(read.HTML, "onerror") || strings.Contains(m.HTML, "onerror") || bytes.Contains(raw, []byte(letter.RemoteAttr)) {
			t.Errorf("what leaves: %s", m.HTML)
		}
		text, sign, found := strings.Cut(read.Text, "\n-- \n")
		if !found || strings.TrimSpace(text) != body.text || !strings.HasPrefix(sign, `Ana "<b>" de la O'Hara (Ana, "<b>" de la O'Hara)`) || !strings.Contains(sign, "shop.test") {
			t.Errorf("the text is %q", read.Text)
		}
		if reply := read.Text[:read.FreshTextBytes]; strings.TrimSpace(reply) != body.text {
			t.Errorf("of which ours is %q", reply)
		}
		picture, err := base64.StdEncoding.DecodeString(pixel)
		if err != nil || len(read.Attachments) != 1 || !read.Attachments[0].Inline || !bytes.Equal(read.Attachments[0].Data, picture) {
			t.Errorf("pictures %+v, %v", read.Attachments, err)
		}
		if shown := compose.WithPictures(read.HTML, m.Files); !strings.Contains(shown, "data:image/png;base64,"+pixel) {
			t.Errorf("shown as %s", shown)
		}
	}
	none := compose.Settings{Signature: "  <script>x</script> "}
	m := &compose.Mail{Text: "Hello"}
	none.Dress(m, compose.Around{Agent: "Ana"})
	if m.HTML != "" || m.Text != "Hello" {
		t.Errorf("an empty signature makes %q, %q", m.Text, m.HTML)
	}
}

func said(n int, body *deskpb.Body) compose.Quoted {
	return compose.Quoted{Name: "Ana", Address: "ana@customer.test", At: sent.Add(time.Duration(n) * time.Hour), Body: body}
}

func TestQuotedHistory(t *testing.T) {
	t.Parallel()
	first := said(0, &deskpb.Body{Text: "The first & <only> question\n> old line"})
	second := said(1, &deskpb.Body{
		Text: "The second.\n\nOn Monday, we wrote:\n> FIRST AGAIN", FreshTextBytes: 12,
		Html: `<p>The <i>second</i>. <img src="cid:there" alt="x"></p><blockquote>FIRST AGAIN</blockquote>`,
	})
	for _, tc := range []struct {
		quote, language, head string
		text, html            []string
		not                   string
	}{
		{quote: "last", head: "On Tue, 3 Nov 2026 at 10:30 UTC, Ana <ana@customer.test> wrote:",
			text: []string{"> The second.", ">> FIRST AGAIN"}, html: []string{"<i>second</i>", "FIRST AGAIN"}, not: "<only>"},
		{quote: "whole", language: "es", head: "El mar, 3 nov 2026 a las 10:30 UTC, Ana <ana@customer.test> escribió:",
			text: []string{"> The second.", "> The first & <only> question", ">> old line"}, html: []string{"The second.", "The first &amp; &lt;only&gt; question"}, not: "FIRST AGAIN"},
		{quote: "none", not: "second"}, {not: "second"},
	} {
		for _, html := range []string{"", "<p>The <b>answer</b></p>"} {
			s := compose.Settings{Quote: tc.quote, Language: tc.language}
			m := &compose.Mail{Text: "The answer", HTML: html}
			s.Dress(m, compose.Around{Agent: "Bea", History: []compose.Quoted{first, second}})
			read, _, raw := written(t, m)
			if (html == "") != (read.HTML == "") || strings.Contains(read.Text, tc.not) || bytes.Contains(raw, []byte("cid:there")) {
				t.Errorf("%s: %q, %q", tc.quote, read.Text, read.HTML)
			}
			for _, want := range append(tc.text, tc.head) {
				if !strings.Contains(read.Text, want) {
					t.Errorf("%s: no %q in the text:\n%s", tc.quote, want, read.Text)
				}
			}
			for _, want := range tc.html {
				if html != "" && !strings.Contains(read.HTML, want) {
					t.Errorf("%s: no %q in the HTML:\n%s", tc.quote, want, read.HTML)
				}
			}
			if reply := strings.TrimSpace(read.Text[:read.FreshTextBytes]); tc.quote != "" && tc.quote != "none" && reply != "The answer" {
				t.Errorf("%s: whoever gets it takes for new %q of:\n%s", tc.quote, reply, read.Text)
			}
		}
	}
}

// A conversation of any length makes a mail of a bounded one.
func TestHistoryIsBounded(t *testing.T) {
	t.Parallel()
	var all []compose.Quoted
	for i := range 300 {
		all = append(all, said(i, &deskpb.Body{Text: fmt.Sprintf("message %d %s", i, strings.Repeat("ä word ", 20_000))}))
	}
	for _, quote := range []string{"last", "whole"} {
		s := compose.Settings{Quote: quote, Signature: "<p>x</p>"}
		m := &compose.Mail{Text: "The answer"}
		s.Dress(m, compose.Around{History: all})
		if n := len(m.Text) + len(m.HTML); n > 2<<20 || !strings.Contains(m.Text, "message 299") {
			t.Errorf("%s: %d bytes", quote, n)
		}
		written(t, m)
	}
}

func TestLinksForWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	file := func(mb int64, inline bool) *deskpb.Attachment {
		return &deskpb.Attachment{Size: mb << 20, Inline: inline}
	}
	for _, tc := range []struct {
		files []*deskpb.Attachment
		want  string
	}{
		{nil, "[]"},
		{[]*deskpb.Attachment{file(20, false)}, "[false]"},
		{[]*deskpb.Attachment{file(21, false)}, "[true]"},
		{[]*deskpb.Attachment{file(5, false), file(15, false), file(4, false)}, "[false true false]"},
		{[]*deskpb.Attachment{file(30, true), file(1, false)}, "[false true]"},
		{[]*deskpb.Attachment{file(19, false), file(19, false), file(19, false)}, "[true true false]"},
	} {
		if got := fmt.Sprint(compose.Split(tc.files, 20<<20)); got != tc.want {
			t.Errorf("%v: %s, not %s", tc.files, got, tc.want)
		}
	}
	s := compose.Settings{Language: "es"}
	link := compose.Link{Name: "Plan <b> \"x\".zip", Size: 31 << 20, URL: "https://desk.test/files/abc?a&b", Until: sent.AddDate(0, 1, 0)}
	for _, html := range []string{"", "<p>See</p>"} {
		m := &compose.Mail{Text: "See", HTML: html}
		s.Dress(m, compose.Around{Links: []compose.Link{link}})
		read, _, _ := written(t, m)
		if !strings.Contains(read.Text, link.URL) || !strings.Contains(read.Text, `Plan <b> "x".zip (31.0 MB, disponible hasta el 3 dic 2026)`) {
			t.Errorf("text %q", read.Text)
		}
		if html != "" && !strings.Contains(read.HTML, `<a href="https://desk.test/files/abc?a&amp;b"`) {
			t.Errorf("HTML %q", read.HTML)
		}
	}
}

func TestAcknowledgement(t *testing.T) {
	t.Parallel()
	next := time.Date(2026, 11, 9, 9, 0, 0, 0, time.FixedZone("CET", 3600))
	s := compose.Settings{Acknowledge: &compose.Acknowledge{
		Text: "Hello {{contact.first_name}}, we have your mail about {{ticket.subject}} as #{{ticket.number}}.", ClosedText: "Closed until {{hours.next}}. Dear {{contact.name}}",
		Hours: "st_1", Subject: "[#{{ticket.number}}] {{ticket.subject}}",
	}}
	if faults := s.Check("sending"); len(faults) > 0 {
		t.Fatal(faults)
	}
	open := func(is bool) func(string, string) (bool, time.Time) {
		return func(hours, _ string) (bool, time.Time) { return is && hours == "st_1", next }
	}
	got := s.Acknowledgement(channels.Received{Subject: "The\r\nBcc: x", ContactName: "Ana María", Hours: open(true)})
	if got.Text != "Hello Ana, we have your mail about The Bcc: x as #{{ticket.number}}." || compose.Numbered(got.Text, "12") != "Hello Ana, we have your mail about The Bcc: x as #12." {
		t.Errorf("open: %q", got.Text)
	}
	if got.Subject != "[#{{ticket.number}}] The Bcc: x" {
		t.Errorf("subject %q", got.Subject)
	}
	if got = s.Acknowledgement(channels.Received{ContactName: "ana@x.test", Hours: open(false)}); got.Text != "Closed until Mon, 9 Nov 2026 at 09:00 CET. Dear " {
		t.Errorf("closed: %q", got.Text)
	}
	if got = s.Acknowledgement(channels.Received{ContactName: "ana@x.test", Hours: open(true)}); !strings.HasPrefix(got.Text, "Hello, we") {
		t.Errorf("without a name: %q", got.Text)
	}
	m := &compose.Mail{Text: got.Text, Automatic: true, InReplyTo: "q1@customer.test"}
	read, std, _ := written(t, m)
	if read.Automatic != letter.AutoReply || std.Get("Auto-Submitted") != "auto-replied" || std.Get("X-Auto-Response-Suppress") != "All" || std.Get("Precedence") != "auto_reply" || std.Get("In-Reply-To") != "<q1@customer.test>" {
		t.Errorf("%q: %v", read.Automatic, std)
	}
}

func TestSettingsTellTheirFaults(t *testing.T) {
	t.Parallel()
	s := compose.Settings{
		SenderName: "nobody", FromAddress: "Ana <a@b.test>", ReplyTo: "x\r\nBcc: a@b.test", Language: "tlh", Signature: "{{agent.phone}}", Quote: "all", AttachMB: -1, LinkDays: 9999,
		Acknowledge: &compose.Acknowledge{Subject: "a\nb", ClosedText: "{{x}}"},
	}
	err := fmt.Sprint(s.Check("sending"))
	for _, field := range []string{"sender_name", "from_address", "reply_to", "language", "signature", "quote", "attach_mb", "link_days", "acknowledge.text", "acknowledge.subject", "acknowledge.closed_text"} {
		if !strings.Contains(err, "sending."+field+":") {
			t.Errorf("no fault of %s in %s", field, err)
		}
	}
	large := compose.Settings{Signature: strings.Repeat("x", 200<<10)}
	if err := fmt.Sprint(large.Check("sending")); !strings.Contains(err, "sending.signature") {
		t.Errorf("a signature of 200 kB: %s", err)
	}
}
