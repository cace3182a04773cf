package persistence

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// waiting folds what an agent decided of a reply: that it does not leave, leaves at another time, or is tried again.
func waiting(tx Tx, conversation string, ev desk.Event) error {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ReplyCanceled:
		item, there, err := outbox(tx, conversation, e.ReplyCanceled.Message)
		if err != nil || !there {
			return err
		}
		return tx.Delete(outboxKey(item.Channel, item.Position))
	case *deskpb.Event_ReplyRescheduled:
		m := e.ReplyRescheduled
		item, there, err := outbox(tx, conversation, m.Message)
		if err != nil || !there {
			return err
		}
		item.DueMs, item.SendAtMs = m.SendAtMs, m.SendAtMs
		return putOutbox(tx, item)
	case *deskpb.Event_ReplyRetried:
		m := e.ReplyRetried
		item, _, err := outbox(tx, conversation, m.Message) // one that failed is not there any more
		if err != nil || item == nil {
			return err
		}
		item.State, item.Attempts = deskpb.DeliveryState_DELIVERY_STATE_QUEUED, m.Attempts
		item.DueMs, item.SendAtMs = m.SendAtMs, m.SendAtMs
		return putOutbox(tx, item)
	}
	return nil
}
