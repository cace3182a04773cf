package trust

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/proto/deskpb"
)

func read(t *testing.T, raw string) *letter.Mail {
	t.Helper()
	m, err := letter.Parse([]byte(strings.ReplaceAll(raw, "\n", "\r\n")), letter.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const (
	toUs    = "Received: by 2002:a05:6504:1234 with SMTP id x; Mon, 2 Nov 2026 10:00:01 +0000\nReceived: from out.shop.test (out.shop.test [192.0.2.1])\n by mx.desk.test with ESMTPS id 1; Mon, 2 Nov 2026 10:00:00 +0000\n"
	inside  = "Received: from pc.shop.test by out.shop.test with ESMTP id 2; Mon, 2 Nov 2026 09:59:59 +0000\n"
	message = "From: Ana <ana@shop.test>\nTo: support@desk.test\nSubject: Hello\nMessage-ID: <1@shop.test>\n\nHello.\n"
)

func TestStated(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, head, from, verdict, reason, method string }{
		{"DMARC", "mx.desk.test; dkim=pass header.d=other.test; dmarc=pass (p=REJECT) header.from=shop.test", "", "VERIFIED", ReasonProved, "dmarc"},
		{"DMARC against a good signature", "mx.desk.test; dkim=pass header.d=shop.test; dmarc=fail header.from=shop.test", "", "FAILED", ReasonRefuted, "dmarc"},
		{"Gmail's line", "mx.desk.test;\n dkim=pass header.i=@shop.test header.s=s1 header.b=ab12;\n spf=pass (google.com: domain of ana@shop.test designates 192.0.2.1 as permitted sender) smtp.mailfrom=ana@shop.test;\n dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=shop.test", "", "VERIFIED", ReasonProved, "dmarc"},
		{"signature of his own", "mx.desk.test 1; dkim=pass header.d=shop.test", "", "VERIFIED", ReasonProved, "dkim"},
		{"signature of the house", "mx.desk.test; dkim=pass header.d=shop.test", "ana@mail.shop.test", "VERIFIED", ReasonProved, "dkim"},
		{"signature of somebody else", "mx.desk.test; dkim=pass header.d=evil.test", "", "FAILED", ReasonUnproved, ""},
		{"one broken, one good", "mx.desk.test; dkim=fail header.d=shop.test; dkim=pass header.d=shop.test", "", "VERIFIED", ReasonProved, "dkim"},
		{"broken", "mx.desk.test; dkim=fail reason=\"bad signature\" header.d=shop.test", "", "FAILED", ReasonRefuted, "dkim"},
		{"envelope", "mx.desk.test; spf=pass smtp.mailfrom=ana@shop.test", "", "VERIFIED", ReasonProved, "spf"},
		{"envelope of a list", "mx.desk.test; spf=pass smtp.mailfrom=bounces@list.test; dkim=none", "", "FAILED", ReasonUnproved, ""},
		{"envelope refused", "mx.desk.test; spf=softfail smtp.mailfrom=shop.test", "", "FAILED", ReasonRefuted, "spf"},
		{"nothing", "mx.desk.test; none", "", "FAILED", ReasonUnproved, ""},
		{"names were away", "mx.desk.test; dkim=temperror header.d=shop.test; dmarc=temperror header.from=shop.test", "", "UNKNOWN", ReasonNoAnswer, ""},
		{"another server", "mx.other.test; dmarc=pass header.from=shop.test", "", "UNKNOWN", ReasonNoServer, ""},
		{"a statement in a comment", "mx.desk.test; spf=fail (domain of x;dmarc=pass header.from=shop.test does not designate) smtp.mailfrom=shop.test", "", "FAILED", ReasonRefuted, "spf"},
		{"a statement in a quoted string", "mx.desk.test; spf=fail smtp.mailfrom=\"x; dmarc=pass header.from=shop.test\"@shop.test", "", "FAILED", ReasonRefuted, "spf"},
		{"an open comment", "mx.desk.test; dmarc=pass (header.from=shop.test", "", "UNKNOWN", ReasonNoServer, ""},
		{"DMARC of another sender", "mx.desk.test; dmarc=pass header.from=other.test", "", "FAILED", ReasonUnproved, ""},
		{"a country's shops", "mx.desk.test; dkim=pass header.d=co.uk", "ana@shop.co.uk", "FAILED", ReasonUnproved, ""},
		{"blanks around the sign", "mx.desk.test; dkim = pass header.d = shop.test", "", "VERIFIED", ReasonProved, "dkim"},
		{"two senders", "mx.desk.test; dmarc=pass header.from=shop.test", "ana@shop.test, eve@evil.test", "FAILED", ReasonSeveral, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			from := message
			if c.from != "" {
				from = strings.Replace(message, "Ana <ana@shop.test>", c.from, 1)
			}
			got := Stated(read(t, toUs+"Authentication-Results: "+c.head+"\n"+inside+from), []string{"mx.desk.test"})
			if v := strings.TrimPrefix(got.Verdict.String(), "SENDER_VERDICT_"); v != c.verdict || got.Reason != c.reason || got.Method != c.method {
				t.Errorf("got %s %s by %q, want %s %s by %q", v, got.Reason, got.Method, c.verdict, c.reason, c.method)
			}
		})
	}
}

