package desk

import (
	"regexp"
	"slices"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// SpamID is the one setting of its kind.
const SpamID SettingID = "spam"

// Causes of spam that the desk finds by itself, beside CauseBlockedSender.
const (
	CauseDenied       = "denied"        // the list of who is not wanted
	CauseServerMarked = "server_marked" // a mail server that is believed
	CauseOwnAddress   = "own_address"   // the mailbox writes to itself
)

const maxSpamEntries = 5000

var (
	spamAddress = regexp.MustCompile(`^[^\s\pZ\pC@<>"(),;:*][^\s\pZ\pC@<>"(),;:]{0,63}@[^\s\pZ\pC@<>"(),;:*]{1,253}$`)
	spamDomain  = regexp.MustCompile(`^[^\s\pZ\pC@<>"(),;:.*]+(\.[^\s\pZ\pC@<>"(),;:.*]+)+$`)
)

func checkSpamRules(r *deskpb.SpamRules) error {
	if r == nil {
		return Refuse(Invalid, "spam", "must be given")
	}
	if r.GetKeepDays() > MaxSpamDays {
		return Refuse(Invalid, "keep_days", "at most %d days; 0 keeps spam for ever", MaxSpamDays)
	}
	for _, l := range []struct {
		field string
		list  *[]string
	}{{"allow", &r.Allow}, {"deny", &r.Deny}} {
		if len(*l.list) > maxSpamEntries {
			return Refuse(Invalid, l.field, "at most %d entries", maxSpamEntries)
		}
		clean := make([]string, 0, len(*l.list))
		for _, e := range *l.list {
			entry, ok := SpamEntry(e)
			if !ok {
				return Refuse(Invalid, l.field, "%q is neither an address, such as ana@example.com, nor a domain, such as example.com", clip(e, 100))
			}
			clean = append(clean, entry)
		}
		slices.Sort(clean)
		*l.list = slices.Compact(clean)
	}
	for _, e := range r.Allow {
		if slices.Contains(r.Deny, e) {
			return Refuse(Invalid, "allow", "%s is in the other list, too: take it out of one", e)
		}
	}
	return nil
}

// SpamEntry brings an entry into form: "@Example.com" and "*@example.com" are the domain.
func SpamEntry(e string) (string, bool) {
	e = strings.ToLower(strings.TrimSpace(e))
	e = strings.TrimPrefix(strings.TrimPrefix(e, "*"), "@")
	return e, len(e) <= 320 && (spamAddress.MatchString(e) || spamDomain.MatchString(e))
}

// listed tells whether a list names an address itself, or a domain it is under.
func listed(list []string, address string) (exactly, domain bool) {
	_, at, _ := strings.Cut(address, "@")
	_, exactly = slices.BinarySearch(list, address)
	for at != "" && !domain {
		_, domain = slices.BinarySearch(list, at)
		_, at, _ = strings.Cut(at, ".")
	}
	return exactly, domain
}

// Suspect is what is known of a message that might be spam.
type Suspect struct {
	Address   string // of the sender, in lower case
	Automatic string
	Known     bool // the contact was there before
	Blocked   bool
	Failed    bool // the address was looked at and is not proved: then nobody is believed to be who is allowed or known
	Marked    bool // by a server that the channel trusts
}

// SpamCause says why a message is spam, "" when it is not: who is allowed never is, who is denied always; a contact of ours is not, unless a machine
// writes. hard: it is so in a conversation that is there already, too.
func SpamCause(r *deskpb.SpamRules, s Suspect) (cause string, hard bool) {
	allowed, allowedDomain := listed(r.GetAllow(), s.Address)
	denied, deniedDomain := listed(r.GetDeny(), s.Address)
	switch {
	case s.Blocked:
		return CauseBlockedSender, true
	case denied:
		return CauseDenied, true
	case allowed && !s.Failed:
		return "", false
	case deniedDomain:
		return CauseDenied, true
	case allowedDomain && !s.Failed:
		return "", false
	case s.Automatic == AutomaticSelf:
		return CauseOwnAddress, false
	case s.Known && Speaks(s.Automatic) && !s.Failed:
		return "", false
	case s.Marked && r.GetBelieveServers():
		return CauseServerMarked, false
	}
	return "", false
}

// AllowSender gives the rules with an address that is wanted from now on.
func AllowSender(r *deskpb.SpamRules, address string) *deskpb.SpamRules {
	out := &deskpb.SpamRules{Allow: slices.Clone(r.GetAllow()), Deny: slices.Clone(r.GetDeny()), BelieveServers: r.GetBelieveServers()}
	if r != nil {
		out.KeepDays = r.KeepDays
	}
	out.Deny = slices.DeleteFunc(out.Deny, func(e string) bool { return e == address })
	if !slices.Contains(out.Allow, address) {
		out.Allow = append(out.Allow, address)
	}
	return out
}
