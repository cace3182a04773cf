package desk_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// The board counts each open ticket once, where it belongs, and who is first in each line is who is served first (InOrder), whatever the
// order in which rows come.
func TestBoardCountsEachOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := drawTickets(t)
		b := desk.NewBoard()
		for _, i := range rapid.Permutation(indices(all)).Draw(t, "order") {
			row := desk.RowOf(all[i], nil)
			b.Add(&row)
		}
		open := slices.DeleteFunc(slices.Clone(all), func(t desk.Ticket) bool { return t.Spam || t.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED })
		if b.Open != len(open) {
			t.Fatalf("open: %d, not %d", b.Open, len(open))
		}
		burdens := 0
		for id, d := range b.Agents {
			burdens += d.Open
			waits := slices.DeleteFunc(slices.Clone(open), func(t desk.Ticket) bool {
				return t.Owner != string(id) || t.WaitingSinceMs == 0 || t.SnoozedUntilMs > 0
			})
			want := desk.Ticket(nil)
			if len(waits) > 0 {
				want = slices.MinFunc(waits, func(a, b desk.Ticket) int {
					return cmp.Or(cmp.Compare(a.WaitingSinceMs, b.WaitingSinceMs), cmp.Compare(a.Number, b.Number))
				})
			}
			if d.Waits != len(waits) || string(d.Oldest.Conversation) != want.GetConversation() {
				t.Fatalf("%s: %d wait and %s longest, not %d and %s", id, d.Waits, d.Oldest.Conversation, len(waits), want.GetConversation())
			}
		}
		lines := map[*desk.Queueing]func(desk.Ticket) bool{&b.All: func(desk.Ticket) bool { return true }}
		for id, q := range b.Channels {
			lines[q] = func(t desk.Ticket) bool { return t.Channel == string(id) }
		}
		for id, q := range b.Teams {
			lines[q] = func(t desk.Ticket) bool {
				return t.Team == string(id) || t.Team == "" && slices.Contains(t.Routing.Teams, string(id))
			}
		}
		for q, of := range lines {
			line := slices.DeleteFunc(slices.Clone(open), func(t desk.Ticket) bool { return !t.InLine || !of(t) })
			loose := slices.DeleteFunc(slices.Clone(open), func(t desk.Ticket) bool { return t.InLine || t.Owner != "" || t.SnoozedUntilMs > 0 || !of(t) })
			first := desk.Ticket(nil)
			if len(line) > 0 {
				first = slices.MinFunc(line, desk.InOrder)
			}
			if q.Waiting != len(line) || q.Loose != len(loose) || string(q.First.Conversation) != first.GetConversation() || q.First.SinceMs != first.GetInLineSinceMs() {
				t.Fatalf("%+v is not a line of %d with %s first, and %d loose", q, len(line), first.GetConversation(), len(loose))
			}
			for _, row := range line {
				if q.OldestMs > row.InLineSinceMs {
					t.Fatalf("%s stands longer than since %d", row.Conversation, q.OldestMs)
				}
			}
		}
		unowned := slices.DeleteFunc(slices.Clone(open), func(t desk.Ticket) bool { return t.Owner != "" || !t.InLine && t.SnoozedUntilMs > 0 })
		owned := slices.DeleteFunc(slices.Clone(open), func(t desk.Ticket) bool { return t.Owner == "" })
		if burdens != len(owned) || b.All.Waiting+b.All.Loose != len(unowned) {
			t.Fatalf("%d owned and %d in the whole line, not %d and %d", burdens, b.All.Waiting+b.All.Loose, len(owned), len(unowned))
		}
	})
}

