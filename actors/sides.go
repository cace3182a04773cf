package actors

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Side conversations have streams of their own. What their tickets are told is due in the index until they know it, so the timers tell
// them, as they finish what broke off between two conversations.

// maxMerges bounds how far a ticket is followed that was merged again and again.
const maxMerges = 16

// tellOfSide tells a ticket how one of its side conversations stands, and those into which it was merged: the last of them is the one that
// is shown. It is told last of all what it asks to be told, or it would be forgotten when the desk stops in between.
func (s *System) tellOfSide(ticket, side desk.ConversationID) {
	row, err := s.index.Side(side)
	if err != nil || row == nil {
		s.log.Error("read a side conversation", "side", string(side), "err", err)
		return
	}
	chain := []desk.ConversationID{ticket}
	for len(chain) < maxMerges {
		t, err := s.index.Ticket(chain[len(chain)-1])
		if err != nil {
			s.log.Error("read the ticket of a side conversation", "side", string(side), "err", err)
			return
		}
		if t.GetMergedInto() == "" {
			break
		}
		chain = append(chain, desk.ConversationID(t.MergedInto))
	}
	s.tellChain(row, chain)
}

// tellChain tells the last of them and then, when it knows, those before it.
func (s *System) tellChain(row desk.SideRow, chain []desk.ConversationID) {
	last := len(chain) - 1
	from := desk.ConversationID("")
	if last > 0 {
		from = chain[last-1]
	}
	s.ask(chain[last].Stream(), deskpb.NewCommand(desk.TellOf(row, from)), func(_ desk.Done, err error) {
		switch {
		case err != nil && !s.stopping.Load():
			s.log.Error("tell a ticket of its side conversation", "conversation", string(chain[last]), "side", row.Side, "err", err)
		case err == nil && last > 0:
			s.tellChain(row, chain[:last])
		}
	})
}
