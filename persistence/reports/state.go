package reports

import (
	"math"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// state is the fold. Exported fields because a file is its gob; it is never a contract.
type state struct {
	At       desk.Position
	LatestMs int64    // when the last record was written
	Names    []string // ids by their number; 0 is ""
	Open     map[string]*ticket
	Counts   map[cell]uint32
	Minutes  map[minute]uint32

	numbers map[string]uint16
}

// ticket is what must be known of one that is open.
type ticket struct {
	Place    place
	OpenedMs int64 // or opened again
	Asked    bool  // a contact wrote
	Replied  bool
}

// place is what counters are apart by.
type place struct{ Channel, Team, Agent uint16 }

// cell is one counter: what happened in an hour at a place.
type cell struct {
	Hour  uint32 // since 1970, UTC
	Place place
	What  uint8
}

// minute is one of the counters of the last hour.
type minute struct {
	At      uint32
	Channel uint16
	Out     bool
}

// What is counted. From firstReply and resolution on, each number is a length of time (see lengthOf).
const (
	opened uint8 = iota
	closed
	received
	replied
	entered          // a ticket came to this place as an open one
	left             // and went
	firstReply uint8 = 32
	resolution uint8 = 128
	lengths    uint8 = 96
)

func newState() *state {
	s := &state{Names: []string{""}, Open: map[string]*ticket{}, Counts: map[cell]uint32{}, Minutes: map[minute]uint32{}}
	s.ready()
	return s
}

// ready makes what is not kept.
func (s *state) ready() {
	if s.Open == nil {
		s.Open = map[string]*ticket{}
	}
	if s.Counts == nil {
		s.Counts = map[cell]uint32{}
	}
	if s.Minutes == nil {
		s.Minutes = map[minute]uint32{}
	}
	s.numbers = make(map[string]uint16, len(s.Names))
	for i, n := range s.Names {
		s.numbers[n] = uint16(i)
	}
}

// number gives an id's; a desk with more than 65,535 channels, teams and agents counts the rest as nobody's.
func (s *state) number(id string) uint16 {
	n, known := s.numbers[id]
	if !known && len(s.Names) <= math.MaxUint16 {
		n = uint16(len(s.Names))
		s.Names, s.numbers[id] = append(s.Names, id), n
	}
	return n
}

func (s *state) count(atMs int64, p place, what uint8) {
	s.Counts[cell{uint32(max(atMs, 0) / 3_600_000), p, what}]++
}

// lengthOf is the number of a length of time: each is a fifth longer than the one before.
func lengthOf(d time.Duration) uint8 {
	return uint8(min(math.Log(max(d.Seconds(), 1))/math.Log(1.2), float64(lengths-1)))
}

// length is the middle of those that have a number.
func length(n uint8) time.Duration {
	return time.Duration(math.Pow(1.2, float64(n)+0.5) * float64(time.Second))
}

// fold counts the next record. before reads a ticket that is not remembered as it stood before the record.
func (s *state) fold(r desk.Record, before func() (desk.Ticket, error)) error {
	stream := desk.StreamID(r.Stream)
	if stream.Kind() == desk.KindConversation {
		if err := s.conversation(stream.ID(), r, before); err != nil {
			return err
		}
	}
	s.At, s.LatestMs = desk.Position(r.Position), max(s.LatestMs, r.AtMs)
	if len(s.Minutes) > 100_000 {
		s.forget()
	}
	return nil
}

func (s *state) conversation(id string, r desk.Record, before func() (desk.Ticket, error)) error {
	t := s.Open[id]
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		if e.ConversationOpened.Source == desk.SourceImport {
			return nil // it was over before the desk was there; opened again, it counts from then on
		}
		t = &ticket{Place: place{Channel: s.number(e.ConversationOpened.Channel)}, OpenedMs: r.AtMs}
		s.count(r.AtMs, t.Place, opened)
		s.enter(id, t, r.AtMs)
	case *deskpb.Event_MessageReceived:
		s.received(t, r, e.MessageReceived)
	case *deskpb.Event_ReplyRequested:
		s.replied(t, r, e.ReplyRequested)
	case *deskpb.Event_ReplyImported:
		if m := e.ReplyImported.GetMail(); m.GetPastMs() == 0 { // a colleague's, from a program of their own
			s.replied(t, r, &deskpb.ReplyRequested{Channel: m.GetChannel(), Message: m.GetMessage(), Agent: e.ReplyImported.Agent})
		}
	case *deskpb.Event_ConversationAssigned:
		s.move(t, r.AtMs, func(p *place) { p.Agent = s.number(e.ConversationAssigned.Agent) })
	case *deskpb.Event_ConversationUnassigned:
		s.move(t, r.AtMs, func(p *place) { p.Agent = 0 })
	case *deskpb.Event_TicketTeamChanged:
		s.move(t, r.AtMs, func(p *place) { p.Team = s.number(e.TicketTeamChanged.Team) })
	case *deskpb.Event_TicketStatusChanged:
		switch {
		case e.TicketStatusChanged.To == deskpb.TicketStatus_TICKET_STATUS_CLOSED && t != nil:
			s.count(r.AtMs, t.Place, closed)
			s.count(r.AtMs, t.Place, resolution+lengthOf(time.Duration(r.AtMs-t.OpenedMs)*time.Millisecond))
			s.leave(id, r.AtMs)
		case e.TicketStatusChanged.From == deskpb.TicketStatus_TICKET_STATUS_CLOSED && t == nil:
			return s.again(id, r, before)
		}
	case *deskpb.Event_TicketMarkedSpam, *deskpb.Event_ConversationMerged:
		s.leave(id, r.AtMs)
	case *deskpb.Event_TicketUnmarkedSpam, *deskpb.Event_MergeUndone:
		if t == nil {
			return s.again(id, r, before)
		}
	}
	return nil
}

