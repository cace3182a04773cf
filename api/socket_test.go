package api_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/api"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
	"github.com/centralita/centralita/proto/deskpb"
)

func refused(f *deskpb.ServerFrame) string {
	return f.GetRefused().GetCode() + " " + f.GetRefused().GetField()
}

func TestAScreenWorks(t *testing.T) {
	t.Parallel()
	for _, binary := range []bool{false, true} {
		h := open(t)
		ada := h.admin()
		conv := h.receive("anna", 1, "Hello")
		s := ada.screen()
		s.binary = binary
		s.hello().sync() // the feed has passed what was there
		s.sync(string(conv))

		h.receive("anna", 2, "Anybody?")
		other := h.receive("bob", 1, "Me too")
		s.command("c1", conv.Stream(), &deskpb.RequestReply{Message: "ms_1", Body: &deskpb.Body{Text: "Yes!"}})
		if d := s.answer("c1").GetDone(); d.GetVersion() != 6 || d.GetPosition() == 0 {
			t.Errorf("answer: %v", s.answers["c1"])
		}
		s.command("c2", conv.Stream(), &deskpb.RequestReply{Message: "ms_1", Body: &deskpb.Body{Text: "Yes!"}})
		if d := s.answer("c2").GetDone(); d.GetVersion() != 6 {
			t.Errorf("a repeat: %v", s.answers["c2"])
		}
		s.sync(string(conv))
		if got := s.records[string(conv.Stream())]; !slices.Equal(got, []uint64{3, 4, 5, 6}) {
			t.Errorf("records %v", got)
		}
		if row := s.tickets[string(conv)]; row.GetOwner() != ada.agent || row.GetOwnerName() != "Ada Admin" || row.GetVersion() != 6 {
			t.Errorf("row %v", row)
		}
		if row := s.tickets[string(other)]; row.GetPreview() != "Me too" {
			t.Errorf("row %v", row)
		}
		if len(s.records[string(other.Stream())]) != 0 {
			t.Error("records of a conversation nobody subscribed to")
		}
	}
}

func TestWhatAScreenMayAsk(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	conv := h.receive("anna", 1, "Hello")
	s := ben.screen().hello()
	adaStream, benStream := desk.AgentID(ada.agent).Stream(), desk.AgentID(ben.agent).Stream()
	for id, c := range map[string]struct {
		stream desk.StreamID
		m      proto.Message
		want   string
	}{
		"password":      {adaStream, &deskpb.SetAgentPassword{Hash: "$argon2id$"}, "denied command"},
		"role":          {benStream, &deskpb.ChangeAgent{Agent: &deskpb.AgentChanged{Name: "Ben", Role: deskpb.Role_ROLE_ADMINISTRATOR}}, "denied command"},
		"forged mail":   {conv.Stream(), &deskpb.ReceiveMessage{}, "denied command"},
		"delivery":      {conv.Stream(), &deskpb.SettleDelivery{}, "denied command"},
		"wrong stream":  {benStream, &deskpb.AddNote{Message: "n", Body: &deskpb.Body{Text: "x"}}, "invalid stream"},
		"no stream":     {"", &deskpb.AddNote{Message: "n", Body: &deskpb.Body{Text: "x"}}, "invalid stream"},
		"odd stream":    {"conversation/../x", &deskpb.SetTicketStatus{Status: 4}, "invalid stream"},
		"another's":     {adaStream, &deskpb.SetAvailability{}, "denied stream"},
		"nowhere":       {"conversation/cv_none", &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}, "not_found conversation"},
		"empty":         {conv.Stream(), &deskpb.AddNote{Message: "n"}, "invalid text"},
		"no such agent": {conv.Stream(), &deskpb.AssignConversation{Agent: "ag_none"}, "invalid agent"},
		"header":        {conv.Stream(), &deskpb.RequestReply{Message: "r", Body: &deskpb.Body{Text: "x"}, To: []*deskpb.Address{{Address: "a@b.c\nBcc: d@e.f"}}}, "invalid to[0].address"},
	} {
		s.command(id, c.stream, c.m)
		if got := refused(s.answer(id)); got != c.want {
			t.Errorf("%s: %q, want %q (%v)", id, got, c.want, s.answers[id])
		}
	}
	s.say(&deskpb.ClientFrame{Id: "none", Kind: &deskpb.ClientFrame_Command{Command: &deskpb.AgentCommand{Stream: string(conv.Stream())}}})
	if got := refused(s.answer("none")); got != "invalid command" {
		t.Errorf("no command: %q", got)
	}

	// What the server fills in is not the client's to say.
	forged := deskpb.NewCommand(&deskpb.AssignConversation{Agent: ada.agent, AgentName: "Mallory", Reservation: "r1", Reason: &deskpb.AssignmentReason{Code: "x"}})
	forged.By, forged.AtMs, forged.Key = &deskpb.Author{Id: ada.agent, Name: "Ada"}, 1, "key"
	s.say(&deskpb.ClientFrame{Id: "forged", Kind: &deskpb.ClientFrame_Command{Command: &deskpb.AgentCommand{Stream: string(conv.Stream()), Command: forged}}})
	if s.answer("forged").GetDone() == nil {
		t.Fatalf("assign: %v", s.answers["forged"])
	}
	var last desk.Record
	for r, err := range h.engine.Records(t.Context(), conv.Stream(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		last = r
	}
	e := last.Event.GetConversationAssigned()
	if last.By.GetId() != ben.agent || last.AtMs < time.Now().Add(-time.Hour).UnixMilli() || last.Key != "" || e.AgentName != "Ada Admin" || e.Reservation != "" || e.Reason.Code != "assigned_by_hand" {
		t.Errorf("record %v", last)
	}
	s.command("mine", benStream, &deskpb.SetAvailability{Available: true})
	if s.answer("mine").GetDone() == nil {
		t.Errorf("own availability: %v", s.answers["mine"])
	}
}

