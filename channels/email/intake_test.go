package email

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
)

// follow connects to a mailbox and waits until it idles.
func follow(t *testing.T, s *mailsim.Server, tune tuning) (*channeltest.Intake, *channeltest.Blobs, func() []error) {
	t.Helper()
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	c, blobs := connect(t, conf, secrets, tune)
	in := channeltest.NewIntake()
	failures, _ := supervised(t, c, in)
	await(t, in, "the mailbox followed", func() bool { return in.Status().Phase == "idling" || in.Status().Phase == "polling" })
	return in, blobs, failures
}

func blob(t *testing.T, blobs *channeltest.Blobs, hash string) string {
	t.Helper()
	r, _, err := blobs.Open(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestMailIsReadWhole(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	in, blobs, _ := follow(t, s, quick())
	raw := "From: Ana <Ana@Customer.TEST>\nTo: support@desk.test\nCc: Carl <carl@customer.test>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n" +
		"Date: Mon, 2 Nov 2026 10:00:00 +0000\nMessage-ID: <q@customer.test>\nContent-Type: multipart/mixed; boundary=b\n\n" +
		"--b\nContent-Type: text/html\n\n<p>Hello <script>x</script><b>you</b></p>\n--b\nContent-Type: text/csv; name=a.csv\n\n1,2\n--b--\n"
	deliver(t, s, support, raw)
	item := awaitItems(t, in, 1)[0]
	m := item.Message
	got := fmt.Sprintf("%s|%s|%s|%s|%s|%s|%v|%s|%v", m.Identity.Value, m.Name, m.Subject, m.Body.Text, m.Body.Html, m.Cc[0].Address, m.JoinOnlyFrom, m.SentAt.Format(time.RFC3339), m.ThreadKeys)
	want := "ana@customer.test|Ana|Grüße|Hello you|<p>Hello <b>you</b></p>|carl@customer.test|true|2026-11-02T10:00:00Z|[mid:q@customer.test]"
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if !strings.HasPrefix(item.ExternalID, "q@customer.test#") {
		t.Errorf("external id %q", item.ExternalID)
	}
	if a := m.Body.Attachments; len(a) != 1 || a[0].Name != "a.csv" || blob(t, blobs, a[0].Blob) != "1,2" {
		t.Errorf("attachments %v", a)
	}
	if got := blob(t, blobs, m.RawBlob); got != crlfText(raw) {
		t.Errorf("the raw mail is %q", got)
	}
}

// HTML that grows beyond what the desk takes when it is made safe costs its HTML, not the mail.
func TestLargeHTMLIsLeftOut(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	in, blobs, _ := follow(t, s, quick())
	html := "<p>" + strings.Repeat(strings.Repeat("\"", 70)+"\n", 9_000) + "</p>" // each sign becomes five
	deliver(t, s, support, "From: Ana <ana@customer.test>\nSubject: A\nContent-Type: multipart/alternative; boundary=b\n\n"+
		"--b\nContent-Type: text/plain\n\nThe text.\n--b\nContent-Type: text/html\n\n"+html+"\n--b--\n")
	deliver(t, s, support, "From: Ana <ana@customer.test>\nSubject: B\nContent-Type: text/html\n\n<p>Only here.</p>"+html)
	items := awaitItems(t, in, 2)
	if aside := in.Set(); len(aside) != 0 {
		t.Fatalf("set aside: %v", aside)
	}
	for i, want := range []string{"The text.", "Only here."} {
		m := items[i].Message
		if m.Body.Html != "" || !strings.HasPrefix(m.Body.Text, want) || len(m.Warnings) != 1 || !strings.Contains(m.Warnings[0], "HTML") {
			t.Errorf("%s: %d bytes of HTML, text %.40q, warnings %v", m.Subject, len(m.Body.Html), m.Body.Text, m.Warnings)
		}
		if raw := blob(t, blobs, m.RawBlob); !strings.Contains(raw, want) || len(raw) < len(html) {
			t.Errorf("%s: a raw mail of %d bytes", m.Subject, len(raw))
		}
	}
}

func TestVeryManyRecipients(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	in, _, _ := follow(t, s, quick())
	to := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("a%d@customer.test", i)
		}
		return strings.Join(list, ",\n ")
	}
	deliver(t, s, support, "From: Ana <ana@customer.test>\nTo: "+to(499)+"\nCc: "+to(501)+"\nSubject: A\n\nx")
	m := awaitItems(t, in, 1)[0].Message
	if len(m.To) != 499 || len(m.Cc) != 500 || len(m.Warnings) != 1 || !strings.Contains(m.Warnings[0], "addresses in Cc") {
		t.Errorf("%d to, %d copies, %v", len(m.To), len(m.Cc), m.Warnings)
	}
}

