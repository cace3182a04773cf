package tableau

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
)

const (
	maxCounters = 2048
	counterLife = 2 * time.Minute // since somebody asked
)

// counter is the size of a list that somebody looks at: counted once, then moved by every row that changes.
type counter struct {
	matcher  *desk.Matcher
	n        int
	relative bool // time alone changes it: counted anew for every question
	asked    time.Time
}

// Count gives the sizes of lists, exactly, as they were when it was asked. More says that closed tickets which are not in
// memory may match, too.
func (t *Table) Count(ctx context.Context, queries []desk.ListQuery) ([]desk.ListCount, error) {
	if err := t.current(ctx); err != nil {
		return nil, err
	}
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]*counter, len(queries))
	var fresh []*counter
	for i, q := range queries {
		k := keyOf(q)
		c := t.counters[k]
		if c == nil || c.relative {
			c = &counter{matcher: q.Filter.Matcher(q.Viewer, q.Teams, now.UnixMilli()), relative: q.Filter.Relative()}
			fresh = append(fresh, c)
			if !c.relative {
				t.counters[k] = c
			}
		}
		c.asked = now
		all[i] = c
	}
	t.count(fresh)
	t.forgetCounters(now)
	out := make([]desk.ListCount, len(all))
	for i, c := range all {
		out[i] = desk.ListCount{N: c.n, More: t.horizon > 0 && c.matcher.MayBeClosed()}
	}
	return out, nil
}

// Board is how the work stands, as it was when it was asked for: one pass.
func (t *Table) Board(ctx context.Context) (*desk.Board, error) {
	if err := t.current(ctx); err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	b := desk.NewBoard()
	for i := range t.rows {
		b.Add(&t.rows[i])
	}
	return b, nil
}

// count is one pass for all of them.
func (t *Table) count(fresh []*counter) {
	if len(fresh) == 0 {
		return
	}
	for i := range t.rows {
		r := &t.rows[i]
		if r.Conversation == "" {
			continue
		}
		for _, c := range fresh {
			if c.matcher.Matches(r) {
				c.n++
			}
		}
	}
}

// recount moves the counters and the lists by a row that became another. Called with mu held.
func (t *Table) recount(before, after *desk.Row) {
	for _, s := range t.standing {
		s.move(before, after, t.window)
	}
	for _, c := range t.counters {
		if before.Conversation != "" && c.matcher.Matches(before) {
			c.n--
		}
		if c.matcher.Matches(after) {
			c.n++
		}
	}
}

func (t *Table) forgetCounters(now time.Time) {
	if len(t.counters) <= maxCounters/2 {
		return
	}
	for k, c := range t.counters {
		if now.Sub(c.asked) > counterLife {
			delete(t.counters, k)
		}
	}
	if len(t.counters) > maxCounters {
		clear(t.counters)
	}
}

// keyOf is the same for questions with the same answer.
func keyOf(q desk.ListQuery) string {
	var k strings.Builder
	k.WriteString(q.Filter.String())
	if q.Viewer != nil && (q.Filter.Personal() || !q.Viewer.SeesAll()) {
		k.WriteString("\x00" + string(q.Viewer.Agent))
		add := func(set map[string]bool) {
			var all []string
			for s := range set {
				all = append(all, s)
			}
			slices.Sort(all)
			k.WriteString("\x00" + strings.Join(all, ","))
		}
		add(q.Teams)
		if !q.Viewer.SeesAll() {
			k.WriteString("\x00" + q.Viewer.Access.String())
			add(q.Viewer.Teams)
			add(q.Viewer.Mates)
		}
	}
	return k.String()
}
