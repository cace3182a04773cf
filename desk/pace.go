package desk

import (
	"strings"
	"time"
)

// Pace is how much may come at once, and how much for long: a bucket of burst drops, filled with one each every. It is decided by when
// things came outside, so a backlog that came over hours is none that came at once. The zero Pace is no limit.
type Pace struct {
	Burst int
	Every time.Duration
}

// PaceLimits are those of mail. What is beyond them is kept as all else; what follows from it waits (TicketHeld).
type PaceLimits struct {
	Sender, Domain, Mailbox Pace
}

// DefaultPaces let a person write as much as they can, an organisation as much as its people can, and a mailbox as much as a team could answer.
var DefaultPaces = PaceLimits{
	Sender:  Pace{Burst: FloodOf, Every: 30 * time.Second},
	Domain:  Pace{Burst: 200, Every: 3 * time.Second},
	Mailbox: Pace{Burst: 10_000, Every: 100 * time.Millisecond},
}

// LongestHold is the longest that anything waits: a flood must not hide a question for longer.
const LongestHold = time.Hour

// Whose limit it was.
const (
	PaceOfSender  = "sender"
	PaceOfDomain  = "domain"
	PaceOfMailbox = "mailbox"
)

// Next counts one thing that came at a time: full is when the bucket would have been full again before (zero at first), then after it. What
// it sets in motion may do so at until, which is its own time within the limit.
func (p Pace) Next(full, at time.Time) (then, until time.Time) {
	if p == (Pace{}) {
		return full, at
	}
	if full.Before(at) {
		full = at
	}
	room := time.Duration(p.Burst) * p.Every
	then = full.Add(p.Every)
	if latest := at.Add(room + LongestHold); then.After(latest) {
		then = latest // no longer than that, however much comes
	}
	if until = then.Add(-room); until.Before(at) {
		until = at
	}
	return then, until
}

// PaceDomain is the domain that counts as one sender's with all below it; "" when sharing it says nothing about two people.
func PaceDomain(address string) string { return organisation(strings.ToLower(address)) }
