package reports

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/centralita/centralita/desk"
)

// Now says how it stands.
func (x *Reports) Now(now time.Time) desk.ReportNow {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := x.state
	out := desk.ReportNow{
		Open: len(s.Open), ByChannel: map[string]int{}, ByTeam: map[string]int{}, ByWho: map[string]int{}, In: map[string]int{}, Out: map[string]int{},
	}
	for _, t := range s.Open {
		out.ByChannel[s.Names[t.Place.Channel]]++
		out.ByTeam[s.Names[t.Place.Team]]++
		out.ByWho[s.Names[t.Place.Agent]]++
	}
	for m, n := range s.Minutes {
		if m.At <= hourBefore(now.UnixMilli()) {
			continue
		}
		if m.Out {
			out.Out[s.Names[m.Channel]] += int(n)
		} else {
			out.In[s.Names[m.Channel]] += int(n)
		}
	}
	if head := x.store.Head(); head > s.At {
		out.Behind = uint64(head - s.At)
	}
	return out
}

// Report answers a query. An hour that lies in two steps (in a time zone that is apart from UTC by half an hour) counts for the
// one it begins in.
func (x *Reports) Report(q desk.ReportQuery) (desk.Report, error) {
	starts, err := q.Starts()
	if err != nil {
		return desk.Report{}, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	a := &answer{state: x.state, steps: make([]tally, len(starts)), channels: map[uint16]*tally{}, teams: map[uint16]*tally{}, agents: map[uint16]*tally{}}
	want := func(id string) (uint16, bool) { n, known := x.state.numbers[id]; return n, known || id == "" }
	channel, known1 := want(string(q.Channel))
	team, known2 := want(string(q.Team))
	agent, known3 := want(string(q.Agent))
	for c, n := range x.state.Counts {
		if !known1 || !known2 || !known3 || channel != 0 && c.Place.Channel != channel || team != 0 && c.Place.Team != team ||
			agent != 0 && c.Place.Agent != agent {
			continue
		}
		at := int64(c.Hour) * 3_600_000
		if at+3_599_999 < q.FromMs && at < starts[0] {
			a.early(c, n)
		} else if at < q.ToMs {
			step := sort.Search(len(starts), func(i int) bool { return starts[i] > at }) - 1
			a.add(max(step, 0), c, n)
		}
	}
	return a.report(starts), nil
}

// tally adds up.
type tally struct {
	row               desk.ReportRow
	change            int // of the backlog
	first, resolution [lengths]uint32
}

func (t *tally) add(what uint8, n uint32) {
	switch {
	case what == opened:
		t.row.Opened += int(n)
	case what == closed:
		t.row.Closed += int(n)
	case what == received:
		t.row.In += int(n)
	case what == replied:
		t.row.Out += int(n)
	case what == entered:
		t.change += int(n)
	case what == left:
		t.change -= int(n)
	case what >= resolution:
		t.resolution[min(what-resolution, lengths-1)] += n
	case what >= firstReply:
		t.first[what-firstReply] += n
	}
}

func (t *tally) done() desk.ReportRow {
	t.row.FirstReply, t.row.Resolution = spread(&t.first), spread(&t.resolution)
	return t.row
}

// spread reads the middle and the tenth from the end off a row of lengths.
func spread(of *[lengths]uint32) (s desk.Spread) {
	for _, n := range of {
		s.Count += int(n)
	}
	at := func(part float64) time.Duration {
		need := int(part*float64(s.Count-1)) + 1
		for i, n := range of {
			if need -= int(n); need <= 0 {
				return length(uint8(i)).Round(time.Second)
			}
		}
		return 0
	}
	if s.Count > 0 {
		s.Median, s.P90 = at(0.5), at(0.9)
	}
	return s
}

// answer adds up the cells of a report.
type answer struct {
	state                   *state
	before                  int // open tickets before the span
	steps                   []tally
	total                   tally
	channels, teams, agents map[uint16]*tally
}

func of(m map[uint16]*tally, n uint16) *tally {
	t := m[n]
	if t == nil {
		t = &tally{}
		m[n] = t
	}
	return t
}

// early counts what was before the span: it matters for the backlog only.
func (a *answer) early(c cell, n uint32) {
	change := int(n)
	switch c.What {
	case left:
		change = -change
	case entered:
	default:
		return
	}
	a.before += change
	of(a.channels, c.Place.Channel).change += change
	of(a.teams, c.Place.Team).change += change
	of(a.agents, c.Place.Agent).change += change
}

func (a *answer) add(step int, c cell, n uint32) {
	for _, t := range [...]*tally{&a.steps[step], &a.total, of(a.channels, c.Place.Channel), of(a.teams, c.Place.Team), of(a.agents, c.Place.Agent)} {
		t.add(c.What, n)
	}
}

func (a *answer) report(starts []int64) desk.Report {
	out := desk.Report{Channels: a.rows(a.channels), Teams: a.rows(a.teams), Agents: a.rows(a.agents)}
	backlog := a.before
	for i := range a.steps {
		backlog += a.steps[i].change
		row := a.steps[i].done()
		row.StartMs, row.Backlog = starts[i], backlog
		out.Steps = append(out.Steps, row)
	}
	out.Total = a.total.done()
	out.Total.Backlog = backlog
	return out
}

// rows are those of one kind, the busiest first.
func (a *answer) rows(m map[uint16]*tally) (rows []desk.ReportRow) {
	for n, t := range m {
		row := t.done()
		row.ID, row.Backlog = a.state.Names[n], t.change
		if row.Opened+row.Closed+row.In+row.Out+row.Backlog+row.FirstReply.Count > 0 {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(x, y desk.ReportRow) int {
		return cmp.Or(cmp.Compare(y.Opened+y.Closed+y.Out, x.Opened+x.Closed+x.Out), cmp.Compare(x.ID, y.ID))
	})
	return rows
}