// drawTickets makes tickets in whatever state, as they are once they are opened.
func drawTickets(t *rapid.T) (all []desk.Ticket) {
	for i := range rapid.IntRange(0, 40).Draw(t, "tickets") {
		row := &deskpb.TicketSummary{
			Conversation: fmt.Sprint("cv_", i), Number: uint64(i + 1), Channel: rapid.SampledFrom([]string{"ch_a", "ch_b"}).Draw(t, "channel"), OpenedAtMs: rapid.Int64Range(1, 9).Draw(t, "opened"),
			Status: rapid.SampledFrom([]deskpb.TicketStatus{deskpb.TicketStatus_TICKET_STATUS_NEW, deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US, deskpb.TicketStatus_TICKET_STATUS_CLOSED}).Draw(t, "status"),
			Owner:  rapid.SampledFrom([]string{"", "", "ag_a", "ag_b"}).Draw(t, "owner"), Team: rapid.SampledFrom([]string{"", "", "tm_a"}).Draw(t, "team"),
			DueMs: rapid.Int64Range(0, 3).Draw(t, "due"), Priority: deskpb.Priority(rapid.IntRange(0, 4).Draw(t, "priority")), WaitingSinceMs: rapid.Int64Range(0, 5).Draw(t, "waiting"),
			Routing: &deskpb.RoutingRule{Teams: rapid.SampledFrom([][]string{nil, {"tm_b"}, {"tm_a", "tm_b"}}).Draw(t, "rule")}, Spam: rapid.IntRange(0, 9).Draw(t, "spam") == 0,
		}
		if row.Priority == deskpb.Priority_PRIORITY_UNSPECIFIED {
			row.Priority = deskpb.Priority_PRIORITY_NORMAL // as every ticket has it since it was opened
		}
		if rapid.IntRange(0, 5).Draw(t, "snoozed") == 0 {
			row.SnoozedUntilMs = 99
		}
		if row.Owner == "" && rapid.Bool().Draw(t, "in line") {
			row.InLine, row.InLineSinceMs = true, rapid.Int64Range(1, 5).Draw(t, "in line since")
		}
		all = append(all, row)
	}
	return all
}

func indices[T any](all []T) []int {
	out := make([]int, len(all))
	for i := range all {
		out[i] = i
	}
	return out
}

// What was offered and is nobody's so far shows in its line, whether it stands there or is offered to somebody right now.
func TestBoardShowsWhatGoesRound(t *testing.T) {
	t.Parallel()
	b := desk.NewBoard()
	for i, row := range []*deskpb.TicketSummary{
		{Owner: "ag_a", Tenure: &deskpb.Tenure{TakeByMs: 9, Passes: 2}},
		{InLine: true, InLineSinceMs: 4, Tenure: &deskpb.Tenure{Passes: 3}},
		{InLine: true, InLineSinceMs: 3, Team: "tm_a"},
		{Owner: "ag_a", Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED, Tenure: &deskpb.Tenure{Passes: 7}},
		{Owner: "ag_b", SnoozedUntilMs: 99, Tenure: &deskpb.Tenure{Passes: 7}},
	} {
		row.Conversation, row.Number, row.Channel, row.Routing = fmt.Sprint("cv_", i), uint64(i+1), "ch_a", &deskpb.RoutingRule{Teams: []string{"tm_b"}}
		row.Status = cmp.Or(row.Status, deskpb.TicketStatus_TICKET_STATUS_NEW)
		r := desk.RowOf(row, nil)
		b.Add(&r)
	}
	for name, q := range map[string]*desk.Queueing{"all": &b.All, "channel": b.Channels["ch_a"], "team": b.Teams["tm_b"]} {
		if q.Round != 2 || q.RoundOf.Conversation != "cv_1" || q.RoundOf.Passes != 3 {
			t.Errorf("%s: %+v", name, q)
		}
	}
	if q := b.Teams["tm_a"]; q.Round != 0 || q.Waiting != 1 {
		t.Errorf("a ticket that nobody was offered: %+v", q)
	}
	if b.All.Waiting != 2 || b.Agents["ag_a"].Open != 1 {
		t.Errorf("counted twice: %+v %+v", b.All, b.Agents["ag_a"])
	}
}
