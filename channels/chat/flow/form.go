package flow

import (
	"net/mail"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/centralita/centralita/desk"
)

// Limits of what a visitor answers.
const (
	maxAnswer = 1000 // characters
	maxEmail  = 254
	maxFields = 12
)

// Form is asked before the first message.
type Form struct {
	Title  string  `json:"title,omitempty"`
	Fields []Field `json:"fields"`
}

// Field is one question of a form.
type Field struct {
	ID       string   `json:"id"`
	Label    string   `json:"label"`
	Kind     string   `json:"kind"` // name, email, phone, number, text, long_text, choice, department
	Required bool     `json:"required,omitempty"`
	Choices  []Choice `json:"choices,omitempty"`  // of choice and department
	Of       string   `json:"of,omitempty"`       // ticket or contact: whose property the answer is put into
	Property string   `json:"property,omitempty"` // by its id
}

// Choice is one thing to choose.
type Choice struct {
	Label string `json:"label"`
	Value string `json:"value,omitempty"` // what is kept; the label when empty. Of a property with choices: the choice's id
	Team  string `json:"team,omitempty"`  // of a department: whose work the ticket is
	Then  string `json:"then,omitempty"`  // of a bot's question: the step that follows
}

func (c Choice) kept() string {
	if c.Value != "" {
		return c.Value
	}
	return c.Label
}

// Filled is a form as it was answered.
type Filled struct {
	Name, Email string
	Team        string // of the department chosen
	Answers     []Answer
	Sets        []Set
}

// Answer is what was asked and answered.
type Answer struct{ ID, Label, Value string }

// Set is a property of the ticket or the contact and what it becomes.
type Set struct{ Of, Property, Value string }

// Fill checks a form's answers. A fault names the field as form.<id>.
func (f *Form) Fill(given map[string]string) (Filled, error) {
	var out Filled
	if f == nil {
		return out, nil
	}
	for id := range given {
		if !f.has(id) {
			return out, desk.Refuse(desk.Invalid, "form."+clipID(id), "this form does not ask that: load the page again")
		}
	}
	for i := range f.Fields {
		q := &f.Fields[i]
		said := tidy(given[q.ID], q.Kind == "long_text")
		if said == "" {
			if q.Required {
				return out, desk.Refuse(desk.Invalid, "form."+q.ID, "%s is needed", q.Label)
			}
			continue
		}
		value, chosen, why := check(q.Kind, q.Choices, said)
		if why != "" {
			return out, desk.Refuse(desk.Invalid, "form."+q.ID, "%s", why)
		}
		shown := value
		if chosen != nil {
			shown = chosen.Label
		}
		out.Answers = append(out.Answers, Answer{q.ID, q.Label, shown})
		switch q.Kind {
		case "name":
			out.Name = value
		case "email":
			out.Email = value
		case "department":
			out.Team = chosen.Team
		}
		if q.Property != "" {
			out.Sets = append(out.Sets, Set{q.Of, q.Property, value})
		}
	}
	return out, nil
}

func (f *Form) has(id string) bool {
	for i := range f.Fields {
		if f.Fields[i].ID == id {
			return true
		}
	}
	return false
}

// check reads an answer of a kind: the value that is kept, the choice that was made, and why it is no answer.
func check(kind string, choices []Choice, said string) (value string, chosen *Choice, why string) {
	if utf8.RuneCountInString(said) > maxAnswer {
		return "", nil, "at most " + strconv.Itoa(maxAnswer) + " characters"
	}
	switch kind {
	case "name":
		if utf8.RuneCountInString(said) > 80 {
			return "", nil, "at most 80 characters"
		}
	case "email":
		a, err := mail.ParseAddress(said)
		if err != nil || len(said) > maxEmail || a.Address != said {
			return "", nil, "write an address such as ana@example.com"
		}
		return strings.ToLower(said), nil, ""
	case "phone":
		number, ok := desk.CleanPhone(said)
		if !ok {
			return "", nil, "write a number with its country, such as +34 600 000 000"
		}
		return number, nil, ""
	case "number":
		n := strings.ReplaceAll(said, ",", ".")
		if _, err := strconv.ParseFloat(n, 64); err != nil || strings.Trim(n, "+-.0123456789") != "" || len(n) > 40 {
			return "", nil, "write a number such as 12.5"
		}
		return n, nil, ""
	case "choice", "department":
		for i := range choices {
			if same(said, choices[i].Label) || choices[i].Value != "" && said == choices[i].Value {
				return choices[i].kept(), &choices[i], ""
			}
		}
		if n, err := strconv.Atoi(strings.TrimRight(said, ".)")); err == nil && n >= 1 && n <= len(choices) { // who types answers by number
			return choices[n-1].kept(), &choices[n-1], ""
		}
		return "", nil, "choose one of what is offered"
	}
	return said, nil, ""
}

// same compares as a person would: without case, marks and double spaces.
func same(a, b string) bool {
	if p := plain(a); p != "" {
		return p == plain(b)
	}
	return strings.TrimSpace(a) == strings.TrimSpace(b) // signs and pictures
}

// plain has the words of a text alone: lower case, one space between them.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }), " ")
}

// tidy takes control characters and what is around a text away; of one line also what breaks it.
func tidy(s string, lines bool) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines, r == '\t' && lines:
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(s)
}

func clipID(id string) string {
	if slug.MatchString(id) {
		return id
	}
	return "?"
}
