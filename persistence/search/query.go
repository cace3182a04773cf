package search

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// maxExpanded bounds the words that a beginning of one stands for; the most common are taken.
const maxExpanded = 40

// plan is a query in terms of the index: each clause is a set of terms of which a document has at least one.
type plan struct {
	all, none []clause
	head      []clause // those of all that could be met by subject, contact or number
	phrases   [][]word // to be found in the text itself
}

type clause struct {
	field string
	terms []string
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
		p.plan.none = append(p.plan.none, clause{fieldMark, []string{"is:spam"}})
	}
	if v := q.Viewer; !v.SeesAll() {
		p.plan.all = append(p.plan.all, sight(v))
	}
	return nil
}

// sight is a hint of what a viewer may see, so that not every ticket of the desk is looked at; what counts is desk.MaySee.
func sight(v *desk.Viewer) clause {
	c := clause{fieldMark, []string{"sees:" + string(v.Agent)}}
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
		switch {
		case w.Phrase || len(words) > 1 && i < len(words)-1:
			terms = terms[:1]
		case w.Prefix && i == len(words)-1:
			more, err := p.expand(field, terms[0])
			if err != nil {
				return err
			}
			terms = append(slices.Clone(terms), more...)
		}
		p.add(clause{field, terms}, w.Not)
		if field == fieldText && !w.Not {
			p.plan.head = append(p.plan.head, clause{fieldHead, terms})
		}
	}
	if len(words) > 1 {
		p.plan.phrases = append(p.plan.phrases, words)
	}
	return nil
}

// expand gives the words that go on from a beginning. Of two letters there are too many to mean one.
func (p *planner) expand(field, beginning string) ([]string, error) {
	if len(beginning) < 2 {
		return nil, nil
	}
	dict, err := p.reader.FieldDictPrefix(field, []byte(beginning))
	if err != nil {
		return nil, fmt.Errorf("look up %q: %w", beginning, err)
	}
	defer dict.Close()
	type entry struct {
		term  string
		count uint64
	}
	var found []entry
	for range 20_000 {
		e, err := dict.Next()
		if err != nil {
			return nil, fmt.Errorf("look up %q: %w", beginning, err)
		}
		if e == nil {
			break
		}
		found = append(found, entry{strings.Clone(e.Term), e.Count})
	}
	slices.SortFunc(found, func(a, b entry) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.term, b.term)) })
	var terms []string
	for _, e := range found[:min(maxExpanded, len(found))] {
		terms = append(terms, e.term)
	}
	return terms, nil
}

// filter plans a condition.
func (p *planner) filter(f desk.SearchFilter, v *desk.Viewer, now time.Time) (clause, error) {
	mark := func(terms ...string) (clause, error) { return clause{fieldMark, terms}, nil }
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
	return clause{fieldMark, ids}, err
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
		return clause{fieldFrom, []string{"\x00" + kind}}, nil
	case "me":
		if v != nil {
			return clause{fieldFrom, []string{"\x00" + string(v.Agent)}}, nil
		}
	}
	words := wordsOf(value)
	if len(words) == 0 {
		return clause{}, desk.Refuse(desk.Invalid, "q", "from: what? Write from:ana, from:ana@example.com, from:contact or from:agent")
	}
	for _, w := range words[1:] { // each must be there
		p.add(clause{fieldFrom, []string{fold(w.text)}}, false)
	}
	terms := []string{fold(words[0].text)}
	more, err := p.expand(fieldFrom, terms[0])
	return clause{fieldFrom, append(terms, more...)}, err
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

// found is a document that matches.
type found struct {
	doc     uint64
	updated uint64
	head    bool
}