func TestOrderOfCommandsAndTheirLimit(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("anna", 1, "Hello")
	s := ada.screen().hello()
	h.engine.mu.Lock() // the engine hangs: commands wait
	for i := range 40 {
		s.command(string(rune('A'+i)), conv.Stream(), &deskpb.SetTicketPriority{Priority: deskpb.Priority(1 + i%4)})
	}
	if got := refused(s.answer(string(rune('A' + 39)))); got != "limit " {
		t.Errorf("the 40th: %q", got)
	}
	h.engine.mu.Unlock()
	versions := []uint64{}
	for i := range 30 {
		versions = append(versions, s.answer(string(rune('A'+i))).GetDone().GetVersion())
	}
	if !slices.IsSorted(versions) || versions[29] != 32 {
		t.Errorf("versions %v", versions)
	}
}

func TestWhoMayConnect(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	dial := func(header http.Header) int {
		ws, resp, err := websocket.DefaultDialer.Dial(h.socketURL(), header)
		if err == nil {
			_ = ws.Close()
			return 101
		}
		if !errors.Is(err, websocket.ErrBadHandshake) {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	if got := dial(h.browser().header()); got != 401 {
		t.Errorf("a stranger: %d", got)
	}
	evil := ada.header()
	evil.Set("Origin", "https://evil.example")
	if got := dial(evil); got != 403 {
		t.Errorf("another site: %d", got)
	}
	if got := dial(ada.header()); got != 101 {
		t.Errorf("Ada: %d", got)
	}
	if a := ada.do("GET", "/socket", nil); a.status != 400 {
		t.Errorf("not a WebSocket: %d %s", a.status, a.raw)
	}
	for range 50 {
		ada.screen().hello()
	}
	if got := dial(ada.header()); got != 429 {
		t.Errorf("the 51st: %d", got)
	}
}

func TestBadFrames(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	for _, c := range []struct{ frame, want string }{
		{`{"id":"x","hello":{},"color":1}`, `invalid`},
		{`{"id":"x","subscribe":{"tickets":"yes"}}`, ``}, // wrong type: not a frame
		{`{"id":"x"}`, `invalid`},
		{`{}`, `invalid`},
		{`{"id":"x","subscribe":{}}`, `conflict`},
		{`{"id":"x","typing":{"conversation":"No!"}}`, `invalid conversation`},
		{`{"id":"` + strings.Repeat("x", 100) + `","ping":{}}`, `invalid`},
		{`hello`, ``},
		{`[]`, ``},
		{``, ``},
		{`{"id":"x","hello":{"position":"many"}}`, ``},
		{`{"hello":` + strings.Repeat(`{"a":`, 5000), ``},
		{"\xff\xfe", ``},
	} {
		s := ada.screen()
		s.connect()
		if err := s.ws.WriteMessage(websocket.TextMessage, []byte(c.frame)); err != nil {
			t.Fatal(err)
		}
		if c.want == "" {
			if code, text := s.closed(); code != socket.Protocol && code != 1007 {
				t.Errorf("%.40q: closed with %d %s", c.frame, code, text)
			}
			continue
		}
		f, err := s.next()
		if err != nil {
			t.Errorf("%.40q: %v", c.frame, err)
			continue
		}
		if got := strings.TrimSpace(refused(f)); got != c.want || f.GetRefused().GetMessage() == "" {
			t.Errorf("%.40q: %q, want %q: %v", c.frame, got, c.want, f)
		}
		s.say(&deskpb.ClientFrame{Kind: &deskpb.ClientFrame_Ping{Ping: &deskpb.Ping{}}})
		if f, err := s.next(); err != nil || f.GetPong() == nil {
			t.Errorf("%.40q: it did not stay open: %v %v", c.frame, f, err)
		}
	}
	// A frame in the other encoding.
	s := ada.screen()
	s.connect()
	if err := s.ws.WriteMessage(websocket.BinaryMessage, []byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if code, _ := s.closed(); code != socket.Protocol {
		t.Errorf("binary on a JSON socket: %d", code)
	}
	// Far too many.
	s = ada.screen()
	s.connect()
	for range 800 {
		if s.ws.WriteMessage(websocket.TextMessage, []byte(`{"ping":{}}`)) != nil {
			break
		}
	}
	if code, _ := s.closed(); code != socket.Protocol {
		t.Errorf("a flood: %d", code)
	}
}

func TestHelloIsExpected(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.HelloWithin = time.Second })
	ada := h.admin()
	greeted, silent := ada.screen().hello(), ada.screen()
	silent.connect()
	if code, text := silent.closed(); code != socket.Protocol || text != "say hello first" {
		t.Errorf("closed with %d %q", code, text)
	}
	greeted.sync()
}

// TestWithoutASubprotocol: frames are JSON, also when only unknown ones are offered.
func TestWithoutASubprotocol(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	for _, offered := range [][]string{nil, {"soap"}} {
		d := websocket.Dialer{Subprotocols: offered}
		ws, _, err := d.Dial(h.socketURL(), ada.header())
		if err != nil {
			t.Fatal(err)
		}
		if err := ws.WriteMessage(websocket.TextMessage, []byte(`{"hello":{}}`)); err != nil {
			t.Fatal(err)
		}
		kind, data, err := ws.ReadMessage()
		if err != nil || kind != websocket.TextMessage || !strings.Contains(string(data), "welcome") || ws.Subprotocol() != "" {
			t.Errorf("%v: %d %s %v, subprotocol %q", offered, kind, data, err, ws.Subprotocol())
		}
		_ = ws.Close()
	}
}

func TestTheEndOfASession(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	signIn := func() *browser {
		b := h.browser()
		b.must(200, "POST", "/session", map[string]any{"email": "ben@example.com", "password": password})
		return b
	}
	for name, end := range map[string]func(b *browser){
		"signed out": func(b *browser) { b.must(204, "DELETE", "/session", nil) },
		"a new password": func(*browser) {
			ada.must(204, "PUT", "/agents/"+ben.agent+"/password", map[string]any{"password": password})
		},
		"deactivated": func(*browser) {
			ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"deactivated": true})
			ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"deactivated": false})
		},
	} {
		b := signIn()
		s, stays := b.screen().hello(), ada.screen().hello()
		s.sync()
		end(b)
		if code, _ := s.closed(); code != socket.AuthExpired {
			t.Errorf("%s: closed with %d", name, code)
		}
		stays.sync()
	}
}

