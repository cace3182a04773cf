package flow

import (
	"strconv"
	"strings"
)

// The things a step does.
const (
	Say    = "say"
	Ask    = "ask"
	Branch = "branch"
	SetIt  = "set"
	Send   = "send"
	End    = "end"
)

// Bot is a machine that talks first: a list of steps. Each goes on to the step it names, or to the next one.
type Bot struct {
	Name     string `json:"name"`
	Avatar   string `json:"avatar,omitempty"`   // an https address of a picture
	Hours    string `json:"hours,omitempty"`    // working hours, by their id: outside them people are asked at once; "": always
	Holidays string `json:"holidays,omitempty"` // with hours
	Tries    int    `json:"tries,omitempty"`    // so often a question is asked before a person is; 0: 3
	Person   *To    `json:"person,omitempty"`   // who is asked when the visitor wants a person or cannot be understood; the channel's rule when empty
	Steps    []Step `json:"steps"`
}

// Step is one step. Which fields count depends on what it does.
type Step struct {
	ID   string `json:"id"`
	Do   string `json:"do"`             // say, ask, branch, set, send, end
	Text string `json:"text,omitempty"` // say, ask, send, end: what is said; {{answers.<step>}} stands for an answer
	Then string `json:"then,omitempty"` // the step that follows; the next one when empty

	Answer  string   `json:"answer,omitempty"`  // ask: text (the default), name, email, phone, number, choice
	Choices []Choice `json:"choices,omitempty"` // ask: quick replies; of choice nothing else is an answer
	Wrong   string   `json:"wrong,omitempty"`   // ask: said before it is asked again

	Cases []Case `json:"cases,omitempty"` // branch: the first that holds counts; then is for when none does

	Of       string `json:"of,omitempty"`       // set: ticket or contact
	Property string `json:"property,omitempty"` // set: by its id
	Value    string `json:"value,omitempty"`    // set: what it becomes
	From     string `json:"from,omitempty"`     // set: or the step whose answer it becomes

	To    *To    `json:"to,omitempty"`    // send
	Away  string `json:"away,omitempty"`  // send: said instead of text when nobody of them is there
	Close bool   `json:"close,omitempty"` // end: the ticket is closed
}

// Case is one way of a branch.
type Case struct {
	If       string   `json:"if"`              // answer, hours, available, owner_available, known, contact
	Of       string   `json:"of,omitempty"`    // answer: the step; contact: the property
	Is       []string `json:"is,omitempty"`    // one of these
	Has      []string `json:"has,omitempty"`   // answer: or it has one of these words in it
	Hours    string   `json:"hours,omitempty"` // hours: within these
	Holidays string   `json:"holidays,omitempty"`
	Agents   []string `json:"agents,omitempty"` // available: one of these
	Teams    []string `json:"teams,omitempty"`
	Then     string   `json:"then"`
}

// To is whom a conversation is given to.
type To struct {
	Who    string   `json:"who"` // rule (as the channel says), people, owner (of the contact, then the people), nobody
	Agents []string `json:"agents,omitempty"`
	Teams  []string `json:"teams,omitempty"`
}

// World is what a bot may look at. Nothing in it is written.
type World struct {
	Open      func(hours, holidays string) bool
	Available func(to To) bool
	Person    Person
}

// State is where a bot stands: the question it waits for an answer to.
type State struct {
	Step    string
	Tries   int               // wrong answers to it so far
	Asked   int               // questions so far, all of them
	Answers map[string]string // by step: what is kept
}

// Turn is what a bot does next: it says, sets, and waits for an answer or lets go.
type Turn struct {
	Says    []string
	Choices []Choice // with the last thing said
	Sets    []Set
	Email   string // the visitor's, if they just gave it
	Name    string
	Next    State // where it stands now, if it does not let go
	Over    *Over // it lets go
	Trace   []string
}

// Over is how a bot lets go.
type Over struct {
	Cause string // handed_over, person, wrong_answers, too_long, lost (the step is not there any more), ended
	To    To     // unless it ended
	Away  bool   // nobody of them is there
	Close bool   // it ended, and the ticket is closed
}

// Limits of a talk.
const (
	maxAsked  = 60 // questions; then a person is asked
	triesByIt = 3
)

