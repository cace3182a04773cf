package flow

import (
	"fmt"
)

// check finds what is wrong with a bot: steps that cannot be, ways that lead nowhere, and ways round without a question, on which it
// would go for ever.
func (b *Bot) check(f *faults) {
	f.text("name", b.Name, 40, true)
	f.https("avatar", b.Avatar)
	f.id("hours", b.Hours, false)
	f.id("holidays", b.Holidays, false)
	if b.Holidays != "" && b.Hours == "" {
		f.add("hours", "holidays need the hours they interrupt")
	}
	if b.Tries < 0 || b.Tries > 10 {
		f.add("tries", "1 to 10")
	}
	b.Person.check(f, "person")
	if n := len(b.Steps); n == 0 || n > maxSteps {
		f.add("steps", "1 to %d steps", maxSteps)
		return
	}
	seen := map[string]bool{}
	for i := range b.Steps {
		one := f.in("steps[%d].", i)
		if id := b.Steps[i].ID; !slug.MatchString(id) {
			one.add("id", "use 1 to 40 of a-z, 0-9, _ and -")
		} else if seen[id] {
			one.add("id", "another step has it already")
		}
		seen[b.Steps[i].ID] = true
		b.Steps[i].check(one, b)
		f.take(one)
	}
	if len(f.list) == 0 { // else what follows from it is not worth telling
		b.checkWays(f)
	}
}

func (s *Step) check(f *faults, b *Bot) {
	f.one("do", s.Do, Say, Ask, Branch, SetIt, Send, End)
	f.text("text", s.Text, maxText, s.Do == Say || s.Do == Ask)
	f.text("wrong", s.Wrong, maxText, false)
	f.text("away", s.Away, maxText, false)
	s.onlyItsOwn(f)
	target := func(field, id string) {
		if id != "" && b.index(id) < 0 {
			f.add(field, "there is no step %.40q", id)
		}
	}
	asked := func(field, id string) {
		if at := b.index(id); at < 0 || b.Steps[at].Do != Ask {
			f.add(field, "there is no question %.40q", id)
		}
	}
	target("then", s.Then)
	switch s.Do {
	case Ask:
		f.one("answer", s.kind(), "text", "name", "email", "phone", "number", "choice")
		if s.kind() == "choice" && len(s.Choices) == 0 {
			f.add("choices", "give at least one, or ask for another answer")
		}
		checkChoices(f, s.Choices, false, true)
		for i, c := range s.Choices {
			target(fmt.Sprintf("choices[%d].then", i), c.Then)
		}
	case Branch:
		if n := len(s.Cases); n == 0 || n > maxCases {
			f.add("cases", "1 to %d", maxCases)
		}
		for i := range s.Cases {
			s.Cases[i].check(f, fmt.Sprintf("cases[%d].", i), target, asked)
		}
	case SetIt:
		checkProperty(f, s.Of, s.Property, true)
		f.text("value", s.Value, maxText, false)
		switch {
		case s.From != "" && s.Value != "":
			f.add("value", "from says something else: leave one of them out")
		case s.From != "":
			asked("from", s.From)
		case s.Value == "":
			f.add("value", "say what it becomes, or from which answer")
		}
	case Send:
		if s.To == nil {
			f.add("to", "say to whom: rule, people, owner or nobody")
		}
		s.To.check(f, "to")
	}
}

// onlyItsOwn: what a step says that it does not do would be lost in silence.
func (s *Step) onlyItsOwn(f *faults) {
	only := func(field string, given bool, of string) {
		if given && s.Do != of {
			f.add(field, "only a step that does %s has it", of)
		}
	}
	only("answer", s.Answer != "", Ask)
	only("choices", len(s.Choices) > 0, Ask)
	only("wrong", s.Wrong != "", Ask)
	only("cases", len(s.Cases) > 0, Branch)
	only("of", s.Of != "", SetIt)
	only("property", s.Property != "", SetIt)
	only("value", s.Value != "", SetIt)
	only("from", s.From != "", SetIt)
	only("to", s.To != nil, Send)
	only("away", s.Away != "", Send)
	only("close", s.Close, End)
	if s.Then != "" && (s.Do == Send || s.Do == End) {
		f.add("then", "nothing follows this step: leave it out")
	}
}

