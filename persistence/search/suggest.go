package search

import (
	"context"
	"fmt"
	"strings"
	"time"

	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/centralita/centralita/desk"
)

// maxMisspelt bounds the words that one may have meant.
const maxMisspelt = 40

// Suggest gives tickets and people that a few letters may mean: by number, by subject, by name or address, also by a name
// with one letter wrong.
func (x *Index) Suggest(ctx context.Context, text string, v *desk.Viewer, limit int) ([]desk.Suggestion, error) {
	x.open.RLock()
	defer x.open.RUnlock()
	r, err := x.index.Reader()
	if err != nil {
		return nil, fmt.Errorf("open the search index: %w", err)
	}
	defer r.Close()
	s := &suggester{planner: planner{index: x, reader: r, stems: newStemmer()}, viewer: v, limit: limit, seen: map[string]bool{}}
	if n, is := numberOf(strings.TrimSpace(text)); is {
		if err := s.number(n); err != nil {
			return nil, err
		}
	}
	words := wordsOf(text)
	if len(words) == 0 {
		return s.all, nil
	}
	for _, find := range []func(context.Context, []word) error{s.people, s.subjects, s.misspelt} {
		if len(s.all) < limit {
			if err := find(ctx, words); err != nil {
				return nil, err
			}
		}
	}
	return s.all, nil
}

type suggester struct {
	planner
	viewer *desk.Viewer
	limit  int
	seen   map[string]bool
	all    []desk.Suggestion
}

func (s *suggester) number(n uint64) error {
	t, err := s.index.store.Index().TicketByNumber(n)
	if err != nil {
		return fmt.Errorf("read ticket %d: %w", n, err)
	}
	if t != nil && desk.MaySee(s.viewer, t) {
		s.seen[t.Conversation] = true
		s.all = append(s.all, desk.Suggestion{Ticket: t, Text: []desk.SearchPart{{Text: t.Subject}}})
	}
	return nil
}

// people are contacts whose name or address has every word, the last one going on.
func (s *suggester) people(ctx context.Context, words []word) error {
	var clauses []clause
	for i, w := range words {
		c := clause{field: fieldName, terms: []string{fold(w.text)}}
		if i == len(words)-1 {
			c.beginning = begun(c.terms[0])
		}
		clauses = append(clauses, c)
	}
	return s.contacts(ctx, clauses, words)
}

// misspelt are contacts of whose names one word is a letter away from what was written.
func (s *suggester) misspelt(ctx context.Context, words []word) error {
	fuzzy, can := s.reader.(bleve.IndexReaderFuzzy)
	if !can || len(s.all) > 0 {
		return nil
	}
	var clauses []clause
	for _, w := range words {
		plain := fold(w.text)
		c := clause{field: fieldName, terms: []string{plain}}
		if len(plain) >= 4 {
			dict, err := fuzzy.FieldDictFuzzy(fieldName, plain, 1, plain[:1])
			if err != nil {
				return fmt.Errorf("look up %q: %w", plain, err)
			}
			for range maxMisspelt {
				e, err := dict.Next()
				if err != nil || e == nil {
					break
				}
				c.terms = append(c.terms, strings.Clone(e.Term))
			}
			if err := dict.Close(); err != nil {
				return err
			}
		}
		clauses = append(clauses, c)
	}
	return s.contacts(ctx, clauses, words)
}

// contacts suggests the contacts of the conversations that meet the clauses.
func (s *suggester) contacts(ctx context.Context, clauses []clause, words []word) error {
	return s.each(ctx, clauses, 3, func(t desk.Ticket) error {
		if t.Contact == "" || s.seen[t.Contact] {
			return nil
		}
		s.seen[t.Contact] = true
		c, err := s.index.store.Index().Contact(desk.ContactID(t.Contact))
		if err != nil || c == nil {
			return err
		}
		s.all = append(s.all, desk.Suggestion{Contact: c, Text: beginnings(t.ContactName, words)})
		return nil
	})
}

// subjects are tickets whose headline has every word.
func (s *suggester) subjects(ctx context.Context, words []word) error {
	var texts []desk.SearchWord
	for i, w := range words {
		texts = append(texts, desk.SearchWord{Text: w.text, In: "subject", Prefix: i == len(words)-1})
	}
	s.plan = plan{}
	if err := s.make(desk.SearchQuery{Words: texts, Viewer: s.viewer}, time.Now()); err != nil {
		return err
	}
	marks := newSnippets(&s.planner)
	return s.each(ctx, s.plan.all, s.limit, func(t desk.Ticket) error {
		if !s.seen[t.Conversation] {
			s.seen[t.Conversation] = true
			s.all = append(s.all, desk.Suggestion{Ticket: t, Text: partsOf(t.Subject, marks.spans(t.Subject, marks.heads), 0, len(t.Subject))})
		}
		return nil
	})
}

// each calls f with the tickets that meet the clauses and that the viewer may see, the newest first, for at most so many
// new suggestions.
func (s *suggester) each(ctx context.Context, clauses []clause, most int, f func(desk.Ticket) error) error {
	s.plan = plan{all: clauses}
	if !s.viewer.SeesAll() {
		s.plan.all = append(s.plan.all, sight(s.viewer))
	}
	all, err := s.run(ctx)
	if err != nil {
		return err
	}
	g := gathering{planner: &s.planner, query: desk.SearchQuery{Viewer: s.viewer}, answer: all, results: all.first(nil, 200)}
	had := len(s.all)
	for _, r := range g.results {
		if len(s.all) >= s.limit || len(s.all)-had >= most {
			return nil
		}
		t, err := g.visible(r)
		if err != nil {
			return err
		}
		if t != nil {
			if err := f(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// beginnings marks the words of a name that begin with what was written.
func beginnings(name string, words []word) []desk.SearchPart {
	var spans []span
	eachWord(name, func(w word) {
		for _, q := range words {
			if strings.HasPrefix(fold(w.text), fold(q.text)) {
				spans = append(spans, span{start: w.start, end: w.end})
				return
			}
		}
	})
	return partsOf(name, spans, 0, len(name))
}
