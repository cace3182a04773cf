// Package letter reads a mail: bytes in, values out. It is pure (no I/O, no clock) and total: whatever the bytes are,
// Parse ends soon, in bounded memory, with what could be read. It owns the layers around the MIME tree (limits,
// headers, charsets, addresses, choice of the body, sanitising of HTML, what of a text is new).
package letter

import (
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/channels/email/letter/charset"
)

// ErrNotMail is returned for bytes in which no header field can be found.
var ErrNotMail = errors.New("not a mail: it has no header")

// Limits bound the work and the result. Over a limit of the input the MIME structure is not read at all: the mail has
// its headers, a warning, and whoever called keeps the raw bytes.
type Limits struct {
	Raw         int // bytes of the mail
	Header      int // bytes of the header block
	Boundaries  int // occurrences of "boundary="
	DashLines   int // lines that start with "--"
	Addresses   int // in one header
	References  int // Message-IDs
	Attachments int // more stay in the raw mail
	Text        int // bytes of the text that are kept
	HTML        int // bytes of HTML that are looked at
}

// DefaultLimits are for mail from strangers: each bound was chosen so that a mail at the limit takes under a second.
var DefaultLimits = Limits{
	Raw: 50 << 20, Header: 1 << 20, Boundaries: 500, DashLines: 20_000,
	Addresses: 500, References: 100, Attachments: 100, Text: 1 << 20, HTML: 2 << 20,
}

// Address is a party of a mail.
type Address struct{ Name, Address string }

// Attachment is a part that is not the text.
type Attachment struct {
	Name      string // cleaned
	MediaType string
	ContentID string // without angle brackets
	Inline    bool   // shown inside the HTML
	Data      []byte
}

// Kinds of automatic mail (RFC 3834 and practice). "" is a person.
const (
	AutoReply = "auto-reply"
	Bounce    = "bounce"
	List      = "list"
	Report    = "report"
)

// Mail is what was read.
type Mail struct {
	Header Header

	MessageID  string // what is between the angle brackets; "" when missing or malformed
	InReplyTo  []string
	References []string // as written, oldest first

	From, Sender *Address // nil when there is none
	Senders      int      // how many addresses From names
	ReplyTo      []Address
	To, Cc       []Address
	Subject      string
	Date         time.Time // zero when missing or unreadable

	Text           string
	HTML           string // sanitised
	FreshTextBytes int    // how much of Text is new; 0: all of it
	Attachments    []Attachment

	Automatic string
	Bounce    *Bounced   // what a bounce says, nil when the mail is none
	Forwarded *Forwarded // the mail it passes on, nil when it passes none on
	// Marks are what stands in the HTML as our own mails write the name of their conversation.
	Marks []string
	// Returned are the Message-IDs found in the mail that a bounce or report gives back.
	Returned   []string
	ReportKind string // Complaint, Receipt or ""
	// Key is the same for the same mail however it travelled: see contentKey.
	Key      string
	Warnings []string
}

// Parse reads a mail. The result shares no memory with raw except attachments that were not encoded.
func Parse(raw []byte, limits Limits) (*Mail, error) {
	raw = trimLead(raw)
	header, body := splitHeader(raw, limits.Header)
	if len(header) == 0 {
		return nil, ErrNotMail
	}
	m := &Mail{Header: header}
	m.readHeader(limits)
	m.Key = contentKey(m, body)
	if reason := tooMuch(raw, len(raw)-len(body), limits); reason != "" {
		m.warn("the mail %s: only its header was read, the whole is in the raw mail", reason)
		m.Automatic = automatic(m, nil)
		return m, nil
	}
	root := readTree(raw)
	m.readBody(root, body, limits)
	m.Automatic = automatic(m, root) // it looks at the text, too
	m.readForward(root, limits)
	return m, nil
}

// HeaderOnly reads the header of a mail of which nothing else is at hand.
func HeaderOnly(start []byte, limits Limits) (*Mail, error) {
	start = trimLead(start)
	header, _ := splitHeader(start, limits.Header)
	if len(header) == 0 {
		return nil, ErrNotMail
	}
	m := &Mail{Header: header}
	m.readHeader(limits)
	m.Key = contentKey(m, nil)
	m.Automatic = automatic(m, nil)
	return m, nil
}

