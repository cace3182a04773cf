package desk

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/centralita/centralita/proto/deskpb"
)

// A channel's rules, made ready to be asked of many tickets: whether a rule is for a ticket, and if not, which of its conditions
// says so. The conditions on the ticket are those of a list (Filter), so that a rule can be tried as a view.

// About is what rules look at.
type About struct {
	Ticket  Ticket
	Contact Contact // nil: nothing is known of them
	Text    string  // of the first message; only where the rules ask for it
}

// Rules are the rules of a channel, in their order, and its default last.
type Rules struct {
	Default *deskpb.RoutingRule
	steps   []step
	// NeedsText and NeedsContact: these have to be read before the rules can be asked.
	NeedsText, NeedsContact bool
	// NeedsLast: a rule asks who had the contact's last ticket.
	NeedsLast bool
	// Alike: what becomes of one ticket of the line becomes of all, whatever they are about.
	Alike bool
}

type step struct {
	of    *deskpb.RoutingStep
	parts []condition
}

// condition is one thing that has to hold; name says which it is.
type condition struct {
	name  string
	holds func(*About, *Row) bool
}

// maxRuleText is how much of a first message the rules look at.
const maxRuleText = 16 << 10

// ReadRules makes a channel's rules ready. A condition that cannot be read never holds; none that was checked is.
func ReadRules(rule *deskpb.RoutingRule) *Rules {
	r := &Rules{Default: rule, NeedsLast: rule.GetSticky(), Alike: len(rule.GetSteps())+len(rule.GetOverflow()) == 0, NeedsContact: rule.GetMode() == deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER}
	for _, of := range rule.GetSteps() {
		s := step{of: of}
		if !of.Off {
			r.NeedsLast = r.NeedsLast || of.GetThen().GetSticky()
			s.parts = conditionsOf(of.GetWhen())
			r.NeedsText = r.NeedsText || len(of.GetWhen().GetWords()) > 0 && !of.GetWhen().GetSubjectOnly() || len(of.GetWhen().GetLanguages()) > 0
			r.NeedsContact = r.NeedsContact || of.GetWhen().GetContact() != "" || of.GetThen().GetMode() == deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER
		}
		r.steps = append(r.steps, s)
	}
	return r
}

// Steps says whether there is any rule but the default.
func (r *Rules) Steps() bool { return r != nil && len(r.steps) > 0 }

func conditionsOf(when *deskpb.RoutingConditions) (all []condition) {
	never := func(*About, *Row) bool { return false }
	f, err := ParseFilter(when.GetTicket(), "ticket")
	if err != nil {
		return []condition{{"ticket", never}}
	}
	for _, p := range f.parts() {
		m := p.f.Matcher(nil, nil, 0)
		all = append(all, condition{p.name, func(_ *About, row *Row) bool { return m.Matches(row) }})
	}
	people, err := ParseContactConditions(when.GetContact())
	if err != nil {
		return append(all, condition{"contact", never})
	}
	for _, p := range people {
		contains := fold(p.Contains)
		all = append(all, condition{"contact", func(a *About, _ *Row) bool { return p.holds(a.Contact.GetProperties()[p.Property], contains) }})
	}
	if words := when.GetWords(); len(words) > 0 {
		subjectOnly := when.GetSubjectOnly()
		all = append(all, condition{"words", func(a *About, _ *Row) bool {
			return slices.ContainsFunc(words, func(w string) bool {
				return HasWord(a.Ticket.GetSubject(), w) || !subjectOnly && HasWord(a.Text, w)
			})
		}})
	}
	if languages := when.GetLanguages(); len(languages) > 0 {
		all = append(all, condition{"language", func(a *About, _ *Row) bool {
			return slices.Contains(languages, LanguageOf(a.Ticket.GetSubject()+"\n"+a.Text))
		}})
	}
	return all
}

// ParseContactConditions reads the conditions on a contact's properties: a JSON list of what a filter says of properties.
func ParseContactConditions(text string) (all []PropertyFilter, err error) {
	if text == "" {
		return nil, nil
	}
	if len(text) > maxFilterBytes {
		return nil, Refuse(Invalid, "contact", "at most %d bytes", maxFilterBytes)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&all); err != nil || dec.More() {
		return nil, Refuse(Invalid, "contact", `must be a list such as [{"property":"prp_plan","equals":"gold"}]`)
	}
	f := Filter{Properties: all}
	return all, f.Check("")
}

type part struct {
	name string
	f    Filter
}

// parts is a filter cut into what each of its fields asks for, in the order of a filter's fields.
func (f Filter) parts() (all []part) {
	add := func(there bool, name string, one Filter) {
		if there {
			all = append(all, part{name, one})
		}
	}
	add(len(f.Channel) > 0, "channel", Filter{Channel: f.Channel})
	add(len(f.Kind) > 0, "kind", Filter{Kind: f.Kind})
	add(len(f.Status) > 0, "status", Filter{Status: f.Status})
	add(len(f.Pipeline) > 0, "pipeline", Filter{Pipeline: f.Pipeline})
	add(len(f.Stage) > 0, "stage", Filter{Stage: f.Stage})
	add(len(f.Priority) > 0, "priority", Filter{Priority: f.Priority})
	add(len(f.Team) > 0, "team", Filter{Team: f.Team})
	add(f.Tags != nil, "tags", Filter{Tags: f.Tags})
	for _, p := range f.Properties {
		add(true, "property", Filter{Properties: []PropertyFilter{p}})
	}
	add(f.Text != "", "subject", Filter{Text: f.Text})
	return all
}

// fails names the condition that does not hold, "" when the rule is for the ticket.
func (s *step) fails(a *About, row *Row) string {
	if s.of.Off {
		return "off"
	}
	for _, c := range s.parts {
		if !c.holds(a, row) {
			return c.name
		}
	}
	return ""
}

// HasWord finds a word, or several in a row, in a text: whole ones, in whatever case.
func HasWord(text, word string) bool {
	text, word = fold(text), fold(strings.TrimSpace(word))
	if word == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		begin := from + i
		before, _ := utf8.DecodeLastRuneInString(text[:begin])
		after, _ := utf8.DecodeRuneInString(text[begin+len(word):])
		if !inWord(before) && !inWord(after) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[begin:])
		from = begin + size
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// ContactConditions writes what ParseContactConditions reads.
func ContactConditions(all []PropertyFilter) string {
	b, err := json.Marshal(all)
	if err != nil { // texts and switches alone
		return ""
	}
	return string(b)
}
