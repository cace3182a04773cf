package desk_test

import (
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Since when a ticket stands in line that lost its owner: why it did decides.
func TestWhatGoesBackKeepsItsAge(t *testing.T) {
	t.Parallel()
	const opened, wrote, back = 10, 50, 90
	isNew, waits := deskpb.TicketStatus_TICKET_STATUS_NEW, deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US
	for _, c := range []struct {
		name, why string
		status    deskpb.TicketStatus
		waiting   int64
		want      int64
	}{
		{"an offer not taken", desk.NotTaken, isNew, opened, opened},
		{"nobody wrote yet", desk.NotTaken, isNew, 0, opened},
		{"its contact wrote again", desk.TakenBackAway, waits, wrote, wrote},
		{"off duty", desk.TakenBackOff, waits, wrote, wrote},
		{"deactivated", desk.TakenBackDeactivated, waits, wrote, wrote},
		{"without a seat", desk.TakenBackNoSeat, waits, wrote, wrote},
		{"opened again, and away", desk.TakenBackReopened, waits, wrote, wrote},
		{"opened again", desk.RequeuedReopened, waits, wrote, wrote},
		{"its contact has an answer", desk.TakenBackAway, waits, 0, back},
		{"put back by hand", "unassigned_by_hand", isNew, opened, back},
	} {
		row := &deskpb.TicketSummary{
			Conversation: "c", Status: c.status, Owner: "ana", OpenedAtMs: opened, WaitingSinceMs: c.waiting, Routing: rule("ana"),
		}
		ev := deskpb.NewEvent(&deskpb.ConversationUnassigned{Agent: "ana", Reason: &deskpb.AssignmentReason{Code: c.why}})
		row = desk.ProjectTicket(row, &deskpb.Record{Stream: "conversation/c", Version: 9, Position: 9, AtMs: back, Event: ev})
		if !row.InLine || row.InLineSinceMs != c.want {
			t.Errorf("%s: in line since %d, want %d", c.name, row.InLineSinceMs, c.want)
		}
	}
}