func TestWhoLooksAndTypesIsSeenByTheOthers(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	conv := h.receive("anna", 1, "Hello")
	sa, sb := ada.screen().hello(), ben.screen().hello()
	for _, s := range []*screen{sa, sb} {
		s.sync(string(conv))
	}
	looking := func(s *screen, who string) bool {
		return slices.ContainsFunc(s.presence, func(p *deskpb.Presence) bool { return !p.Typing && p.Who == who && p.Conversation == string(conv) })
	}
	sa.untilIt("sees Ben look", func() bool { return looking(sa, ben.agent) })
	sb.untilIt("sees Ada look", func() bool { return looking(sb, ada.agent) })
	typing := func(s *screen) {
		s.say(&deskpb.ClientFrame{Kind: &deskpb.ClientFrame_Typing{Typing: &deskpb.Typing{Conversation: string(conv), On: true}}})
	}
	typing(sa)
	sb.untilIt("sees Ada type", func() bool {
		return slices.ContainsFunc(sb.presence, func(p *deskpb.Presence) bool { return p.Typing && p.Who == ada.agent && p.Name == "Ada Admin" })
	})
	h.engine.Presence(desk.PresenceSign{Conversation: conv, Who: "contact", Name: "Anna", Typing: true})
	sa.untilIt("sees the contact type", func() bool {
		return slices.ContainsFunc(sa.presence, func(p *deskpb.Presence) bool { return p.Typing && p.Who == "contact" })
	})
	if slices.ContainsFunc(sa.presence, func(p *deskpb.Presence) bool { return p.Who == ada.agent }) {
		t.Error("Ada sees herself typing")
	}
	left := func() bool {
		return slices.ContainsFunc(sa.presence, func(p *deskpb.Presence) bool { return p.Left && p.Who == ben.agent })
	}
	second := ben.screen().hello()
	second.sync(string(conv))
	sb.sync() // away from it, but another screen of his still shows it
	sa.sync(string(conv))
	if left() {
		t.Error("Ben has left though he looks at it on another screen")
	}
	second.sync()
	sa.untilIt("sees Ben leave", left)
}

