package desk

import "github.com/centralita/centralita/proto/deskpb"

// projectAbsence folds what is known of an agent's not being there. It looks at the row as it was before the record.
func projectAbsence(a *deskpb.AgentSummary, r Record) {
	if a.Absence == nil {
		a.Absence = &deskpb.Absence{SinceMs: r.AtMs, Position: r.Position}
	}
	gone := a.Absence
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_AgentAdded:
		gone.Version = r.Version
	case *deskpb.Event_AgentChanged:
		gone.Version = r.Version
		switch {
		case e.AgentChanged.Seat:
			gone.SeatLost = 0
		case a.Seat:
			gone.SeatLost = r.Position
		}
	case *deskpb.Event_AvailabilityChanged:
		gone.Version = r.Version
		if e.AvailabilityChanged.Available {
			a.Absence = &deskpb.Absence{Version: r.Version, SeatLost: gone.SeatLost}
			return
		}
		if a.Available {
			gone.SinceMs, gone.Position = r.AtMs, r.Position
		}
		if bySchedule(e.AvailabilityChanged.Cause) && gone.OffMs == 0 {
			gone.OffMs = r.AtMs
		}
	case *deskpb.Event_AbsencePlanned:
		gone.DueMs = e.AbsencePlanned.DueMs
	case *deskpb.Event_OffersMissed:
		gone.Missed = e.OffersMissed.Missed
	}
}

// backSince is since when a ticket that lost its owner stands in line. What nobody took, or was taken back from who was not there, keeps its
// age: its contact waits through no fault of theirs. What somebody put back is as new.
func backSince(t Ticket, atMs int64) int64 {
	switch t.Reason.GetCode() {
	case NotTaken, TakenBackAway, TakenBackOff, TakenBackDeactivated, TakenBackNoSeat, TakenBackReopened, RequeuedReopened:
	default:
		return atMs
	}
	switch {
	case t.WaitingSinceMs != 0:
		return min(t.WaitingSinceMs, atMs)
	case t.Status == deskpb.TicketStatus_TICKET_STATUS_NEW: // nobody has written yet
		return min(t.OpenedAtMs, atMs)
	}
	return atMs
}

func bySchedule(cause string) bool {
	return cause == CauseHours || cause == CauseHoliday || cause == CauseOutOfOffice
}

// projectTenure folds what is known of an owner's time with a ticket. It looks at the row as it was before the record.
func projectTenure(t *deskpb.TicketSummary, r Record) {
	if t.Tenure != nil && t.Owner != "" && r.By.GetKind() == deskpb.Author_KIND_AGENT && r.By.Id == t.Owner {
		t.Tenure.ActedMs = r.AtMs
	}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationAssigned:
		m := e.ConversationAssigned
		was := t.Tenure
		t.Tenure = &deskpb.Tenure{Position: r.Position, TakeByMs: m.TakeByMs, Round: m.Round, GivenMs: r.AtMs}
		if m.Reservation != "" && m.TakeByMs != 0 {
			t.Tenure.Passes, t.Tenure.PassedGivenMs = was.GetPasses(), was.GetPassedGivenMs()
			if m.Round == was.GetRound() {
				t.Tenure.Missed = was.GetMissed()
			}
		}
		if m.By == m.Agent {
			t.Tenure.ActedMs = r.AtMs
		}
	case *deskpb.Event_ConversationUnassigned:
		was := t.Tenure
		t.Tenure = nil
		if e.ConversationUnassigned.Reason.GetCode() == NotTaken {
			t.Tenure = &deskpb.Tenure{
				Missed: with(was.GetMissed(), e.ConversationUnassigned.Agent), Round: was.GetRound(), Passes: was.GetPasses() + 1, PassedGivenMs: was.GetGivenMs(),
			}
		}
	case *deskpb.Event_OfferEnded:
		if t.Tenure != nil {
			t.Tenure.TakeByMs, t.Tenure.Missed, t.Tenure.Round, t.Tenure.Passes = 0, nil, 0, 0
		}
	case *deskpb.Event_TicketStatusChanged:
		m := e.TicketStatusChanged
		if m.From == deskpb.TicketStatus_TICKET_STATUS_CLOSED && m.By == "" && t.Tenure != nil {
			t.Tenure.Reopened = r.Position
		}
	}
}

// OfferedUntil is until when its owner may take what was offered to them; 0: it is no offer.
func OfferedUntil(t Ticket) int64 {
	if t.GetOwner() == "" || !Active(t) || !WaitsOnUs(t.Status) {
		return 0
	}
	return t.GetTenure().GetTakeByMs()
}

// Passes is how often a ticket was offered in a row, and not taken; 0 of what is nobody's to take now.
func Passes(t Ticket) int32 {
	if !Active(t) || t.Owner == "" && !t.InLine {
		return 0
	}
	return t.GetTenure().GetPasses()
}
