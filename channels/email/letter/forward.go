package letter

import (
	"strings"

	"github.com/centralita/centralita/channels/email/letter/history"
)

// Forwarded is a mail that the sender passed on: enclosed as a mail, or inside the text.
type Forwarded struct {
	From     *Address // the address is empty when the program that forwarded wrote only a name
	To, Cc   []Address
	Date     string // as the program that forwarded wrote it
	Subject  string
	Text     string
	Enclosed bool // it was attached as a mail, so that its header is exact
}

// readForward finds the mail that was passed on. One enclosed mail counts more than the text. What a machine encloses was
// not passed on by anybody.
func (m *Mail) readForward(root *part, limits Limits) {
	if m.Automatic != "" && m.Automatic != List {
		return
	}
	var enclosed []*part
	root.walk(func(p *part) {
		if p.kind == "message/rfc822" {
			enclosed = append(enclosed, p)
		}
	})
	if root.kind == "multipart/digest" { // a list sent what was written to it
		enclosed = nil
	}
	if len(enclosed) == 1 {
		if in := innerMail(enclosed[0].content(), limits); in != nil && in.From != nil {
			m.Forwarded = &Forwarded{From: in.From, To: in.To, Cc: in.Cc, Subject: in.Subject, Text: in.Text, Enclosed: true}
			m.Forwarded.Date = oneLine(decodeWords(in.Header.Get("Date"), ""))
			return
		}
	}
	f := history.ReadForward(m.Subject, m.Text)
	if f == nil {
		return
	}
	m.Forwarded = &Forwarded{From: &Address{f.From.Name, f.From.Address}, To: people(f.To), Cc: people(f.Cc), Date: f.Date, Subject: f.Subject, Text: f.Text}
}

// innerMail reads an enclosed mail, but not what it encloses in its turn.
func innerMail(raw []byte, limits Limits) *Mail {
	raw = trimLead(raw)
	header, body := splitHeader(raw, limits.Header)
	if len(header) == 0 || tooMuch(raw, len(raw)-len(body), limits) != "" {
		return nil
	}
	m := &Mail{Header: header}
	m.readHeader(limits)
	m.readBody(readTree(raw), body, limits)
	return m
}

func people(list []history.Party) (out []Address) {
	for _, p := range list {
		out = append(out, Address{p.Name, p.Address})
	}
	return out
}

// OriginalSender is who wrote the mail that was passed on, nil when there is none, or none that a person reads. Whether it
// may count as the one who asks is for whoever knows that the mail's sender is one of ours.
func (m *Mail) OriginalSender() *Address {
	if m.Forwarded == nil {
		return nil
	}
	a := *m.Forwarded.From
	spec, ok := cleanSpec(a.Address)
	if !ok || !strings.Contains(spec, "@") || m.From != nil && strings.EqualFold(spec, m.From.Address) {
		return nil
	}
	a.Address = spec
	if machineSender(&Mail{From: &a}) || daemonSender(&Mail{From: &a}) {
		return nil
	}
	return &a
}
