package search

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/centralita/centralita/desk"
)

// Bounds of one request: what is not reached is on the next page.
const (
	defaultHits = 20
	mostHits    = 50
	maxRead     = 400                   // conversations read to find a phrase in them
	maxRows     = 2000                  // rows looked at for who may see them
	maxTime     = 60 * time.Millisecond // of reading for a phrase, beyond the first results
)

// place is after which result a page begins.
type place struct {
	head         bool
	updated      uint64
	conversation string
}

func (c place) cursor() string {
	b := []byte{0}
	if c.head {
		b[0] = 1
	}
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(b, c.updated), c.conversation...))
}

func parsePlace(s string) (*place, error) {
	if s == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 10 || b[0] > 1 {
		return nil, desk.Refuse(desk.Invalid, "cursor", "this is not a cursor that a page gave")
	}
	return &place{b[0] == 1, binary.BigEndian.Uint64(b[1:9]), string(b[9:])}, nil
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
	if len(q.Words)+len(q.Filters) == 0 {
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
	results, err := p.run(ctx)
	if err != nil {
		return desk.SearchPage{}, err
	}
	g := &gathering{planner: p, query: q, snippets: newSnippets(p), results: first(results, after, maxRows+1)}
	if err := g.skip(after); err != nil {
		return desk.SearchPage{}, err
	}
	if err := g.gather(ctx); err != nil {
		return desk.SearchPage{}, err
	}
	return g.page, g.count(results)
}

// gathering makes a page of results.
type gathering struct {
	*planner
	query    desk.SearchQuery
	snippets *snippets
	results  []found
	next     int
	rows     int
	page     desk.SearchPage
}

// skip goes to where the page before ended. What moved meanwhile may come twice; a screen knows it by its id.
func (g *gathering) skip(after *place) error {
	if after == nil {
		return nil
	}
	for i, r := range g.results {
		if r.updated != after.updated || r.head != after.head {
			return nil // it is not among them any more
		}
		id, err := g.id(r)
		if err != nil {
			return err
		}
		if id == after.conversation {
			g.next = i + 1
			return nil
		}
	}
	return nil
}

func (g *gathering) id(r found) (string, error) {
	id, err := g.reader.ExternalID(bleve.NewIndexInternalID(nil, r.doc))
	if err != nil {
		return "", fmt.Errorf("read a result: %w", err)
	}
	return id, nil
}

// gather takes results until the page is full or enough was looked at.
func (g *gathering) gather(ctx context.Context) error {
	reads, began := 0, time.Now()
	for ; g.next < len(g.results); g.next++ {
		r := g.results[g.next]
		if len(g.page.Hits) == g.query.Limit || reads >= maxRead || g.rows >= maxRows || reads >= defaultHits && time.Since(began) > maxTime {
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
		records, err := load(ctx, g.index.store, desk.ConversationID(row.Conversation))
		if err != nil {
			return err
		}
		contact, err := g.index.store.Index().Contact(desk.ContactID(row.Contact))
		if err != nil {
			return fmt.Errorf("read contact %s: %w", row.Contact, err)
		}
		if hit, ok := g.snippets.hit(row, contact, records); ok {
			g.page.Hits = append(g.page.Hits, hit)
		}
	}
	return nil
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
func (g *gathering) count(results []found) error {
	g.page.Total, g.page.Exact = len(results), true
	if len(g.plan.phrases) > 0 {
		g.page.Total, g.page.Exact = len(g.page.Hits), g.page.Next == "" && g.query.Cursor == ""
		return nil
	}
	if g.query.Viewer.SeesAll() {
		return nil
	}
	g.page.Total, g.page.Exact = 0, len(results) <= maxRows
	for _, r := range first(results, nil, maxRows) {
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
