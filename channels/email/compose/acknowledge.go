package compose

import (
	"strings"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
)

// Acknowledge is the automatic answer to a mail that opens a ticket.
type Acknowledge struct {
	Subject    string `json:"subject,omitempty"` // "": an answer's
	Text       string `json:"text"`
	ClosedText string `json:"closed_text,omitempty"` // outside the hours; "": the same
	Hours      string `json:"hours,omitempty"`       // whose working hours, a setting's id; "": always open
	Holidays   string `json:"holidays,omitempty"`
	Later      bool   `json:"later,omitempty"` // later mails of the conversation are answered too, once a day
}

// tokenNumber is filled in when the mail is written: a ticket has no number before it is opened.
const tokenNumber = "ticket.number"

var acknowledgeTokens = []string{tokenNumber, "ticket.subject", "contact.name", "contact.first_name", "hours.next"}

const maxAcknowledge = 8 << 10

func (a *Acknowledge) check(field string) (faults []error) {
	if a == nil {
		return nil
	}
	fault := func(name, format string, args ...any) {
		faults = append(faults, desk.Refuse(desk.Invalid, field+"."+name, format, args...))
	}
	if strings.TrimSpace(a.Text) == "" {
		fault("text", "write what is answered, or switch the acknowledgement off")
	}
	if len(a.Subject) > 300 || strings.ContainsAny(a.Subject, "\r\n") {
		fault("subject", "must be one line of at most 300 bytes")
	}
	for name, text := range map[string]string{"subject": a.Subject, "text": a.Text, "closed_text": a.ClosedText} {
		if len(text) > maxAcknowledge {
			fault(name, "at most %d kB", maxAcknowledge>>10)
		}
		if strange := unknownTokens(text, acknowledgeTokens); len(strange) > 0 {
			fault(name, "nothing stands for %s; there are %s", strings.Join(strange, ", "), tokenList(acknowledgeTokens))
		}
	}
	return faults
}

// Acknowledgement writes the answer to a message, all but the number of its ticket.
func (s *Settings) Acknowledgement(r channels.Received) *channels.Acknowledgement {
	a := s.Acknowledge
	if a == nil {
		return nil
	}
	name := strings.Join(strings.Fields(r.ContactName), " ")
	if strings.Contains(name, "@") {
		name = ""
	}
	first, _, _ := strings.Cut(name, " ")
	values := map[string]string{"ticket.subject": HeaderText(r.Subject, 300), "contact.name": name, "contact.first_name": first, "hours.next": ""}
	text := a.Text
	if a.Hours != "" && r.Hours != nil {
		open, next := r.Hours(a.Hours, a.Holidays)
		if !open && a.ClosedText != "" {
			text = a.ClosedText
		}
		if !open && !next.IsZero() {
			values["hours.next"] = s.words().moment(next)
		}
	}
	out := &channels.Acknowledgement{Subject: fill(a.Subject, values, false), Text: tidy(fill(text, values, false)), Later: a.Later}
	if out.Subject == "" {
		out.Subject = desk.ReplySubject(r.Subject)
	}
	return out
}

// tidy takes the blank away that an empty name leaves before a comma: "Hello ,".
func tidy(text string) string {
	return strings.NewReplacer(" ,", ",", " .", ".", " !", "!").Replace(text)
}

// Sample is the answer to a made-up message.
func (s *Settings) Sample() (subject, text string) {
	a := s.Acknowledgement(channels.Received{Subject: s.words().question, ContactName: "Carla Gil"})
	if a == nil {
		return "", ""
	}
	return Numbered(a.Subject, "1234"), Numbered(a.Text, "1234")
}

// Numbered fills the number of a ticket in.
func Numbered(text, number string) string {
	return fill(text, map[string]string{tokenNumber: number}, false)
}

// LoopHeader stands in every mail that the desk writes by itself: one that comes back with our own mark goes round in circles.
const LoopHeader = "X-Centralita-Loop"

// automaticHeaders tell machines that a machine wrote (RFC 3834 section 5), and Exchange not to answer it.
var automaticHeaders = [][2]string{{"Auto-Submitted", "auto-replied"}, {"X-Auto-Response-Suppress", "All"}, {"Precedence", "auto_reply"}}
