package letter

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func fixture(t *testing.T, name string) *Mail {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(raw, DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	checkMail(t, name, m)
	return m
}

func TestQuestion(t *testing.T) {
	t.Parallel()
	m := fixture(t, "question.eml")
	want := map[string]string{
		"from":    "Ana Q. Customer <ana@customer.test>",
		"cc":      "Carl <carl@customer.test>, Jürgen <j@customer.test>",
		"subject": "Wo bleibt meine Lieferung? 📦",
		"date":    "2026-11-02T09:00:00Z",
		"text":    "Grüße aus Köln,\nwo bleibt sie?\n\n-- \nAna",
		"fresh":   "Grüße aus Köln,\nwo bleibt sie?",
		"html":    `<p>Grüße aus <b>Köln</b>,<br/>wo bleibt sie? <img src="cid:logo@x"/><img data-remote-src="http://shop.test/big.png"/></p>`,
		"files":   "logo.png image/png inline=true 8; Auftrag ü 1.pdf application/pdf inline=false 5",
	}
	got := map[string]string{
		"from": fmt.Sprintf("%s <%s>", m.From.Name, m.From.Address), "cc": list(m.Cc), "subject": m.Subject,
		"date": m.Date.Format(time.RFC3339), "text": m.Text, "fresh": m.ReplyText(), "html": m.HTML, "files": files(m),
	}
	for what := range want {
		if got[what] != want[what] {
			t.Errorf("%s:\n got %q\nwant %q", what, got[what], want[what])
		}
	}
}

func list(all []Address) string {
	var s []string
	for _, a := range all {
		s = append(s, strings.TrimSpace(a.Name+" <"+a.Address+">"))
	}
	return strings.Join(s, ", ")
}

func files(m *Mail) string {
	var s []string
	for _, a := range m.Attachments {
		s = append(s, fmt.Sprintf("%s %s inline=%v %d", a.Name, a.MediaType, a.Inline, len(a.Data)))
	}
	return strings.Join(s, "; ")
}

func TestOtherFixtures(t *testing.T) {
	t.Parallel()
	if m := fixture(t, "bounce.eml"); m.Automatic != Bounce || m.From.Address != "MAILER-DAEMON" || strings.Join(m.Returned, " ") != "returned@desk.test" ||
		!strings.HasPrefix(m.Text, "The mail system") || files(m) != "part-1.txt message/delivery-status inline=false 108; Re_ Question.eml message/rfc822 inline=false 113" {
		t.Errorf("bounce: %q %v %v %q %q", m.Automatic, m.From, m.Returned, m.Text, files(m))
	}
	if m := fixture(t, "answer.eml"); m.ReplyText() != "Yes, that works, and this line is a soft one that goes on here." ||
		strings.Join(m.References, " ") != "q1@customer.test r1@desk.test" || strings.Join(m.InReplyTo, " ") != "r1@desk.test" {
		t.Errorf("answer: %q %v %v", m.ReplyText(), m.References, m.InReplyTo)
	}
	if m := fixture(t, "mbox-and-latin.eml"); m.Text != "café ole" || m.From.Name != "José" || m.MessageID != "x@customer.test" {
		t.Errorf("mbox: %q %v %q", m.Text, m.From, m.MessageID)
	}
	if m := fixture(t, "autoreply.eml"); m.Automatic != AutoReply {
		t.Errorf("auto-reply: %q", m.Automatic)
	}
}

func TestHopeless(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "\r\n\r\n", "just prose\nwithout a header\n", "\x00\x01\x02"} {
		if _, err := Parse([]byte(raw), DefaultLimits); !errors.Is(err, ErrNotMail) {
			t.Errorf("%q: %v", raw, err)
		}
	}
	keys := map[string]bool{}
	for raw, text := range map[string]string{"": "", "\r\n\r\n": "", "just prose\r\nwithout a header\n": "just prose\nwithout a header", "caf\xe9": "café", "\x00\x01\x02": ""} {
		m := Headless([]byte(raw), DefaultLimits)
		if m.Text != text || len(m.Warnings) != 1 || m.From != nil || m.HTML != "" || strings.Contains(m.Warnings[0], "empty") != (text == "") {
			t.Errorf("%q: %+v", raw, m)
		}
		keys[m.Key] = true
	}
	if len(keys) != 4 { // line ends at the end do not count
		t.Errorf("keys: %v", keys)
	}
	if m := Headless(bytes.Repeat([]byte("ü"), DefaultLimits.Text), DefaultLimits); len(m.Text) > DefaultLimits.Text || !utf8.ValidString(m.Text) {
		t.Errorf("%d bytes of text", len(m.Text))
	}
}

