package desk

import "github.com/centralita/centralita/proto/deskpb"

// Causes of spam and of its end.
const (
	CauseByHand          = "by_hand"
	CauseBlockedSender   = "blocked_sender"
	CauseSenderUnblocked = "sender_unblocked"
)

// markSpam sets a ticket aside: it is kept, and in no list but spam. What came before is restored with unmarkSpam.
func markSpam(c *Conversation, cmd Command, m *deskpb.MarkSpam) ([]Event, error) {
	cause := nameOr(m.Cause, CauseByHand)
	if cause != CauseByHand && cause != CauseBlockedSender {
		return nil, Refuse(Invalid, "cause", "must be %s or %s", CauseByHand, CauseBlockedSender)
	}
	if c.Spam {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.TicketMarkedSpam{Cause: cause, By: cmd.GetBy().GetId()})), nil
}

// unmarkSpam restores it. That a sender was unblocked restores only what was set aside because of him.
func unmarkSpam(c *Conversation, cmd Command, m *deskpb.UnmarkSpam) ([]Event, error) {
	cause := nameOr(m.Cause, CauseByHand)
	if cause != CauseByHand && cause != CauseSenderUnblocked {
		return nil, Refuse(Invalid, "cause", "must be %s or %s", CauseByHand, CauseSenderUnblocked)
	}
	if !c.Spam || cause == CauseSenderUnblocked && c.SpamCause != CauseBlockedSender {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.TicketUnmarkedSpam{Cause: cause, By: cmd.GetBy().GetId()})), nil
}

func evolveSpam(c *Conversation, ev Event) bool {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_TicketMarkedSpam:
		c.Spam, c.SpamCause = true, e.TicketMarkedSpam.Cause
	case *deskpb.Event_TicketUnmarkedSpam:
		c.Spam, c.SpamCause, c.Deferred = false, "", ""
	default:
		return false
	}
	return true
}