// received counts a message of a contact; machines' do not count.
func (s *state) received(t *ticket, r desk.Record, e *deskpb.MessageReceived) {
	if !desk.Speaks(e.Automatic) || e.PastMs != 0 {
		return
	}
	p := place{Channel: s.number(e.Channel)}
	if t != nil {
		p, t.Asked = t.Place, true
		p.Channel = s.number(e.Channel)
	}
	s.count(r.AtMs, p, received)
	s.Minutes[minute{uint32(r.AtMs / 60_000), p.Channel, false}]++
}

// replied counts a reply, for who wrote it; machines' do not count. The first one to a contact who asked says how long that took.
func (s *state) replied(t *ticket, r desk.Record, e *deskpb.ReplyRequested) {
	if e.Automatic != "" {
		return // nobody has answered yet
	}
	p := place{Channel: s.number(e.Channel)}
	if t != nil {
		p = t.Place
		p.Channel = s.number(e.Channel)
	}
	p.Agent = s.number(e.Agent)
	s.count(r.AtMs, p, replied)
	s.Minutes[minute{uint32(r.AtMs / 60_000), p.Channel, true}]++
	if t != nil && t.Asked && !t.Replied {
		t.Replied = true
		s.count(r.AtMs, p, firstReply+lengthOf(time.Duration(r.AtMs-t.OpenedMs)*time.Millisecond))
	}
}

// again: a ticket that was not open is.
func (s *state) again(id string, r desk.Record, before func() (desk.Ticket, error)) error {
	row, err := before()
	if err != nil {
		return err
	}
	row = desk.ProjectTicket(row, r)
	if row.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED || row.Spam || row.MergedInto != "" {
		return nil
	}
	s.enter(id, &ticket{
		Place: place{s.number(row.Channel), s.number(row.Team), s.number(row.Owner)}, OpenedMs: r.AtMs, Asked: row.LastReceivedAtMs > 0, Replied: true,
	}, r.AtMs)
	return nil
}

func (s *state) enter(id string, t *ticket, atMs int64) {
	s.Open[id] = t
	s.count(atMs, t.Place, entered)
}

func (s *state) leave(id string, atMs int64) {
	if t := s.Open[id]; t != nil {
		s.count(atMs, t.Place, left)
		delete(s.Open, id)
	}
}

// move counts an open ticket at another place.
func (s *state) move(t *ticket, atMs int64, change func(*place)) {
	if t == nil {
		return
	}
	was := t.Place
	if change(&t.Place); t.Place != was {
		s.count(atMs, was, left)
		s.count(atMs, t.Place, entered)
	}
}

// hourBefore is the last minute that is not in the hour before a time.
func hourBefore(ms int64) uint32 { return uint32(max(ms-3_600_000, 0) / 60_000) }

// forget drops the minutes that are more than an hour before the last record.
func (s *state) forget() {
	for m := range s.Minutes {
		if m.At <= hourBefore(s.LatestMs) {
			delete(s.Minutes, m)
		}
	}
}
