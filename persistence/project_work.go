package persistence

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// The names of what a conversation is woken for.
const (
	DueSnooze = "snooze"  // its snooze ends
	DueTakeIn = "take_in" // another one was merged into it and it has not been told
	DueLetGo  = "let_go"  // a merge into it was undone and it has not been told
	DueWiden  = "widen"   // it has waited so long that others may take it
	DueHeld   = "held"    // what follows from its messages waits until then
	DueOffer  = "offer"   // its owner has not shown a sign
	DueSplit  = "split"   // messages were split off for it and it has not been opened
	DueBot    = "bot"     // a bot has not answered a message
	DueUnread = "unread"  // what its visitor has not seen goes by mail
	DueEnded  = "ended"   // it was closed, and what comes after that is to be decided
	DueSide   = "side"    // a side conversation of it stands otherwise and it has not been told
)

// plan keeps the wake-ups of a conversation. What one conversation decides and another has to be told is due until the other
// says that it knows: a crash between the two is made good like any missed time.
func plan(tx Tx, id string, r desk.Record) error {
	other := func(conv string) string { return string(desk.ConversationID(conv).Stream()) }
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_TicketSnoozed:
		if e.TicketSnoozed.UntilMs >= desk.UntilContactWrites {
			return clearDue(tx, r.Stream, DueSnooze, "")
		}
		return setDue(tx, r.Stream, DueSnooze, "", e.TicketSnoozed.UntilMs)
	case *deskpb.Event_TicketHeld:
		if e.TicketHeld.UntilMs == 0 {
			return clearDue(tx, r.Stream, DueHeld, "")
		}
		return setDue(tx, r.Stream, DueHeld, "", e.TicketHeld.UntilMs)
	case *deskpb.Event_BotHeard:
		return setDue(tx, r.Stream, DueBot, e.BotHeard.Message, r.AtMs+FinishAfterMs)
	case *deskpb.Event_BotStepped:
		return clearDue(tx, r.Stream, DueBot, e.BotStepped.Message)
	case *deskpb.Event_BotEnded:
		for _, message := range e.BotEnded.Unheard {
			if err := clearDue(tx, r.Stream, DueBot, message); err != nil {
				return err
			}
		}
		return nil
	case *deskpb.Event_AssignmentDeferred:
		return planWiden(tx, r.Stream, e.AssignmentDeferred)
	case *deskpb.Event_AssignmentWidened:
		return clearDue(tx, r.Stream, DueWiden, "")
	case *deskpb.Event_ConversationAssigned:
		if err := planOffer(tx, r.Stream, e.ConversationAssigned.TakeByMs); err != nil {
			return err
		}
		return clearDue(tx, r.Stream, DueWiden, "")
	case *deskpb.Event_ConversationUnassigned, *deskpb.Event_OfferEnded:
		return planOffer(tx, r.Stream, 0)
	case *deskpb.Event_TicketWoken:
		return clearDue(tx, r.Stream, DueSnooze, "")
	case *deskpb.Event_ConversationMerged:
		if err := clearDue(tx, other(e.ConversationMerged.Into), DueLetGo, id); err != nil {
			return err
		}
		return setDue(tx, other(e.ConversationMerged.Into), DueTakeIn, id, r.AtMs+FinishAfterMs)
	case *deskpb.Event_MergeUndone:
		if err := clearDue(tx, other(e.MergeUndone.From), DueTakeIn, id); err != nil {
			return err
		}
		return setDue(tx, other(e.MergeUndone.From), DueLetGo, id, r.AtMs+FinishAfterMs)
	case *deskpb.Event_ConversationTookIn:
		return clearDue(tx, r.Stream, DueTakeIn, e.ConversationTookIn.Conversation)
	case *deskpb.Event_ConversationLetGo:
		return clearDue(tx, r.Stream, DueLetGo, e.ConversationLetGo.Conversation)
	case *deskpb.Event_MessagesSplitOff:
		return setDue(tx, other(e.MessagesSplitOff.Into), DueSplit, id, r.AtMs+FinishAfterMs)
	case *deskpb.Event_PurgedFilesRemoved:
		return tx.Delete(rowKey(kindPurged, id))
	case *deskpb.Event_ConversationSplitFrom:
		return clearDue(tx, r.Stream, DueSplit, e.ConversationSplitFrom.Conversation)
	}
	return nil
}

// FinishAfterMs leaves whoever asked the time to tell the other side.
const FinishAfterMs = 2000

// planWiden: a ticket that waits may be taken by others at the time its reason names.
func planWiden(tx Tx, stream string, e *deskpb.AssignmentDeferred) error {
	if at := e.Reason.GetWidensAtMs(); e.Waiting && at != 0 {
		return setDue(tx, stream, DueWiden, "", at)
	}
	return clearDue(tx, stream, DueWiden, "")
}

// planOffer: an owner chosen by rule has until then to show a sign; 0: for ever.
func planOffer(tx Tx, stream string, takeByMs int64) error {
	if takeByMs != 0 {
		return setDue(tx, stream, DueOffer, "", takeByMs)
	}
	return clearDue(tx, stream, DueOffer, "")
}

// planLeaving keeps what is due of a visitor who may have left as the row says: unread and end are what it said before.
func planLeaving(tx Tx, stream string, t *deskpb.TicketSummary, unread, end int64) error {
	if err := replan(tx, stream, DueUnread, unread, desk.UnreadDue(t.GetAfter())); err != nil {
		return err
	}
	return replan(tx, stream, DueEnded, end, t.GetAfter().GetEndAtMs())
}

func replan(tx Tx, stream, name string, was, is int64) error {
	switch {
	case was == is:
		return nil
	case is == 0:
		return clearDue(tx, stream, name, "")
	default:
		return setDue(tx, stream, name, "", is)
	}
}
