package flow

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/centralita/centralita/desk"
)

var slug = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// Limits of a configuration.
const (
	maxRules   = 50
	maxSteps   = 100
	maxChoices = 12
	maxCases   = 20
	maxPeople  = 50
	maxText    = 1000
	maxLabel   = 80
)

// faults collects what is wrong with a configuration: each names its field.
type faults struct {
	at   string
	list []error
}

func (f *faults) in(format string, args ...any) *faults {
	return &faults{at: f.at + fmt.Sprintf(format, args...)}
}

func (f *faults) add(field, format string, args ...any) {
	f.list = append(f.list, desk.Refuse(desk.Invalid, f.at+field, format, args...))
}

func (f *faults) take(other *faults) { f.list = append(f.list, other.list...) }

func (f *faults) text(field, s string, most int, needed bool) {
	switch n := utf8.RuneCountInString(s); {
	case needed && strings.TrimSpace(s) == "":
		f.add(field, "write something")
	case n > most:
		f.add(field, "at most %d characters, this has %d", most, n)
	case !utf8.ValidString(s):
		f.add(field, "must be UTF-8")
	}
}

func (f *faults) one(field, s string, of ...string) {
	if !slices.Contains(of, s) {
		f.add(field, "must be one of %s", strings.Join(of, ", "))
	}
}

func (f *faults) ids(field string, list []string) {
	if len(list) > maxPeople {
		f.add(field, "at most %d", maxPeople)
	}
	for _, id := range list {
		if !desk.ValidID(id) {
			f.add(field, "%.40q is not an id", id)
		}
	}
}

func (f *faults) id(field, id string, needed bool) {
	if id == "" && !needed {
		return
	}
	if !desk.ValidID(id) {
		f.add(field, "name it by its id")
	}
}

func (f *faults) https(field, s string) {
	u, err := url.Parse(s)
	if s != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(s) > 500) {
		f.add(field, "write an address such as https://example.com/picture.png")
	}
}

// Check finds everything that is wrong with flows. at is where they are in the configuration, such as config.flows.
func Check(flows []Flow, at string) []error {
	f := &faults{at: at}
	if len(flows) > maxAll {
		f.add("", "at most %d", maxAll)
		return f.list
	}
	seen := map[string]bool{}
	for i := range flows {
		one := f.in("[%d].", i)
		flows[i].check(one)
		if id := flows[i].ID; seen[id] {
			one.add("id", "another flow has it already")
		} else {
			seen[id] = true
		}
		f.take(one)
	}
	return f.list
}

func (c *Flow) check(f *faults) {
	if !slug.MatchString(c.ID) {
		f.add("id", "use 1 to 40 of a-z, 0-9, _ and -")
	}
	f.text("name", c.Name, maxLabel, true)
	f.one("kind", c.Kind, "", Live, Robot)
	f.one("language", c.Language, "", "en", "es")
	f.text("welcome", c.Welcome, 500, false)
	checkPages(f, "pages", c.Pages)
	checkPages(f, "except", c.Except)
	if v := c.Visitors; v != nil {
		f.one("visitors.who", v.Who, "unknown", "known", "property")
		f.id("visitors.property", v.Property, v.Who == "property")
		if len(v.Is) > maxPeople {
			f.add("visitors.is", "at most %d", maxPeople)
		}
	}
	c.Trigger.check(f, "trigger")
	c.Small.check(f, "small")
	if h := c.Heading; h != nil {
		f.one("heading.show", h.Show, "people", "owner", "own")
		f.ids("heading.agents", h.Agents)
		f.ids("heading.teams", h.Teams)
		f.text("heading.name", h.Name, maxLabel, h.Show == "own")
		f.https("heading.avatar", h.Avatar)
		if h.Show == "people" && len(h.Agents)+len(h.Teams) == 0 {
			f.add("heading.agents", "name agents or teams, or show something else")
		}
	}
	c.Form.check(f)
	if c.Consent != nil {
		f.one("consent.kind", c.Consent.Kind, "explicit", "implicit")
		f.text("consent.text", c.Consent.Text, maxText, true)
		f.text("consent.version", c.Consent.Version, 40, false)
		f.https("consent.link", c.Consent.Link)
	}
	switch {
	case c.Kind == Robot && c.Bot == nil:
		f.add("bot", "a flow of this kind needs its bot")
	case c.Kind != Robot && c.Bot != nil:
		f.add("kind", "must be bot, or leave the bot out")
	case c.Bot != nil:
		b := f.in("bot.")
		c.Bot.check(b)
		f.take(b)
	}
}

