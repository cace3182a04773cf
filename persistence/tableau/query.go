package tableau

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"slices"

	"github.com/centralita/centralita/desk"
)

const (
	defaultPage = 50
	longestPage = 200
	scanBudget  = 2_000 // rows of the index that one page looks through for old closed tickets
)

// place is where a row stands in a list.
type place struct {
	rank         int64
	conversation string
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.rank, o.rank), cmp.Compare(p.conversation, o.conversation))
}

// cursor is the place after which the next page begins, whatever moves meanwhile.
func (p place) cursor() string {
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, uint64(p.rank)), p.conversation...))
}

func parseCursor(s string) (place, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 9 {
		return place{}, desk.Refuse(desk.Invalid, "cursor", "this is not a cursor that a page gave")
	}
	return place{int64(binary.BigEndian.Uint64(b)), string(b[8:])}, nil
}

// best keeps the first n places of those it is shown, in a heap with the last of them on top.
type best struct {
	n   int
	all []place
}

// turnsAway reports whether a place of that rank cannot be among them.
func (b *best) turnsAway(rank int64) bool { return len(b.all) == b.n && rank > b.all[0].rank }

func (b *best) add(p place) {
	switch {
	case len(b.all) < b.n:
		if b.all = append(b.all, p); len(b.all) == b.n {
			for i := b.n/2 - 1; i >= 0; i-- {
				b.sink(i)
			}
		}
	case p.compare(b.all[0]) < 0:
		b.all[0] = p
		b.sink(0)
	}
}

// sink restores the heap below a place that may come before its children.
func (b *best) sink(i int) {
	p := b.all[i]
	for {
		child := 2*i + 1
		if child >= len(b.all) {
			break
		}
		if child+1 < len(b.all) && b.all[child+1].compare(b.all[child]) > 0 {
			child++
		}
		if b.all[child].compare(p) <= 0 {
			break
		}
		b.all[i] = b.all[child]
		i = child
	}
	b.all[i] = p
}

// sorted ends it.
func (b *best) sorted() []place {
	slices.SortFunc(b.all, place.compare)
	return b.all
}

// List gives a page of a list: everything that was durable when it was asked is in it.
func (t *Table) List(ctx context.Context, q desk.ListQuery) (page desk.TicketPage, err error) {
	if q.Limit == 0 {
		q.Limit = defaultPage
	}
	if q.Limit < 0 || q.Limit > longestPage {
		return page, desk.Refuse(desk.Invalid, "limit", "a page has 1 to %d rows", longestPage)
	}
	if q.Sort == "" {
		q.Sort = desk.SortUpdated
	}
	if !slices.Contains(desk.Sorts, q.Sort) {
		return page, desk.Refuse(desk.Invalid, "sort", "must be one of %v", desk.Sorts)
	}
	var after *place
	if q.Cursor != "" {
		p, err := parseCursor(q.Cursor)
		if err != nil {
			return page, err
		}
		after = &p
	}
	if err := t.current(ctx); err != nil {
		return page, err
	}
	m, found, horizon := t.find(q, after)
	if horizon > 0 && m.MayBeClosed() && q.Sort == desk.SortUpdated && !q.Ascending &&
		(len(found) <= q.Limit || -found[q.Limit-1].rank < horizon) {
		return t.beyond(q, m, found, after, horizon)
	}
	return t.page(found, q.Limit, "")
}

// page reads the rows of the first places; next is the cursor when there are no more of them.
func (t *Table) page(found []place, limit int, next string) (page desk.TicketPage, err error) {
	if page.Next = next; len(found) > limit {
		found = found[:limit]
		page.Next = found[limit-1].cursor()
	}
	ids := make([]string, len(found))
	for i, p := range found {
		ids[i] = p.conversation
	}
	page.Tickets, err = t.store.Index().TicketsByID(ids)
	return page, err
}

// first looks through all rows for the first n of a list after a place. Called with mu held.
func (t *Table) first(m *desk.Matcher, sort desk.Sort, ascending bool, after *place, n int) []place {
	top := &best{n: n}
	for i := range t.rows {
		r := &t.rows[i]
		rank := sort.Rank(r, ascending)
		if top.turnsAway(rank) || after != nil && rank < after.rank || r.Conversation == "" {
			continue
		}
		p := place{rank, r.Conversation}
		if after != nil && p.compare(*after) <= 0 || !m.Matches(r) {
			continue
		}
		top.add(p)
	}
	return top.sorted()
}

// beyond joins what was found in memory with the closed tickets that are not there, as far as the budget reaches. The page may
// be short, or empty, and still have a next one.
func (t *Table) beyond(q desk.ListQuery, m *desk.Matcher, found []place, after *place, horizon int64) (desk.TicketPage, error) {
	updated, conversation := horizon-1, ""
	if after != nil && -after.rank < horizon {
		updated, conversation = -after.rank, after.conversation
	}
	var last place
	scanned, matched, all := 0, 0, true
	err := t.store.Index().EachClosed(updated, conversation, func(ticket desk.Ticket) bool {
		row := desk.RowOf(ticket, nil)
		last = place{-row.UpdatedMs, row.Conversation}
		if scanned++; m.Matches(&row) {
			matched++
			found = append(found, last)
		}
		all = matched <= q.Limit && scanned < scanBudget
		return all
	})
	if err != nil {
		return desk.TicketPage{}, err
	}
	slices.SortFunc(found, place.compare)
	if all {
		return t.page(found, q.Limit, "")
	}
	found = slices.DeleteFunc(found, func(p place) bool { return p.compare(last) > 0 }) // before them others may come
	return t.page(found, q.Limit, last.cursor())
}
