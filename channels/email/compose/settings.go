package compose

import (
	"net/mail"
	"strings"

	"github.com/centralita/centralita/desk"
)

// Settings are how a channel's mails look, apart from what is written in them.
type Settings struct {
	SenderName  string `json:"sender_name,omitempty"`  // agent_and_company or company; "": the first
	FromAddress string `json:"from_address,omitempty"` // "": the mailbox's
	ReplyTo     string `json:"reply_to,omitempty"`     // "": none, answers go to the sender
	Language    string `json:"language,omitempty"`     // of the words around what is written: en or es; "": en
	Signature   string `json:"signature,omitempty"`    // HTML, with tokens
	Quote       string `json:"quote,omitempty"`        // what of the conversation goes under a reply: none, last or whole; "": none
	AttachMB    int    `json:"attach_mb,omitempty"`    // larger ones go as links; 0: 20
	LinkDays    int    `json:"link_days,omitempty"`    // for so long a link works; 0: 30

	Acknowledge *Acknowledge `json:"acknowledge,omitempty"`
}

// Values of Settings.
const (
	SenderAgent   = "agent_and_company"
	SenderCompany = "company"

	QuoteNone  = "none"
	QuoteLast  = "last"
	QuoteWhole = "whole"
)

// Limits of settings.
const (
	maxSignature = 160 << 10
	defaultMB    = 20
	maxMB        = 100
	defaultDays  = 30
	maxDays      = 365
)

// Check tells every fault; field is where the settings stand.
func (s *Settings) Check(field string) (faults []error) {
	fault := func(name, format string, args ...any) {
		faults = append(faults, desk.Refuse(desk.Invalid, field+"."+name, format, args...))
	}
	if s.SenderName != "" && s.SenderName != SenderAgent && s.SenderName != SenderCompany {
		fault("sender_name", "must be %s or %s", SenderAgent, SenderCompany)
	}
	for name, address := range map[string]*string{"from_address": &s.FromAddress, "reply_to": &s.ReplyTo} {
		if *address = strings.TrimSpace(*address); *address != "" && !isAddress(*address) {
			fault(name, "must be a mail address, such as sales@example.com, without a name")
		}
	}
	if _, known := words[s.Language]; s.Language != "" && !known {
		fault("language", "must be en or es")
	}
	if len(s.Signature) > maxSignature {
		fault("signature", "at most %d kB: use a smaller picture, or one on the web", maxSignature>>10)
	}
	if strange := unknownTokens(s.Signature, signatureTokens); len(strange) > 0 {
		fault("signature", "nothing stands for %s; there are %s", strings.Join(strange, ", "), tokenList(signatureTokens))
	}
	switch s.Quote {
	case "", QuoteNone, QuoteLast, QuoteWhole:
	default:
		fault("quote", "must be none, last or whole")
	}
	if s.AttachMB < 0 || s.AttachMB > maxMB {
		fault("attach_mb", "must be 1 to %d", maxMB)
	}
	if s.LinkDays < 0 || s.LinkDays > maxDays {
		fault("link_days", "must be 1 to %d", maxDays)
	}
	return append(faults, s.Acknowledge.check(field+".acknowledge")...)
}

// isAddress: one bare address that a header can carry.
func isAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && !strings.ContainsAny(s, "<>\r\n \"") && len(s) <= 254
}

// AttachBytes is how much goes as attachments.
func (s *Settings) AttachBytes() int64 {
	if s.AttachMB == 0 {
		return defaultMB << 20
	}
	return int64(s.AttachMB) << 20
}

// Days is how long a link works.
func (s *Settings) Days() int {
	if s.LinkDays == 0 {
		return defaultDays
	}
	return s.LinkDays
}

// From is how a mail of this agent, "" for none, is signed at its head. company is what the desk is called there.
func (s *Settings) From(agent, company, mailbox string) mail.Address {
	from := mail.Address{Address: mailbox}
	if s.FromAddress != "" {
		from.Address = s.FromAddress
	}
	agent, company = PersonName(agent), PersonName(company)
	switch {
	case s.SenderName == SenderCompany && company != "", agent == "":
		from.Name = company
	case company == "":
		from.Name = agent
	default:
		from.Name = s.words().sender(agent, company)
	}
	return from
}
