package desk

import (
	"cmp"

	"github.com/centralita/centralita/proto/deskpb"
)

// What a supervisor sees of the work of this moment: how much each agent has, and how long each line is. It is folded from the rows of
// lists, in one pass.

// Mark names one ticket, and since when.
type Mark struct {
	Conversation ConversationID
	Number       uint64
	SinceMs      int64
	DueMs        int64 // 0: due by no time
	Passes       int32 // offers of it in a row that nobody took
	priority     deskpb.Priority
}

// Burden is what one agent has.
type Burden struct {
	Open   int
	Waits  int  // whose contact waits for an answer; those put off till later are left out
	Oldest Mark // the one that waits longest; the zero value: none does
}

// Queueing is a part of the waiting line: that of a channel, of a team, or the whole.
type Queueing struct {
	Waiting  int
	First    Mark  // who is served first, and since when it stands there
	OldestMs int64 // since when the one stands there that stands longest; 0: none does
	Loose    int   // open tickets without an owner that no rule gives to anybody: they stand in no line
	LooseOf  Mark  // the one of them that is open longest
	Round    int   // tickets that go round: they were offered, and are taken by nobody so far, in line now or on offer
	RoundOf  Mark  // the one of them that was passed by most often
}

// Board is all of it.
type Board struct {
	Open     int
	Agents   map[AgentID]*Burden
	Channels map[ChannelID]*Queueing
	Teams    map[TeamID]*Queueing // a ticket counts for the team whose work it is, and for those its rule gives it to
	All      Queueing
}

// NewBoard is an empty one.
func NewBoard() *Board {
	return &Board{Agents: map[AgentID]*Burden{}, Channels: map[ChannelID]*Queueing{}, Teams: map[TeamID]*Queueing{}}
}

// Add counts a ticket.
func (b *Board) Add(r *Row) {
	if r.Conversation == "" || r.Spam || r.SetAside || r.Merged || r.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
		return
	}
	b.Open++
	if r.Owner != "" {
		entryOf(b.Agents, AgentID(r.Owner)).add(r)
	}
	if r.Passes > 0 {
		b.each(r, (*Queueing).goesRound)
	}
	if r.Owner == "" && (r.InLineMs > 0 || r.SnoozedMs == 0) { // one that was put off is on nobody's mind
		b.each(r, (*Queueing).add)
	}
}

// each adds a ticket to the lines in which it stands, or would.
func (b *Board) each(r *Row, add func(*Queueing, *Row)) {
	add(&b.All, r)
	add(entryOf(b.Channels, ChannelID(r.Channel)), r)
	teams := r.RuleTeams
	if r.Team != "" {
		teams = []string{r.Team} // it counts before the rules
	}
	for _, team := range teams {
		add(entryOf(b.Teams, TeamID(team)), r)
	}
}

func (q *Queueing) goesRound(r *Row) {
	q.Round++
	if m := markOf(r, r.WaitingMs); m.Passes > q.RoundOf.Passes || m.Passes == q.RoundOf.Passes && m.longer(q.RoundOf) {
		q.RoundOf = m
	}
}

func entryOf[K comparable, V any](m map[K]*V, k K) *V {
	if m[k] == nil {
		m[k] = new(V)
	}
	return m[k]
}

func (d *Burden) add(r *Row) {
	d.Open++
	if r.WaitingMs == 0 || r.SnoozedMs != 0 {
		return
	}
	d.Waits++
	if m := markOf(r, r.WaitingMs); d.Oldest.Conversation == "" || m.longer(d.Oldest) {
		d.Oldest = m
	}
}

func (q *Queueing) add(r *Row) {
	if r.InLineMs == 0 {
		q.Loose++
		if m := markOf(r, r.OpenedMs); q.LooseOf.Conversation == "" || m.longer(q.LooseOf) {
			q.LooseOf = m
		}
		return
	}
	q.Waiting++
	if q.OldestMs == 0 || r.InLineMs < q.OldestMs {
		q.OldestMs = r.InLineMs
	}
	if m := markOf(r, r.InLineMs); q.First.Conversation == "" || m.before(q.First) {
		q.First = m
	}
}

func markOf(r *Row, sinceMs int64) Mark {
	return Mark{ConversationID(r.Conversation), r.Number, sinceMs, r.DueMs, r.Passes, r.Priority}
}

func (m Mark) longer(o Mark) bool {
	return cmp.Or(cmp.Compare(m.SinceMs, o.SinceMs), cmp.Compare(m.Number, o.Number)) < 0
}

// before is the order of the line (InOrder). What is due by no time, 0, comes after what is: taken for a number without a sign, 0 - 1 is the largest.
func (m Mark) before(o Mark) bool {
	return cmp.Or(cmp.Compare(o.priority, m.priority), cmp.Compare(uint64(m.DueMs-1), uint64(o.DueMs-1)), cmp.Compare(m.SinceMs, o.SinceMs), cmp.Compare(m.Number, o.Number)) < 0
}
