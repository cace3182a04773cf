package letter

import (
	"fmt"
	"strings"
	"testing"
)

// TestForwarded: the ways in which mail programs pass a mail on, as whole mails.
func TestForwarded(t *testing.T) {
	t.Parallel()
	const head = "From: Bob <bob@desk.test>\nTo: support@desk.test\nSubject: Fwd: My order\n"
	html := func(s string) string { return head + "Content-Type: text/html; charset=utf-8\n\n" + s }
	const inner = "From: =?utf-8?q?Ana_=C3=84?= <ana@customer.test>\nTo: Bob <bob@desk.test>\nSubject: My order\nDate: Mon, 2 Nov 2026 10:00:00 +0100\nMessage-ID: <in@customer.test>\n\nWhere is it?\n"
	cases := map[string]string{
		"enclosed":            head + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee below.\n--b\nContent-Type: message/rfc822\n\n" + inner + "--b--",
		"enclosed, base64":    head + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee below.\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nRnJvbTogQW5hIMOEIDxhbmFAY3VzdG9tZXIudGVzdD4KVG86IEJvYiA8Ym9iQGRlc2sudGVzdD4KU3ViamVjdDogTXkgb3JkZXIKRGF0ZTogTW9uLCAyIE5vdiAyMDI2IDEwOjAwOjAwICswMTAwCgpXaGVyZSBpcyBpdD8K\n--b--",
		"Gmail, HTML":         html(`<div>See below.</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: <strong>Ana Ä</strong> <span>&lt;<a href="mailto:ana@customer.test">ana@customer.test</a>&gt;</span><br>Date: Mon, 2 Nov 2026 10:00:00 +0100<br>Subject: My order<br>To: Bob &lt;<a>bob@desk.test</a>&gt;<br></div><br>Where is it?</div>`),
		"Outlook, HTML":       html(`<p>See below.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Ana Ä &lt;ana@customer.test&gt;<br><b>Sent:</b> Mon, 2 Nov 2026 10:00:00 +0100<br><b>To:</b> Bob &lt;bob@desk.test&gt;<br><b>Subject:</b> My order</p></div><p>Where is it?</p>`),
		"Outlook, web":        html(`<div>See below.</div><hr><div id="divRplyFwdMsg"><font><b>Von:</b> Ana Ä &lt;ana@customer.test&gt;<br><b>Gesendet:</b> Mon, 2 Nov 2026 10:00:00 +0100<br><b>An:</b> Bob &lt;bob@desk.test&gt;<br><b>Betreff:</b> My order</font></div><div>Where is it?</div>`),
		"Apple, HTML":         html(`<div>See below.</div><blockquote type="cite"><div>Begin forwarded message:</div><br><div><b>From: </b>Ana Ä &lt;ana@customer.test&gt;</div><div><b>Subject: </b>My order</div><div><b>Date: </b>Mon, 2 Nov 2026 10:00:00 +0100</div><div><b>To: </b>Bob &lt;bob@desk.test&gt;</div><br><div>Where is it?</div></blockquote>`),
		"Thunderbird, HTML":   html(`<p>See below.</p><div class="moz-forward-container"><br>-------- Message transféré --------<table class="moz-email-headers-table"><tr><th>Sujet&nbsp;: </th><td>My order</td></tr><tr><th>Date&nbsp;: </th><td>Mon, 2 Nov 2026 10:00:00 +0100</td></tr><tr><th>De&nbsp;: </th><td>Ana Ä <a>&lt;ana@customer.test&gt;</a></td></tr><tr><th>Pour&nbsp;: </th><td>Bob &lt;bob@desk.test&gt;</td></tr></table><br><br>Where is it?</div>`),
		"Yahoo, HTML":         html(`<div>See below.</div><div class="yahoo_quoted"><div>----- Forwarded Message -----</div><div><b>From:</b> Ana Ä &lt;ana@customer.test&gt;</div><div><b>To:</b> Bob &lt;bob@desk.test&gt;</div><div><b>Sent:</b> Mon, 2 Nov 2026 10:00:00 +0100</div><div><b>Subject:</b> My order</div><div><br></div><div>Where is it?</div></div>`),
		"format=flowed":       head + "Content-Type: text/plain; charset=utf-8; format=flowed\n\nSee below.\n\n-------- Forwarded Message --------\nSubject: \tMy order\nDate: \tMon, 2 Nov 2026 10:00:00 +0100\nFrom: \tAna Ä <ana@customer.test>\nTo: \tBob <bob@desk.test>\n\nWhere is it?",
		"quoted-printable, 2": head + "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nSee below.\n\n-----Original Message-----\nFrom: Ana =C4 [mailto:ana@customer.test]=20\nSent: Mon, 2 Nov 2026 10:00:00 +0100\nTo: Bob <bob@desk.test>\nSubject: My order\n\nWhere is it?",
	}
	for name, raw := range cases {
		m, err := Parse([]byte(raw), DefaultLimits)
		if err != nil {
			t.Fatal(name, err)
		}
		if m.Forwarded == nil || m.OriginalSender() == nil {
			t.Errorf("%s: not found in %q", name, m.Text)
			continue
		}
		f := m.Forwarded
		got := fmt.Sprintf("%v|%s|%s|%s|%s|%s", *m.OriginalSender(), list(f.To), f.Date, f.Subject, f.Text, m.ReplyText())
		want := "{Ana Ä ana@customer.test}|Bob <bob@desk.test>|Mon, 2 Nov 2026 10:00:00 +0100|My order|Where is it?|See below."
		if got != want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
		if f.Enclosed != strings.HasPrefix(name, "enclosed") {
			t.Errorf("%s: enclosed: %v", name, f.Enclosed)
		}
	}
}

// TestNobodyForwarded: what a machine encloses, and whom nobody could answer.
func TestNobodyForwarded(t *testing.T) {
	t.Parallel()
	enclosed := "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nt\n--b\nContent-Type: message/rfc822\n\nFrom: ana@customer.test\nSubject: s\n\nx\n--b"
	none := map[string]string{
		"an answer by machine": "From: bob@desk.test\nAuto-Submitted: auto-replied\n" + enclosed + "--",
		"a bounce":             "From: mailer-daemon@mx.test\nReturn-Path: <>\nSubject: failure notice\n" + enclosed + "--",
		"a digest":             "From: list@lists.test\n" + strings.Replace(enclosed, "mixed", "digest", 1) + "--",
		"two enclosed":         "From: bob@desk.test\n" + enclosed + "\nContent-Type: message/rfc822\n\nFrom: carl@customer.test\nSubject: s\n\ny\n--b--",
	}
	for name, raw := range none {
		if m, err := Parse([]byte(raw), DefaultLimits); err != nil || m.Forwarded != nil {
			t.Errorf("%s: %+v, %v", name, m.Forwarded, err)
		}
	}
	for name, from := range map[string]string{"himself": "Bob@desk.test", "a machine": "no-reply@shop.test", "a name": "Ana"} {
		m, err := Parse([]byte("From: bob@desk.test\nSubject: Fwd: x\n\n---------- Forwarded message ---------\nFrom: "+from+"\nDate: Mon\nSubject: x\nTo: y@z.test\n\ntext"), DefaultLimits)
		if err != nil || m.Forwarded == nil || m.OriginalSender() != nil {
			t.Errorf("%s: %+v, %+v, %v", name, m.Forwarded, m.OriginalSender(), err)
		}
	}
}
