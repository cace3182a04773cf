package api_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
	"github.com/centralita/centralita/proto/deskpb"
)

// read does what a new screen does after Welcome: it reads the lists over HTTP (here from the index they come from).
func (s *screen) read() {
	s.t.Helper()
	index := s.b.engine.Index()
	for _, view := range []desk.View{desk.ViewOpen, desk.ViewClosed} {
		page, err := index.Tickets(desk.TicketQuery{View: view, Limit: 200})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, row := range page.Tickets {
			s.tickets[row.Conversation] = row
		}
	}
	agents, err := index.Agents()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, a := range agents {
		s.agents[a.Agent] = a
	}
	channels, err := index.Channels()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range channels {
		s.channels[c.Channel] = c
	}
}

// check compares what the screen shows with the truth.
func (s *screen) check(t interface{ Errorf(string, ...any) }) {
	truth := s.b.screen()
	truth.read()
	for id, want := range truth.tickets {
		want = proto.CloneOf(want)
		want.Routing, want.Thread = nil, ""
		got := proto.CloneOf(s.tickets[id])
		if got != nil {
			got.Routing = nil
		}
		if !proto.Equal(got, want) {
			t.Errorf("ticket %s: the screen shows %v, true is %v", id, got, want)
		}
	}
	for id, want := range truth.agents {
		if !proto.Equal(s.agents[id], want) {
			t.Errorf("agent %s: the screen shows %v, true is %v", id, s.agents[id], want)
		}
	}
	for id, want := range truth.channels {
		if !proto.Equal(s.channels[id], want) {
			t.Errorf("channel %s: the screen shows %v, true is %v", id, s.channels[id], want)
		}
	}
}

// TestResumeFromAnywhere: random histories, a screen that is cut off at random moments and comes back with its position;
// whatever happened, it shows the truth in the end, and each record of the conversation it looks at once, in order.
func TestResumeFromAnywhere(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Mail", "config": map[string]any{"address": "help@example.com", "host": "h"}})
	channel := desk.ChannelID(desk.DeriveID("ch_", "email", "help@example.com"))
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		conv := func(n int) string { return fmt.Sprintf("r%d-%d", run, n) }
		watched := h.receive(conv(0), 0, "first")
		s := ada.screen()
		s.binary = rapid.Bool().Draw(rt, "binary")
		s.hello()
		s.sync() // the feed has passed the beginning
		s.subscribe(string(watched))
		s.until("subscribed", isCaughtUp)
		s.read()
		seen := versionOf(t, h, watched)
		connected := true
		for i := range rapid.IntRange(1, 30).Draw(rt, "steps") {
			switch rapid.IntRange(0, 7).Draw(rt, "step") {
			case 0, 1:
				n := rapid.IntRange(0, 3).Draw(rt, "conversation")
				h.receive(conv(n), i+1, fmt.Sprint("message ", i))
			case 2:
				h.command(watched.Stream(), &deskpb.AddNote{Message: fmt.Sprintf("n%d-%d", run, i), Body: &deskpb.Body{Text: "note"}})
			case 3:
				h.command(desk.AgentID(ada.agent).Stream(), &deskpb.SetAvailability{Available: i%2 == 0, Reason: "x"})
			case 4:
				h.command(channel.Stream(), &deskpb.ReportChannelHealth{State: deskpb.HealthState(1 + i%4), Reason: fmt.Sprint(i)})
			case 5: // some frames are processed; gorilla's read errors are final
				connected = connected && s.some(rapid.IntRange(1, 4).Draw(rt, "frames"), time.Millisecond)
			case 6:
				s.cut()
				connected = false
			case 7:
				if !connected {
					s.hello()
					s.subscribe(string(watched))
					connected = true
				}
			}
		}
		if !connected {
			s.hello()
		}
		s.sync(string(watched))
		if s.resets != 0 {
			rt.Fatalf("%d resets", s.resets)
		}
		s.check(rt)
		var want []uint64
		for v := seen + 1; v <= versionOf(t, h, watched); v++ {
			want = append(want, v)
		}
		if got := s.records[string(watched.Stream())]; !slices.Equal(got, want) {
			rt.Errorf("records %v, want %v", got, want)
		}
		_ = s.ws.Close()
	})
}

func versionOf(t *testing.T, h *house, id desk.ConversationID) uint64 {
	t.Helper()
	row, err := h.engine.Index().Ticket(id)
	if err != nil || row == nil {
		t.Fatal(err)
	}
	return row.Version
}

// some reads up to n frames; false when the socket cannot be read any more.
func (s *screen) some(n int, patience time.Duration) bool {
	for range n {
		_ = s.ws.SetReadDeadline(time.Now().Add(patience))
		if !s.tryNext() {
			return false
		}
	}
	return true
}

// cut is what a broken network does.
func (s *screen) cut() { _ = s.ws.UnderlyingConn().Close() }

// tryNext reads one frame if there is one; false when the socket cannot be read any more.
func (s *screen) tryNext() bool {
	_, data, err := s.ws.ReadMessage()
	if err != nil {
		return false
	}
	f := &deskpb.ServerFrame{}
	if s.unmarshal(data, f) != nil {
		s.t.Error("a frame that cannot be read")
		return false
	}
	s.fold(f)
	return true
}

func TestResetWhenThereIsNoWayBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	h.receive("anna", 1, "Hello")
	epoch, head := h.engine.Head()
	for name, hello := range map[string]*deskpb.Hello{
		"another history":    {Epoch: "another", Position: 1},
		"ahead of us":        {Epoch: epoch, Position: uint64(head) + 1000},
		"an impossible gap":  {Epoch: epoch, Position: 1 << 63},
		"the largest number": {Epoch: epoch, Position: 1<<64 - 1},
	} {
		s := ada.screen()
		s.connect()
		s.say(&deskpb.ClientFrame{Kind: &deskpb.ClientFrame_Hello{Hello: hello}})
		s.until(name, isCaughtUp)
		if s.resets != 1 || s.epoch != epoch {
			t.Errorf("%s: %d resets, epoch %q", name, s.resets, s.epoch)
		}
	}
	// A gap that is too long.
	stream := desk.AgentID(ada.agent).Stream()
	for i := range 20_002 {
		h.command(stream, &deskpb.SetAvailability{Available: i%2 == 0})
	}
	ada.screen().hello().sync() // the feed is there too
	s := ada.screen()
	s.epoch, s.position = epoch, uint64(head)
	s.hello()
	s.until("a reset", isCaughtUp)
	if s.resets != 1 {
		t.Error("no reset after 20,002 records")
	}
	// One that is just short enough is folded to one row.
	s = ada.screen()
	s.epoch, s.position = epoch, uint64(head)+10
	s.hello()
	s.subscribe()
	frames := 0
	s.until("caught up", func(f *deskpb.ServerFrame) bool { frames++; return isCaughtUp(f) })
	if s.resets != 0 || frames > 4 || s.agents[ada.agent] == nil {
		t.Errorf("%d resets, %d frames for one agent", s.resets, frames)
	}
}

// TestASlowReaderComesBack: a screen that stops reading is closed with "come back" and loses nothing by it; the others do
// not feel it.
func TestASlowReaderComesBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("anna", 1, "Hello")
	slow, quick := ada.screen(), ada.screen()
	for _, s := range []*screen{slow, quick} {
		s.hello().sync() // the feed has passed the beginning
		s.sync(string(conv))
		s.read()
	}
	if tcp, ok := slow.ws.UnderlyingConn().(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4 << 10)
	}
	before := versionOf(t, h, conv)
	text := strings.Repeat("x", 60_000)
	got := make(chan int, 1000) // the quick one keeps up: it is given the time to read
	var reading sync.WaitGroup
	reading.Go(func() {
		quick.until("the last", func(*deskpb.ServerFrame) bool {
			got <- len(quick.records[string(conv.Stream())])
			return len(quick.records[string(conv.Stream())]) == 200
		})
	})
	code := 0
	for i := range 200 {
		if i == 20 { // its queue is full since long; who does not read for five seconds is given up without a word
			reading.Go(func() { code, _ = slow.closed() })
		}
		h.command(conv.Stream(), &deskpb.AddNote{Message: fmt.Sprint("n", i), Body: &deskpb.Body{Text: text}})
		for i > 5 {
			if n := <-got; n > i-5 {
				break
			}
		}
	}
	reading.Wait()
	if code != socket.Slow {
		t.Fatalf("the slow one was closed with %d", code)
	}
	slow.hello()
	slow.sync(string(conv))
	for _, s := range []*screen{slow, quick} {
		s.check(t)
		got := s.records[string(conv.Stream())]
		if len(got) != 200 || got[0] != before+1 || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != 200 {
			t.Errorf("%d records from %d", len(got), got[0])
		}
	}
}

// TestAStorm: many screens of both encodings come and go while a thousand things happen; all end with the truth.
func TestAStorm(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("watched", 0, "Hello")
	ada.screen().hello().sync()
	people := []*browser{ada, ada.colleague("Ben"), ada.colleague("Cem"), ada.colleague("Dea")}
	stop := make(chan struct{})
	var writers, readers sync.WaitGroup
	var mu sync.Mutex
	var screens []*screen
	for n := range 12 {
		s := people[n%len(people)].screen()
		s.binary = n%2 == 0
		s.hello()
		s.subscribe(string(conv))
		s.until("subscribed", isCaughtUp)
		s.read()
		readers.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(n)))
			for {
				select {
				case <-stop:
					mu.Lock()
					defer mu.Unlock()
					screens = append(screens, s)
					return
				default:
				}
				s.some(rnd.IntN(60), 20*time.Millisecond)
				s.cut()
				s.hello()
				s.subscribe(string(conv))
			}
		})
	}
	for w := range 3 {
		writers.Go(func() {
			for i := range 300 {
				h.receive(fmt.Sprintf("w%d-%d", w, i%40), i, "text")
				if i%5 == 0 {
					h.command(conv.Stream(), &deskpb.AddNote{Message: fmt.Sprintf("n%d-%d", w, i), Body: &deskpb.Body{Text: "note"}})
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	for _, s := range screens {
		s.sync(string(conv))
		s.check(t)
		got := s.records[string(conv.Stream())]
		for i := range got[1:] {
			if got[i+1] != got[i]+1 {
				t.Errorf("records %v", got)
				break
			}
		}
	}
}