func (c *Case) check(f *faults, at string, target, asked func(field, id string)) {
	f.one(at+"if", c.If, "answer", "hours", "available", "owner_available", "known", "contact")
	if c.Then == "" {
		f.add(at+"then", "name the step that follows")
	}
	target(at+"then", c.Then)
	if len(c.Is) > maxPeople || len(c.Has) > maxPeople {
		f.add(at+"is", "at most %d", maxPeople)
	}
	switch c.If {
	case "answer":
		asked(at+"of", c.Of)
	case "contact":
		f.id(at+"of", c.Of, true)
	case "hours":
		f.id(at+"hours", c.Hours, true)
		f.id(at+"holidays", c.Holidays, false)
	case "available":
		f.ids(at+"agents", c.Agents)
		f.ids(at+"teams", c.Teams)
		if len(c.Agents)+len(c.Teams) == 0 {
			f.add(at+"agents", "name agents or teams")
		}
	}
}

func (t *To) check(f *faults, field string) {
	if t == nil {
		return
	}
	f.one(field+".who", t.Who, "rule", "people", "owner", "nobody")
	f.ids(field+".agents", t.Agents)
	f.ids(field+".teams", t.Teams)
	named := len(t.Agents) + len(t.Teams)
	switch {
	case t.Who == "people" && named == 0:
		f.add(field+".agents", "name agents or teams")
	case (t.Who == "rule" || t.Who == "nobody") && named > 0:
		f.add(field+".agents", "%s names nobody: leave them out, or write people", t.Who)
	}
}

// ways are the steps that may follow one.
func (b *Bot) ways(at int) []int {
	s := &b.Steps[at]
	if s.Do == Send || s.Do == End {
		return nil
	}
	all := []int{b.after(at)}
	for _, c := range s.Choices {
		if c.Then != "" {
			all = append(all, b.index(c.Then))
		}
	}
	for _, c := range s.Cases {
		all = append(all, b.index(c.Then))
	}
	if s.Do == Ask && s.kind() == "choice" { // when every choice goes its own way nothing else follows
		own := true
		for _, c := range s.Choices {
			own = own && c.Then != ""
		}
		if own {
			all = all[1:]
		}
	}
	return all
}

// checkWays: every step can be come to, every way ends with send or end, and every way round has a question in it.
func (b *Bot) checkWays(f *faults) {
	const under, done = 1, 2
	reached := make([]bool, len(b.Steps))
	for queue := []int{0}; len(queue) > 0; {
		at := queue[0]
		queue = queue[1:]
		if at >= len(b.Steps) || reached[at] {
			continue
		}
		reached[at] = true
		for _, next := range b.ways(at) {
			if next >= len(b.Steps) {
				f.add(fmt.Sprintf("steps[%d].then", at), "nothing follows this step: name one, or put send or end after it")
			}
			queue = append(queue, next)
		}
	}
	for i, ok := range reached {
		if !ok {
			f.add(fmt.Sprintf("steps[%d].id", i), "nothing leads to step %q: name it in a then, or take it out", b.Steps[i].ID)
		}
	}
	mark := make([]int, len(b.Steps))
	var walk func(at int)
	walk = func(at int) {
		if at >= len(b.Steps) || mark[at] == done || b.Steps[at].Do == Ask {
			return
		}
		mark[at] = under
		for _, next := range b.ways(at) {
			if next < len(b.Steps) && mark[next] == under {
				f.add(fmt.Sprintf("steps[%d].then", at), "goes round to step %q without a question: it would never end", b.Steps[next].ID)
				continue
			}
			walk(next)
		}
		mark[at] = done
	}
	for i := range b.Steps {
		walk(i)
	}
}
