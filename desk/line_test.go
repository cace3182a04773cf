package desk_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Whatever joins, moves, is held and leaves: a drain offers what stands in line in one order over all queues, and each ticket once.
func TestALineIsInOrderAcrossItsQueues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := desk.NewLine()
		classes := []desk.Class{{Turns: "a"}, {Turns: "b"}, {Turns: "b", Owner: "ana"}}
		rows, held := map[string]desk.Ticket{}, map[string]bool{}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			id := fmt.Sprintf("cv_%d", rapid.IntRange(0, 15).Draw(t, "ticket"))
			conv := desk.ConversationID(id)
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				l.Remove(conv)
				delete(rows, id)
				delete(held, id)
			case 1:
				if l.Hold(conv); rows[id] != nil {
					held[id] = true
				}
			case 2:
				l.Release(conv)
				delete(held, id)
			default:
				row := &deskpb.TicketSummary{
					Conversation: id, Number: uint64(len(id)*100) + uint64(id[len(id)-1]), Priority: deskpb.Priority(rapid.IntRange(1, 4).Draw(t, "priority")),
					InLineSinceMs: int64(rapid.IntRange(0, 5).Draw(t, "since")), DueMs: int64(rapid.IntRange(0, 4).Draw(t, "due")),
				}
				l.Put(row, rapid.SampledFrom(classes).Draw(t, "class"))
				rows[id] = row
			}
		}
		if l.Len() != len(rows) {
			t.Fatalf("%d in line, want %d", l.Len(), len(rows))
		}
		var want []string
		for _, row := range sortedRows(rows) {
			if !held[row.Conversation] {
				want = append(want, row.Conversation)
			}
		}
		var got []string
		desk.Drain(l.All(), func(x desk.Ticket) bool {
			got = append(got, x.Conversation)
			if rapid.Bool().Draw(t, "hold") {
				l.Hold(desk.ConversationID(x.Conversation))
			} else {
				l.Remove(desk.ConversationID(x.Conversation))
			}
			return true
		})
		if !slices.Equal(got, want) {
			t.Fatalf("drained %v, want %v", got, want)
		}
	})
}

func sortedRows(rows map[string]desk.Ticket) []desk.Ticket {
	var all []desk.Ticket
	for _, r := range rows {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b desk.Ticket) int {
		switch {
		case a.Priority != b.Priority:
			return int(b.Priority - a.Priority)
		case a.DueMs != b.DueMs:
			due := func(r desk.Ticket) int64 {
				if r.DueMs == 0 {
					return 99 // by no time
				}
				return r.DueMs
			}
			return int(due(a) - due(b))
		case a.InLineSinceMs != b.InLineSinceMs:
			return int(a.InLineSinceMs - b.InLineSinceMs)
		}
		return int(a.Number) - int(b.Number)
	})
	return all
}

func TestADrainTouchesOnlyQueuesOfWhoBecameFree(t *testing.T) {
	t.Parallel()
	pools := desk.NewPools(roster(member("ana", true, 0, 1, 0), member("ben", true, 1, 1, 0)))
	l := desk.NewLine()
	anas, bens, owned := rule("ana"), rule("ben"), rule("ben")
	for i, c := range []desk.Class{{Rule: anas}, {Rule: bens}, {Rule: owned, Owner: "ana"}, {Rule: anas, Owner: "ana"}} {
		for n := range 2 {
			l.Put(&deskpb.TicketSummary{Conversation: fmt.Sprintf("cv_%d%d", i, n), Number: uint64(10*n + i)}, c)
		}
	}
	offered := func(id desk.AgentID) (ids []string) {
		desk.Drain(l.For(pools, id), func(x desk.Ticket) bool { ids = append(ids, x.Conversation); return false })
		return ids
	}
	if got := fmt.Sprint(offered("ana"), offered("ben"), offered("zoe")); got != "[cv_00 cv_20 cv_30] [cv_10 cv_20] []" {
		t.Error(got)
	}
	pools.Forget() // and after a rule or a team was changed
	if got := fmt.Sprint(offered("ana"), offered("ben")); got != "[cv_00 cv_20 cv_30] [cv_10 cv_20]" {
		t.Error(got)
	}
}
