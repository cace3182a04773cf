package letter

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// Inspection is what was read of a mail, in the form in which it is shown to people and programs: every field is there, lists
// are never null.
type Inspection struct {
	File           string             `json:"file"`
	MessageID      string             `json:"message_id"`
	InReplyTo      []string           `json:"in_reply_to"`
	References     []string           `json:"references"`
	From           InspectedAddress   `json:"from"`
	ReplyTo        []InspectedAddress `json:"reply_to"`
	To             []InspectedAddress `json:"to"`
	Cc             []InspectedAddress `json:"cc"`
	Date           string             `json:"date"` // RFC 3339, in UTC; "" when there is none
	Subject        string             `json:"subject"`
	Text           string             `json:"text"`
	HTML           string             `json:"html"`
	ReplyText      string             `json:"reply_text"`
	OriginalSender *InspectedAddress  `json:"original_sender"`
	Forwarded      *InspectedForward  `json:"forwarded"`
	Auto           string             `json:"auto"`
	Bounce         *InspectedBounce   `json:"bounce"`
	Attachments    []InspectedFile    `json:"attachments"`
	Warnings       []string           `json:"warnings"`
}

// InspectedAddress is a party.
type InspectedAddress struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// InspectedForward is the mail that was passed on.
type InspectedForward struct {
	From    InspectedAddress   `json:"from"`
	To      []InspectedAddress `json:"to"`
	Cc      []InspectedAddress `json:"cc"`
	Date    string             `json:"date"` // as the program that forwarded wrote it
	Subject string             `json:"subject"`
	Text    string             `json:"text"`
}

// InspectedBounce is what a bounce says.
type InspectedBounce struct {
	Recipients        []InspectedRecipient `json:"recipients"`
	OriginalMessageID string               `json:"original_message_id"`
}

// InspectedRecipient is one whom the mail did not reach.
type InspectedRecipient struct {
	Address   string `json:"address"`
	Status    string `json:"status"`
	Permanent bool   `json:"permanent"`
}

// InspectedFile is an attachment without its content.
type InspectedFile struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
	Inline bool   `json:"inline"`
}

// Inspect shows what was read of a mail. own are the addresses of the desk: what comes from them is its own.
func (m *Mail) Inspect(file string, own []string) Inspection {
	in := Inspection{
		File: file, MessageID: m.MessageID, InReplyTo: strs(m.InReplyTo), References: strs(m.References),
		ReplyTo: inspected(m.ReplyTo), To: inspected(m.To), Cc: inspected(m.Cc),
		Subject: m.Subject, Text: m.Text, HTML: m.HTML, ReplyText: m.ReplyText(), Auto: m.Auto(own),
		Attachments: make([]InspectedFile, 0, len(m.Attachments)), Warnings: strs(m.Warnings),
	}
	if m.From != nil {
		in.From = InspectedAddress(*m.From)
	}
	if !m.Date.IsZero() {
		in.Date = m.Date.Format(time.RFC3339)
	}
	if a := m.OriginalSender(); a != nil {
		p := InspectedAddress(*a)
		in.OriginalSender = &p
	}
	if f := m.Forwarded; f != nil {
		in.Forwarded = &InspectedForward{From: InspectedAddress(*f.From), To: inspected(f.To), Cc: inspected(f.Cc), Date: f.Date, Subject: f.Subject, Text: f.Text}
	}
	if b := m.Bounce; b != nil {
		in.Bounce = &InspectedBounce{Recipients: make([]InspectedRecipient, 0, len(b.Recipients)), OriginalMessageID: b.OriginalID}
		for _, r := range b.Recipients {
			in.Bounce.Recipients = append(in.Bounce.Recipients, InspectedRecipient{r.Address, r.Status, r.Permanent})
		}
	}
	for _, a := range m.Attachments {
		sum := sha256.Sum256(a.Data)
		in.Attachments = append(in.Attachments, InspectedFile{a.Name, a.MediaType, len(a.Data), hex.EncodeToString(sum[:]), a.Inline})
	}
	return in
}

// Auto names the kind of automatic mail: "no" is a person, "self" the desk at one of its own addresses.
func (m *Mail) Auto(own []string) string {
	for _, a := range own {
		if m.From != nil && strings.EqualFold(a, m.From.Address) {
			return "self"
		}
	}
	if m.Automatic == "" {
		return "no"
	}
	return m.Automatic
}

func strs(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func inspected(list []Address) []InspectedAddress {
	out := make([]InspectedAddress, 0, len(list))
	for _, a := range list {
		out = append(out, InspectedAddress(a))
	}
	return out
}
