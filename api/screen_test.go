package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// screen is what a browser's page does with the socket: it folds frames into rows and timelines, and knows how far it is.
type screen struct {
	t      testing.TB
	b      *browser
	ws     *websocket.Conn
	binary bool

	epoch    string
	position uint64
	caughtUp uint64
	resets   int

	tickets  map[string]*deskpb.TicketSummary
	agents   map[string]*deskpb.AgentSummary
	rows     []*deskpb.AgentChangedFrame // of agents, in the order of arrival
	channels map[string]*deskpb.ChannelSummary
	contacts map[string]*deskpb.ContactSummary
	records  map[string][]uint64 // conversation → versions, in the order of arrival
	answers  map[string]*deskpb.ServerFrame
	presence []*deskpb.Presence
	gone     []string
	heard    []string // every frame, as JSON
}

func (b *browser) screen() *screen {
	return &screen{
		t: b.t, b: b, tickets: map[string]*deskpb.TicketSummary{}, agents: map[string]*deskpb.AgentSummary{},
		channels: map[string]*deskpb.ChannelSummary{}, contacts: map[string]*deskpb.ContactSummary{}, records: map[string][]uint64{},
		answers: map[string]*deskpb.ServerFrame{},
	}
}

func (b *browser) header() http.Header {
	h := http.Header{"Origin": {b.http.URL}}
	if s := b.cookie("centralita_session"); s != "" {
		h.Set("Cookie", "centralita_session="+s)
	}
	return h
}

func (h *house) socketURL() string {
	return "ws" + strings.TrimPrefix(h.http.URL, "http") + "/api/v1/socket"
}

// connect opens the socket without saying anything.
func (s *screen) connect() {
	s.t.Helper()
	protocol := live.ProtocolJSON
	if s.binary {
		protocol = live.ProtocolBinary
	}
	d := websocket.Dialer{Subprotocols: []string{protocol}, HandshakeTimeout: 5 * time.Second, ReadBufferSize: 1024, WriteBufferSize: 1024}
	ws, resp, err := d.Dial(s.b.socketURL(), s.b.header())
	if err != nil {
		s.t.Fatalf("dial: %v %v", err, resp)
	}
	if ws.Subprotocol() != protocol {
		s.t.Fatalf("subprotocol %q", ws.Subprotocol())
	}
	s.ws = ws
	s.t.Cleanup(func() { _ = ws.Close() })
}

// hello connects and says where the screen is. A new screen reads until it is live.
func (s *screen) hello() *screen {
	s.t.Helper()
	s.connect()
	fresh := s.epoch == ""
	s.say(&deskpb.ClientFrame{Kind: &deskpb.ClientFrame_Hello{Hello: &deskpb.Hello{Epoch: s.epoch, Position: s.position}}})
	s.until("welcome", func(f *deskpb.ServerFrame) bool { return f.GetWelcome() != nil })
	if fresh {
		s.until("caught up", isCaughtUp)
	}
	return s
}

func isCaughtUp(f *deskpb.ServerFrame) bool {
	_, is := f.Kind.(*deskpb.ServerFrame_CaughtUp)
	return is
}

