package persistence

import (
	"encoding/binary"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Whom machines of ours answered lately is kept by address, so that two machines cannot write to each other without end, over
// restarts too. A row holds what is younger than a day: a time of eight bytes, and a conversation up to a zero byte.

// Answered is an answer that no agent wrote.
type Answered struct {
	AtMs         int64
	Conversation desk.ConversationID
}

// AnsweredWithin is how long an answer is remembered.
const AnsweredWithin = 24 * time.Hour

const mostAnswered = 100

func answeredKey(address string) key { return rowKey(kindAnswered, strings.ToLower(address)) }

// Answered gives the answers of the last day to an address.
func (x *Index) Answered(address string, now time.Time) (all []Answered, err error) {
	err = x.view(func(r Reader) error {
		v, err := r.Get(answeredKey(address))
		all = answeredIn(v, now.UnixMilli())
		return err
	})
	return all, err
}

func answeredIn(row []byte, nowMs int64) (all []Answered) {
	for len(row) > 8 {
		at := int64(binary.BigEndian.Uint64(row))
		conv, rest, _ := strings.Cut(string(row[8:]), "\x00")
		if row = []byte(rest); at > nowMs-AnsweredWithin.Milliseconds() {
			all = append(all, Answered{at, desk.ConversationID(conv)})
		}
	}
	return all
}

func answered(tx Tx, conversation string, r desk.Record, e *deskpb.ReplyRequested) error {
	for _, to := range e.To {
		k := answeredKey(to.GetAddress())
		v, err := tx.Get(k)
		if err != nil {
			return err
		}
		all := append(answeredIn(v, r.AtMs), Answered{r.AtMs, desk.ConversationID(conversation)})
		var row []byte
		for _, a := range all[max(0, len(all)-mostAnswered):] {
			row = append(binary.BigEndian.AppendUint64(row, uint64(a.AtMs)), a.Conversation...)
			row = append(row, 0)
		}
		if err := tx.Set(k, row); err != nil {
			return err
		}
	}
	return nil
}
