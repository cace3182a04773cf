package search

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
)

// Bounds of one request: what is not reached is on the next page.
const (
	defaultHits = 20
	mostHits    = 50
	maxRead     = 400                   // conversations read to find a phrase in them
	fewResults  = 64                    // put in their order at first
	maxRows     = 2000                  // rows looked at for who may see them
	maxTime     = 40 * time.Millisecond // of reading for a phrase
	lastRecords = 400                   // of a long conversation, in which a snippet is looked for first
)

// place is after which result a page begins.
type place struct {
	head         bool
	updated      int64
	conversation string
}

func (c place) cursor() string {
	b := []byte{0}
	if c.head {
		b[0] = 1
	}
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(b, uint64(c.updated)), c.conversation...))
}

func parsePlace(s string) (*place, error) {
	if s == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 10 || b[0] > 1 {
		return nil, desk.Refuse(desk.Invalid, "cursor", "this is not a cursor that a page gave")
	}
	return &place{b[0] == 1, int64(binary.BigEndian.Uint64(b[1:9])), string(b[9:])}, nil
}

// Search finds conversations. What cannot be meant is refused with a *desk.Error that names its field.
func (x *Index) Search(ctx context.Context, q desk.SearchQuery) (desk.SearchPage, error) {
	after, err := parsePlace(q.Cursor)
	if err != nil {
		return desk.SearchPage{}, err
	}
	if q.Limit == 0 {
		q.Limit = defaultHits
	}
	if q.Limit < 0 || q.Limit > mostHits {
		return desk.SearchPage{}, desk.Refuse(desk.Invalid, "limit", "a page has 1 to %d results", mostHits)
	}
	if len(q.Filters) == 0 && !slices.ContainsFunc(q.Words, says) {
		return desk.SearchPage{Exact: true}, nil
	}
	x.open.RLock()
	defer x.open.RUnlock()
	r, err := x.index.Reader()
	if err != nil {
		return desk.SearchPage{}, fmt.Errorf("open the search index: %w", err)
	}
	defer r.Close()
	p := &planner{index: x, reader: r, stems: newStemmer()}
	if err := p.make(q, time.Now()); err != nil {
		return desk.SearchPage{}, err
	}
	all, err := p.run(ctx)
	if err != nil {
		return desk.SearchPage{}, err
	}
	g := &gathering{planner: p, query: q, snippets: newSnippets(p), answer: all, after: after}
	g.more(fewResults)
	if err := g.skip(); err != nil {
		return desk.SearchPage{}, err
	}
	if err := g.gather(ctx); err != nil {
		return desk.SearchPage{}, err
	}
	return g.page, g.count()
}

// says: there is more to it than marks.
func says(w desk.SearchWord) bool { return len(wordsOf(strings.TrimPrefix(w.Text, "#"))) > 0 }

// gathering makes a page of results.
type gathering struct {
	*planner
	query    desk.SearchQuery
	snippets *snippets
	answer   answer
	after    *place
	results  []found // the first of the answer after the place
	next     int
	rows     int
	page     desk.SearchPage
}

// more puts more of the results in their order; false: there are none, or enough.
func (g *gathering) more(n int) bool {
	had := len(g.results)
	if n = min(n, maxRows+1); had < n {
		g.results = g.answer.first(g.after, n)
	}
	return len(g.results) > had
}

// has reports whether there is a next result.
func (g *gathering) has() bool { return g.next < len(g.results) || g.more(8*len(g.results)) }

// skip goes to where the page before ended. What moved meanwhile may come twice; a screen knows it by its id.
func (g *gathering) skip() error {
	if g.after == nil {
		return nil
	}
	for i := 0; i < len(g.results) || g.more(8*len(g.results)); i++ {
		r := g.results[i]
		if r.updated != g.after.updated || r.head != g.after.head {
			return nil // it is not among them any more
		}
		id, err := g.id(r)
		if err != nil {
			return err
		}
		if id == g.after.conversation {
			g.next = i + 1
			return nil
		}
	}
	return nil
}

func (g *gathering) id(r found) (string, error) {
	id, err := g.answer.pieces[r.piece].DocID(uint64(r.doc))
	if err != nil {
		return "", fmt.Errorf("read a result: %w", err)
	}
	return string(id), nil
}

// gather takes results until the page is full or enough was looked at.
func (g *gathering) gather(ctx context.Context) error {
	reads, began := 0, time.Now()
	for ; g.has(); g.next++ {
		r := g.results[g.next]
		if len(g.page.Hits) == g.query.Limit || reads >= maxRead || g.rows >= maxRows || reads > 0 && len(g.plan.phrases) > 0 && time.Since(began) > maxTime {
			last, err := g.id(g.results[g.next-1])
			before := g.results[g.next-1]
			g.page.Next = place{before.head, before.updated, last}.cursor()
			return err
		}
		row, err := g.visible(r)
		if err != nil {
			return err
		}
		if row == nil {
			continue
		}
		reads++
		hit, ok, err := g.read(ctx, row)
		if err != nil {
			return err
		}
		if ok {
			g.page.Hits = append(g.page.Hits, hit)
		}
	}
	return nil
}

// read makes a result of a conversation; false when a phrase is nowhere in it. Of a long one the end is read first, and the
// rest only when nothing was found there.
func (g *gathering) read(ctx context.Context, row desk.Ticket) (hit desk.SearchHit, ok bool, err error) {
	contact, err := g.index.store.Index().Contact(desk.ContactID(row.Contact))
	if err != nil {
		return hit, false, fmt.Errorf("read contact %s: %w", row.Contact, err)
	}
	sides, err := asides(ctx, g.index.store, row)
	if err != nil {
		return hit, false, err
	}
	first := row.PurgedVersion // what came before is gone
	after := first
	if row.Version > lastRecords {
		after = max(first, row.Version-lastRecords)
	}
	for {
		records, err := load(ctx, g.index.store, desk.ConversationID(row.Conversation), after)
		if err != nil {
			return hit, false, err
		}
		if hit, ok = g.snippets.hit(row, contact, records, sides); after == first || ok && (hit.Message != "" || g.snippets.seeksNothing()) {
			return hit, ok, nil
		}
		after = first
	}
}

// visible reads the row of a result, nil when the viewer may not see it or it is gone.
func (g *gathering) visible(r found) (desk.Ticket, error) {
	g.rows++
	id, err := g.id(r)
	if err != nil {
		return nil, err
	}
	row, err := g.index.store.Index().Ticket(desk.ConversationID(id))
	if err != nil {
		return nil, fmt.Errorf("read ticket %s: %w", id, err)
	}
	if row == nil || !desk.MaySee(g.query.Viewer, row) {
		return nil, nil
	}
	return row, nil
}

// count says how many there are. Who is limited is told a number of what they may see, and nothing of the rest: the index may
// be a moment behind, the rows are not. A phrase is counted where it was looked for only.
func (g *gathering) count() error {
	g.page.Total, g.page.Exact = g.answer.total, !g.answer.more
	if len(g.plan.phrases) > 0 {
		g.page.Total, g.page.Exact = len(g.page.Hits), g.page.Next == "" && g.query.Cursor == ""
		return nil
	}
	if g.query.Viewer.SeesAll() {
		return nil
	}
	g.page.Total, g.page.Exact = 0, g.page.Exact && g.answer.total <= maxRows
	for _, r := range g.answer.first(nil, maxRows) {
		row, err := g.visible(r)
		if err != nil {
			return err
		}
		if row != nil {
			g.page.Total++
		}
	}
	return nil
}
