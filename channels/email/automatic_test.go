package email

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/thread"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/proto/deskpb"
)

// report is a multipart/report about a mail of ours.
func report(kind, part, fields, aboutID string) string {
	return fmt.Sprintf(`From: Mail Delivery System <mailer-daemon@relay.test>
To: %s
Subject: About your mail
Date: Mon, 2 Nov 2026 10:00:00 +0000
Message-ID: <%s.%d@relay.test>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=%s; boundary="=_r"

--=_r
Content-Type: text/plain

It is about your mail.

--=_r
Content-Type: %s

%s
--=_r
Content-Type: text/rfc822-headers

Message-ID: <%s>
To: %s

--=_r--
`, support, kind, len(fields), kind, part, fields, aboutID, customer)
}

// What a machine wrote is named by its kind, and what it says of a mail of ours names that one first.
func TestAutomaticMail(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	in, _, _ := follow(t, s, quick())
	id := strings.TrimPrefix(thread.ReplyKeys(channels.Reply{Channel: "ch_test", Address: support, Conversation: "cv_1", Message: "ms_1", Keys: keyring})[0], thread.KeyPrefix)
	status := func(action, status, said string) string {
		return "Reporting-MTA: dns; relay.test\n\nFinal-Recipient: rfc822; " + customer + "\nAction: " + action + "\nStatus: " + status + "\nDiagnostic-Code: smtp; " + said + "\n"
	}
	cases := []struct {
		name, raw       string
		automatic, kind string
		cause           string
		permanent       bool
	}{
		{"a person", plainMail(1, ""), "", "", "", false},
		{"an away note", plainMail(2, "Auto-Submitted: auto-replied\n"), desk.AutomaticReply, "", "", false},
		{"a list", plainMail(3, "List-Id: <friends.customer.test>\n"), desk.AutomaticList, "", "", false},
		{"a mail of ours in a circle", plainMail(4, "Auto-Submitted: auto-replied\nX-Centralita-Loop: "+loopMark(support)+"\n"), desk.AutomaticLoop, "", "", false},
		{"one of another desk", plainMail(5, "Auto-Submitted: auto-replied\nX-Centralita-Loop: "+loopMark("other@desk.test")+"\n"), desk.AutomaticReply, "", "", false},
		{"fifty-one relays", strings.Repeat("Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0000\n", 51) + plainMail(6, ""), desk.AutomaticLoop, "", "", false},
		{"ourselves", strings.Replace(plainMail(7, ""), customer, support, 1), desk.AutomaticSelf, "", "", false},
		{"a web form of ours", strings.Replace(plainMail(8, "Reply-To: "+customer+"\n"), "From: Ana <"+customer, "From: <"+support, 1), "", "", "", false},
		{"nobody is there", report("delivery-status", "message/delivery-status", status("failed", "5.1.1", "550 user unknown"), id), desk.AutomaticBounce, desk.ReturnBounce, "no_address", true},
		{"a full mailbox", report("delivery-status", "message/delivery-status", status("failed", "5.2.2", "552 over quota now"), id), desk.AutomaticBounce, desk.ReturnBounce, "full", false},
		{"a delay", report("delivery-status", "message/delivery-status", status("delayed", "4.4.1", "no answer from host, for now"), id), desk.AutomaticBounce, desk.ReturnDelay, "later", false},
		{"a complaint", report("feedback-report", "message/feedback-report", "Feedback-Type: abuse\nVersion: 1\n", id), desk.AutomaticReport, desk.ReturnComplaint, "", false},
		{"a receipt", report("disposition-notification", "message/disposition-notification", "Original-Message-ID: <"+id+">\nDisposition: manual-action/MDN-sent-manually; displayed\n", id), desk.AutomaticReport, desk.ReturnReceipt, "", false},
	}
	for _, c := range cases {
		deliver(t, s, support, c.raw)
	}
	items := awaitItems(t, in, len(cases))
	for i, c := range cases {
		m := items[i].Message
		kind := ""
		if r := m.Return; r != nil {
			kind = r.Kind
			if len(r.Keys) == 0 || r.Keys[0] != thread.KeyPrefix+id {
				t.Errorf("%s: it is about %v", c.name, r.Keys)
			}
			if c.cause != "" && (len(r.Recipients) != 1 || r.Recipients[0].Address != customer || r.Recipients[0].Cause != c.cause || r.Recipients[0].Permanent != c.permanent) {
				t.Errorf("%s: %v", c.name, r.Recipients)
			}
		}
		if want := c.name == "an away note" || c.name == "one of another desk"; m.Answers != want {
			t.Errorf("%s: answers %v, want %v", c.name, m.Answers, want)
		}
		if m.Automatic != c.automatic || kind != c.kind {
			t.Errorf("%s: %q, %q, want %q, %q", c.name, m.Automatic, kind, c.automatic, c.kind)
		}
	}
}

