package tableau

import (
	"slices"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// forgetOld lets go of the closed tickets that changed longest ago, a tenth at a time. Called with mu held.
func (t *Table) forgetOld() {
	if t.kept <= t.closed+t.closed/10 {
		return
	}
	times := make([]int64, 0, t.kept)
	for i := range t.rows {
		if isClosed(&t.rows[i]) {
			times = append(times, t.rows[i].UpdatedMs)
		}
	}
	slices.Sort(times)
	t.forgetBefore(times[len(times)-t.closed])
}

// forgetBefore lets go of the closed tickets that have not changed since.
func (t *Table) forgetBefore(ms int64) {
	t.horizon = max(t.horizon, ms)
	for i := range t.rows {
		if r := &t.rows[i]; isClosed(r) && r.UpdatedMs < t.horizon {
			delete(t.slots, r.Conversation)
			t.rows[i] = desk.Row{}
			t.free = append(t.free, i)
			t.kept--
		}
	}
	clear(t.counters) // they counted what is here
	clear(t.standing)
}

// isClosed: the row stands in the index's list of closed tickets.
func isClosed(r *desk.Row) bool {
	return r.Conversation != "" && !r.Spam && !r.Merged && r.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED
}
