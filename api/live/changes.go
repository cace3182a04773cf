package live

import (
	"fmt"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// topic is what a screen may be interested in.
type topic uint8

const (
	topicTicket topic = iota
	topicAgent
	topicChannel
	topicSetting // every screen's
	topicTeam    // every screen's
	topicContact // the contact of a subscribed conversation
	topicRecord  // of a subscribed conversation
	topicSide    // a side conversation of one
)

// change is one frame that a run of records makes, and whom it concerns.
type change struct {
	topic topic
	id    string      // conversation or contact, for the last two topics
	row   desk.Ticket // of topicTicket
	frames
	plain *frames // for who does not run the desk; nil: the same
	blind *frames // of a merge, for who may not see the other ticket; made when first asked for
}

// changes gives the frames a run of records makes, in the order in which they may be sent: a row appears once, where it
// changed last, and as it is now; whoever stops reading anywhere can resume from the position of the last frame read.
func (h *Hub) changes(records []desk.Record, wanted func(topic, string) bool) ([]change, error) {
	last := make(map[string]int, len(records)) // stream → index of its last record that changes the row
	before := map[string]uint64{}              // an agent's stream → its version before the run
	for i, r := range records {
		if t, shows := rowTopic(r); shows {
			last[r.Stream] = i
			if _, begun := before[r.Stream]; t == topicAgent && !begun {
				before[r.Stream] = r.Version - 1
			}
		}
	}
	out := make([]change, 0, len(records))
	for i, r := range records {
		stream := desk.StreamID(r.Stream)
		if t, shows := rowTopic(r); shows && last[r.Stream] == i && wanted(t, stream.ID()) {
			f, row, err := h.rowFrame(t, stream.ID(), r)
			if err != nil {
				return nil, fmt.Errorf("read the row of %s: %w", r.Stream, err)
			}
			if f != nil {
				out = append(out, change{topic: t, id: stream.ID(), row: row, frames: frames{frame: f}, plain: plainOf(f, before[r.Stream])})
			}
		}
		if stream.Kind() == desk.KindSide {
			c, err := h.sideNews(r, wanted)
			if err != nil {
				return nil, fmt.Errorf("read the row of %s: %w", r.Stream, err)
			}
			if c != nil {
				out = append(out, *c)
			}
		}
		if stream.Kind() == desk.KindConversation && wanted(topicRecord, stream.ID()) && r.Event.GetConversationPurged() == nil {
			f := recordFrame(r)
			out = append(out, change{topic: topicRecord, id: stream.ID(), frames: frames{frame: f}, plain: plainOf(f, 0)})
		}
	}
	return out, nil
}

// rowTopic tells which row a record changes. Sessions, passwords and cursors are nobody's to see.
func rowTopic(r desk.Record) (t topic, shows bool) {
	switch desk.StreamID(r.Stream).Kind() {
	case desk.KindConversation:
		return topicTicket, true
	case desk.KindContact:
		return topicContact, true
	case desk.KindAgent:
		switch r.Event.GetKind().(type) {
		case *deskpb.Event_AgentPasswordSet, *deskpb.Event_SessionOpened, *deskpb.Event_SessionClosed, *deskpb.Event_SessionSeen,
			*deskpb.Event_SecondFactorUsed, *deskpb.Event_NotificationsSeen:
			return topicAgent, false
		}
		return topicAgent, true
	case desk.KindChannel:
		_, cursor := r.Event.GetKind().(*deskpb.Event_ChannelCursorMoved)
		return topicChannel, !cursor
	case desk.KindSetting:
		return topicSetting, true
	case desk.KindTeam:
		return topicTeam, true
	}
	return 0, false
}

// rowFrame reads the row as it is now; nil when there is none. Its position is the one before the record: a record frame of
// the same event may still have to follow.
func (h *Hub) rowFrame(t topic, id string, r desk.Record) (f *deskpb.ServerFrame, ticket desk.Ticket, err error) {
	at := desk.Position(r.Position - 1)
	switch t {
	case topicTicket:
		ticket, err = h.opt.Rows.Ticket(desk.ConversationID(id))
		f, err = frameOf(ticket, err, func() *deskpb.ServerFrame {
			if ticket.Purged {
				return goneFrame(at, id)
			}
			return ticketFrame(at, ticket)
		})
	case topicAgent:
		row, e := h.opt.Rows.Agent(desk.AgentID(id))
		f, err = frameOf(row, e, func() *deskpb.ServerFrame { return agentFrame(at, row) })
	case topicChannel:
		row, e := h.opt.Rows.Channel(desk.ChannelID(id))
		f, err = frameOf(row, e, func() *deskpb.ServerFrame { return channelFrame(at, row) })
	case topicSetting:
		row, e := h.opt.Rows.Setting(desk.SettingID(id))
		f, err = frameOf(row, e, func() *deskpb.ServerFrame { return settingFrame(at, row) })
	case topicTeam:
		row, e := h.opt.Teams.Team(desk.TeamID(id))
		f, err = frameOf(row, e, func() *deskpb.ServerFrame { return teamFrame(at, row) })
	default:
		row, e := h.opt.Rows.Contact(desk.ContactID(id))
		f, err = frameOf(row, e, func() *deskpb.ServerFrame { return contactFrame(at, row) })
	}
	return f, ticket, err
}

func frameOf[R any](row *R, err error, make func() *deskpb.ServerFrame) (*deskpb.ServerFrame, error) {
	if err != nil || row == nil {
		return nil, err
	}
	return make(), nil
}

// subscription is one conversation a screen shows, and its contact.
type subscription struct {
	conversation string
	contact      string
}

// wants is what a screen subscribed to.
type wants struct {
	tickets, agents, channels bool
	conversations             []subscription
}

func (w *wants) want(t topic, id string) bool {
	switch t {
	case topicTicket:
		return w.tickets || w.subscribed(id)
	case topicAgent:
		return w.agents
	case topicChannel:
		return w.channels
	case topicSetting, topicTeam:
		return true
	case topicRecord, topicSide:
		return w.subscribed(id)
	case topicContact:
		for _, s := range w.conversations {
			if s.contact == id {
				return true
			}
		}
	}
	return false
}

func (w *wants) subscribed(conversation string) bool {
	for _, s := range w.conversations {
		if s.conversation == conversation {
			return true
		}
	}
	return false
}

// class numbers the combinations of what a socket without a conversation of its own may want: they share one list.
func (w *wants) class(e eyes) int {
	n := 0
	for i, on := range [...]bool{e.binary, e.leads, w.tickets, w.agents, w.channels} {
		if on {
			n |= 1 << i
		}
	}
	return n
}

const classes = 32

// sideNews is the frame that says that a side conversation is another, to those who look at the ticket that shows it. What is in it they read
// over HTTP, as who sees that ticket may.
func (h *Hub) sideNews(r desk.Record, wanted func(topic, string) bool) (*change, error) {
	side := desk.StreamID(r.Stream).ID()
	row, err := h.opt.Sides.Side(desk.ConversationID(side))
	if err != nil || row == nil {
		return nil, err
	}
	shown := row.Conversation
	for range 16 { // where it was merged into
		if wanted(topicSide, shown) {
			f := &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Side{Side: &deskpb.SideNews{Position: r.Position - 1, Conversation: shown, Side: side}}}
			return &change{topic: topicSide, id: shown, frames: frames{frame: f}}, nil
		}
		t, err := h.opt.Rows.Ticket(desk.ConversationID(shown))
		if err != nil {
			return nil, fmt.Errorf("read ticket %s: %w", shown, err)
		}
		if t.GetMergedInto() == "" {
			return nil, nil
		}
		shown = t.MergedInto
	}
	return nil, nil
}