// Begin is what a bot does before anybody has said anything.
func (b *Bot) Begin(w World, language string) Turn {
	t := Turn{Next: State{Answers: map[string]string{}}}
	b.run(&t, 0, w, language)
	return t
}

// Hear is what a bot does when it is answered.
func (b *Bot) Hear(s State, said string, w World, language string) Turn {
	t := Turn{Next: State{Step: s.Step, Tries: s.Tries, Asked: s.Asked, Answers: map[string]string{}}}
	for k, v := range s.Answers {
		t.Next.Answers[k] = v
	}
	if s.Step == "" && s.Asked == 0 && len(b.Steps) > 0 { // it had nothing to ask, and said so already
		began := b.Begin(w, language)
		if began.Over != nil {
			began.Says = nil
		}
		return began
	}
	at := b.index(s.Step)
	if at < 0 || b.Steps[at].Do != Ask { // it was changed meanwhile
		b.handOver(&t, "lost", nil, w, language)
		return t
	}
	q := &b.Steps[at]
	said = tidy(said, true)
	value, chosen, why := q.read(said)
	if (chosen == nil || why != "") && WantsPerson(said) {
		b.handOver(&t, "person", nil, w, language)
		return t
	}
	if why != "" {
		b.again(&t, q, w, language)
		return t
	}
	t.Next.Tries = 0
	t.Next.Answers[q.ID] = value
	switch q.Answer {
	case "email":
		t.Email = value
	case "name":
		t.Name = value
	}
	if chosen != nil && chosen.Then != "" {
		b.run(&t, b.index(chosen.Then), w, language)
	} else {
		b.run(&t, b.after(at), w, language)
	}
	return t
}

// From is what a bot has asked when somebody answers a question of its: they saw it, whatever it would begin with by now.
func (b *Bot) From(step string) (Turn, bool) {
	at := b.index(step)
	if at < 0 || b.Steps[at].Do != Ask {
		return Turn{}, false
	}
	s := &b.Steps[at]
	return Turn{Says: []string{s.Text}, Choices: s.Choices, Next: State{Step: s.ID, Asked: 1, Answers: map[string]string{}}}, true
}

// again asks once more, unless that was tried often enough.
func (b *Bot) again(t *Turn, q *Step, w World, language string) {
	tries := b.Tries
	if tries == 0 {
		tries = triesByIt
	}
	t.Next.Tries++
	if t.Next.Tries >= tries {
		b.handOver(t, "wrong_answers", nil, w, language)
		return
	}
	wrong := q.Wrong
	if wrong == "" {
		wrong = wordsOf(language).wrong[q.kind()]
	}
	t.Says = append(t.Says, wrong, fillIn(q.Text, t.Next.Answers))
	t.Choices = q.Choices
	t.Trace = append(t.Trace, q.ID)
}

// run goes from step to step until it asks or lets go. Every way round has a question in it (Check), so it comes to one; whatever
// was not checked is stopped after as many steps as there are.
func (b *Bot) run(t *Turn, at int, w World, language string) {
	for range len(b.Steps) + 1 {
		if at < 0 || at >= len(b.Steps) {
			break
		}
		s := &b.Steps[at]
		t.Trace = append(t.Trace, s.ID)
		switch s.Do {
		case Say:
			t.Says = append(t.Says, fillIn(s.Text, t.Next.Answers))
		case Ask:
			t.Says = append(t.Says, fillIn(s.Text, t.Next.Answers))
			t.Choices, t.Next.Step, t.Next.Tries = s.Choices, s.ID, 0
			if t.Next.Asked++; t.Next.Asked > maxAsked {
				t.Says = t.Says[:len(t.Says)-1]
				b.handOver(t, "too_long", nil, w, language)
			}
			return
		case SetIt:
			value := s.Value
			if s.From != "" {
				value = t.Next.Answers[s.From]
			}
			if value != "" {
				t.Sets = append(t.Sets, Set{s.Of, s.Property, value})
			}
		case Send:
			b.handOver(t, "handed_over", s, w, language)
			return
		case End:
			if s.Text != "" {
				t.Says = append(t.Says, fillIn(s.Text, t.Next.Answers))
			}
			t.Over = &Over{Cause: "ended", Close: s.Close}
			return
		case Branch:
			if to := s.way(t.Next.Answers, w); to != "" {
				at = b.index(to)
				continue
			}
		}
		at = b.after(at)
	}
	b.handOver(t, "lost", nil, w, language)
}

