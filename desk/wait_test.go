package desk_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// A place counts those who are served before one and whom somebody could take who could also take one, whatever the rules are;
// in one class the time grows with the place, and no time is told where nobody is there.
func TestPlacesCountThoseWhoWaitForTheSamePeople(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"ana", "ben", "cleo", "dan"}
		r := roster()
		for _, n := range names {
			a := member(n, rapid.Bool().Draw(t, "available"), 0, 1, 0)
			a.Seat, a.Connected = rapid.IntRange(0, 4).Draw(t, "seat") > 0, rapid.Bool().Draw(t, "connected")
			r.Agents[desk.AgentID(n)] = a
		}
		r.Teams["tm"] = &deskpb.TeamSummary{Team: "tm", Members: []*deskpb.TeamMember{{Agent: "cleo", Main: true}, {Agent: "dan"}}}
		var classes []desk.Class
		for i := range rapid.IntRange(1, 5).Draw(t, "classes") {
			c := desk.Class{Rule: rule(rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID).Draw(t, "named")...), Turns: fmt.Sprint("ch", i), Live: rapid.Bool().Draw(t, "live")}
			if rapid.Bool().Draw(t, "team") {
				c.Rule.Teams = []string{"tm"}
			}
			if rapid.Bool().Draw(t, "owned") {
				c.Owner = desk.AgentID(rapid.SampledFrom(names).Draw(t, "owner"))
			}
			classes = append(classes, c)
		}
		l, now := desk.NewLine(), int64(1_000_000)
		of := map[desk.ConversationID]desk.Class{}
		var line []desk.Ticket
		for i := range rapid.IntRange(1, 25).Draw(t, "tickets") {
			tk := &deskpb.TicketSummary{Conversation: fmt.Sprint("cv", i), Number: uint64(i), Priority: deskpb.Priority(rapid.IntRange(1, 4).Draw(t, "priority")), InLineSinceMs: int64(rapid.IntRange(0, 3).Draw(t, "since"))}
			c := rapid.SampledFrom(classes).Draw(t, "class")
			id := desk.ConversationID(tk.Conversation)
			l.Put(tk, rapid.SampledFrom(classes).Draw(t, "class before"))
			if rapid.Bool().Draw(t, "waits") {
				l.Waits(id, now)
			}
			l.Put(tk, c)
			of[id], line = c, append(line, tk)
			now += int64(rapid.IntRange(0, 5000).Draw(t, "pause"))
		}
		slices.SortFunc(line, desk.InOrder)
		for range rapid.IntRange(0, len(line)).Draw(t, "served") {
			l.Leave(desk.ConversationID(line[0].Conversation), now, rapid.Bool().Draw(t, "by somebody"))
			line = line[1:]
			now += int64(rapid.IntRange(0, 5000).Draw(t, "pause"))
		}
		places := l.Places(desk.NewPools(r), now)
		if len(places) != len(line) {
			t.Fatalf("%d places of %d who stand in line", len(places), len(line))
		}
		last := map[desk.Class]desk.LinePlace{}
		for i, tk := range line {
			id := desk.ConversationID(tk.Conversation)
			want := 1
			for _, before := range line[:i] {
				if other := of[desk.ConversationID(before.Conversation)]; other == of[id] || compete(r, of[id], other) {
					want++
				}
			}
			p, before := places[id], last[of[id]]
			switch {
			case p.Position != want:
				t.Fatalf("%s has place %d, want %d", id, p.Position, want)
			case p.WaitMs < 0 || p.WaitMs > 0 && !anybodyThere(r, of[id]):
				t.Fatalf("%s waits about %d ms, and anybody there: %v", id, p.WaitMs, anybodyThere(r, of[id]))
			case before.Position > 0 && (p.Position <= before.Position || p.WaitMs < before.WaitMs):
				t.Fatalf("%s is told %v after %v", id, p, before)
			}
			last[of[id]] = p
		}
	})
}

// able are those who may take a class's tickets, there or not.
func able(r *desk.Roster, c desk.Class) (all []desk.AgentID) {
	ids := slices.Clone(c.Rule.Agents)
	if len(c.Rule.Teams) > 0 {
		ids = append(ids, "cleo")
	}
	if len(ids) == 0 && c.Owner != "" {
		ids = append(ids, string(c.Owner))
	}
	for _, id := range ids {
		if r.Agents[desk.AgentID(id)].Seat {
			all = append(all, desk.AgentID(id))
		}
	}
	return all
}

