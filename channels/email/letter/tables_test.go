package letter

import (
	"fmt"
	"strings"
	"testing"

	"github.com/centralita/centralita/channels/email/letter/history"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`ana@x.test`:       `<ana@x.test>`,
		`Ana <ana@X.TEST>`: `Ana <ana@x.test>`,
		`"Q., Ana" <ana@x.test>, Bob <bob@x.test>`:       `Q., Ana <ana@x.test>, Bob <bob@x.test>`,
		`ana@x.test (Ana Q.)`:                            `Ana Q. <ana@x.test>`,
		`=?utf-8?q?J=C3=BCrgen?= <j@x.test>`:             `Jürgen <j@x.test>`,
		`"=?utf-8?q?J=C3=BCrgen?=" <j@x.test>`:           `Jürgen <j@x.test>`,
		`Friends: a@x.test, B <b@x.test>;, c@x.test`:     `<a@x.test>, B <b@x.test>, <c@x.test>`,
		`undisclosed-recipients:;`:                       ``,
		`MAILER-DAEMON`:                                  `<MAILER-DAEMON>`,
		`Mail Delivery <MAILER-DAEMON>`:                  `Mail Delivery <MAILER-DAEMON>`,
		`<>`:                                             ``,
		``:                                               ``,
		`ana@x.test <>`:                                  `<ana@x.test>`,
		`a@x.test; b@x.test`:                             `<a@x.test>, <b@x.test>`,
		`<@relay.test:ana@x.test>`:                       `<ana@x.test>`,
		`ana@x.test <ana@x.test>`:                        `<ana@x.test>`,
		`Ana <mailto:ana@x.test>`:                        `Ana <ana@x.test>`,
		`not an address at all`:                          ``,
		"Evil\u202Etxt <e@x.test>":                       `Eviltxt <e@x.test>`,
		`"victim@bank.test" <evil@x.test>`:               `victim@bank.test <evil@x.test>`,
		`bad <a b@x.test>, good@x.test`:                  `<good@x.test>`,
		`"unclosed <a@x.test>, b@x.test`:                 `unclosed <a@x.test>, <b@x.test>`,
		`a@` + strings.Repeat("x", 400) + `, ok@x.test`:  `<ok@x.test>`,
		`=?iso-8859-1?Q?Jos=E9_=3Cjose=40x=2Etest=3E?= `: `José <jose@x.test>`,
	}
	for in, want := range cases {
		if got := list(addresses([]byte(in), "", 10)); got != want {
			t.Errorf("%q:\n got %s\nwant %s", in, got, want)
		}
	}
	if got := addresses([]byte(strings.Repeat("a@x.test,", 100)), "", 7); len(got) != 7 {
		t.Errorf("%d of 7", len(got))
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"plain":                                "plain",
		"=?utf-8?B?w7w=?=":                     "ü",
		"=?UTF-8?q?a_b=20c?= d":                "a b c d",
		"=?utf-8?q?a?= =?utf-8?q?b?=":          "ab",
		"=?utf-8?q?a?= and =?utf-8?q?b?=":      "a and b",
		"=?utf-8?b?w?= =?utf-8?b?7w=?=":        "ü", // cut inside a group of four
		"=?utf-8?q?=C3?= =?utf-8?q?=BC?=":      "ü", // cut inside a character
		"=?utf-8?B?w7w?=":                      "ü", // no padding
		"=?iso-8859-1*de?q?=FC?=":              "ü", // language (RFC 2231 section 5)
		"=?gb2312?B?xOO6ww==?=":                "你好",
		"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=":   "日本",
		"=?utf-7?Q?Hi+ACE-?=":                  "Hi!",
		"=?unknown-8bit?q?=C3=BC?=":            "ü",
		"=?broken":                             "=?broken",
		"=?a?b?c":                              "=?a?b?c",
		"=?utf-8?x?a?=":                        "=?utf-8?x?a?=",
		"a =?utf-8?q?b c?= d":                  "a b c d",
		"caf\xe9":                              "café",
		"x=?utf-8?q?=C3=BC?=y":                 "xüy",
		"=?utf-8?q?=?==?utf-8?q?=41?=":         "=A",
		"=?windows-1251?B?z/Do4uXy?=":          "Привет",
		"=?utf-8?q?bad=ZZ=C3?=":                "bad=ZZÃ",
		"=?big5?B?p0GmbQ==?= =?gbk?B?xOO6ww==": "你妃 =?gbk?B?xOO6ww==",
	}
	for in, want := range cases {
		if got := decodeWords([]byte(in), ""); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestParams(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`text/plain; charset=utf-8`:                           `text/plain charset=utf-8`,
		`TEXT/Plain;CharSet="UTF-8";`:                         `text/plain charset=UTF-8`,
		`text/plain charset=utf-8`:                            `text/plain charset=utf-8`,
		`text/plain; charset="utf-8" name=a.txt`:              `text/plain charset=utf-8 name=a.txt`,
		`charset=utf-8`:                                       ` charset=utf-8`,
		`text/plain (comment); charset=us-ascii (more)`:       `text/plain charset=us-ascii`,
		`attachment; filename=my file.pdf`:                    `attachment filename=my file.pdf`,
		`attachment; filename="a;b.pdf"`:                      `attachment filename=a;b.pdf`,
		`attachment; filename="a\"b.pdf"`:                     `attachment filename=a_b.pdf`,
		`attachment; filename*=utf-8''%C3%BC.pdf`:             `attachment filename=ü.pdf`,
		`attachment; filename*0=a; filename*1=b.pdf`:          `attachment filename=ab.pdf`,
		`attachment; filename*1*=%C3%BC.pdf; filename*0*=''a`: `attachment filename=aü.pdf`,
		`attachment; filename="=?utf-8?q?=C3=BC?=.pdf"`:       `attachment filename=ü.pdf`,
		`attachment; filename="unclosed.pdf; size=1`:          `attachment filename=unclosed.pdf`,
		``:                                ``,
		`;;;`:                             ``,
		`inline; filename="C:\dir\a.pdf"`: `inline filename=a.pdf`,
		`attachment; filename="../../etc/passwd"`:                   `attachment filename=passwd`,
		"attachment; filename=\"a\u202Egpj.exe\"":                   `attachment filename=agpj.exe`,
		`attachment; filename="...hidden"`:                          `attachment filename=hidden`,
		"attachment; filename=\"a\x00b\r\nc.txt\"":                  `attachment filename=ab c.txt`,
		`attachment; filename=` + strings.Repeat("x", 400) + `.pdf`: `attachment filename=` + strings.Repeat("x", 196) + `.pdf`,
	}
	for in, want := range cases {
		kind, params := parseParams([]byte(in))
		got := kind
		for _, name := range []string{"charset", "filename", "name"} {
			v := paramText(params, name, "")
			if name == "filename" {
				v = fileName(v)
			}
			if v != "" {
				got += " " + name + "=" + v
			}
		}
		if got != want {
			t.Errorf("%q:\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestSanitise(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`<p onclick="x()">a</p>`:                                 `<p>a</p>`,
		`<script>alert(1)</script>a`:                             `a`,
		`<a href="javascript:x()">a</a>`:                         `<a>a</a>`,
		`<a href="https://x.test/?a=1&b=2">a</a>`:                `<a href="https://x.test/?a=1&amp;b=2" rel="nofollow noreferrer noopener" target="_blank">a</a>`,
		`<img src="cid:a@b">`:                                    `<img src="cid:a@b"/>`,
		`<img src="https://x.test/a.png" alt="A">`:               `<img data-remote-src="https://x.test/a.png" alt="A"/>`,
		`<img src="//x.test/a.png">`:                             `<img data-remote-src="https://x.test/a.png"/>`,
		`<img src="https://x.test/p.gif" width="1" height="1">`:  ``,
		`<img style="display: none" src="https://x.test/p.gif">`: ``,
		`<img data-remote-src="javascript:x" src="file:///etc">`: `<img/>`,
		`<img src=x onerror=alert(1)>`:                           `<img/>`,
		`<p style="color:red;background:url(https://x.test/)">a`: `<p style="color: red">a</p>`,
		`<p style="background-image:url(x)">a</p>`:               `<p>a</p>`,
		`<style>p{color:red}</style><p id="x" class="y">a</p>`:   `<p>a</p>`,
		`<iframe src="https://x.test"></iframe>a`:                `a`,
		`<form action="https://x.test"><input name=a>b</form>`:   `b`,
		`</table><b>a`: `<b>a</b>`,
		`<table background="https://x.test/a.png"><tr><td>a`:             `<table><tbody><tr><td>a</td></tr></tbody></table>`,
		`<svg><script>alert(1)</script></svg>a`:                          `a`,
		`<math><mtext><img src=x onerror=alert(1)></mtext></math>`:       `<img/>`,
		`<base href="https://x.test"><link rel=stylesheet href=x>a`:      `a`,
		`<meta http-equiv=refresh content="0;url=https://x.test">a`:      `a`,
		`<!--[if mso]><p>x</p><![endif]-->a`:                             `a`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">a`: `<img/>&#34;&gt;a`,
		`<td><b>a`: `<b>a</b>`,
	}
	for in, want := range cases {
		got, err := sanitise(in)
		if err != nil || got != want {
			t.Errorf("%s:\n got %s\nwant %s (%v)", in, got, want, err)
		}
	}
}

func TestHTMLText(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`<p>a <b>b</b> c</p><p>d</p>`:                         "a b c\n\nd",
		`a<br>b<br><br>c`:                                     "a\nb\n\nc",
		`<div>a</div><div>b</div>`:                            "a\nb",
		`<ul><li>a<li>b</ul>c`:                                "- a\n- b\n\nc",
		`<table><tr><td>a<td>b</tr><tr><td>c</table>`:         "a b\nc",
		`<blockquote>a<br>b</blockquote>c`:                    "> a\n> b\nc",
		"<pre>a\n  b</pre>":                                   "a\n  b",
		`<script>x</script><style>y</style><title>z</title>a`: "a",
		`a&nbsp;b&lt;c`:                                       "a b<c",
		`<p>a<span> b </span>c`:                               "a b c",
		`<b>a</b><i>b</i>`:                                    "ab",
		``:                                                    "",
	}
	for in, want := range cases {
		if got := htmlToText(in).text; got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestFresh(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, want string }{
		"all new":             {"Hello\nthere", "Hello\nthere"},
		"gmail":               {"Yes.\n\nOn Mon, Nov 2, 2026 at 10:00 AM Bea <b@x.test> wrote:\n\n> Sure?\n> Bea", "Yes."},
		"gmail, wrapped":      {"Yes.\n\nOn Mon, Nov 2, 2026 at 10:00 AM Bea\n<b@x.test> wrote:\n> Sure?", "Yes."},
		"german":              {"Ja.\n\nAm 02.11.26 um 10:00 schrieb Bea:\n> Sicher?", "Ja."},
		"french":              {"Oui.\n\nLe lun. 2 nov. 2026 à 10:00, Bea <b@x.test> a écrit :\n> Sûr ?", "Oui."},
		"spanish":             {"Sí.\n\nEl lun, 2 nov 2026 a las 10:00, Bea (<b@x.test>) escribió:\n> ¿Seguro?", "Sí."},
		"outlook":             {"Yes.\n\nFrom: Bea <b@x.test>\nSent: Monday\nTo: Ana\nSubject: Q\n\nSure?", "Yes."},
		"outlook, underlined": {"Yes.\n\n________________________________\nVon: Bea\nGesendet: Montag\nAn: Ana\nBetreff: Q\n\nSicher?", "Yes."},
		"original message":    {"Yes.\n\n-----Original Message-----\nSure?", "Yes."},
		"signature":           {"Yes.\n\n-- \nAna\nCustomer", "Yes."},
		"phone":               {"Yes.\n\nSent from my iPhone", "Yes."},
		"trailing quote":      {"Yes.\n\n> Sure?\n> Bea\n", "Yes."},
		"answers between":     {"On 2 Nov 2026, Bea wrote:\n> One?\nYes.\n\n> Two?\n\nNo.", "On 2 Nov 2026, Bea wrote:\n> One?\nYes.\n\n> Two?\n\nNo."},
		"between, then quote": {"> One?\n\nYes.\n\n> Two?\n\nNo.\n\n> Bea", "> One?\n\nYes.\n\n> Two?\n\nNo."},
		"only a quote":        {"> Sure?\n> Bea", "> Sure?\n> Bea"},
		"only a forward":      {"---------- Forwarded message ---------\nFrom: x\n\ntext", "---------- Forwarded message ---------\nFrom: x\n\ntext"},
		"said":                {"As my colleague said:\n\nit does not work.", "As my colleague said:\n\nit does not work."},
		"a list of labels":    {"Here it is.\nFrom: Berlin\nTo: Madrid\nPlease book.", "Here it is.\nFrom: Berlin\nTo: Madrid\nPlease book."},
		"empty":               {"", ""},
	}
	for name, tc := range cases {
		if got := tc.text[:history.FreshBytes(tc.text)]; got != tc.want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, tc.want)
		}
	}
}

