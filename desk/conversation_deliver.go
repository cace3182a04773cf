package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// startDelivery announces an attempt. Replies of one conversation leave in order: an earlier one whose time has come, or that
// is under way, holds the later ones back; one whose outcome is unknown does not.
func startDelivery(c *Conversation, cmd Command, m *deskpb.StartDelivery) ([]Event, error) {
	if l := c.Letters[MessageID(m.Message)]; l != nil {
		return startLetter(l, m.Message)
	}
	msg := c.Messages[MessageID(m.Message)]
	if msg == nil || !msg.Outbound {
		return nil, Refuse(NotFound, "message", "there is no such reply")
	}
	if msg.Delivery != deskpb.DeliveryState_DELIVERY_STATE_QUEUED {
		return nil, conflict("not_queued", "the reply is %s", deliveryWord(msg.Delivery))
	}
	if msg.Due > cmd.AtMs {
		return nil, conflict("not_due", "the reply waits for its time")
	}
	for _, id := range c.Queue {
		if other := c.Messages[id]; other != msg && other.holdsBack(msg, cmd.AtMs) {
			return nil, conflict("out_of_order", "an earlier reply of this conversation has not left yet")
		}
	}
	return events(deskpb.NewEvent(&deskpb.DeliveryStarted{Message: m.Message, Attempt: msg.Attempt + 1})), nil
}

// settleDelivery records what became of an attempt (attempt > 0), or the provider's later report (attempt 0).
func settleDelivery(c *Conversation, m *deskpb.SettleDelivery) ([]Event, error) {
	if l := c.Letters[MessageID(m.Message)]; l != nil {
		return settleLetter(l, m)
	}
	msg := c.Messages[MessageID(m.Message)]
	if msg == nil || !msg.Outbound {
		return nil, Refuse(NotFound, "message", "there is no such reply")
	}
	ev := &deskpb.DeliverySettled{
		Message: m.Message, Attempt: m.Attempt, State: m.State, ExternalId: m.ExternalId, Reason: m.Reason, RetryAtMs: m.RetryAtMs,
	}
	if m.Attempt == 0 {
		if msg.Delivery == deskpb.DeliveryState_DELIVERY_STATE_CANCELED || !advances(msg.Delivery, m.State) {
			return nil, nil
		}
		ev.Resolves = troubled(msg.Delivery)
		return append(events(deskpb.NewEvent(ev)), c.seen(ev)...), nil
	}
	if msg.Delivery != deskpb.DeliveryState_DELIVERY_STATE_SENDING || msg.Attempt != m.Attempt {
		return nil, nil // settled already, by a report that came first
	}
	switch m.State {
	case deskpb.DeliveryState_DELIVERY_STATE_QUEUED, deskpb.DeliveryState_DELIVERY_STATE_SENT, deskpb.DeliveryState_DELIVERY_STATE_DELIVERED,
		deskpb.DeliveryState_DELIVERY_STATE_FAILED, deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN:
		return append(events(deskpb.NewEvent(ev)), c.seen(ev)...), nil
	default:
		return nil, Refuse(Invalid, "state", "an attempt ends queued, sent, delivered, failed or unknown")
	}
}

// rank orders the states a report may move a reply through; troubled ones may still turn out well.
var rank = map[deskpb.DeliveryState]int{
	deskpb.DeliveryState_DELIVERY_STATE_QUEUED: 0, deskpb.DeliveryState_DELIVERY_STATE_SENDING: 1, deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN: 2,
	deskpb.DeliveryState_DELIVERY_STATE_FAILED: 3, deskpb.DeliveryState_DELIVERY_STATE_SENT: 4,
	deskpb.DeliveryState_DELIVERY_STATE_DELIVERED: 5, deskpb.DeliveryState_DELIVERY_STATE_READ: 6,
}

// advances: news counts if it is better news, or a bounce of what was sent.
func advances(from, to deskpb.DeliveryState) bool {
	if to == deskpb.DeliveryState_DELIVERY_STATE_FAILED {
		return from == deskpb.DeliveryState_DELIVERY_STATE_SENT || from == deskpb.DeliveryState_DELIVERY_STATE_SENDING ||
			from == deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN
	}
	return rank[to] > rank[deskpb.DeliveryState_DELIVERY_STATE_FAILED] && rank[to] > rank[from]
}

func troubled(s deskpb.DeliveryState) bool {
	return s == deskpb.DeliveryState_DELIVERY_STATE_FAILED || s == deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN
}

func evolveSettled(c *Conversation, e *deskpb.DeliverySettled) {
	m := c.message(e.Message)
	m.Delivery = e.State
	if e.State != deskpb.DeliveryState_DELIVERY_STATE_QUEUED {
		c.Queue = slices.DeleteFunc(c.Queue, func(id MessageID) bool { return id == MessageID(e.Message) })
	}
}

func deliveryWord(s deskpb.DeliveryState) string {
	return [...]string{"unknown to us", "queued", "being sent", "sent", "delivered", "read", "failed", "of unknown outcome", "taken back"}[s]
}