// TestBombs: what is made to cost much costs little, and still shows who wrote and about what.
func TestBombs(t *testing.T) {
	t.Parallel()
	const head = "From: eve@evil.test\nSubject: boom\nMessage-ID: <b@evil.test>\n"
	nested := func(n int) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=%d\n\n--%d\n", i, i)
		}
		return b.String() + "\ntext"
	}
	html := func(s string) string { return head + "Content-Type: text/html\n\n" + s }
	bombs := map[string]string{
		"nested 499":          nested(499),
		"nested 10,000":       nested(10_000),
		"100,000 parts":       head + "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--x\n\na\n", 100_000),
		"20,000 parts":        head + "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--x\n\na\n", 19_990),
		"header of 10 MB":     head + "X-Long: " + strings.Repeat("x", 10<<20) + "\n\ntext",
		"100,000 fields":      head + strings.Repeat("X: y\n", 100_000) + "\ntext",
		"100,000 addresses":   head + "To: " + strings.Repeat("a@b.test, ", 100_000) + "\n\ntext",
		"100,000 references":  head + "References: " + strings.Repeat("<a@b.test> ", 90_000) + "\n\ntext",
		"encoded words":       head + "X-A: 1\nSubject: " + strings.Repeat("=?utf-8?q?a?= ", 60_000) + "\n\ntext",
		"html of b":           html(strings.Repeat("<b>", 5<<20/3)),
		"html of divs":        html(strings.Repeat("<div>", 100_000)),
		"html of <":           html(strings.Repeat("<", 5<<20)),
		"html of tables":      html(strings.Repeat("<table><tr><td>", 30_000)),
		"html style":          html(`<p style="` + strings.Repeat("color:red;", 200_000) + `">x`),
		"html attributes":     html("<p " + strings.Repeat("a=b ", 400_000) + ">x"),
		"quotes":              head + "\n" + strings.Repeat("> ", 2<<20),
		"introductions":       head + "\n" + strings.Repeat("On Mon, someone wrote:\n", 100_000),
		"rules":               head + "\n" + strings.Repeat("__________\n", 200_000),
		"parameters":          head + "Content-Type: text/plain" + strings.Repeat("; a=\"", 100_000) + "\n\ntext",
		"parameters unquoted": head + "Content-Type: text/plain; x=\"a\"" + strings.Repeat(" b=\"c\"", 100_000) + "\n\ntext",
		"utf-7":               head + "Content-Type: text/plain; charset=utf-7\n\n" + strings.Repeat("+", 2<<20),
		"forwards":            "Subject: Fwd: x\n" + head + "\n" + strings.Repeat("---------- Forwarded message ---------\n", 100_000),
		"headers in the text": "Subject: Fwd: x\n" + head + "\n" + strings.Repeat("To: b\nDate: c\nSubject: d\n\n", 100_000),
		"attributions":        head + "\n" + strings.Repeat("2 Nov 2026 10:00 <a@b.test>\n", 100_000) + ":",
		"bounce of addresses": "X-Failed-Recipients: a@b.test\n" + head + "\n" + strings.Repeat("<a@b.test>: 550 5.1.1 user unknown\n", 50_000),
		"bounce, one line":    "X-Failed-Recipients: a@b.test\n" + head + "\ncould not be delivered " + strings.Repeat("a@b.test ", 200_000),
		"delivery statuses":   head + "Content-Type: multipart/report; boundary=x\n\n" + strings.Repeat("--x\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.test\n\n", 9_000),
		"mails enclosed":      "X-Failed-Recipients: a@b.test\n" + head + "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--x\nContent-Type: message/rfc822\n\nFrom: a@b.test\n\nx\n", 9_000),
		"mail in mail":        head + strings.Repeat("Content-Type: message/rfc822\n\nFrom: a@b.test\n", 50_000),
		"windows-1251, none":  head + "\n" + strings.Repeat("\xcf\xf0\xe8\xe2\xe5\xf2 ", 500_000),
		"base64":              head + "Content-Transfer-Encoding: base64\n\n" + strings.Repeat("=A", 2<<20),
	}
	for name, raw := range bombs {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			m, err := Parse([]byte(raw), DefaultLimits)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			checkMail(t, name, m)
			if m.From == nil || m.From.Address != "eve@evil.test" || m.MessageID != "b@evil.test" || m.Subject == "" {
				t.Errorf("from %v, id %q, subject %q", m.From, m.MessageID, m.Subject)
			}
			if took > time.Minute { // 1 s on an idle machine; what grows faster than its length takes minutes anywhere
				t.Errorf("took %v", took)
			}
			t.Logf("%v, %d MB allocated, %d warnings", took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20, len(m.Warnings))
		})
	}
}