func TestAutomatic(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"Subject: x":         "",
		"Auto-Submitted: no": "",
		"Auto-Submitted: auto-generated; owner=x":                                 AutoReply,
		"X-Auto-Response-Suppress: DR, OOF":                                       AutoReply,
		"X-Auto-Response-Suppress: RN":                                            "",
		"Precedence: bulk":                                                        List,
		"Precedence: auto_reply":                                                  AutoReply,
		"List-Id: <x.test>":                                                       List,
		"List-Unsubscribe: <mailto:u@x.test>":                                     List,
		"Return-Path: <>":                                                         AutoReply,
		"X-Failed-Recipients: a@x.test":                                           Bounce,
		"Subject: Automatic reply: My order":                                      AutoReply,
		"Subject: Abwesenheitsnotiz: Bestellung":                                  AutoReply,
		"Subject: Out of office chairs: which one?":                               "",
		"X-Autoreply: yes":                                                        AutoReply,
		"From: noreply@shop.test":                                                 AutoReply,
		"From: postmaster@x.test\nSubject: Undeliverable: hello":                  Bounce,
		"From: postmaster@x.test\nSubject: hello":                                 AutoReply,
		"Content-Type: multipart/report; report-type=delivery-status; boundary=x": Bounce,
		"Content-Type: multipart/report; report-type=disposition-notification; boundary=x": Report,
		"Content-Type: multipart/report; report-type=feedback-report; boundary=x":          Report,
		strings.Repeat("Received: from x\n", 60) + "X: y":                                  AutoReply,
	}
	for header, want := range cases {
		raw := header
		if !strings.Contains(raw, "From:") {
			raw = "From: a@x.test\n" + raw
		}
		m, err := Parse([]byte(raw+"\n\ntext"), DefaultLimits)
		if err != nil || m.Automatic != want {
			t.Errorf("%.80q: got %q, want %q (%v)", header, m.Automatic, want, err)
		}
	}
}