func checkPages(f *faults, field string, rules []PageRule) {
	if len(rules) > maxRules {
		f.add(field, "at most %d", maxRules)
	}
	for i, r := range rules {
		at := fmt.Sprintf("%s[%d]", field, i)
		f.one(at+".match", r.Match, "equals", "contains", "starts_with", "query")
		f.text(at+".value", r.Value, 500, true)
		switch r.Match {
		case "equals", "starts_with":
			if strings.ContainsAny(r.Value, "?# ") {
				f.add(at+".value", "leave out what follows ? or #: use a rule of kind query for that")
			}
		case "query":
			if strings.HasPrefix(r.Value, "=") || strings.ContainsAny(r.Value, "?&# ") {
				f.add(at+".value", "write a name, or name=value")
			}
		}
	}
}

func (t *Trigger) check(f *faults, field string) {
	if t == nil {
		return
	}
	f.one(field+".on", t.On, "", "load", "seconds", "scroll", "exit")
	switch {
	case t.On == "seconds" && (t.After < 1 || t.After > 3600):
		f.add(field+".after", "1 to 3600 seconds")
	case t.On == "scroll" && (t.After < 1 || t.After > 100):
		f.add(field+".after", "1 to 100 percent of the page")
	case t.On != "seconds" && t.On != "scroll" && t.After != 0:
		f.add(field+".after", "is for seconds and scroll: leave it out")
	}
}

func (m *Form) check(f *faults) {
	if m == nil {
		return
	}
	f.text("form.title", m.Title, 200, false)
	if n := len(m.Fields); n == 0 || n > maxFields {
		f.add("form.fields", "1 to %d fields", maxFields)
	}
	seen := map[string]bool{}
	for i := range m.Fields {
		q := &m.Fields[i]
		one := f.in("form.fields[%d].", i)
		if !slug.MatchString(q.ID) {
			one.add("id", "use 1 to 40 of a-z, 0-9, _ and -")
		} else if seen[q.ID] {
			one.add("id", "another field has it already")
		}
		seen[q.ID] = true
		one.text("label", q.Label, 200, true)
		one.one("kind", q.Kind, "name", "email", "phone", "number", "text", "long_text", "choice", "department")
		chooses := q.Kind == "choice" || q.Kind == "department"
		if chooses && len(q.Choices) == 0 {
			one.add("choices", "give at least one")
		}
		if !chooses && len(q.Choices) > 0 {
			one.add("choices", "only a choice or a department has them")
		}
		checkChoices(one, q.Choices, q.Kind == "department", false)
		checkProperty(one, q.Of, q.Property, false)
		f.take(one)
	}
}

func checkChoices(f *faults, list []Choice, teams, then bool) {
	if len(list) > maxChoices {
		f.add("choices", "at most %d", maxChoices)
	}
	for i, c := range list {
		at := fmt.Sprintf("choices[%d].", i)
		f.text(at+"label", c.Label, maxLabel, true)
		f.text(at+"value", c.Value, 200, false)
		for _, other := range list[:i] {
			if same(other.Label, c.Label) {
				f.add(at+"label", "another choice says the same")
			}
		}
		f.id(at+"team", c.Team, teams)
		if !teams && c.Team != "" {
			f.add(at+"team", "only a department has one")
		}
		if !then && c.Then != "" {
			f.add(at+"then", "only a bot's question has one")
		}
	}
}

func checkProperty(f *faults, of, property string, needed bool) {
	if of == "" && property == "" && !needed {
		return
	}
	f.one("of", of, "ticket", "contact")
	f.id("property", property, true)
}