// before is the order of results: the headline's first, then the newest.
func (a found) compare(b found) int {
	if a.head != b.head {
		if a.head {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(b.updated, a.updated), cmp.Compare(a.doc, b.doc))
}

var unscored = search.SearcherOptions{Score: "none"}

// first gives the results after a place, in their order, at most k of them. all is not kept in its order.
func first(all []found, after *place, k int) []found {
	if after != nil {
		here := found{updated: after.updated, head: after.head}
		all = slices.DeleteFunc(slices.Clone(all), func(f found) bool {
			f.doc = 0
			return f.compare(here) < 0
		})
	}
	if len(all) > 4*k { // the k best are looked for in a heap: to sort them all would take longest of everything
		best := all[:0:0]
		for _, f := range all {
			switch {
			case len(best) < k:
				if best = append(best, f); len(best) == k {
					for i := k/2 - 1; i >= 0; i-- {
						sink(best, i)
					}
				}
			case f.compare(best[0]) < 0:
				best[0] = f
				sink(best, 0)
			}
		}
		all = best
	}
	slices.SortFunc(all, found.compare)
	return all[:min(k, len(all))]
}

// sink restores the heap, the last in order on top.
func sink(heap []found, i int) {
	for {
		child := 2*i + 1
		if child >= len(heap) {
			return
		}
		if child+1 < len(heap) && heap[child+1].compare(heap[child]) > 0 {
			child++
		}
		if heap[child].compare(heap[i]) <= 0 {
			return
		}
		heap[i], heap[child] = heap[child], heap[i]
		i = child
	}
}

// run finds all documents of a plan.
func (p *planner) run(ctx context.Context) ([]found, error) {
	all, err := p.docs(ctx, p.plan.all)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	for _, c := range p.plan.none {
		not, err := p.docs(ctx, []clause{c})
		if err != nil {
			return nil, err
		}
		all = without(all, not)
	}
	values, err := p.reader.DocValueReader([]string{fieldUpdated})
	if err != nil {
		return nil, fmt.Errorf("read the order: %w", err)
	}
	out := make([]found, len(all))
	id := make(bleve.IndexInternalID, 8)
	for i, doc := range all {
		out[i].doc = doc
		id.SetValue(doc)
		err := values.VisitDocValues(id, func(_ string, term []byte) {
			if len(term) == 8 {
				out[i].updated = binary.BigEndian.Uint64(term)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("read the order: %w", err)
		}
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return out, p.markHeads(ctx, out)
}

// markHeads says which documents have every word in their headline. out is in the order of documents.
func (p *planner) markHeads(ctx context.Context, out []found) error {
	if len(p.plan.head) == 0 {
		return nil
	}
	heads, err := p.docs(ctx, p.plan.head)
	if err != nil {
		return err
	}
	i := 0
	for _, doc := range heads {
		for i < len(out) && out[i].doc < doc {
			i++
		}
		if i < len(out) && out[i].doc == doc {
			out[i].head = true
		}
	}
	return nil
}

// docs gives the documents that meet every clause, ascending. No clause: all there are.
func (p *planner) docs(ctx context.Context, clauses []clause) (all []uint64, err error) {
	var s search.Searcher
	if len(clauses) == 0 {
		s, err = searcher.NewMatchAllSearcher(ctx, p.reader, 1, unscored)
	} else {
		s, err = p.conjunction(ctx, clauses)
	}
	if err != nil || s == nil {
		return nil, err
	}
	defer s.Close()
	c := &search.SearchContext{DocumentMatchPool: search.NewDocumentMatchPool(s.DocumentMatchPoolSize()+2, 0), IndexReader: p.reader}
	for {
		m, err := s.Next(c)
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		if m == nil {
			return all, nil
		}
		all = append(all, m.IndexInternalID.Value())
		c.DocumentMatchPool.Put(m)
		if len(all)%8192 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

func (p *planner) conjunction(ctx context.Context, clauses []clause) (search.Searcher, error) {
	var every []search.Searcher
	for _, c := range clauses {
		var any []search.Searcher
		for _, t := range c.terms {
			s, err := searcher.NewTermSearcher(ctx, p.reader, t, c.field, 1, unscored)
			if err != nil {
				return nil, fmt.Errorf("search: %w", err)
			}
			any = append(any, s)
		}
		switch len(any) {
		case 0:
			return nil, nil // nothing can meet it
		case 1:
			every = append(every, any[0])
		default:
			s, err := searcher.NewDisjunctionSearcher(ctx, p.reader, any, 0, unscored)
			if err != nil {
				return nil, fmt.Errorf("search: %w", err)
			}
			every = append(every, s)
		}
	}
	if len(every) == 1 {
		return every[0], nil
	}
	s, err := searcher.NewConjunctionSearcher(ctx, p.reader, every, unscored)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return s, nil
}

// without is a without b; both ascend.
func without(a, b []uint64) []uint64 {
	out, i := a[:0], 0
	for _, doc := range a {
		for i < len(b) && b[i] < doc {
			i++
		}
		if i == len(b) || b[i] != doc {
			out = append(out, doc)
		}
	}
	return out
}