// handOver asks for a person: whom the step names, or the bot does, or the channel's rule.
func (b *Bot) handOver(t *Turn, cause string, s *Step, w World, language string) {
	to := To{Who: "rule"}
	words := wordsOf(language)
	text, away := words.handedOver, words.away
	if cause == "wrong_answers" {
		text = words.giveUp
	}
	switch {
	case s != nil:
		if s.To != nil {
			to = *s.To
		}
		if s.Text != "" {
			text = fillIn(s.Text, t.Next.Answers)
		}
		if s.Away != "" {
			away = fillIn(s.Away, t.Next.Answers)
		}
	case b.Person != nil:
		to = *b.Person
	}
	t.Over = &Over{Cause: cause, To: to}
	if w.Available != nil && !w.Available(to) {
		t.Over.Away, text = true, away
	}
	t.Says, t.Choices = append(t.Says, text), nil
}

// way is where a branch goes, "" when no case holds and it names no other.
func (s *Step) way(answers map[string]string, w World) string {
	for i := range s.Cases {
		if s.Cases[i].holds(answers, w) {
			return s.Cases[i].Then
		}
	}
	return s.Then
}

func (c *Case) holds(answers map[string]string, w World) bool {
	switch c.If {
	case "answer":
		got := answers[c.Of]
		for _, is := range c.Is {
			if got != "" && same(got, is) {
				return true
			}
		}
		for _, has := range c.Has {
			if p := plain(has); p != "" && strings.Contains(" "+plain(got)+" ", " "+p+" ") {
				return true
			}
		}
		return len(c.Is)+len(c.Has) == 0 && got != ""
	case "hours":
		return w.Open == nil || w.Open(c.Hours, c.Holidays)
	case "available":
		return w.Available == nil || w.Available(To{Who: "people", Agents: c.Agents, Teams: c.Teams})
	case "owner_available":
		return w.Available != nil && w.Available(To{Who: "owner"})
	case "known":
		return w.Person.Known
	case "contact":
		return (&Visitors{Who: "property", Property: c.Of, Is: c.Is}).holds(w.Person)
	}
	return false
}

func (s *Step) kind() string {
	if s.Answer == "" {
		return "text"
	}
	return s.Answer
}

// read takes an answer. Quick replies of any kind may be chosen; of choice nothing else is an answer.
func (s *Step) read(said string) (value string, chosen *Choice, why string) {
	if len(s.Choices) > 0 {
		if value, chosen, why = check("choice", s.Choices, said); why == "" || s.kind() == "choice" {
			return value, chosen, why
		}
	}
	if said == "" {
		return "", nil, "write something"
	}
	return check(s.kind(), nil, said)
}

func (b *Bot) index(id string) int {
	for i := range b.Steps {
		if b.Steps[i].ID == id {
			return i
		}
	}
	return -1
}

// after is the step that follows when nothing else is said.
func (b *Bot) after(at int) int {
	if then := b.Steps[at].Then; then != "" {
		return b.index(then)
	}
	return at + 1
}

// fillIn puts answers into a text.
func fillIn(text string, answers map[string]string) string {
	const opens, closes = "{{answers.", "}}"
	var out strings.Builder
	for {
		i := strings.Index(text, opens)
		if i < 0 {
			break
		}
		end := strings.Index(text[i:], closes)
		if end < 0 {
			break
		}
		out.WriteString(text[:i])
		out.WriteString(answers[text[i+len(opens):i+end]])
		text = text[i+end+len(closes):]
	}
	out.WriteString(text)
	return out.String()
}

// MostSaid bounds what a bot says in one turn: it can say no more than it has steps.
func (b *Bot) MostSaid() int { return len(b.Steps) + 2 }

// Numbered is a question with its choices as a text alone, for who cannot press them.
func Numbered(text string, choices []Choice) string {
	for i, c := range choices {
		text += "\n" + strconv.Itoa(i+1) + ". " + c.Label
	}
	return text
}