// An away note says that it answers; an alert or a form is a machine's, too, and somebody reads it.
func TestWhatAnswersByMachine(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"Auto-Submitted: auto-replied":                               true,
		"Auto-Submitted: Auto-Replied (vacation)":                    true,
		"Auto-Submitted: auto-replied; owner-email=\"a@x.test\"":     true,
		"Auto-Submitted: auto-generated":                             false,
		"Auto-Submitted: auto-generated\nSubject: Automatic reply: ": true, // as Exchange writes them
		"Auto-Submitted: auto-notified":                              false,
		"X-Auto-Response-Suppress: All":                              false,
		"X-MS-Exchange-Inbox-Rules-Loop: a@x.test":                   false,
		"X-Autorespond: away":                                        true,
		"X-Autoreply: no\nX-Auto-Response-Suppress: All":             false,
		"Precedence: auto_reply":                                     true,
		"Subject: Abwesend: bis Montag":                              true,
		"From: noreply@shop.test":                                    false,
		"Return-Path: <>":                                            false,
		"List-Id: <x.test>":                                          false,
		"Subject: x":                                                 false,
	} {
		raw := header
		if !strings.Contains(raw, "From:") {
			raw = "From: a@x.test\n" + raw
		}
		m, err := Parse([]byte(raw+"\n\ntext"), DefaultLimits)
		if err != nil || m.Answers() != want {
			t.Errorf("%q: %v, want %v (%v)", header, m.Answers(), want, err)
		}
	}
}