func TestLargeMail(t *testing.T) {
	t.Parallel()
	limits := DefaultLimits
	limits.Raw = 1000
	m, err := Parse([]byte("From: a@b.test\nSubject: large\n\n"+strings.Repeat("x", 2000)), limits)
	if err != nil || m.Subject != "large" || m.Text != "" || len(m.Warnings) != 1 {
		t.Errorf("%+v, %v", m, err)
	}
	m, err = HeaderOnly([]byte("From: a@b.test\nSubject: la"), limits)
	if err != nil || m.From.Address != "a@b.test" || m.Key == "" {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestContentKey(t *testing.T) {
	t.Parallel()
	base := "Received: from x\nFrom: Ana <ana@customer.test>\nDate: Mon, 2 Nov 2026 10:00:00 +0000\nSubject: S\nMessage-ID: <k@customer.test>\n\nText.\n"
	key := func(raw string) string {
		m, err := Parse([]byte(raw), DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		return m.Key
	}
	same := map[string]string{
		"other trace":       "Received: from y\nReceived: from z\nDelivered-To: q\n" + base,
		"CRLF":              strings.ReplaceAll(base, "\n", "\r\n"),
		"blank lines added": base + "\n\n",
		"moved folder":      base,
	}
	for name, raw := range same {
		if key(raw) != key(base) {
			t.Errorf("%s: another key", name)
		}
	}
	other := map[string]string{
		"other text":    strings.Replace(base, "Text.", "Text!", 1),
		"other sender":  strings.Replace(base, "ana@", "bea@", 1),
		"other subject": strings.Replace(base, "Subject: S", "Subject: T", 1),
		"no id":         strings.Replace(base, "Message-ID: <k@customer.test>\n", "", 1),
		"empty id":      strings.Replace(base, "<k@customer.test>", "<>", 1),
	}
	for name, raw := range other {
		if key(raw) == key(base) {
			t.Errorf("%s: the same key", name)
		}
	}
	if k := key(other["no id"]); !strings.HasSuffix(k, "@generated") || k != key(other["empty id"]) {
		t.Errorf("generated keys %q, %q", k, key(other["empty id"]))
	}
}

// fromCorpora gives other people's mails, where there are some: files of at most 64 kB below CENTRALITA_CORPORA.
func fromCorpora(f *testing.F, wanted func(path string) bool, add func(raw []byte)) {
	f.Helper()
	dir := os.Getenv("CENTRALITA_CORPORA")
	if dir == "" {
		return
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !wanted(path) {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil && len(raw) <= 64<<10 {
			add(raw)
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

func FuzzParse(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "*.eml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	fromCorpora(f, isMail, func(raw []byte) { f.Add(raw) })
	f.Add([]byte("Subject: =?utf-7?q?+=00?=\nContent-Type: text/html;charset*=x'y'%ff\n\n<a href=javascript:x><img src=\"http://a/\">"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(raw, DefaultLimits)
		if err != nil {
			return
		}
		checkMail(t, "fuzz", m)
		low := strings.ToLower(m.HTML)
		for _, bad := range []string{"<script", "javascript:", "<iframe", "onerror=", "<style"} {
			if strings.Contains(stripAttrText(low), bad) {
				t.Errorf("%s in %q", bad, m.HTML)
			}
		}
		if again, err := Parse(bytes.Clone(raw), DefaultLimits); err != nil || again.Key != m.Key || again.Text != m.Text {
			t.Error("two readings differ")
		}
	})
}

// stripAttrText removes what is escaped text, not markup.
func stripAttrText(s string) string {
	var b strings.Builder
	inTag := false
	for _, r := range s {
		switch {
		case r == '<':
			inTag = true
		case r == '>':
			inTag = false
			b.WriteByte('>')
		}
		if inTag {
			b.WriteRune(r)
		}
	}
	return b.String()
}