// What the sender wrote himself counts nowhere: below our own, below a stranger's trace, or in the name of another server.
func TestForged(t *testing.T) {
	t.Parallel()
	good, bad := "Authentication-Results: mx.desk.test; dmarc=pass header.from=shop.test\n", "Authentication-Results: mx.desk.test; dmarc=fail header.from=shop.test\n"
	cases := map[string]struct{ head, want string }{
		"below ours":                                  {toUs + bad + good + inside, "FAILED"},
		"below a stranger's trace":                    {toUs + inside + good, "UNKNOWN"},
		"and a trace in our name":                     {toUs + inside + "Received: from x by mx.desk.test; Mon, 2 Nov 2026 09:00:00 +0000\n" + good, "UNKNOWN"},
		"ours above its own trace":                    {good + toUs + bad + inside, "VERIFIED"},
		"a stranger's statement on top of a good one": {"Authentication-Results: mx.evil.test; dmarc=fail header.from=shop.test\n" + toUs + good + inside, "VERIFIED"},
		"handed on within the house":                  {"Received: from mx.desk.test by store.desk.test with LMTP; Mon, 2 Nov 2026 10:00:02 +0000\n" + toUs + good + inside, "VERIFIED"},
	}
	for name, c := range cases {
		got := Stated(read(t, c.head+message), []string{"mx.desk.test"})
		if v := strings.TrimPrefix(got.Verdict.String(), "SENDER_VERDICT_"); v != c.want {
			t.Errorf("%s: %s (%s), want %s", name, v, got.Reason, c.want)
		}
	}
	if got := Stated(read(t, toUs+good+inside+message), nil); got.Verdict != unknown || got.Server != "mx.desk.test" {
		t.Errorf("with nobody trusted: %v", got)
	}
	if got := Stated(read(t, toUs+good+inside+message), []string{"mx.google.com"}); got.Verdict != unknown {
		t.Errorf("with another one trusted: %v", got)
	}
}

