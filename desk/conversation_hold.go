package desk

import (
	"fmt"
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

// Causes for which a hold ends.
const (
	HoldOverByTime    = "time"
	HoldOverByHand    = "by_hand"
	HoldOverByMessage = "message" // one came that is within the limits
)

// pacing is what goes before a message because of how much came at once: a hold begins, or ends. Messages that come while it lasts are told
// of together when it ends.
func (c *Conversation) pacing(m *deskpb.ReceiveMessage, in *deskpb.MessageReceived) []Event {
	switch {
	case m.Blocked, c.Spam, in.Unconfirmed, c.Opened && !Speaks(in.Automatic):
		return nil // nobody is told of it anyway
	case m.HeldUntilMs == 0:
		return c.release(HoldOverByMessage, "")
	case c.HeldUntil != 0:
		return nil
	}
	return events(deskpb.NewEvent(&deskpb.TicketHeld{
		UntilMs: m.HeldUntilMs, Limit: m.HeldLimit, Of: m.HeldOf, Unrouted: !c.Opened || c.closed() && !m.NeverReopen,
	}))
}

// releaseTicket ends a hold: the timers' at its time, an agent's at once.
func releaseTicket(c *Conversation, cmd Command) ([]Event, error) {
	if cmd.GetBy().GetKind() == deskpb.Author_KIND_AGENT {
		return c.release(HoldOverByHand, cmd.By.Id), nil
	}
	if cmd.AtMs < c.HeldUntil {
		return nil, nil
	}
	return c.release(HoldOverByTime, ""), nil
}

func (c *Conversation) release(cause, by string) []Event {
	if c.HeldUntil == 0 {
		return nil
	}
	return events(deskpb.NewEvent(&deskpb.TicketHeld{Cause: cause, By: by, Messages: c.HeldMessages}))
}

func evolveHold(c *Conversation, ev Event) bool {
	e := ev.GetTicketHeld()
	if e == nil {
		return false
	}
	c.HeldUntil, c.HeldMessages = e.UntilMs, 0
	if e.UntilMs == 0 {
		c.Deferred = "" // what is decided next is news
	}
	return true
}

// projectHeld folds a hold into the row.
func projectHeld(t *deskpb.TicketSummary, r Record, e *deskpb.TicketHeld) {
	t.HeldUntilMs, t.Hold = e.UntilMs, nil
	if e.UntilMs != 0 {
		t.Hold = &deskpb.Hold{Limit: e.Limit, Of: e.Of}
	}
	switch {
	case e.Unrouted && t.Owner == "":
		t.HeldUnrouted, t.Reason = true, heldReason(e)
		leaveLine(t)
	case e.UntilMs == 0 && t.HeldUnrouted:
		t.HeldUnrouted = false
		if t.Reason.GetCode() == "held" {
			t.Reason = nil
		}
		joinLine(t, r.AtMs)
	}
}

func heldReason(e *deskpb.TicketHeld) *deskpb.AssignmentReason {
	who := e.Of
	if e.Limit == PaceOfMailbox {
		who = "this mailbox"
	}
	at := time.UnixMilli(e.UntilMs).UTC().Format("15:04 MST")
	return reason("held", fmt.Sprintf("Too much came at once (%s): nobody is chosen before %s.", who, at))
}

// held: of messages that came while they were held back, once, when that is over.
func (n notice) held(after Ticket, e *deskpb.TicketHeld) notice {
	if e.UntilMs != 0 || e.Messages == 0 || e.Cause == HoldOverByMessage { // the message tells
		return n
	}
	n.Who, n.Detail, n.Text = after.ContactName, "contact", after.Preview
	return n.tell(NoticeReply, after.Owner).tell(NoticeFollowedReply, after.Followers...)
}
