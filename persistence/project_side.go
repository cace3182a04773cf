package persistence

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// side folds a record of a side conversation: its row, what finds it, who is told of it, and that its ticket is to be told. The ticket is
// told by a command that is due until it says that it knows, so no answer is lost between the two streams.
func (p *Projector) side(tx Tx, id string, r desk.Record) error {
	var s *deskpb.SideSummary
	if r.Version > 1 {
		var err error
		if s, err = p.sides.get(tx, id); err != nil {
			return err
		}
	}
	ticket := s.GetConversation()
	s = desk.ProjectSide(s, r)
	p.sides.put(id, s)
	if r.Event.GetConversationPurged() != nil { // its ticket is gone, and is told nothing any more
		return clearDue(tx, string(desk.ConversationID(ticket).Stream()), DueSide, id)
	}
	if r.Event.GetConversationOpened() != nil {
		if err := tx.Set(sidesOfPrefix(s.Conversation).last(id), nil); err != nil {
			return err
		}
	}
	shown, err := p.shownIn(tx, s.Conversation)
	if err != nil {
		return err
	}
	if err := p.notice(tx, desk.NoticeOfSide(shown, s, r)); err != nil {
		return err
	}
	if desk.NewsOfSide(r.Event) && shown != nil && !shown.Purged {
		if err := setDue(tx, string(desk.ConversationID(s.Conversation).Stream()), DueSide, id, r.AtMs); err != nil {
			return err
		}
	}
	return p.said(tx, id, r)
}

// longestMerges bounds how far a ticket is looked for that was merged again and again.
const longestMerges = 16

// shownIn is the ticket that shows a conversation; nil when there is none.
func (p *Projector) shownIn(tx Tx, conversation string) (desk.Ticket, error) {
	for range longestMerges {
		t, err := p.tickets.get(tx, conversation)
		if err != nil || t == nil || t.MergedInto == "" {
			return t, err
		}
		conversation = t.MergedInto
	}
	return nil, nil
}

// sideTold: the ticket knows how its side conversation stands, unless there is newer news.
func (p *Projector) sideTold(tx Tx, r desk.Record, e *deskpb.SideChanged) error {
	if e.From != "" {
		return nil // it is another one's, which is told as well
	}
	s, err := p.sides.get(tx, e.Side)
	if err != nil || s == nil || s.News > e.Version {
		return err
	}
	return clearDue(tx, r.Stream, DueSide, e.Side)
}

// Side gives a side conversation's row; nil when it is not there, or is gone.
func (x *Index) Side(id desk.ConversationID) (s desk.SideRow, err error) {
	if s, err = x.sideOrRest(id); sideGone(s) {
		s = nil
	}
	return s, err
}

// sideOrRest gives the row also of one that was purged.
func (x *Index) sideOrRest(id desk.ConversationID) (s desk.SideRow, err error) {
	err = x.view(func(r Reader) error {
		s, err = readRow[deskpb.SideSummary](r, rowKey(kindSide, string(id)))
		return err
	})
	return s, err
}

// sideGone: it was purged, and not begun again.
func sideGone(s desk.SideRow) bool { return s.GetPurgedVersion() != 0 && s.Conversation == "" }

// SidesOf gives the side conversations of a ticket, those of what was merged into it not among them, in the order of their ids.
func (x *Index) SidesOf(conversation desk.ConversationID) (all []desk.SideRow, err error) {
	err = x.eachSideOf(conversation, func(s desk.SideRow) {
		if !sideGone(s) {
			all = append(all, s)
		}
	})
	return all, err
}

// PurgedSidesOf gives what is left of the side conversations of a ticket that were purged: up to which version of which stream.
func (x *Index) PurgedSidesOf(conversation desk.ConversationID) (all []Purged, err error) {
	err = x.eachSideOf(conversation, func(s desk.SideRow) {
		if s.PurgedVersion != 0 {
			all = append(all, Purged{desk.ConversationID(s.Side), s.PurgedVersion, desk.Position(s.Position)})
		}
	})
	return all, err
}

func (x *Index) eachSideOf(conversation desk.ConversationID, f func(desk.SideRow)) error {
	return x.view(func(r Reader) error {
		prefix := sidesOfPrefix(string(conversation))
		return r.Scan(prefix, nil, func(k, _ []byte) (bool, error) {
			s, err := readRow[deskpb.SideSummary](r, rowKey(kindSide, string(k[len(prefix):])))
			if err == nil && s != nil {
				f(s)
			}
			return err == nil, err
		})
	})
}
