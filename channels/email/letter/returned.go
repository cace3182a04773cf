package letter

import (
	"regexp"
	"strings"

	"github.com/centralita/centralita/channels/email/letter/bounce"
)

// Bounced is what a bounce says.
type Bounced struct {
	Recipients []bounce.Recipient // whom the mail did not reach, as far as it says
	OriginalID string             // Message-ID of the mail that came back, "" when nothing says it
}

// returned reads a bounce; nil when it reports nothing but success.
func (m *Mail) returned(root *part) *Bounced {
	out := &Bounced{}
	success := false
	var forWhom []string // whom the enclosed mail was for
	if root != nil {
		m.Returned = returnedIDs(root)
		root.walk(func(p *part) {
			switch p.kind {
			case "message/delivery-status", "message/global-delivery-status", "message/disposition-notification":
				r := bounce.ReadStatus(cut(p.text(), 256<<10))
				out.Recipients = append(out.Recipients, r.Recipients...)
				success = success || r.Delivered
				if out.OriginalID == "" {
					out.OriginalID = r.OriginalID
				}
			case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers":
				h, _ := splitHeader(trimLead(p.content()), 256<<10)
				if to := addresses(h.Get("To"), "", 2); len(to) == 1 {
					forWhom = append(forWhom, to[0].Address)
				}
			}
		})
	}
	if success && len(out.Recipients) == 0 {
		return nil
	}
	if len(out.Recipients) == 0 {
		out.Recipients = enclosedReport(root)
	}
	if len(out.Recipients) == 0 {
		out.Recipients = m.failedInWords(forWhom)
	}
	switch {
	case len(m.Returned) > 0:
		out.OriginalID = m.Returned[0]
	case out.OriginalID == "":
		out.OriginalID = m.quotedID()
	}
	if out.OriginalID != "" && len(m.Returned) == 0 {
		m.Returned = []string{out.OriginalID}
	}
	return out
}

// Kinds of reports about mails of ours, beside bounces.
const (
	Complaint = "complaint" // RFC 5965
	Receipt   = "receipt"   // RFC 8098
)

// report notes what a report that is no bounce is about.
func (m *Mail) report(kind string, root *part) string {
	m.ReportKind = kind
	if root == nil {
		return Report
	}
	m.Returned = returnedIDs(root)
	root.walk(func(p *part) {
		if p.kind == "message/disposition-notification" && len(m.Returned) == 0 {
			if id := goodID(bounce.ReadStatus(cut(p.text(), 256<<10)).OriginalID); id != "" {
				m.Returned = []string{id}
			}
		}
	})
	return Report
}

// enclosedReport reads a report that a gateway wrapped into a mail of its own.
func enclosedReport(root *part) (found []bounce.Recipient) {
	if root == nil {
		return nil
	}
	root.walk(func(p *part) {
		if p.kind != "message/rfc822" || len(found) > 0 || len(p.raw) > 1<<20 {
			return
		}
		readTree(trimLead(p.content())).walk(func(in *part) {
			if in.kind == "message/delivery-status" {
				found = append(found, bounce.ReadStatus(cut(in.text(), 256<<10)).Recipients...)
			}
		})
	})
	return found
}

// failedInWords reads the recipients from a server's own field, else from its words.
func (m *Mail) failedInWords(forWhom []string) []bounce.Recipient {
	said := bounce.ReadText(m.Subject, m.Text, m.notRecipients(), forWhom)
	failed := addresses(m.Header.joined("X-Failed-Recipients"), "", 100)
	if len(failed) == 0 {
		return said
	}
	var out []bounce.Recipient
	for _, a := range failed {
		r := bounce.Recipient{Address: a.Address, Permanent: true, Cause: bounce.Refused}
		for _, s := range said {
			if strings.EqualFold(s.Address, a.Address) {
				r = s
			}
		}
		out = append(out, r)
	}
	return out
}

// notRecipients are the addresses that a bounce names and that are its own or its receiver's.
func (m *Mail) notRecipients() []string {
	var not []string
	for _, name := range []string{"To", "From", "Reply-To", "Return-Path", "Delivered-To", "Sender", "Errors-To"} {
		for _, a := range addresses(m.Header.Get(name), "", 20) {
			not = append(not, a.Address)
		}
	}
	return not
}

// quotedID finds the Message-ID of the mail that a bounce gives back as part of its text, or names in its own header.
func (m *Mail) quotedID() string {
	if id := idLine.FindStringSubmatch(cut(m.Text, 256<<10)); id != nil {
		if good := goodID(id[1]); good != "" {
			return good
		}
	}
	for _, ids := range [][]string{messageIDs(m.Header.Get("X-Original-Message-ID"), 1), m.InReplyTo, m.References} {
		if len(ids) > 0 {
			return ids[len(ids)-1]
		}
	}
	return ""
}

var idLine = regexp.MustCompile(`(?im)^[> |]*(?:original-)?message[- ]id:?\s*<([^<>\s]+)>`)
