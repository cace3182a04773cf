package desk

import "github.com/centralita/centralita/proto/deskpb"

// By when the contact should have an answer. A channel gives its tickets such a time at their opening, and people set and clear it; the
// first answer that an agent asks for settles it, and one that is taken back restores it. What a machine says by itself is no answer.

// MaxAnswerMinutes is the longest time in which a channel may promise a first answer: a year.
const MaxAnswerMinutes = 366 * 24 * 60

// latestDue is the first moment that no due time reaches: the year 9999.
const latestDue = 253_370_764_800_000

func setTicketDue(c *Conversation, cmd Command, m *deskpb.SetTicketDue) ([]Event, error) {
	switch {
	case m.DueMs == c.Due:
		return nil, nil
	case m.DueMs == 0:
		return c.due(0, "by_hand", cmd), nil
	case m.DueMs <= cmd.AtMs || m.DueMs >= latestDue:
		return nil, Refuse(Invalid, "due", "must be in the future, and before the year 9999")
	case c.closed():
		return nil, conflict("closed", "the ticket is closed: reopen it first")
	case c.Spam:
		return nil, conflict("spam", "the ticket is spam: restore it first")
	}
	return c.due(m.DueMs, "by_hand", cmd), nil
}

func (c *Conversation) due(ms int64, cause string, cmd Command) []Event {
	return events(deskpb.NewEvent(&deskpb.TicketDueChanged{DueMs: ms, Cause: cause, WasMs: c.Due, By: cmd.GetBy().GetId()}))
}

// dueAtOpening is by when a channel's ticket should have its first answer. Who writes by a machine waits for none.
func dueAtOpening(d *deskpb.TicketDefaults, in *deskpb.MessageReceived, atMs int64) []Event {
	if d.GetAnswerWithinMinutes() <= 0 || !Speaks(in.GetAutomatic()) {
		return nil
	}
	return events(deskpb.NewEvent(&deskpb.TicketDueChanged{DueMs: atMs + int64(d.AnswerWithinMinutes)*60_000, Cause: "channel"}))
}

// answerSettles: an agent's reply is what was due.
func (c *Conversation) answerSettles(cmd Command, leavesMs int64) []Event {
	if c.Due == 0 || cmd.GetBy().GetKind() != deskpb.Author_KIND_AGENT {
		return nil
	}
	out := c.due(0, "answered", cmd)
	out[0].GetTicketDueChanged().Late = max(cmd.AtMs, leavesMs) > c.Due
	return out
}

// dueAgain: the answer that settled it is taken back, and there is no other.
func (c *Conversation) dueAgain(msg *Message, cmd Command) []Event {
	if b := msg.Before; b == nil || b.Due == 0 || c.Due != 0 || c.closed() || c.answeredAfter(msg) {
		return nil
	}
	return c.due(msg.Before.Due, "reply_canceled", cmd)
}

// handDue: the answer that is taken back settled what was due; now the next one did.
func (c *Conversation) handDue(gone *Message) {
	if gone.Before == nil || gone.Before.Due == 0 {
		return
	}
	var next *Message
	for _, m := range c.Messages {
		if m.Before != nil && m.Seq > gone.Seq && m.Delivery != deskpb.DeliveryState_DELIVERY_STATE_CANCELED && (next == nil || m.Seq < next.Seq) {
			next = m
		}
	}
	if next != nil && next.Before.Due == 0 {
		next.Before.Due = gone.Before.Due
	}
}

// DueMs is by when a ticket should have an answer; one that is closed is due by no time. 0: by none.
func DueMs(t Ticket) int64 {
	if t.GetStatus() == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
		return 0
	}
	return t.GetDueMs()
}