// Headless reads bytes in which no header field can be found, as the text of a mail from nobody: whoever sent them is waiting
// for an answer all the same.
func Headless(raw []byte, limits Limits) *Mail {
	m := &Mail{Text: cut(strings.TrimSpace(clean(charset.Decode(raw[:min(len(raw), limits.Text)], ""))), limits.Text)}
	m.Key = contentKey(m, raw)
	if m.Text == "" {
		m.warn("the mail is empty: it has neither a header nor a text")
	} else {
		m.warn("the mail has no header: who wrote it, when and about what is not known")
	}
	return m
}

// maxWarnings bounds what a mail can make us say about it.
const maxWarnings = 20

// warn notes something that the reader should know, once.
func (m *Mail) warn(format string, args ...any) {
	w := fmt.Sprintf(format, args...)
	if len(m.Warnings) < maxWarnings && !slices.Contains(m.Warnings, w) {
		m.Warnings = append(m.Warnings, w)
	}
}

// maxSubject is the longest line that mail knows (RFC 5322 section 2.1.1).
const maxSubject = 998

func (m *Mail) readHeader(limits Limits) {
	h := m.Header
	hint := h.charset()
	m.MessageID = firstID(h.Get("Message-ID"), h.Get("Message-Id"))
	m.InReplyTo = messageIDs(h.Get("In-Reply-To"), 10)
	m.References = messageIDs(h.Get("References"), limits.References)
	m.Subject = cut(oneLine(decodeWords(h.Get("Subject"), hint)), maxSubject)
	senders := addresses(h.Get("From"), hint, limits.Addresses)
	m.From, m.Senders = first(senders), len(senders)
	m.Sender = first(addresses(h.Get("Sender"), hint, limits.Addresses))
	m.ReplyTo = addresses(h.Get("Reply-To"), hint, limits.Addresses)
	m.To = addresses(h.joined("To"), hint, limits.Addresses)
	m.Cc = addresses(h.joined("Cc"), hint, limits.Addresses)
	if m.From == nil {
		m.From = m.fallbackSender(hint, limits)
	}
	m.Date = date(string(h.Get("Date")))
}

// fallbackSender looks where else a sender may stand when From is missing or holds no address.
func (m *Mail) fallbackSender(hint string, limits Limits) *Address {
	for _, name := range []string{"Sender", "Reply-To", "X-Original-From", "Resent-From", "X-Sender", "Return-Path", "X-Envelope-From"} {
		if a := first(addresses(m.Header.Get(name), hint, limits.Addresses)); a != nil {
			return a
		}
	}
	return nil
}

func first(list []Address) *Address {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

// date reads a Date field as written by whatever wrote it.
func date(s string) time.Time {
	s = strings.Join(strings.Fields(s), " ")
	if t, err := mail.ParseDate(s); err == nil {
		return sane(t)
	}
	if i := strings.IndexByte(s, '('); i > 0 { // a comment that net/mail does not know
		s = strings.TrimSpace(s[:i])
	}
	if i := strings.IndexByte(s, ','); i >= 0 { // a day of the week in another language
		s = strings.TrimSpace(s[i+1:])
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return sane(t)
		}
	}
	return time.Time{}
}

var dateLayouts = []string{
	"2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05", "2 Jan 2006 15:04 -0700",
	"2 Jan 06 15:04:05 -0700", "2 Jan 06 15:04:05 MST", "2-Jan-2006 15:04:05 -0700", "2 January 2006 15:04:05 -0700",
	"Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04:05 MST 2006", "Mon Jan 2 15:04:05 -0700 2006", time.RFC3339, "2006-01-02 15:04:05",
}

// sane drops times that cannot be meant.
func sane(t time.Time) time.Time {
	if t.Year() < 1971 || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC()
}

// ReplyText is what the sender wrote now: without what is quoted and the signature. It is the whole text when nothing would be
// left.
func (m *Mail) ReplyText() string {
	if m.FreshTextBytes == 0 {
		return m.Text
	}
	return m.Text[:m.FreshTextBytes]
}
