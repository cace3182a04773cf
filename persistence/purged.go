package persistence

import (
	"context"
	"iter"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Purged is a conversation that is gone, and whose files may be there still.
type Purged struct {
	Conversation desk.ConversationID
	Version      uint64        // of the stream, up to which nothing is shown
	Position     desk.Position // of the fact
}

// purged takes away what finds a ticket; its row is left as one that shows nothing. Thread keys and external ids stay: they are how
// what came before is known when it comes again.
func purged(tx Tx, t *deskpb.TicketSummary, r desk.Record) error {
	if t.GetNumber() != 0 {
		if err := tx.Delete(numberKey(t.Number)); err != nil {
			return err
		}
	}
	for _, name := range []string{DueSnooze, DueHeld, DueOffer} {
		if err := clearDue(tx, r.Stream, name, ""); err != nil {
			return err
		}
	}
	return tx.Set(rowKey(kindPurged, desk.StreamID(r.Stream).ID()), key(numberValue(r.Version)).number(r.Position))
}

// Purged gives what was purged and whose files may be there still, in no order that matters.
func (x *Index) Purged() (all []Purged, err error) {
	prefix := newKey(kindPurged, 0)
	err = x.view(func(r Reader) error {
		return r.Scan(prefix, nil, func(k, v []byte) (bool, error) {
			if len(v) == 16 {
				all = append(all, Purged{desk.ConversationID(k[len(prefix):]), numberOf(v), desk.Position(numberOf(v[8:]))})
			}
			return true, nil
		})
	})
	return all, err
}

// OldSpam gives tickets that became spam, and in which nothing has happened, since before a time; the newest first, at most limit,
// and none that is to be passed over.
func (x *Index) OldSpam(beforeMs int64, limit int, pass map[string]bool) (all []desk.Ticket, err error) {
	err = x.view(func(r Reader) error {
		_, err := eachOf(r, listSpam, listKey(listSpam, beforeMs, ""), func(t desk.Ticket) bool {
			if t.SpamSinceMs <= beforeMs && t.UpdatedAtMs <= beforeMs && !pass[t.Conversation] {
				all = append(all, t)
			}
			return len(all) < limit
		})
		return err
	})
	return all, err
}

// Shown yields what a stream holds after a version, then ends. Of a conversation that was opened again after it was purged, nothing from before; one
// that is purged is told apart by its row, and read whole: who saw it is told that it is gone. Of a side conversation nothing from before it
// was purged.
func Shown(ctx context.Context, s Store, stream desk.StreamID, after uint64) iter.Seq2[desk.Record, error] {
	if stream.Kind() == desk.KindConversation {
		row, err := s.Index().Ticket(desk.ConversationID(stream.ID()))
		if err != nil {
			return func(yield func(desk.Record, error) bool) { yield(nil, err) }
		}
		if !row.GetPurged() {
			after = max(after, row.GetPurgedVersion())
		}
	}
	if stream.Kind() == desk.KindSide {
		row, err := s.Index().sideOrRest(desk.ConversationID(stream.ID()))
		if err != nil {
			return func(yield func(desk.Record, error) bool) { yield(nil, err) }
		}
		after = max(after, row.GetPurgedVersion())
	}
	return s.Load(ctx, stream, after)
}