func TestReplyToIsAnswered(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	in, _, _ := follow(t, s, quick())
	deliver(t, s, support, "From: Web form <form@desk.test>\nReply-To: ana@customer.test\nSubject: A\n\nx")
	deliver(t, s, support, "From: Ana <ana@customer.test>\nReply-To: Support <support@desk.test>\nSubject: B\n\nx")
	deliver(t, s, support, "From: List <list@lists.test>\nReply-To: ana@customer.test\nList-Id: <l.lists.test>\nSubject: C\n\nx")
	deliver(t, s, support, "Subject: D\n\nx")
	for i, want := range []string{"ana@customer.test", "ana@customer.test", "list@lists.test", "unknown@invalid"} {
		if got := awaitItems(t, in, 4)[i].Message; got.Identity.Value != want || got.From.Address != want {
			t.Errorf("%s is from %s", got.Subject, got.Identity.Value)
		}
	}
	if w := in.Items()[0].Message.Warnings; len(w) != 1 || !strings.Contains(w[0], "form@desk.test") {
		t.Errorf("warnings %q", w)
	}
}

func TestRefusedMailIsSetAside(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	in, blobs, _ := follow(t, s, quick())
	in.Refuse(1, desk.Refuse(desk.Invalid, "body", "it cannot be"))
	deliver(t, s, support, plainMail(1, ""))
	await(t, in, "a mail set aside", func() bool { return len(in.Set()) == 1 })
	q := in.Set()[0]
	if q.Item != "uid:1:1" || !strings.Contains(q.Cause, "it cannot be") || !strings.Contains(q.Summary, "Question 1") || !strings.Contains(blob(t, blobs, q.RawBlob), "Text of question 1.") {
		t.Errorf("%+v", q)
	}
	// Read again, it is the same item.
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	reader, _ := connect(t, conf, secrets, quick())
	reader.env.Blobs = blobs
	again, aside, err := reader.Replay(t.Context(), q)
	if err != nil || aside != nil || again == nil || again.ExternalID == "" || !strings.Contains(again.Message.Body.Text, "Text of question 1.") || again.Message.RawBlob != q.RawBlob {
		t.Errorf("read again: %v, %v, %v", again, aside, err)
	}
	deliver(t, s, support, plainMail(3, ""))
	awaitItems(t, in, 1)
	await(t, in, "the cursor behind all", func() bool { return strings.HasPrefix(in.Cursor(), "v1:1:2:") })
}

// Whatever was delivered becomes a ticket: also what nobody would call a mail.
func TestMailWithoutAHeader(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	in, blobs, _ := follow(t, s, quick())
	prose := "\nthis is no mail\nat all, it has no \x00header"
	deliver(t, s, support, prose)
	deliver(t, s, support, "")
	deliver(t, s, support, plainMail(3, ""))
	items := awaitItems(t, in, 3)
	if aside := in.Set(); len(aside) != 0 {
		t.Fatalf("set aside: %+v", aside)
	}
	m := items[0].Message
	if m.Body.Text != "this is no mail\nat all, it has no header" || m.Identity.Value != "unknown@invalid" || len(m.Warnings) != 1 || !strings.Contains(m.Warnings[0], "no header") {
		t.Errorf("%+v", m)
	}
	if raw := blob(t, blobs, m.RawBlob); raw != crlfText(prose) {
		t.Errorf("the raw mail is %q", raw)
	}
	if m := items[1].Message; m.Body.Text != "" || len(m.Warnings) != 1 || !strings.Contains(m.Warnings[0], "empty") {
		t.Errorf("the empty one: %+v", m)
	}
}

