// Package hours says whether a chat is open, and what its visitors are told while it is not. It is pure: who is there and what the
// desk's working hours say is given to it.
package hours

import (
	"time"
	"unicode/utf8"
)

// Modes: by what a chat is open.
const (
	ByAgents = "agents" // while one of those whom the channel's rules name is there; the usual one
	ByHours  = "hours"  // within working hours of the desk, and while somebody is there
	Always   = "always"
)

// States of a chat.
const (
	Available = "available"
	Away      = "away"   // nobody is there
	Closed    = "closed" // it is outside its hours
)

// What is shown while it is not available.
const (
	ShowMessage = "message" // the chat, with a word on when somebody is back; the usual one
	ShowForm    = "form"    // name, email and message, which become a ticket
	ShowNothing = "hide"    // no launcher for who has no conversation
)

// Config is the section "availability" of a chat's configuration.
type Config struct {
	Mode     string `json:"mode,omitempty"`
	Hours    string `json:"hours,omitempty"`     // the id of working hours; of the mode "hours"
	Holidays string `json:"holidays,omitempty"`  // the id of a calendar of holidays
	EvenAway bool   `json:"even_away,omitempty"` // within its hours it is available whoever is there

	Away   *Absence `json:"away,omitempty"`
	Closed *Absence `json:"closed,omitempty"`

	ReplyTime   string   `json:"reply_time,omitempty"`  // minutes, hours, day; nothing is said when empty
	Departments []string `json:"departments,omitempty"` // teams of which visitors choose one
}

// Absence is what a visitor is shown while the chat is not available.
type Absence struct {
	Show string            `json:"show,omitempty"`
	Text map[string]string `json:"text,omitempty"` // by language, instead of the widget's own words
}

// Limits of a configuration.
const (
	maxText        = 500
	maxDepartments = 20
)

// Check names every fault by its field, below the section's.
func (c *Config) Check(invalid func(field, format string, args ...any)) {
	if c == nil {
		return
	}
	switch c.Mode {
	case "", ByAgents, Always:
		if c.Hours != "" || c.Holidays != "" {
			invalid("mode", "working hours and holidays count with mode hours only: choose it, or leave them out")
		}
	case ByHours:
		if c.Hours == "" {
			invalid("hours", "name the working hours within which the chat is open")
		}
	default:
		invalid("mode", "agents, hours or always")
	}
	if c.EvenAway && c.Mode != ByHours {
		invalid("even_away", "counts with mode hours only")
	}
	c.Away.check("away", invalid)
	c.Closed.check("closed", invalid)
	switch c.ReplyTime {
	case "", "minutes", "hours", "day":
	default:
		invalid("reply_time", "minutes, hours or day, or leave it out")
	}
	if len(c.Departments) > maxDepartments {
		invalid("departments", "at most %d", maxDepartments)
	}
	seen := map[string]bool{}
	for _, id := range c.Departments {
		if id == "" || seen[id] {
			invalid("departments", "each is the id of a team, once")
			break
		}
		seen[id] = true
	}
}

func (a *Absence) check(at string, invalid func(field, format string, args ...any)) {
	if a == nil {
		return
	}
	switch a.Show {
	case "", ShowMessage, ShowForm, ShowNothing:
	default:
		invalid(at+".show", "message, form or hide")
	}
	for lang, text := range a.Text {
		if lang != "en" && lang != "es" {
			invalid(at+".text", "%.20q is not a language of the widget: en or es", lang)
		} else if utf8.RuneCountInString(text) > maxText {
			invalid(at+".text."+lang, "at most %d characters", maxText)
		}
	}
}

// Gate gives the working hours outside which nobody is given a chat; "" when there are none.
func (c *Config) Gate() (hours, holidays string) {
	if c == nil || c.Mode != ByHours {
		return "", ""
	}
	return c.Hours, c.Holidays
}

// Facts are what a state follows from.
type Facts struct {
	Now    time.Time
	Agents int       // who is there of those the rules name
	Back   time.Time // when one of them is due back; zero: nobody knows
	// Open says what the working hours say at a moment, and when they open next after it (zero: nobody knows). nil: always open.
	Open func(time.Time) (open bool, opens time.Time)
}

func (f Facts) at(t time.Time) (open bool, opens time.Time) {
	if f.Open == nil {
		return true, time.Time{}
	}
	return f.Open(t)
}

// Notice is what visitors are told of it.
type Notice struct {
	State  string            `json:"state"`
	BackAt string            `json:"back_at,omitempty"` // RFC 3339, of away and closed
	Show   string            `json:"show,omitempty"`    // of away and closed
	Text   map[string]string `json:"text,omitempty"`    // of away and closed, by language
	Reply  string            `json:"reply,omitempty"`   // how soon answers come, while it is available: minutes, hours, day
}

// Now is the notice of this moment. A chat without the section goes by its agents.
func (c *Config) Now(f Facts) Notice {
	if c == nil {
		c = &Config{}
	}
	if c.Mode == ByHours {
		if open, opens := f.at(f.Now); !open {
			return c.Closed.notice(Closed, opens)
		}
	}
	if f.Agents > 0 || c.Mode == Always || c.EvenAway {
		return Notice{State: Available, Reply: c.ReplyTime}
	}
	back := f.Back
	if c.Mode == ByHours && !back.IsZero() {
		if open, opens := f.at(back); !open {
			back = opens // whoever is back by then is not there for the chat yet
		}
	}
	return c.Away.notice(Away, back)
}

func (a *Absence) notice(state string, back time.Time) Notice {
	n := Notice{State: state, Show: ShowMessage}
	if !back.IsZero() {
		n.BackAt = back.UTC().Format(time.RFC3339)
	}
	if a != nil {
		n.Text = a.Text
		if a.Show != "" {
			n.Show = a.Show
		}
	}
	return n
}
