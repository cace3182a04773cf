package persistence

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// letter keeps a mail to an agent in the outbox of the channel that sends it, as if it were a reply. No thread key and no id of
// the provider is remembered: what is answered to it belongs to no ticket.
func letter(tx Tx, conversation string, r desk.Record) error {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_OwnerTold:
		m := e.OwnerTold
		if m.Channel == "" {
			return nil
		}
		v := key(numberValue(r.Position)).number(uint64(r.AtMs)).last(m.Channel)
		if err := tx.Set(replyKey(conversation, m.Letter), v); err != nil {
			return err
		}
		return putOutbox(tx, outboxItem(conversation, m.Letter, v))
	case *deskpb.Event_LetterStarted:
		return deliveryStarted(tx, conversation, &deskpb.DeliveryStarted{Message: e.LetterStarted.Letter, Attempt: e.LetterStarted.Attempt})
	case *deskpb.Event_LetterSettled:
		m := e.LetterSettled
		return deliverySettled(tx, conversation, &deskpb.DeliverySettled{Message: m.Letter, Attempt: m.Attempt, State: m.State, RetryAtMs: m.RetryAtMs})
	}
	return nil
}