func compete(r *desk.Roster, a, b desk.Class) bool {
	return slices.ContainsFunc(able(r, a), func(id desk.AgentID) bool { return slices.Contains(able(r, b), id) })
}

func anybodyThere(r *desk.Roster, c desk.Class) bool {
	return slices.ContainsFunc(able(r, c), func(id desk.AgentID) bool {
		a := r.Agents[id]
		return a.Available && (a.Connected || !c.Live)
	})
}

// A time is the place times the interval at which the line was seen to move, measured only while somebody waits.
func TestExpectedWaits(t *testing.T) {
	t.Parallel()
	const minute = int64(60_000)
	l, r := desk.NewLine(), roster(member("ana", true, 1, 1, 0), member("ben", true, 1, 1, 0))
	pools := desk.NewPools(r)
	class := desk.Class{Rule: rule("ana", "ben"), Turns: "ch"}
	n, now := 0, 10*minute
	come := func() desk.ConversationID {
		n++
		id := desk.ConversationID(fmt.Sprint("cv", n))
		l.Put(&deskpb.TicketSummary{Conversation: string(id), Number: uint64(n), InLineSinceMs: now}, class)
		return id
	}
	wait := func(what string, id desk.ConversationID, want desk.LinePlace) {
		t.Helper()
		if got := l.Places(pools, now)[id]; got != want {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	for range 5 { // each found somebody at once: says nothing of how long one waits
		l.Leave(come(), now, true)
		now += minute
	}
	var ids []desk.ConversationID
	for range 9 {
		ids = append(ids, come())
		l.Waits(ids[len(ids)-1], now)
	}
	wait("nothing was seen yet", ids[2], desk.LinePlace{Position: 3})
	l.Held(class.Served(), 6*minute, now)
	wait("six minutes of work, two people", ids[2], desk.LinePlace{Position: 3, WaitMs: 9 * minute})
	now += 10 * minute
	wait("nobody left in ten minutes", ids[2], desk.LinePlace{Position: 3, WaitMs: 30 * minute})
	now -= 10 * minute
	for range 4 {
		now += 2 * minute
		l.Leave(ids[0], now, true)
		ids = ids[1:]
	}
	wait("one in two minutes", ids[2], desk.LinePlace{Position: 3, WaitMs: 6 * minute})
	l.Leave(ids[0], now, false) // gave up
	ids = ids[1:]
	wait("one gave up", ids[2], desk.LinePlace{Position: 3, WaitMs: 6 * minute})
	now += 5 * minute
	wait("it has stood still for longer", ids[0], desk.LinePlace{Position: 1, WaitMs: 5 * minute})
	for _, a := range []string{"ana", "ben"} {
		pools.SetAgent(member(a, false, 1, 1, 0))
	}
	wait("nobody is there", ids[0], desk.LinePlace{Position: 1})
	pools.SetAgent(member("ana", true, 1, 1, 0))
	now += 3 * 60 * minute
	wait("what was seen is old", ids[0], desk.LinePlace{Position: 1})

	other := desk.NewLine()
	other.Remember(l)
	now -= 3*60*minute - minute
	again := &deskpb.TicketSummary{Conversation: "cv", Number: 1, InLineSinceMs: now}
	other.Put(again, class)
	other.Waits("cv", now)
	if got := other.Places(pools, now)["cv"]; got != (desk.LinePlace{Position: 1, WaitMs: 2 * minute}) {
		t.Errorf("a line that started over: %+v", got)
	}
}

func TestMinutesAreRoundedKindly(t *testing.T) {
	t.Parallel()
	for ms, want := range map[int64]int{0: 0, -5: 0, 1: 1, 60_000: 1, 60_001: 2, 290_000: 5, 301_000: 10, 22 * 60_000: 25, 31 * 60_000: 45, 120 * 60_000: 120, 121 * 60_000: 0} {
		if got := (desk.LinePlace{Position: 1, WaitMs: ms}).Minutes(); got != want {
			t.Errorf("%d ms are told as %d minutes, want %d", ms, got, want)
		}
	}
	last := 0
	for ms := int64(1); ms <= 120*60_000; ms += 7_919 {
		if got := (desk.LinePlace{Position: 1, WaitMs: ms}).Minutes(); got < last || int64(got)*60_000 < ms {
			t.Fatalf("%d ms are told as %d minutes after %d", ms, got, last)
		} else {
			last = got
		}
	}
}