// What a trusted server wrote is believed, in a mailbox that names it.
func TestSenderOfAMailbox(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	trusting := json.RawMessage(strings.Replace(string(conf), "{", `{"trusted_servers":[" MX.desk.test"],`, 1))
	c, _ := connect(t, trusting, secrets, quick())
	head := "Received: from out by mx.desk.test; Mon, 2 Nov 2026 10:00:00 +0000\nX-Spam-Flag: YES\nAuthentication-Results: mx.desk.test; dmarc=fail header.from=customer.test\n"
	f := &fetched{raw: []byte(head + plainMail(1, ""))}
	item, aside, err := c.read(t.Context(), "uid:1:1", f)
	if err != nil || aside != nil {
		t.Fatalf("%v, %v", aside, err)
	}
	if m := item.Message; m.Sender.GetVerdict() != deskpb.SenderVerdict_SENDER_VERDICT_FAILED || !m.SpamMark {
		t.Errorf("%v, marked %v", m.Sender, m.SpamMark)
	}
	plain, _ := connect(t, conf, secrets, quick())
	if item, _, err = plain.read(t.Context(), "uid:1:1", f); err != nil || item.Message.Sender.GetVerdict() != deskpb.SenderVerdict_SENDER_VERDICT_UNKNOWN || item.Message.SpamMark {
		t.Errorf("with nobody trusted: %v, %v", item, err)
	}
}

// A mail that was written to others and of which the mailbox has a copy says so, with whom it was for outside; it is vouched for as a mail
// that is passed on is.
func TestCopies(t *testing.T) {
	t.Parallel()
	const ana, ed = "ana@desk.test", "ed@staff.test"
	for name, tc := range map[string]struct {
		header, want, proof string
		unproven, colleague bool
		trusted             bool
	}{
		"in Bcc":                        {header: "From: " + ana + "\nTo: " + customer, want: customer},
		"in Cc, proved":                 {header: "From: " + ana + "\nTo: " + customer + "\nCc: " + support + ", eve@x.test", want: customer + " eve@x.test", proof: "pass", trusted: true},
		"unproven is not enough":        {header: "From: " + ana + "\nTo: " + customer, want: customer, unproven: true},
		"refuted":                       {header: "From: " + ana + "\nTo: " + customer, want: customer, proof: "fail", unproven: true},
		"a colleague by domain":         {header: "From: " + ed + "\nTo: boss@staff.test, " + customer, want: customer, colleague: true},
		"the mailbox's own address":     {header: "From: " + support + "\nTo: " + customer, want: customer, colleague: true},
		"written to the team":           {header: "From: " + ana + "\nTo: " + support + "\nCc: " + customer},
		"to colleagues alone":           {header: "From: " + ana + "\nTo: " + ed},
		"a machine's":                   {header: "From: " + ana + "\nAuto-Submitted: auto-generated\nTo: " + customer},
		"to nobody who is named at all": {header: "From: " + ana},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf, secrets := configFor(t, "127.0.0.1:1", "127.0.0.1:1", "plain", "")
			var c config
			if err := json.Unmarshal(conf, &c); err != nil {
				t.Fatal(err)
			}
			c.Trusted = []string{"mx.desk.test"}
			c.Forwards = &forwardsConfig{Domains: []string{"staff.test"}, Unproven: tc.unproven}
			conf, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			conn, _ := connect(t, conf, secrets, quick())
			raw := tc.header + "\nSubject: Hi\nMessage-ID: <c1@x.test>\n\nHello.\n"
			if tc.proof != "" {
				raw = "Authentication-Results: mx.desk.test; dmarc=" + tc.proof + " header.from=desk.test\n" + raw
			}
			raw = strings.ReplaceAll(raw, "\n", "\r\n")
			in, _, err := conn.read(t.Context(), "i", &fetched{raw: []byte(raw)})
			if err != nil {
				t.Fatal(err)
			}
			cp, got := in.Message.Copy, []string{}
			if cp == nil {
				cp = &desk.Copy{}
			}
			for _, a := range cp.To {
				got = append(got, a.Address)
			}
			if strings.Join(got, " ") != tc.want || cp.Trusted != tc.trusted || cp.Colleague != tc.colleague {
				t.Errorf("for %q, trusted %v, colleague %v", got, cp.Trusted, cp.Colleague)
			}
		})
	}
}
