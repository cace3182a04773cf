package search

import (
	"slices"
	"strconv"
	"strings"
	"time"

	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// plan is a query in terms of the index: each clause is a set of terms of which a document has at least one.
type plan struct {
	all, none []clause
	head      []clause // those of all that could be met by subject, contact or number
	phrases   [][]word // to be found in the text itself
}

type clause struct {
	field     string
	terms     []string
	beginning string // also every word that begins so; "": none
}

// planner turns a query into a plan.
type planner struct {
	index  *Index
	reader bleve.IndexReader
	stems  *stemmer
	plan   plan
}

func (p *planner) make(q desk.SearchQuery, now time.Time) error {
	common := true // nothing but words that everybody uses
	for _, w := range q.Words {
		for _, x := range wordsOf(w.Text) {
			common = common && idle[fold(x.text)]
		}
	}
	for _, w := range q.Words {
		if err := p.word(w, !common); err != nil {
			return err
		}
	}
	for _, f := range q.Filters {
		c, err := p.filter(f, q.Viewer, now)
		if err != nil {
			return err
		}
		p.add(c, f.Not)
	}
	if !slices.ContainsFunc(q.Filters, func(f desk.SearchFilter) bool { return f.Key == "is" && f.Value == "spam" }) {
		p.plan.none = append(p.plan.none, clause{field: fieldMark, terms: []string{"is:spam"}})
	}
	if v := q.Viewer; !v.SeesAll() {
		p.plan.all = append(p.plan.all, sight(v))
	}
	return nil
}

// sight is a hint of what a viewer may see, so that not every ticket of the desk is looked at; what counts is desk.MaySee.
func sight(v *desk.Viewer) clause {
	c := clause{field: fieldMark, terms: []string{"sees:" + string(v.Agent)}}
	for m := range v.Mates {
		c.terms = append(c.terms, "owner:"+m)
	}
	for t := range v.Teams {
		c.terms = append(c.terms, "team:"+t, "offered:"+t)
	}
	return c
}

func (p *planner) add(c clause, not bool) {
	if not {
		p.plan.none = append(p.plan.none, c)
	} else {
		p.plan.all = append(p.plan.all, c)
	}
}

// word plans what a person wrote as one: it may be several (a name with a hyphen, an address), which then follow each other.
func (p *planner) word(w desk.SearchWord, skipIdle bool) error {
	words := wordsOf(strings.TrimPrefix(w.Text, "#"))
	field := fieldText
	switch w.In {
	case "subject":
		field = fieldHead
	case "file":
		field = fieldFile
	}
	if w.Not && len(words) > 1 { // a document without the phrase may have its words
		return desk.Refuse(desk.Invalid, "q", "only single words can be excluded, not %q", w.Text)
	}
	for i, x := range words {
		if skipIdle && !w.Phrase && len(words) == 1 && idle[fold(x.text)] {
			continue
		}
		var terms []string
		for _, f := range p.stems.forms(x.text) {
			terms = append(terms, f.text)
		}
		c := clause{field: field, terms: terms}
		switch {
		case w.Phrase || len(words) > 1 && i < len(words)-1:
			c.terms = terms[:1]
		case w.Prefix && i == len(words)-1:
			c.beginning = begun(terms[0])
		}
		p.add(c, w.Not)
		if field == fieldText && !w.Not {
			c.field = fieldHead
			p.plan.head = append(p.plan.head, c)
		}
	}
	if len(words) > 1 {
		p.plan.phrases = append(p.plan.phrases, words)
	}
	return nil
}

// begun is what words may go on from. One letter is too little to mean one.
func begun(word string) string {
	if len(word) < 2 {
		return ""
	}
	return word
}

// filter plans a condition.
func (p *planner) filter(f desk.SearchFilter, v *desk.Viewer, now time.Time) (clause, error) {
	mark := func(terms ...string) (clause, error) { return clause{field: fieldMark, terms: terms}, nil }
	switch f.Key {
	case "status", "is":
		return mark(p.state(f.Value, v)...)
	case "has":
		return mark("has:" + f.Value)
	case "priority":
		return mark("priority:" + strconv.Itoa(priorities[f.Value]))
	case "after", "before":
		return mark(days(f.Key, f.Value, now)...)
	case "from":
		return p.from(f.Value, v)
	}
	ids, err := p.named(f.Key, f.Value, v)
	for i := range ids {
		ids[i] = f.Key + ":" + ids[i]
	}
	return clause{field: fieldMark, terms: ids}, err
}

var priorities = map[string]int{
	"low": int(deskpb.Priority_PRIORITY_LOW), "normal": int(deskpb.Priority_PRIORITY_NORMAL),
	"high": int(deskpb.Priority_PRIORITY_HIGH), "urgent": int(deskpb.Priority_PRIORITY_URGENT),
}

func (p *planner) state(value string, v *desk.Viewer) []string {
	switch value {
	case "unassigned":
		return []string{"owner:"}
	case "assigned":
		terms := []string{}
		if agents, err := p.index.store.Index().Agents(); err == nil {
			for _, a := range agents {
				terms = append(terms, "owner:"+a.Agent)
			}
		}
		return terms
	case "mine":
		if v != nil {
			return []string{"owner:" + string(v.Agent)}
		}
		return nil
	case "snoozed", "spam", "merged":
		return []string{"is:" + value}
	}
	return []string{"status:" + value}
}

// from is who wrote: a contact, an agent, me, or a name or address.
func (p *planner) from(value string, v *desk.Viewer) (clause, error) {
	switch strings.ToLower(value) {
	case "contact", "customer", "agent":
		kind := "contact"
		if strings.EqualFold(value, "agent") {
			kind = "agent"
		}
		return clause{field: fieldFrom, terms: []string{"\x00" + kind}}, nil
	case "me":
		if v != nil {
			return clause{field: fieldFrom, terms: []string{"\x00" + string(v.Agent)}}, nil
		}
	}
	words := wordsOf(value)
	if len(words) == 0 {
		return clause{}, desk.Refuse(desk.Invalid, "q", "from: what? Write from:ana, from:ana@example.com, from:contact or from:agent")
	}
	for _, w := range words[1:] { // each must be there
		p.add(clause{field: fieldFrom, terms: []string{fold(w.text)}}, false)
	}
	first := fold(words[0].text)
	return clause{fieldFrom, []string{first}, begun(first)}, nil
}

// days are the years, months and days of a span of time, as few as there can be.
func days(key, value string, now time.Time) (terms []string) {
	day, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return nil
	}
	from, to := day, now.UTC().AddDate(0, 0, 2) // to is not in it
	if key == "before" {
		from, to = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), day
	}
	if from.Year() < 1990 {
		from = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	for from.Before(to) {
		switch year, month := from.AddDate(1, 0, 0), from.AddDate(0, 1, 0); {
		case from.YearDay() == 1 && !year.After(to):
			terms, from = append(terms, "d:"+from.Format("2006")), year
		case from.Day() == 1 && !month.After(to):
			terms, from = append(terms, "d:"+from.Format("2006-01")), month
		default:
			terms, from = append(terms, "d:"+from.Format(time.DateOnly)), from.AddDate(0, 0, 1)
		}
	}
	return terms
}