func TestMessageIDs(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"<a@b>":                                "a@b",
		"<a@b> <c@d>":                          "a@b c@d",
		"<a@b><c@d>":                           "a@b c@d",
		"<a@ b>":                               "a@b",
		"<>":                                   "",
		"<@b> <a@> <ab>":                       "",
		"a@b":                                  "a@b",
		`Your message <a@b> of "Monday"`:       "a@b",
		"<a@b":                                 "",
		"<" + strings.Repeat("a", 300) + "@b>": "",
		"<0123456789abcdef0>":                  "0123456789abcdef0",
		"<a\x01@b>":                            "",
	}
	for in, want := range cases {
		if got := strings.Join(messageIDs([]byte(in), 10), " "); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestStructures(t *testing.T) {
	t.Parallel()
	alt := "From: a@x.test\nContent-Type: multipart/alternative; boundary=b\n\n"
	mixed := "From: a@x.test\nContent-Type: multipart/mixed; boundary=b\n\n"
	cases := map[string]struct{ raw, text, html, files string }{
		"plain":            {"From: a@x.test\n\ntext", "text", "", ""},
		"html only":        {"From: a@x.test\nContent-Type: text/html\n\n<p>a</p><p>b", "a\n\nb", "<p>a</p><p>b</p>", ""},
		"alternative":      {alt + "--b\n\nt\n--b\nContent-Type: text/html\n\n<b>h</b>\n--b--", "t", "<b>h</b>", ""},
		"never closed":     {alt + "--b\n\nt\n--b\nContent-Type: text/html\n\n<b>h</b>", "t", "<b>h</b>", ""},
		"no boundary":      {"From: a@x.test\nContent-Type: multipart/mixed\n\ntext", "text", "", ""},
		"other boundary":   {mixed + "--c\n\nt\n--c--", "--c\n\nt\n--c--", "", ""},
		"words behind it":  {mixed + "--b and more\n\nt\n--bc\n--b-- the end\nafter", "t\n--bc", "", ""},
		"boundary in text": {mixed + "--b\n\nsee --b\nthere\n--b--", "see --b\nthere", "", ""},
		"only an image":    {mixed + "--b\nContent-Type: image/png; name=a.png\n\nx\n--b--", "", "", "a.png image/png inline=false 1"},
		"a named text":     {mixed + "--b\nContent-Type: image/png; name=a.png\n\nx\n--b\nContent-Type: text/plain; name=n.txt\n\nt\n--b--", "t", "", "a.png image/png inline=false 1; n.txt text/plain inline=false 1"},
		"an attached text": {mixed + "--b\n\nt\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=n.txt\n\nu\n--b--", "t", "", "n.txt text/plain inline=false 1"},
		"a calendar":       {alt + "--b\n\nt\n--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN\n--b--", "t", "", "part-1.ics text/calendar inline=false 5"},
		"winmail":          {mixed + "--b\n\nt\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\n\nx\n--b--", "t", "", "winmail.dat application/ms-tnef inline=false 1"},
		"winmail, opened": {mixed + "--b\n\nt\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+IgEAAgKQBgAAAAAAAAACEIABAAYAAABhLnR4dADvAQIPgAYAAQAAAHh4AA==\n--b--", "t", "",
			"winmail.dat application/ms-tnef inline=false 46; a.txt application/octet-stream inline=false 1"},
		"a mail enclosed":   {mixed + "--b\n\nt\n--b\nContent-Type: message/rfc822\n\nSubject: In\n\nu\n--b--", "t", "", "In.eml message/rfc822 inline=false 14"},
		"two texts":         {mixed + "--b\n\nt\n--b\n\nu\n--b--", "t\nu", "", ""},
		"part, no header":   {mixed + "--b\ntext at once\n--b--", "text at once", "", ""},
		"no empty line":     {"From: a@x.test\nSubject: s\nfirst line\nsecond line\n", "first line\nsecond line", "", ""},
		"digest":            {"From: a@x.test\nContent-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: One\n\nx\n--b--", "", "", "One.eml message/rfc822 inline=false 15"},
		"unknown encoding":  {"From: a@x.test\nContent-Transfer-Encoding: x-strange\n\ntext", "text", "", ""},
		"base64 and footer": {"From: a@x.test\nContent-Transfer-Encoding: base64\n\ndGV4dA==\n_______________\nlist mailing list\n", "text", "", ""},
		"odd spelling":      {"From: a@x.test\nContent-Transfer-Encoding: quoted-printable;\n\na=3Db=\nc", "a=bc", "", ""},
		"uuencode":          {"From: a@x.test\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n$=&5X=```\nend\n", "text", "", ""},
		"old Mac":           {"From: a@x.test\rSubject: s\r\rtext", "text", "", ""},
	}
	for name, tc := range cases {
		m, err := Parse([]byte(tc.raw), DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkMail(t, name, m)
		if got := fmt.Sprintf("%q %q %q", m.Text, m.HTML, files(m)); got != fmt.Sprintf("%q %q %q", tc.text, tc.html, tc.files) {
			t.Errorf("%s:\n got %s\nwant %q %q %q", name, got, tc.text, tc.html, tc.files)
		}
	}
}
