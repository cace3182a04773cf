package desk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// Where somebody stands in line, and how long it may take. Both are told to people, so they are never more exact than what is known:
// a place counts those before one that the same people may take, and a time is told only while somebody is there to serve.
//
// The time is the place times the mean interval at which those people were seen to take tickets out of the line lately (pace). Before
// that was seen, it is the mean time a ticket stayed somebody's work until that was done, shared among all who are there. Either is as long
// at least as the line has stood still. Else it is unknown.

// LinePlace is a place in the waiting line; the zero one is none.
type LinePlace struct {
	Position int   // from 1
	WaitMs   int64 // about; 0: unknown
}

// Minutes are those told to people: exact to the minute up to five, then in steps that grow; 0: unknown, or too long to be told.
func (s LinePlace) Minutes() int {
	const minute, longest = 60_000, 120
	if s.WaitMs <= 0 || s.WaitMs > longest*minute {
		return 0
	}
	m, step := int((s.WaitMs+minute-1)/minute), 1
	switch {
	case m > 30:
		step = 15
	case m > 5:
		step = 5
	}
	return (m + step - 1) / step * step
}

// Served names those who wait for the same reason: the channel or team whose rule it is, the contact's owner where the rule names
// nobody else, and whether it is talked in right now. It outlives its rule: a pace is kept while rules are changed.
type Served struct {
	Of    string
	Owner AgentID
	Live  bool
}

// Served is whose pace counts for a class.
func (c Class) Served() Served {
	of, _, _ := strings.Cut(c.Turns, "#") // a channel with several rules has a class for each ticket
	s := Served{Of: of, Live: c.Live}
	if len(c.Rule.GetAgents())+len(c.Rule.GetTeams()) == 0 {
		s.Owner = c.Owner
	}
	return s
}

// mean is one that moves: of all at first, then the latest count for more.
type mean struct {
	n  int
	ms float64
}

const meanOver = 8

func (m *mean) add(ms int64) {
	m.n++
	m.ms += (float64(max(ms, 0)) - m.ms) / float64(min(m.n, meanOver))
}

// pace is how fast those of one kind leave the line, measured only while somebody of them waits: an idle hour is no slow one.
type pace struct {
	waiting int   // who found nobody when they were tried
	sinceMs int64 // since the last one left, or the first one began to wait
	between mean  // from one to the next
	holding mean  // how long a ticket was somebody's work until it was done
	lastMs  int64 // when something was learned last
}

// What is older than this says nothing of now; and a single interval is no pace.
const (
	paceLastsMs = 2 * 3_600_000
	paceAtLeast = 2
)

func (p *pace) learn(m *mean, ms, atMs int64) {
	if atMs-p.lastMs > paceLastsMs {
		p.between, p.holding = mean{}, mean{}
	}
	p.lastMs = atMs
	m.add(ms)
}

func (p *pace) fresh(nowMs int64) bool { return p != nil && nowMs-p.lastMs <= paceLastsMs }

// perMs is how many leave in a millisecond, 0: unknown. A line that has stood still for longer than usual is as slow as that.
func (p *pace) perMs(nowMs int64) float64 {
	if p == nil || p.waiting == 0 || p.between.n < paceAtLeast || !p.fresh(nowMs) {
		return 0
	}
	return 1 / max(p.between.ms, float64(nowMs-p.sinceMs), 1)
}

func (l *Line) pace(s Served) *pace {
	p := l.paces[s]
	if p == nil {
		p = &pace{}
		l.paces[s] = p
	}
	return p
}

// Waits notes that nobody was found for a ticket: from now on it is waiting, and not only passing through.
func (l *Line) Waits(id ConversationID, atMs int64) {
	if s := l.byID[id]; s != nil && s.waitsMs == 0 {
		l.begin(s, atMs)
	}
}

func (l *Line) begin(s *standing, atMs int64) {
	s.waitsMs = max(atMs, 1)
	p := l.pace(s.queue.Served())
	if p.waiting == 0 {
		p.sinceMs = max(p.sinceMs, atMs)
	}
	p.waiting++
}

func (l *Line) end(s *standing) *pace {
	p := l.pace(s.queue.Served())
	p.waiting--
	return p
}

// Leave takes a ticket out of the line. served: somebody has it now, and so those behind it are one place further.
func (l *Line) Leave(id ConversationID, atMs int64, served bool) {
	if s := l.byID[id]; s != nil && s.waitsMs > 0 {
		if p := l.end(s); served {
			p.learn(&p.between, atMs-p.sinceMs, atMs)
			p.sinceMs = atMs
		}
		s.waitsMs = 0
	}
	l.Remove(id)
}

// Rest keeps a ticket out of its queue that nobody may be given now: it waits for a time, and not for people, so it says nothing of
// their pace. Release puts it back.
func (l *Line) Rest(id ConversationID) {
	if s := l.byID[id]; s != nil && s.waitsMs > 0 {
		l.end(s)
		s.waitsMs = 0
	}
	l.Hold(id)
	if s := l.byID[id]; s != nil {
		s.rests = true
	}
}

