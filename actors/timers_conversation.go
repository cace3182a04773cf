package actors

import (
	"context"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// firstDue is when a record's plan may be due.
func firstDue(r desk.Record) time.Time {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_PlaceReserved:
		return time.UnixMilli(e.PlaceReserved.UntilMs)
	case *deskpb.Event_AvailabilityPlanned:
		if edges := e.AvailabilityPlanned.Edges; len(edges) > 0 {
			return time.UnixMilli(edges[0].AtMs)
		}
		return time.UnixMilli(r.AtMs).Add(time.Hour)
	case *deskpb.Event_AssignmentDeferred:
		return time.UnixMilli(e.AssignmentDeferred.Reason.GetWidensAtMs())
	case *deskpb.Event_AbsencePlanned:
		return time.UnixMilli(e.AbsencePlanned.DueMs)
	case *deskpb.Event_ConversationAssigned:
		return time.UnixMilli(e.ConversationAssigned.TakeByMs)
	case *deskpb.Event_TicketSnoozed:
		return time.UnixMilli(e.TicketSnoozed.UntilMs)
	case *deskpb.Event_ReplyRequested:
		return time.UnixMilli(e.ReplyRequested.MailAtMs)
	case *deskpb.Event_TicketHeld:
		return time.UnixMilli(e.TicketHeld.UntilMs)
	}
	return time.UnixMilli(r.AtMs + persistence.FinishAfterMs)
}

// conversation wakes a conversation whose snooze ends, or finishes what broke off between two of them.
func (t *timers) conversation(d desk.Due) {
	from := desk.ConversationID(d.Ref)
	switch d.Name {
	case persistence.DueSnooze:
		t.tell(d, deskpb.NewCommand(&deskpb.WakeTicket{}))
	case persistence.DueHeld:
		t.tell(d, deskpb.NewCommand(&deskpb.ReleaseTicket{}))
	case persistence.DueBot:
		t.sys.root.Send(t.sys.bots, &botAsked{desk.ConversationID(d.Stream.ID())})
	case persistence.DueWiden:
		t.widen(d)
	case persistence.DueUnread:
		t.unread(d)
	case persistence.DueEnded:
		t.ended(d)
	case persistence.DueOffer:
		t.tell(d, deskpb.NewCommand(&deskpb.TakeBack{Offer: true}))
	case persistence.DueSide:
		t.sys.tellOfSide(desk.ConversationID(d.Stream.ID()), from)
	case persistence.DueTakeIn:
		row, err := t.sys.index.Ticket(from)
		if err != nil || row == nil {
			t.sys.log.Error("read a merged ticket", "conversation", d.Ref, "err", err)
			return
		}
		t.tell(d, deskpb.NewCommand(&deskpb.TakeInConversation{
			Conversation: d.Ref, Number: row.Number, Subject: row.Subject, ContactName: row.ContactName, WaitingSinceMs: row.WaitingSinceMs, Again: true, Sides: row.Sides,
		}))
	case persistence.DueLetGo:
		row, err := t.sys.index.Ticket(from)
		if err != nil || row == nil {
			t.sys.log.Error("read a ticket whose merge was undone", "conversation", d.Ref, "err", err)
			return
		}
		t.tell(d, deskpb.NewCommand(&deskpb.LetGoConversation{Conversation: d.Ref, Number: row.Number, WaitingSinceMs: row.WaitingSinceMs, Again: true}))
	case persistence.DueSplit:
		if cmd := t.split(from, d.Stream.ID()); cmd != nil {
			t.tell(d, cmd)
		}
	}
}

func (t *timers) tell(d desk.Due, cmd desk.Command) {
	t.sys.ask(d.Stream, cmd, func(_ desk.Done, err error) {
		if err != nil && !t.sys.stopping.Load() {
			t.sys.log.Error("wake a conversation", "stream", string(d.Stream), "due", d.Name, "err", err)
		}
	})
}

// split finds what was split off for a conversation that was never opened. It is rare: only after a crash in between.
func (t *timers) split(from desk.ConversationID, into string) desk.Command {
	for r, err := range t.sys.store.Load(context.Background(), from.Stream(), 0) {
		if err != nil {
			t.sys.log.Error("read a split", "conversation", string(from), "err", err)
			return nil
		}
		if e := r.Event.GetMessagesSplitOff(); e.GetInto() == into {
			return desk.FinishSplit(from, e)
		}
	}
	return nil
}

// widen asks a ticket that still waits to be offered to more; of one that is closed or rests meanwhile the time is over.
func (t *timers) widen(d desk.Due) {
	t.tell(d, deskpb.NewCommand(&deskpb.WidenAssignment{}))
}
