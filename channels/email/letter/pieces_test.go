package letter

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/centralita/centralita/channels/email/letter/bounce"
	"github.com/centralita/centralita/channels/email/letter/charset"
	"github.com/centralita/centralita/channels/email/letter/history"
	"github.com/centralita/centralita/channels/email/letter/tnef"
)

// FuzzPieces feeds each reader by itself, so that what it gets need not first be a mail.
func FuzzPieces(f *testing.F) {
	f.Add([]byte("+AOk- caf\xE9"), "utf-7")
	f.Add([]byte("\x1b$)C\x0E>H\x0F\x82\xA0\xCF\xF0"), "")
	f.Add([]byte("<ana@customer.test>:\n550 5.1.1 unknown\n\nFinal-Recipient: rfc822; a@x.test\nAction: failed\nStatus: 5.2.2"), "failure notice")
	f.Add([]byte("Hi\n\n---------- Forwarded message ---------\nFrom: Ana <a@b.test>\nDate: Mon\nTo: x\n\n> text\n-- \nBob"), "Fwd: x")
	f.Add([]byte("Yes\n\nOn Mon, Ana <a@b.test> wrote:\n> text\n\nSent from my iPhone"), "Re: x")
	f.Add([]byte("\x78\x9f\x3e\x22\x01\x00\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00\x02\x0f\x80\x06\x00\x01\x00\x00\x00x\x78\x00"), "")
	fromCorpora(f, func(string) bool { return true }, func(raw []byte) {
		f.Add(raw, "Re: x")
		if _, body, found := strings.Cut(string(raw), "\n\n"); found {
			f.Add([]byte(body), "utf-8")
		}
	})
	f.Fuzz(func(t *testing.T, raw []byte, word string) {
		if f, ok := tnef.Read(raw); ok && len(f.Attachments) > 100 {
			t.Errorf("%d files", len(f.Attachments))
		}
		decoded := charset.Decode(raw, word)
		if len(raw) > 3 && utf8.Valid(raw) && charset.Silent(word) && decoded == "" {
			t.Errorf("nothing of %q", raw)
		}
		if len(decoded) > 3*len(raw)+3 {
			t.Errorf("%d bytes became %d", len(raw), len(decoded))
		}
		text, subject := clean(string(raw)), oneLine(strings.ToValidUTF8(word, ""))
		if n := history.FreshBytes(text); n < 0 || n > len(text) {
			t.Errorf("%d of %d bytes fresh", n, len(text))
		}
		if fw := history.ReadForward(subject, text); fw != nil && (fw.From == history.Party{} || len(fw.Text) > len(text)) {
			t.Errorf("%+v", fw)
		}
		for _, list := range [][]bounce.Recipient{bounce.ReadStatus(text).Recipients, bounce.ReadText(subject, text, []string{"x@y.test"}, nil)} {
			for _, r := range list {
				if r.Address == "" || strings.ContainsAny(r.Address, " \n<>") || len(list) > 100 {
					t.Errorf("%d recipients, address %q", len(list), r.Address)
				}
			}
		}
	})
}