func TestWhatIsNotShown(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Mail", "config": map[string]any{"address": "help@example.com", "host": "h"}, "secrets": map[string]any{"password": "imap-secret"}})
	channel := desk.ChannelID(desk.DeriveID("ch_", "email", "help@example.com"))
	s := ada.screen().hello()
	s.sync()
	h.command(channel.Stream(), &deskpb.MoveChannelCursor{Cursor: "1:2"})
	ada.must(204, "PUT", "/agents/"+ada.agent+"/password", map[string]any{"password": password, "current": password}) // closes: the session is another one
	again := ada.screen()
	again.epoch, again.position = s.epoch, s.position
	again.hello().sync()
	if len(again.agents)+len(again.channels) != 0 {
		t.Errorf("agents %v, channels %v", again.agents, again.channels)
	}
	h.command(channel.Stream(), &deskpb.ReportChannelHealth{State: deskpb.HealthState_HEALTH_STATE_FAILED, Reason: "no"})
	again.sync()
	if c := again.channels[string(channel)]; c.GetHealth() != deskpb.HealthState_HEALTH_STATE_FAILED || strings.Contains(c.String(), "secret") {
		t.Errorf("channel %v", c)
	}
}

func TestAContactsNewsReachesWhoLooks(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("anna", 1, "Hello")
	looks, other := ada.screen().hello(), ada.screen().hello()
	looks.sync(string(conv))
	contact := desk.ContactIDFor(1, "anna@customer.example")
	h.command(contact.Stream(), &deskpb.NameContact{Name: "Anna Arm"})
	looks.sync(string(conv))
	other.sync()
	if looks.contacts[string(contact)].GetName() != "Anna Arm" || len(other.contacts) != 0 {
		t.Errorf("contacts %v, %v", looks.contacts, other.contacts)
	}
}

func TestShutdownSaysComeBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	s := ada.screen().hello()
	s.sync()
	h.stop()
	if code, _ := s.closed(); code != socket.GoingAway {
		t.Errorf("closed with %d", code)
	}
	if a := ada.do("GET", "/socket", nil); a.status != 503 {
		t.Errorf("after the stop: %d", a.status)
	}
}

func TestAPanicEndsOneCommand(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.SanitizeHTML = func(string) string { panic("kaboom") } })
	ada := h.admin()
	conv := h.receive("anna", 1, "Hello")
	s := ada.screen().hello()
	s.command("bad", conv.Stream(), &deskpb.AddNote{Message: "n1", Body: &deskpb.Body{Html: "<b>x</b>"}})
	if got := s.answer("bad").GetRefused(); got.GetCode() != "internal" || strings.Contains(got.GetMessage(), "kaboom") {
		t.Errorf("answer %v", got)
	}
	s.command("good", conv.Stream(), &deskpb.AddNote{Message: "n2", Body: &deskpb.Body{Text: "x"}})
	if s.answer("good").GetDone() == nil || !strings.Contains(h.log.String(), "kaboom") {
		t.Errorf("answer %v", s.answers["good"])
	}
}

// TestStopWhileTheyCome: screens that connect while the server stops are told to come back, and the stop ends.
func TestStopWhileTheyCome(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ada.screen().hello()
	var coming sync.WaitGroup
	for range 30 {
		coming.Go(func() {
			ws, resp, err := websocket.DefaultDialer.Dial(h.socketURL(), ada.header())
			if err != nil {
				if resp == nil || resp.StatusCode != 503 {
					t.Errorf("refused with %v %v", err, resp)
				}
				return
			}
			defer ws.Close()
			_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
			if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, socket.GoingAway) {
				t.Errorf("ended with %v", err)
			}
		})
	}
	h.stop()
	coming.Wait()
}