// WorkDone reports whether a ticket that is nobody's work now was left because it is done with, at least for now, and not given back or on.
func WorkDone(t Ticket) bool {
	return t.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED || t.Status == deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT || t.SnoozedUntilMs != 0
}

// Held notes how long a ticket of somebody's was work that is done.
func (l *Line) Held(s Served, ms, atMs int64) {
	p := l.pace(s)
	p.learn(&p.holding, ms, atMs)
}

// Remember takes over what another line learned of paces.
func (l *Line) Remember(o *Line) {
	for s, p := range o.paces {
		mine := l.pace(s)
		mine.between, mine.holding, mine.lastMs = p.between, p.holding, p.lastMs
	}
}

// crowd is everybody in line for whom the same people are there.
type crowd struct {
	people  map[AgentID]bool
	there   int     // how many of them are
	perMs   float64 // at which they were seen to serve it
	holding mean
	movedMs int64    // when one of theirs left the line last, or the first one began to wait; 0: nobody waits
	rivals  []*crowd // who shares some of the people; itself, too
	stand   int
}

// Places tells of everybody in line where they stand: how many are before them for whom somebody is wanted that they could have, too.
func (l *Line) Places(p *Pools, nowMs int64) map[ConversationID]LinePlace {
	crowds, of := map[string]*crowd{}, map[Served]*crowd{}
	for _, q := range l.queues {
		if s := q.Served(); of[s] == nil {
			c, key := newCrowd(q.Class, p.r)
			if crowds[key] == nil {
				crowds[key] = c
			}
			c = crowds[key]
			of[s] = c
			pace := l.paces[s]
			c.perMs += pace.perMs(nowMs)
			if pace != nil && pace.waiting > 0 {
				c.movedMs = max(c.movedMs, pace.sinceMs)
			}
			if pace.fresh(nowMs) && pace.holding.n > c.holding.n {
				c.holding = pace.holding
			}
		}
	}
	for _, c := range crowds {
		for _, o := range crowds {
			if c.shares(o) {
				c.rivals = append(c.rivals, o)
			}
		}
	}
	line := make([]*standing, 0, len(l.byID))
	for _, s := range l.byID {
		if !s.rests {
			line = append(line, s)
		}
	}
	slices.SortFunc(line, func(a, b *standing) int {
		return cmp.Or(InOrder(a.ticket, b.ticket), cmp.Compare(a.ticket.Conversation, b.ticket.Conversation))
	})
	all := make(map[ConversationID]LinePlace, len(line))
	for _, s := range line {
		c := of[s.queue.Served()]
		c.stand++
		all[ConversationID(s.ticket.Conversation)] = c.place(nowMs)
	}
	return all
}

// newCrowd is who may take tickets of a class, and a word that is the same for the same people.
func newCrowd(c Class, r *Roster) (*crowd, string) {
	now := &crowd{people: map[AgentID]bool{}}
	ids := namedBy(c.Rule, r.Teams)
	if c.Owner != "" && c.Served().Owner != "" {
		ids = append(ids, c.Owner)
	}
	// A rule made of several ignores availability only so that everybody of any of them is looked at.
	ignores := c.Rule.GetIgnoreAvailability() && !strings.Contains(c.Turns, "#")
	kept := ids[:0]
	for _, id := range ids {
		a := r.Agents[id]
		if UnfitAgent(a) != "" || now.people[id] {
			continue
		}
		now.people[id] = true
		kept = append(kept, id)
		if ignores || a.Available && (a.Connected || !c.Live) {
			now.there++
		}
	}
	slices.Sort(kept)
	var key strings.Builder
	for _, id := range kept {
		key.WriteString(string(id) + " ")
	}
	if c.Live {
		key.WriteString("!") // of the same people fewer may be there
	}
	if len(kept) == 0 {
		key.WriteString(c.Served().Of) // nobody's: not one crowd
	}
	return now, key.String()
}

func (c *crowd) shares(o *crowd) bool {
	if c == o {
		return true
	}
	for id := range c.people {
		if o.people[id] {
			return true
		}
	}
	return false
}

// place is that of the one who was counted last.
func (c *crowd) place(nowMs int64) LinePlace {
	s := LinePlace{}
	perMs, holding, movedMs := 0.0, c.holding, int64(0)
	for _, r := range c.rivals {
		s.Position += r.stand
		perMs += r.perMs
		movedMs = max(movedMs, r.movedMs)
		if holding.n == 0 {
			holding = r.holding
		}
	}
	if c.there > 0 && perMs == 0 && holding.n > 0 && holding.ms > 0 {
		between := holding.ms / float64(c.there)
		if movedMs > 0 {
			between = max(between, float64(nowMs-movedMs))
		}
		perMs = 1 / between
	}
	if c.there > 0 && perMs > 0 {
		s.WaitMs = max(int64(float64(s.Position)/perMs), 1)
	}
	return s
}
