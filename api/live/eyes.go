package live

import (
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
	"github.com/centralita/centralita/proto/deskpb"
)

// What everybody is sent is the same for all, but for what only those see who run the desk: how much colleagues have to do, and
// what a choice of an owner says of it. Of such a change there is a second frame for the others, made at most once too.

// eyes say in which shape a socket is shown things.
type eyes struct {
	binary bool
	leads  bool
	agent  string // one's own row is whole
}

func (s *session) eyes() eyes { return eyes{s.binary, s.leads, string(s.who.Agent)} }

// of is the frame these eyes are shown, nil when there is nothing in it for them.
func (c *change) of(e eyes) *socket.Frame {
	switch {
	case e.leads || c.plain == nil || c.topic == topicAgent && c.id == e.agent:
		return c.frames.of(e.binary)
	case c.plain.frame == nil:
		return nil
	}
	return c.plain.of(e.binary)
}

// plainOf is what the others are shown of a frame: nil when it is the same, and a frame of nothing when nobody of them is to hear
// of it. before is the version that the row had before the run of records.
func plainOf(f *deskpb.ServerFrame, before uint64) *frames {
	switch k := f.Kind.(type) {
	case *deskpb.ServerFrame_Agent:
		row := desk.Colleague(k.Agent.Agent)
		if row.Version <= before {
			return &frames{}
		}
		return &frames{frame: &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Agent{Agent: &deskpb.AgentChangedFrame{
			Position: k.Agent.Position, Agent: row, Partial: true,
		}}}}
	case *deskpb.ServerFrame_Channel:
		return &frames{frame: &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Channel{Channel: &deskpb.ChannelChangedFrame{
			Position: k.Channel.Position, Channel: desk.PlainChannel(k.Channel.Channel), Partial: true,
		}}}}
	case *deskpb.ServerFrame_Ticket:
		reason := desk.PlainReason(k.Ticket.Ticket.GetReason())
		if reason == k.Ticket.Ticket.GetReason() {
			return nil
		}
		t := proto.CloneOf(k.Ticket.Ticket)
		t.Reason = reason
		return &frames{frame: &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Ticket{Ticket: &deskpb.TicketChanged{Position: k.Ticket.Position, Ticket: t}}}}
	case *deskpb.ServerFrame_Record:
		if ev := k.Record.Record.GetEvent(); desk.PlainEvent(ev) != ev {
			r := proto.CloneOf(k.Record.Record)
			r.Event = desk.PlainEvent(ev)
			return &frames{frame: recordFrame(r)}
		}
		reason := desk.ReasonIn(k.Record.Record.GetEvent())
		plain := desk.PlainReason(reason)
		if plain == reason {
			return nil
		}
		r := proto.CloneOf(k.Record.Record)
		switch e := r.Event.GetKind().(type) {
		case *deskpb.Event_ConversationAssigned:
			e.ConversationAssigned.Reason = plain
		case *deskpb.Event_ConversationUnassigned:
			e.ConversationUnassigned.Reason = plain
		case *deskpb.Event_AssignmentDeferred:
			e.AssignmentDeferred.Reason = plain
		}
		return &frames{frame: recordFrame(r)}
	}
	return nil
}

// showTicket sends a row as it is now to one socket.
func (s *session) showTicket(at desk.Position, row desk.Ticket) {
	f := ticketFrame(at, row)
	c := change{topic: topicTicket, id: row.Conversation, frames: frames{frame: f}, plain: plainOf(f, 0)}
	s.push(c.of(s.eyes()))
}