// What was proved is From. Whoever is answered instead is somebody the sender names.
func TestForParty(t *testing.T) {
	t.Parallel()
	m := read(t, message)
	proved := &deskpb.SenderCheck{Verdict: verified, Reason: ReasonProved}
	for party, want := range map[string]deskpb.SenderVerdict{
		"ana@shop.test": verified, "ANA@shop.test": verified, "sales@shop.test": verified, "ceo@victim.test": unknown, "": unknown,
	} {
		if got := ForParty(proved, m, party); got.Verdict != want {
			t.Errorf("%q: %v", party, got)
		}
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	says := "Authentication-Results: mx.desk.test; none\n"
	for head, want := range map[string]string{
		toUs + says + inside: "mx.desk.test", says + toUs + inside: "mx.desk.test", toUs + inside + says: "", toUs + inside: "",
		toUs + "Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=shop.test\n": "",
	} {
		if got := Server(read(t, head+message).Header); got != want {
			t.Errorf("%q: %q, want %q", head, got, want)
		}
	}
}

func TestSpam(t *testing.T) {
	t.Parallel()
	ours := []string{"mx.desk.test"}
	for field, want := range map[string]bool{
		"X-Spam-Flag: YES": true, "X-Spam-Flag: NO": false, "X-Spam-Status: Yes, score=9.1": true, "X-Spam-Status: No, score=-1": false,
		"X-Forefront-Antispam-Report: CIP:1.2.3.4;CTRY:DE;SFV:SPM;H:x": true, "X-Forefront-Antispam-Report: CIP:1.2.3.4;SFV:NSPM;": false,
		"X-Rspamd-Action: add header": true, "X-Rspamd-Action: no action": false, "Subject: X-Spam-Flag: YES": false,
	} {
		if _, got := Spam(read(t, toUs+field+"\n"+inside+message).Header, ours); got != want {
			t.Errorf("%s: %v", field, got)
		}
		if _, got := Spam(read(t, toUs+inside+field+"\n"+message).Header, ours); got {
			t.Errorf("%s counts although a stranger wrote it", field)
		}
		if _, got := Spam(read(t, toUs+field+"\n"+inside+message).Header, nil); got {
			t.Errorf("%s counts although nobody is trusted", field)
		}
	}
}

type keys map[string]string

func (k keys) LookupTXT(_ context.Context, name string) ([]string, error) {
	switch v := k[name]; v {
	case "":
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	case "down":
		return nil, errors.New("the resolver is down")
	default:
		return []string{v}, nil
	}
}

func sign(t *testing.T, raw, domain string) (string, keys) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	opt := &dkim.SignOptions{Domain: domain, Selector: "s1", Signer: private, HeaderCanonicalization: "relaxed", BodyCanonicalization: "relaxed"}
	if err := dkim.Sign(&out, strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n")), opt); err != nil {
		t.Fatal(err)
	}
	return out.String(), keys{"s1._domainkey." + domain: "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}
}

func TestSigned(t *testing.T) {
	t.Parallel()
	signed, good := sign(t, message, "shop.test")
	others, theirs := sign(t, message, "evil.test")
	trace := "Return-Path: <ana@shop.test>\r\nReceived: from x by in.desk.test; Mon, 2 Nov 2026 10:00:00 +0000\r\n"
	cases := []struct {
		name, raw string
		keys      keys
		want      deskpb.SenderVerdict
		reason    string
	}{
		{"signed", signed, good, verified, ReasonProved},
		{"below our own trace", trace + signed, good, verified, ReasonProved},
		{"with bare line feeds", strings.ReplaceAll(signed, "\r\n", "\n"), good, verified, ReasonProved},
		{"changed on its way", strings.Replace(signed, "Hello.", "Pay me.", 1), good, failed, ReasonRefuted},
		{"with another sender", strings.Replace(signed, "ana@", "eve@", 1), good, failed, ReasonRefuted},
		{"no such key", signed, keys{}, failed, ReasonRefuted},
		{"the resolver is down", signed, keys{"s1._domainkey.shop.test": "down"}, unknown, ReasonNoAnswer},
		{"signed by somebody else", others, theirs, unknown, ReasonNotSigned},
		{"not signed", message, good, unknown, ReasonNotSigned},
		{"claims what only a server could", "Authentication-Results: in.desk.test; dmarc=pass header.from=shop.test\r\n" + message, good, unknown, ReasonNotSigned},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := letter.Parse([]byte(c.raw), letter.DefaultLimits)
			if err != nil {
				t.Fatal(err)
			}
			if got := Signed(t.Context(), []byte(c.raw), m, c.keys); got.Verdict != c.want || got.Reason != c.reason {
				t.Errorf("got %v", got)
			}
		})
	}
}

func FuzzResults(f *testing.F) {
	f.Add("mx.google.com; dkim=pass header.i=@x.test; spf=pass (a;b) smtp.mailfrom=\"a b\"@x.test")
	f.Add("a 1 ; (((;)))\\")
	f.Add("mx.test; \" \"=pass; \"a;b\"=pass; \xc3\x89=pass")
	f.Fuzz(func(t *testing.T, v string) {
		server, results, ok := parseResults(v)
		if !ok && (server != "" || results != nil) {
			t.Error("what cannot be read says something")
		}
		for _, r := range results {
			if strings.ContainsAny(r.method, "; \t") || r.method != strings.ToLower(r.method) {
				t.Errorf("method %q", r.method)
			}
		}
		// A stranger's words in a comment never become a statement.
		words := strings.Map(func(r rune) rune {
			if r == '(' || r == ')' || r == '\\' {
				return -1
			}
			return r
		}, v)
		if _, got, ok := parseResults("mx.desk.test; spf=fail (" + words + ") smtp.mailfrom=x"); !ok || len(got) != 1 || got[0].value != "fail" {
			t.Errorf("a comment was read: %v", got)
		}
	})
}

func FuzzSigned(f *testing.F) {
	f.Add([]byte("DKIM-Signature: v=1; a=rsa-sha256; d=shop.test; s=s1; h=from; bh=x; b=y\r\nFrom: ana@shop.test\r\n\r\nx"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := letter.Parse(raw, letter.DefaultLimits)
		if err != nil {
			return
		}
		if got := Signed(t.Context(), raw, m, keys{}); got.Verdict == verified {
			t.Error("verified without a key")
		}
	})
}
