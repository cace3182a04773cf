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
	s = desk.ProjectSide(s, r)
	p.sides.put(id, s)
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

// Side gives a side conversation's row; nil when it is not there.
func (x *Index) Side(id desk.ConversationID) (s desk.SideRow, err error) {
	err = x.view(func(r Reader) error {
		s, err = readRow[deskpb.SideSummary](r, rowKey(kindSide, string(id)))
		return err
	})
	return s, err
}

// SidesOf gives the side conversations of a ticket, those of what was merged into it not among them, in the order of their ids.
func (x *Index) SidesOf(conversation desk.ConversationID) (all []desk.SideRow, err error) {
	err = x.view(func(r Reader) error {
		prefix := sidesOfPrefix(string(conversation))
		return r.Scan(prefix, nil, func(k, _ []byte) (bool, error) {
			s, err := readRow[deskpb.SideSummary](r, rowKey(kindSide, string(k[len(prefix):])))
			if err == nil && s != nil {
				all = append(all, s)
			}
			return err == nil, err
		})
	})
	return all, err
}