func TestDeskThatCannotTake(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	in, _, failures := follow(t, s, quick())
	in.Refuse(5, desk.Refuse(desk.Unavailable, "", "the disk is full"))
	for n := range 3 {
		deliver(t, s, support, plainMail(n+1, ""))
	}
	awaitItems(t, in, 3)
	if len(failures()) == 0 || len(in.Set()) > 0 {
		t.Errorf("set aside: %v", in.Set())
	}
	in.Refuse(1, errors.New("a fault that passes"))
	deliver(t, s, support, plainMail(4, ""))
	awaitItems(t, in, 4)
	if got := failures(); len(got) > 0 {
		t.Errorf("a fault that passed within the tries ended the connection: %v", got)
	}
}

func TestCursorWaitsForReceipts(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	c, _ := connect(t, conf, secrets, quick())
	in := channeltest.NewIntake()
	_, stop := supervised(t, c, in)
	awaitPhase(t, in, "idling")
	stop() // all of them are there when it looks: it looks again only when it has its receipts
	release := in.Hold()
	for n := range 20 {
		deliver(t, s, support, plainMail(n+1, ""))
	}
	supervised(t, c, in)
	await(t, in, "many in flight", func() bool { return len(in.Calls()) == 20 })
	if got := in.Cursors(); len(got) != 1 {
		t.Errorf("cursors %v", got)
	}
	release()
	await(t, in, "the cursor at the end", func() bool { return strings.HasPrefix(in.Cursor(), "v1:1:20:") })
	if got := len(in.Cursors()); got > 6 {
		t.Errorf("%d cursors for 20 mails", got)
	}
}

func TestLargeMailKeepsItsHeader(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	tune := quick()
	tune.limits.Raw, tune.limits.Header = 10_000, 1000
	in, blobs, _ := follow(t, s, tune)
	deliver(t, s, support, plainMail(1, "")+strings.Repeat("x", 50_000))
	deliver(t, s, support, plainMail(2, ""))
	items := awaitItems(t, in, 2)
	m := items[0].Message
	if m.Subject != "Question 1" || m.Body.Text != "" || len(m.Warnings) != 1 || len(blob(t, blobs, m.RawBlob)) < 50_000 {
		t.Errorf("%+v", m)
	}
	if items[1].Message.Body.Text != "Text of question 2." {
		t.Errorf("%+v", items[1].Message)
	}
}

func TestRenumberedMailbox(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	proxy, err := mailsim.NewProxy(s.IMAPAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Close() })
	conf, secrets := configFor(t, proxy.Addr(), s.SMTPAddr(), "plain", "")
	c, _ := connect(t, conf, secrets, quick())
	in := channeltest.NewIntake()
	supervised(t, c, in)
	awaitPhase(t, in, "idling")
	for n := range 3 {
		deliver(t, s, support, plainMail(n+1, ""))
	}
	awaitItems(t, in, 3)
	old := s.Mailbox(support)
	if err := s.ResetInbox(support); err != nil {
		t.Fatal(err)
	}
	for _, m := range []mailsim.Message{old[2], old[0]} {
		if err := s.Deliver(support, m.Raw); err != nil {
			t.Fatal(err)
		}
	}
	deliver(t, s, support, plainMail(4, ""))
	proxy.CutAll()
	items := awaitItems(t, in, 4)
	await(t, in, "the new numbering", func() bool {
		return strings.HasPrefix(in.Cursor(), "v1:") && strings.Contains(in.Cursor(), ":3:") && !strings.HasPrefix(in.Cursor(), "v1:1:")
	})
	if len(items) != 4 || items[3].Message.Subject != "Question 4" || len(in.Items()) != 4 {
		t.Errorf("%d items, the last %q", len(in.Items()), items[3].Message.Subject)
	}
}

func TestSwallowedConnection(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	proxy, err := mailsim.NewProxy(s.IMAPAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Close() })
	conf, secrets := configFor(t, proxy.Addr(), s.SMTPAddr(), "plain", "")
	tune := quick()
	tune.command, tune.silence = 500*time.Millisecond, 1500*time.Millisecond
	c, _ := connect(t, conf, secrets, tune)
	in := channeltest.NewIntake()
	failures, _ := supervised(t, c, in)
	awaitPhase(t, in, "idling")
	proxy.BlackHole(true)
	deliver(t, s, support, plainMail(1, ""))
	await(t, in, "the dead link noticed", func() bool { return proxy.Accepted() > 1 })
	proxy.BlackHole(false)
	awaitItems(t, in, 1)
	if len(failures()) == 0 {
		t.Error("no failure was told")
	}
}
