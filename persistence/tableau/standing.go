package tableau

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/centralita/centralita/desk"
)

const (
	// standingRows are the first rows of a list that are kept in their order: some pages.
	standingRows = 3*longestPage + 1
	maxStanding  = 512
	// maxMoves bounds the work of moving lists and counters by rows that changed: beyond, those that are asked for again are
	// made anew.
	maxMoves = 400_000
)

// standing is the beginning of a list that somebody looks at: found once by a pass over all rows, and then moved by every row
// that changes.
type standing struct {
	matcher   *desk.Matcher
	sort      desk.Sort
	ascending bool
	places    []place      // the first of the list
	whole     bool         // and it has no others
	asked     atomic.Int64 // in Unix milliseconds
}

func (s *standing) place(r *desk.Row) place {
	return place{s.sort.Rank(r, s.ascending), r.Conversation}
}

// after gives n places after a place; false: it does not reach so far.
func (s *standing) after(after *place, n int) ([]place, bool) {
	i := 0
	if after != nil {
		var there bool
		if i, there = slices.BinarySearchFunc(s.places, *after, place.compare); there {
			i++
		}
	}
	if !s.whole && i+n > len(s.places) {
		return nil, false
	}
	return slices.Clone(s.places[i:min(i+n, len(s.places))]), true
}

// move takes a row that became another; before has no conversation when it is new.
func (s *standing) move(before, after *desk.Row, window int) {
	if before.Conversation != "" {
		if i, there := slices.BinarySearchFunc(s.places, s.place(before), place.compare); there {
			s.places = slices.Delete(s.places, i, i+1)
		}
	}
	if !s.matcher.Matches(after) {
		return
	}
	p := s.place(after)
	i, _ := slices.BinarySearchFunc(s.places, p, place.compare)
	if i == len(s.places) && !s.whole {
		return // somewhere behind
	}
	if s.places = slices.Insert(s.places, i, p); len(s.places) > window {
		s.places, s.whole = s.places[:window], false
	}
}

// find gives one place more than a page of a list has, after a place.
func (t *Table) find(q desk.ListQuery, after *place) (m *desk.Matcher, found []place, horizon int64) {
	now, n := time.Now(), q.Limit+1
	if q.Filter.Relative() { // time alone moves it
		m = q.Filter.Matcher(q.Viewer, q.Teams, now.UnixMilli())
		t.mu.RLock()
		defer t.mu.RUnlock()
		return m, t.first(m, q.Sort, q.Ascending, after, n), t.horizon
	}
	key := orderedKey(q)
	t.mu.RLock()
	s := t.standing[key]
	if s != nil {
		s.asked.Store(now.UnixMilli())
		if found, ok := s.after(after, n); ok {
			defer t.mu.RUnlock()
			return s.matcher, found, t.horizon
		}
		m = s.matcher
	}
	if s != nil && after != nil && len(s.places) > t.window/2 { // far down, where few look
		defer t.mu.RUnlock()
		return m, t.first(m, q.Sort, q.Ascending, after, n), t.horizon
	}
	t.mu.RUnlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if s = t.standing[key]; s == nil {
		s = &standing{matcher: q.Filter.Matcher(q.Viewer, q.Teams, now.UnixMilli()), sort: q.Sort, ascending: q.Ascending}
		s.asked.Store(now.UnixMilli())
		t.forgetStanding(now)
		t.standing[key] = s
	}
	found, ok := s.after(after, n)
	if !ok {
		s.places = t.first(s.matcher, s.sort, s.ascending, nil, t.window+1)
		if s.whole = len(s.places) <= t.window; !s.whole {
			s.places = s.places[:t.window]
		}
		if found, ok = s.after(after, n); !ok {
			found = t.first(s.matcher, s.sort, s.ascending, after, n)
		}
	}
	return s.matcher, found, t.horizon
}

func (t *Table) forgetStanding(now time.Time) {
	if len(t.standing) < maxStanding {
		return
	}
	for k, s := range t.standing {
		if now.UnixMilli()-s.asked.Load() > counterLife.Milliseconds() {
			delete(t.standing, k)
		}
	}
	if len(t.standing) >= maxStanding {
		clear(t.standing)
	}
}

// orderedKey is the same for questions with the same answer in the same order.
func orderedKey(q desk.ListQuery) string {
	direction := "\x00v"
	if q.Ascending {
		direction = "\x00^"
	}
	return string(q.Sort) + direction + keyOf(q)
}
