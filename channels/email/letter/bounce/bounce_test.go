package bounce

import (
	"fmt"
	"strings"
	"testing"
)

func show(list []Recipient) string {
	var s []string
	for _, r := range list {
		s = append(s, fmt.Sprintf("%s %s %v", r.Address, r.Status, r.Permanent))
	}
	return strings.Join(s, "; ")
}

func TestReadStatus(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, want string }{
		"RFC 3464":              {"Reporting-MTA: dns; mx.desk.test\n\nFinal-Recipient: rfc822; ana@customer.test\nAction: failed\nStatus: 5.1.1\n", "ana@customer.test 5.1.1 true"},
		"two, one delayed":      {"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: RFC822;<ana@customer.test>\r\nAction: failed\r\nStatus: 5.2.1\r\n\r\nFinal-Recipient: rfc822; bob@customer.test\r\nAction: delayed\r\nStatus: 4.4.1\r\n", "ana@customer.test 5.2.1 true; bob@customer.test 4.4.1 false"},
		"as it was written to":  {"Original-Recipient: rfc822;ana@customer.test\nFinal-Recipient: rfc822; a17@inside.test\nAction: failed\nStatus: 5.1.1", "ana@customer.test 5.1.1 true"},
		"full":                  {"Final-Recipient: rfc822; ana@customer.test\nAction: failed\nStatus: 5.2.2", "ana@customer.test 5.2.2 false"},
		"refused by policy":     {"Final-Recipient: rfc822; ana@customer.test\nAction: failed\nStatus: 5.7.1", "ana@customer.test 5.7.1 false"},
		"words say more":        {"Final-Recipient: rfc822; ana@customer.test\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550-5.1.1 no such\n  user here", "ana@customer.test 5.1.1 true"},
		"only a reply code":     {"Final-Recipient: rfc822; ana@customer.test\nAction: failed\nDiagnostic-Code: smtp; 550 spam", "ana@customer.test 5.0.0 false"},
		"4.x and it is over":    {"Final-Recipient: rfc822; ana@customer.test\nAction: failed\nStatus: 4.4.7 (expired)", "ana@customer.test 4.4.7 false"},
		"the system":            {"Final-Recipient: rfc822; ana@customer.test\nAction: failed\nStatus: 5.3.0", "ana@customer.test 5.3.0 false"},
		"system, but nobody":    {"Final-Recipient: rfc822; ana@customer.test\nAction: failed\nStatus: 5.5.0\nDiagnostic-Code: smtp; 550 5.5.0 mailbox unavailable", "ana@customer.test 5.5.0 true"},
		"no domain":             {"Final-Recipient: local; ana\nAction: failed\nStatus: 5.1.1", "ana 5.1.1 true"},
		"no type":               {"Final-Recipient: ana@customer.test\nStatus: 5.1.2", "ana@customer.test 5.1.2 true"},
		"delivered":             {"Final-Recipient: rfc822; ana@customer.test\nAction: delivered\nStatus: 2.0.0", ""},
		"UTF-8":                 {"Final-Recipient: utf-8; ána@customer.test\nAction: failed\nStatus: 5.1.1", "ána@customer.test 5.1.1 true"},
		"the address elsewhere": {"Final-Recipient: rfc822;\nX-Actual-Recipient: rfc822; ana@customer.test\nAction: failed\nStatus: 5.1.1", "ana@customer.test 5.1.1 true"},
		"nothing":               {"Reporting-MTA: dns; x", ""},
	}
	for name, tc := range cases {
		if got := show(ReadStatus(tc.text).Recipients); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
	if r := ReadStatus(cases["delivered"].text); !r.Delivered {
		t.Error("a report of success is not seen")
	}
	if r := ReadStatus("Original-Message-ID: <q@desk.test>\n\nFinal-Recipient: rfc822; a@x.test\nAction: failed\nStatus: 5.1.1"); r.OriginalID != "q@desk.test" {
		t.Errorf("original id %q", r.OriginalID)
	}
}

// TestReadText: servers of all kinds in their own words.
func TestReadText(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ subject, text, want string }{
		"qmail":               {"failure notice", "Hi. This is the program at mx.test.\nI wasn't able to deliver your message to the following addresses.\n\n<ana@customer.test>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 User unknown\n\n--- Below this line is a copy of the message.\n\nTo: other@customer.test", "ana@customer.test 5.1.1 true"},
		"exim":                {"Mail delivery failed", "A message that you sent could not be delivered.\n\n  ana@customer.test\n    host mx.customer.test [192.0.2.1]\n    550 no such user\n  bob@customer.test\n    mailbox is full\n\n------ This is a copy of the message ------", "ana@customer.test 5.0.0 true; bob@customer.test 5.0.0 false"},
		"postfix":             {"Undelivered Mail", "This is the mail system at host mx.test.\nFor assistance, write to postmaster@mx.test.\n\n<ana@customer.test>: host mx.customer.test[192.0.2.1] said: 550 5.1.1\n    <ana@customer.test>: Recipient address rejected: User unknown", "ana@customer.test 5.1.1 true"},
		"sendmail":            {"Returned mail", "   ----- The following addresses had permanent fatal errors -----\n<ana@customer.test>\n    (reason: 550 5.1.2 Host unknown)\n\n   ----- Transcript of session follows -----\n... while talking to mx:\n>>> RCPT To:<ana@customer.test>", "ana@customer.test 5.1.2 true"},
		"Exchange":            {"Undeliverable: hello", "Your message did not reach some or all of the intended recipients.\n\nThe following recipient(s) could not be reached:\n\n      ana@customer.test on 2 Nov 2026 10:00\n            The e-mail account does not exist at the organization.", "ana@customer.test  true"},
		"delayed":             {"Warning: could not send message for past 4 hours", "THIS IS A WARNING MESSAGE ONLY\nYou do not need to resend your message.\n\nana@customer.test: Deferred: connection timed out\nWarning: message still undelivered after 4 hours\nWill keep trying for 5 days", "ana@customer.test  false"},
		"in a sentence":       {"Delivery failure", "Your message to ana@customer.test could not be delivered because the user is unknown.", "ana@customer.test  true"},
		"a gateway":           {"Mail could not be delivered", "Sent <<< RCPT TO:<ana@customer.test>\nReceived >>> 550 5.1.1 unknown user.", "ana@customer.test 5.1.1 true"},
		"in the subject only": {"Undeliverable: ana@customer.test", "Sorry, it could not be delivered.", "ana@customer.test  true"},
		"in German":           {"Unzustellbar", "Ihre Nachricht konnte nicht zugestellt werden an:\n\nana@customer.test\n\nDas Postfach ist voll.", "ana@customer.test  false"},
		"in Russian":          {"Недоставленное сообщение", "Сообщение не может быть доставлено:\n\n<ana@customer.test>: пользователь не существует", "ana@customer.test  true"},
		"in Japanese":         {"メール配信エラー", "次の宛先へのメールは送信できませんでした。\n\n送信先メールアドレス：\nana@customer.test\n\n550 Unknown user", "ana@customer.test 5.0.0 true"},
		"only whom it was for": {"failure notice", "The message could not be delivered. Giving up.",
			"kept@customer.test  true"},
		"not the sender": {"failure notice", "Message from <support@desk.test> could not be delivered to <ana@customer.test>.", "ana@customer.test  true"},
	}
	for name, tc := range cases {
		if got := show(ReadText(tc.subject, tc.text, []string{"support@desk.test"}, []string{"kept@customer.test"})); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}
