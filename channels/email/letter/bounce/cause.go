package bounce

import (
	"regexp"
	"strings"
)

// Causes of a bounce, as screens name them.
const (
	NoAddress = "no_address"
	NoDomain  = "no_domain"
	Full      = "full"
	TooLarge  = "too_large"
	Spam      = "spam"
	Policy    = "policy"
	Loop      = "loop"
	Expired   = "expired"
	Later     = "later"
	Refused   = "refused"
)

// cause names why a mail did not arrive. The words come first: codes are often given without care.
func cause(status, words string) string {
	words = strings.ToLower(words[:min(len(words), 4096)])
	for _, c := range causesInWords {
		if c.says.MatchString(words) {
			return c.cause
		}
	}
	if c := causesByStatus[strings.TrimLeft(status, "245")]; c != "" {
		return c
	}
	switch {
	case strings.HasPrefix(status, "4."):
		return Later
	case strings.HasPrefix(status, "5.7."):
		return Policy
	case strings.HasPrefix(status, "5.1."):
		return NoAddress
	}
	return Refused
}

// causesByStatus are the codes of RFC 3463 without their class.
var causesByStatus = map[string]string{
	".1.1": NoAddress, ".1.3": NoAddress, ".1.6": NoAddress, ".2.1": NoAddress, ".1.10": NoDomain, ".1.2": NoDomain, ".4.4": NoDomain,
	".2.2": Full, ".3.1": Full, ".2.3": TooLarge, ".3.4": TooLarge, ".4.6": Loop, ".4.7": Expired, ".7.28": Spam,
}

var causesInWords = []struct {
	cause string
	says  *regexp.Regexp
}{
	{Full, regexp.MustCompile(`quota|mailbox.{0,15}full|full mailbox|mailfolder is full|insufficient (system )?storage|(storage|disk) (space|limit|is full|full)`)},
	{Spam, regexp.MustCompile(`spam|black ?list|blocklist|listed (by|on|at)|unsolicited|reputation|virus`)},
	{TooLarge, regexp.MustCompile(`too (large|big)|message size|size limit`)},
	{NoDomain, regexp.MustCompile(`no such (domain|host)|domain.{0,20}(not found|not exist|n't exist|invalid)|host.{0,10}(unknown|not found)|name or service not known|nxdomain|null mx|unroute?able`)},
	{NoAddress, gone},
	{Policy, regexp.MustCompile(`policy|dmarc|\bspf\b|dkim|relay(ing)? (access )?denied|authentication required|not permitted`)},
	{Loop, regexp.MustCompile(`\bloop|too many hops|hop count`)},
	{Expired, regexp.MustCompile(`expired|in the queue too long|retry time(out)?|could not be delivered for`)},
	{Later, regexp.MustCompile(`greylist|gray?list|try (again )?later|temporar|time[d ]?out|rate limit|throttl|too many (message|mail|connection)`)},
}