func (s *screen) say(f *deskpb.ClientFrame) {
	s.t.Helper()
	kind, data, err := websocket.TextMessage, []byte(nil), error(nil)
	if s.binary {
		kind = websocket.BinaryMessage
		data, err = proto.Marshal(f)
	} else {
		data, err = protojson.Marshal(f)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.ws.WriteMessage(kind, data); err != nil {
		s.t.Logf("write: %v", err) // the server may have closed: the next read says why
	}
}

func (s *screen) subscribe(conversations ...string) {
	s.t.Helper()
	s.say(&deskpb.ClientFrame{Id: "sub", Kind: &deskpb.ClientFrame_Subscribe{Subscribe: &deskpb.Subscribe{
		Tickets: true, Agents: true, Channels: true, Conversations: conversations, Looking: lastOf(conversations),
	}}})
}

// lastOf: as in the browser, what was opened last is on the screen.
func lastOf(conversations []string) string {
	if len(conversations) == 0 {
		return ""
	}
	return conversations[len(conversations)-1]
}

func (s *screen) command(id string, stream desk.StreamID, m proto.Message) {
	s.t.Helper()
	s.say(&deskpb.ClientFrame{Id: id, Kind: &deskpb.ClientFrame_Command{Command: &deskpb.AgentCommand{
		Stream: string(stream), Command: deskpb.NewCommand(m),
	}}})
}

// next reads and folds one frame; an error when the socket is over.
func (s *screen) next() (*deskpb.ServerFrame, error) {
	_ = s.ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	kind, data, err := s.ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	f := &deskpb.ServerFrame{}
	if (kind == websocket.BinaryMessage) != s.binary {
		return nil, fmt.Errorf("a frame in the wrong encoding")
	}
	if err := s.unmarshal(data, f); err != nil {
		return nil, err
	}
	s.fold(f)
	return f, nil
}

func (s *screen) unmarshal(data []byte, f *deskpb.ServerFrame) error {
	if s.binary {
		return proto.Unmarshal(data, f)
	}
	return protojson.Unmarshal(data, f)
}

func (s *screen) fold(f *deskpb.ServerFrame) {
	s.heard = append(s.heard, f.String())
	at := uint64(0)
	switch k := f.Kind.(type) {
	case *deskpb.ServerFrame_Welcome:
		if s.epoch == "" {
			s.epoch, at = k.Welcome.Epoch, k.Welcome.Position
		}
	case *deskpb.ServerFrame_Reset_:
		s.resets++
		s.epoch, s.position = k.Reset_.Epoch, k.Reset_.Position
	case *deskpb.ServerFrame_CaughtUp:
		s.caughtUp, at = k.CaughtUp.Position, k.CaughtUp.Position
	case *deskpb.ServerFrame_Ticket:
		row := k.Ticket.Ticket
		if old := s.tickets[row.Conversation]; old == nil || old.Version <= row.Version {
			s.tickets[row.Conversation] = row
		}
		at = k.Ticket.Position
	case *deskpb.ServerFrame_Agent:
		s.rows = append(s.rows, k.Agent)
		row := k.Agent.Agent
		if old := s.agents[row.Agent]; old == nil || old.Version <= row.Version {
			s.agents[row.Agent] = row
		}
		at = k.Agent.Position
	case *deskpb.ServerFrame_Channel:
		row := k.Channel.Channel
		if old := s.channels[row.Channel]; old == nil || old.Version <= row.Version {
			s.channels[row.Channel] = row
		}
		at = k.Channel.Position
	case *deskpb.ServerFrame_Gone:
		s.gone = append(s.gone, k.Gone.Conversation)
		delete(s.tickets, k.Gone.Conversation)
		at = k.Gone.Position
	case *deskpb.ServerFrame_Contact:
		row := k.Contact.Contact
		if old := s.contacts[row.Contact]; old == nil || old.Version <= row.Version {
			s.contacts[row.Contact] = row
		}
		at = k.Contact.Position
	case *deskpb.ServerFrame_Record:
		r := k.Record.Record
		s.records[r.Stream] = append(s.records[r.Stream], r.Version)
		at = r.Position
	case *deskpb.ServerFrame_Done:
		s.answers[k.Done.Id] = f
	case *deskpb.ServerFrame_Refused:
		s.answers[k.Refused.Id] = f
	case *deskpb.ServerFrame_Presence:
		s.presence = append(s.presence, k.Presence)
	}
	s.position = max(s.position, at)
}

// frameOf is the last frame with the row of an agent, nil for none.
func (s *screen) frameOf(agent string) (last *deskpb.AgentChangedFrame) {
	for _, f := range s.rows {
		if f.Agent.Agent == agent {
			last = f
		}
	}
	return last
}

// until reads frames until one is what is waited for.
func (s *screen) until(what string, found func(*deskpb.ServerFrame) bool) *deskpb.ServerFrame {
	s.t.Helper()
	for {
		f, err := s.next()
		if err != nil {
			s.t.Fatalf("waiting for %s: %v (position %d, caught up %d, answers %v)", what, err, s.position, s.caughtUp, s.answers)
		}
		if found(f) {
			return f
		}
	}
}

// untilIt reads frames until the screen is as it should be.
func (s *screen) untilIt(what string, is func() bool) {
	s.t.Helper()
	if !is() {
		s.until(what, func(*deskpb.ServerFrame) bool { return is() })
	}
}

// sync subscribes, and again, until the server says that it has sent everything up to the engine's head.
func (s *screen) sync(conversations ...string) {
	s.t.Helper()
	_, head := s.b.engine.Head()
	for first := true; first || s.caughtUp < uint64(head); first = false {
		if !first { // asking faster than the feed goes would be refused: wait for its next pulse
			select {
			case <-time.After(2 * time.Millisecond):
			case <-s.t.Context().Done():
			}
		}
		s.subscribe(conversations...)
		s.until("caught up", isCaughtUp)
	}
}

func (s *screen) answer(id string) *deskpb.ServerFrame {
	s.t.Helper()
	for s.answers[id] == nil {
		if _, err := s.next(); err != nil {
			s.t.Fatalf("waiting for the answer to %s: %v", id, err)
		}
	}
	return s.answers[id]
}

// closed reads to the end and gives the close code.
func (s *screen) closed() (code int, text string) {
	s.t.Helper()
	for {
		_, err := s.next()
		if err == nil {
			continue
		}
		ce, ok := err.(*websocket.CloseError) //nolint:errorlint // gorilla gives it as it is
		if !ok {
			s.t.Fatalf("the socket ended without a code: %v", err)
		}
		return ce.Code, ce.Text
	}
}
