// Package leaving is what a chat does when its visitor may have left: the section "after" of its configuration, when the widget asks for
// an address, and the page on which a visitor says how it was, without the widget.
package leaving

import (
	"time"
	"unicode/utf8"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
)

// Settings are the section. The zero value mails nothing and asks for nothing.
type Settings struct {
	MailChannel       string   `json:"mail_channel,omitempty"`       // the mailbox that sends what a visitor has not seen; "": none does
	MailAfterSeconds  int      `json:"mail_after_seconds,omitempty"` // 0: 120
	OnlyProved        bool     `json:"only_proved,omitempty"`        // never to an address that was only typed
	Language          string   `json:"language,omitempty"`           // of the mails; "": the chat's, else English
	Transcript        string   `json:"transcript,omitempty"`         // off, request, close; "": off
	TranscriptChannel string   `json:"transcript_channel,omitempty"` // "": mail_channel
	Rating            string   `json:"rating,omitempty"`             // off, stars, thumbs; "": off
	Capture           *Capture `json:"capture,omitempty"`
}

// Capture is when the widget asks for a mail address, and how.
type Capture struct {
	When        string            `json:"when,omitempty"`         // never, first_message, wait, away; "": never
	WaitSeconds int               `json:"wait_seconds,omitempty"` // of wait; 0: 30
	Text        map[string]string `json:"text,omitempty"`         // by language; none: ours
	AwayText    map[string]string `json:"away_text,omitempty"`    // instead of it while nobody is there
}

// Values of the settings.
const (
	Off     = "off"
	Request = "request"
	Close   = "close"
	Stars   = "stars"
	Thumbs  = "thumbs"

	Never        = "never"
	FirstMessage = "first_message"
	Wait         = "wait"
	Away         = "away"

	defaultMailAfter = 2 * time.Minute
	defaultWait      = 30
	maxCaptureText   = 300
)

// Check tells every fault; field is where the section stands.
func (s *Settings) Check(field string) (faults []error) {
	if s == nil {
		return nil
	}
	fault := func(name, format string, args ...any) {
		faults = append(faults, desk.Refuse(desk.Invalid, field+"."+name, format, args...))
	}
	for name, id := range map[string]string{"mail_channel": s.MailChannel, "transcript_channel": s.TranscriptChannel} {
		if id != "" && !desk.ValidID(id) {
			fault(name, "is no channel: give the id of one of your mailboxes")
		}
	}
	if s.MailAfterSeconds != 0 && (s.MailAfterSeconds < 10 || s.MailAfterSeconds > 86_400) {
		fault("mail_after_seconds", "must be 10 to 86400 (a day)")
	}
	if s.Language != "" && s.Language != "en" && s.Language != "es" {
		fault("language", "must be en or es, or leave it out")
	}
	oneOf := func(name, value string, values ...string) {
		for _, v := range append(values, "") {
			if v == value {
				return
			}
		}
		fault(name, "must be %s", orList(values))
	}
	oneOf("transcript", s.Transcript, Off, Request, Close)
	oneOf("rating", s.Rating, Off, Stars, Thumbs)
	if (s.Transcript == Request || s.Transcript == Close) && s.MailChannel == "" && s.TranscriptChannel == "" {
		fault("transcript_channel", "say which mailbox sends transcripts")
	}
	if c := s.Capture; c != nil {
		oneOf("capture.when", c.When, Never, FirstMessage, Wait, Away)
		if c.WaitSeconds < 0 || c.WaitSeconds > 3600 {
			fault("capture.wait_seconds", "must be 1 to 3600")
		}
		for name, text := range map[string]map[string]string{"capture.text": c.Text, "capture.away_text": c.AwayText} {
			for language, words := range text {
				if language != "en" && language != "es" {
					fault(name, "the chat speaks en and es, not %.20q", language)
				}
				if utf8.RuneCountInString(words) > maxCaptureText {
					fault(name, "at most %d characters", maxCaptureText)
				}
			}
		}
	}
	return faults
}

func orList(values []string) string {
	out := values[0]
	for i, v := range values[1:] {
		sep := ", "
		if i == len(values)-2 {
			sep = " or "
		}
		out += sep + v
	}
	return out
}

// MailAfter is how long a visitor has to see an answer; 0: it never goes by mail.
func (s *Settings) MailAfter() time.Duration {
	switch {
	case s == nil || s.MailChannel == "":
		return 0
	case s.MailAfterSeconds == 0:
		return defaultMailAfter
	}
	return time.Duration(s.MailAfterSeconds) * time.Second
}

// TranscriptFrom is the mailbox that sends transcripts, and what asks for a rating.
func (s *Settings) TranscriptFrom() string {
	if s.TranscriptChannel != "" {
		return s.TranscriptChannel
	}
	return s.MailChannel
}

// Asks is how visitors are asked what they thought, "" when they are not.
func (s *Settings) Asks() string {
	if s == nil || s.Rating == Off {
		return ""
	}
	return s.Rating
}

// Wire is what the widget is told.
type Wire struct {
	Rating      string            `json:"rating,omitempty"`
	Transcript  bool              `json:"transcript,omitempty"`
	Capture     string            `json:"capture,omitempty"`
	WaitSeconds int               `json:"wait_seconds,omitempty"`
	Text        map[string]string `json:"text,omitempty"`
	AwayText    map[string]string `json:"away_text,omitempty"`
}

// Wire gives it; nil when there is nothing to tell.
func (s *Settings) Wire() *Wire {
	if s == nil {
		return nil
	}
	w := &Wire{Rating: s.Asks(), Transcript: s.Transcript == Request || s.Transcript == Close}
	if c := s.Capture; c != nil && c.When != "" && c.When != Never {
		w.Capture, w.Text, w.AwayText = c.When, c.Text, c.AwayText
		if c.When == Wait {
			w.WaitSeconds = max(c.WaitSeconds, 0)
			if w.WaitSeconds == 0 {
				w.WaitSeconds = defaultWait
			}
		}
	}
	return w
}

// Does is what happens when a visitor has left. name is the chat's, locale its language and public where browsers reach it, "" for nowhere.
func (s *Settings) Does(channel desk.ChannelID, name, locale, public string, keys [][]byte) channels.After {
	if s == nil {
		return channels.After{}
	}
	a := channels.After{
		Mailbox: desk.ChannelID(s.MailChannel), MailAfter: s.MailAfter(), OnlyProved: s.OnlyProved,
		TranscriptFrom: desk.ChannelID(s.TranscriptFrom()), OnClose: s.Transcript == Close, Transcript: s.Wire().Transcript,
		Rating: s.Asks(), Language: s.Language, Title: name,
	}
	if a.Language == "" {
		a.Language = locale
	}
	if public != "" && len(keys) > 0 && a.Rating != "" {
		a.RateLink = func(conv desk.ConversationID, until time.Time) string {
			return public + "rate?t=" + RateToken(keys[0], channel, conv, until)
		}
	}
	return a
}
