// Package flood is how much mail a channel lets through at once before what follows from it waits (desk.Pace), as it is written in a
// channel's configuration: so many at once, then so many a minute. What is left out is as usual, and nothing at once is no limit.
package flood

import (
	"fmt"
	"time"

	"github.com/centralita/centralita/desk"
)

// Settings are a channel's.
type Settings struct {
	Sender  *Limit `json:"sender,omitempty"`  // of one address
	Domain  *Limit `json:"domain,omitempty"`  // of all addresses of one domain
	Mailbox *Limit `json:"mailbox,omitempty"` // of all that comes to the channel
}

// Limit is how much may come. AtOnce 0: there is no limit.
type Limit struct {
	AtOnce    int `json:"at_once"`
	PerMinute int `json:"per_minute,omitempty"`
}

// Bounds of a limit. Within the window its room is free again: what is of before that need not be remembered, over a restart either.
const (
	mostAtOnce    = 100_000
	mostPerMinute = 60_000
	window        = time.Hour
)

// Check says what is wrong with them.
func (s *Settings) Check(field string) (faults []error) {
	if s == nil {
		return nil
	}
	for _, l := range []struct {
		name string
		set  *Limit
	}{{"sender", s.Sender}, {"domain", s.Domain}, {"mailbox", s.Mailbox}} {
		if l.set != nil {
			faults = append(faults, l.set.check(field+"."+l.name)...)
		}
	}
	return faults
}

func (l Limit) check(field string) (faults []error) {
	fault := func(name, format string, args ...any) {
		faults = append(faults, desk.Refuse(desk.Invalid, field+"."+name, format, args...))
	}
	if l.AtOnce < 0 || l.AtOnce > mostAtOnce {
		fault("at_once", "must be 1 to %d mails, or 0: no limit", mostAtOnce)
	}
	least := max(1, (l.AtOnce+int(window/time.Minute)-1)/int(window/time.Minute))
	switch {
	case l.AtOnce <= 0 || l.AtOnce > mostAtOnce:
		if l.AtOnce == 0 && l.PerMinute != 0 {
			fault("per_minute", "is used with at_once only; leave it out")
		}
	case l.PerMinute < least || l.PerMinute > mostPerMinute:
		why := ""
		if least > 1 {
			why = fmt.Sprintf(": %d at once must be free again within an hour", l.AtOnce)
		}
		fault("per_minute", "must be %d to %d mails%s", least, mostPerMinute, why)
	}
	return faults
}

// Limits are the paces that they stand for; what is not set is as usual.
func (s *Settings) Limits(usual desk.PaceLimits) desk.PaceLimits {
	if s == nil {
		return usual
	}
	return desk.PaceLimits{Sender: s.Sender.pace(usual.Sender), Domain: s.Domain.pace(usual.Domain), Mailbox: s.Mailbox.pace(usual.Mailbox)}
}

func (l *Limit) pace(usual desk.Pace) desk.Pace {
	switch {
	case l == nil:
		return usual
	case l.AtOnce <= 0 || l.PerMinute <= 0:
		return desk.Pace{}
	}
	return desk.Pace{Burst: l.AtOnce, Every: time.Minute / time.Duration(l.PerMinute)}
}
