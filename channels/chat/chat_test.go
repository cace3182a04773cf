package chat

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func TestConversation(t *testing.T) {
	t.Parallel()
	s := open(t, `{"title":"Help","greeting":"Hello!","color":"#aa3366"}`)
	me := s.session("")
	if me.Config.Title != "Help" || me.Config.Color != "#aa3366" || !me.Config.Online || len(me.Events) != 0 || me.Seq != 0 {
		t.Fatalf("session %+v", me)
	}
	b := s.tab(me.Token)
	if w := b.hello("", 0); w.T != "welcome" || len(w.Events) != 0 {
		t.Fatalf("welcome %+v", w)
	}
	for range 3 { // the answer was lost, twice
		if resp := s.say(me.Token, "m1", "Where is my order?"); resp.StatusCode != 200 {
			t.Fatalf("status %d", resp.StatusCode)
		}
	}
	e := b.next()
	if e.T != "ev" || e.Kind != "message" || e.Prev != 0 || e.D.ClientID != "m1" || e.D.Text != "Where is my order?" || e.Epoch == "" {
		t.Fatalf("event %+v", e)
	}
	s.desk.Threads.Append(me.ID, nil, &deskpb.NoteAdded{Message: "n1", Body: &deskpb.Body{Text: "difficult customer"}})
	s.desk.Reply(me.ID, "Ana Torres", "On its way.")
	r := b.next()
	if r.Kind != "reply" || r.Prev != e.Seq || r.D.Agent != "Ana" || r.D.Text != "On its way." {
		t.Fatalf("reply %+v", r)
	}
	item := s.desk.Intake.Items()[0]
	if got := len(s.desk.Intake.Items()); got != 1 {
		t.Errorf("%d items", got)
	}
	if item.ExternalID != me.ID+"/m1" || item.Message.Thread != me.ID || item.Message.Identity.Value != "ch_test/"+me.ID || !item.Message.Recognised {
		t.Errorf("item %+v", item)
	}
	if again := s.session(me.Token); again.ID != me.ID || texts(again.Events) != "Where is my order?|On its way." || again.Seq != r.Seq {
		t.Errorf("second session %+v", again)
	}
	if other := s.session(""); other.ID == me.ID || len(other.Events) != 0 {
		t.Errorf("somebody else %+v", other)
	}
}

func TestTwoTabsSeeTheSame(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	a, b := s.tab(me.Token), s.tab(me.Token)
	a.hello("", 0)
	b.hello("", 0)
	for i := range 10 {
		s.say(me.Token, fmt.Sprint("m", i), fmt.Sprint("text ", i))
	}
	for i := range 10 {
		if x, y := a.next(), b.next(); x.D.Text != fmt.Sprint("text ", i) || x.Seq != y.Seq || x.D.Text != y.D.Text {
			t.Fatalf("event %d: %+v and %+v", i, x, y)
		}
	}
}

func TestResume(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	s.say(me.Token, "m1", "one")
	first := s.session(me.Token)
	for i := range 20 {
		s.desk.Reply(me.ID, "Ana", fmt.Sprint(i))
	}
	b := s.tab(me.Token)
	w := b.hello(first.Epoch, first.Seq)
	if w.T != "welcome" || len(w.Events) != 20 || w.Events[0].Prev != first.Seq {
		t.Fatalf("welcome with %d events: %+v", len(w.Events), w)
	}
	prev := first.Seq
	for i, e := range w.Events {
		if e.Prev != prev || e.D.Text != fmt.Sprint(i) {
			t.Fatalf("event %d: %+v", i, e)
		}
		prev = e.Seq
	}
	b.send(`{"t":"need","from":%d}`, w.Events[9].Seq)
	if got := b.next(); got.T != "events" || len(got.Events) != 10 || got.Events[0].D.Text != "10" {
		t.Errorf("need: %+v", got)
	}
	for name, position := range map[string]wire{
		"another epoch":   {Epoch: "e_other", Seq: first.Seq},
		"not one of ours": {Epoch: first.Epoch, Seq: w.Events[3].Seq + 1},
		"from the future": {Epoch: first.Epoch, Seq: 9999},
	} {
		if got := b.hello(position.Epoch, position.Seq); got.T != "reset" || len(got.Events) != 21 || got.Prev != 0 || got.Truncated {
			t.Errorf("%s: %+v", name, got)
		}
	}
	b.send(`{"t":"need","from":77777}`)
	if got := b.next(); got.T != "reset" {
		t.Errorf("need of what never was: %+v", got)
	}
}

func TestLongStoryIsCut(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	s.say(me.Token, "m1", "one")
	for i := range maxEvents + 50 {
		s.desk.Ask(me.ID, "Ana", &deskpb.Body{Text: fmt.Sprint(i)})
	}
	b := s.tab(me.Token)
	w := b.hello("", 0)
	if w.T != "reset" || len(w.Events) != maxEvents || !w.Truncated || w.Events[0].Prev != w.Prev || w.Prev == 0 {
		t.Fatalf("%s with %d events, prev %d", w.T, len(w.Events), w.Prev)
	}
	if got := b.hello(w.Epoch, w.Prev); got.T != "welcome" || len(got.Events) != maxEvents {
		t.Errorf("from the last one dropped: %s with %d events", got.T, len(got.Events))
	}
}

func TestStoreRestoredFromABackup(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	s.say(me.Token, "m1", "one")
	before := s.session(me.Token)
	s.stop()
	s.desk.Threads.Forget(me.ID)
	for then := time.Now().UnixMilli(); time.Now().UnixMilli() == then; { // an epoch is told apart by when it began
		runtime.Gosched()
	}
	s2 := open(t, `{}`) // the same visitor, another journal
	s2.say(me.Token, "m2", "two")
	b := s2.tab(me.Token)
	if w := b.hello(before.Epoch, before.Seq); w.T != "reset" || texts(w.Events) != "two" {
		t.Errorf("%+v", w)
	}
}

func TestTicketIsWorthOneSocket(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	ticket := s.session("").Ticket
	if ws, resp := s.dial(ticket); ws == nil {
		t.Fatalf("first: %d", resp.StatusCode)
	}
	for _, bad := range []string{ticket, "", "nonsense"} {
		if ws, resp := s.dial(bad); ws != nil || resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("ticket %q: %d", bad, resp.StatusCode)
		}
	}
}

func TestTicketsAreBounded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	k := newTickets(3, time.Minute)
	a, b := k.issue("a", now), k.issue("b", now)
	if v, ok := k.redeem(b, now); !ok || v != "b" {
		t.Error("b is void")
	}
	for range 3 {
		k.issue("x", now)
	}
	if _, ok := k.redeem(a, now); ok || len(k.open) != 3 || len(k.order) > 3 {
		t.Errorf("%d open, %d in order; a is valid: %v", len(k.open), len(k.order), ok)
	}
	c := k.issue("c", now)
	if _, ok := k.redeem(c, now.Add(time.Minute)); ok {
		t.Error("an expired ticket is taken")
	}
	if k.issue("d", now.Add(time.Hour)); len(k.order) != 1 {
		t.Errorf("%d kept after an hour", len(k.order))
	}
}

func TestDeliveredAndRead(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	s.say(me.Token, "m1", "one")
	b := s.tab(me.Token)
	b.hello("", 0)
	early := s.desk.Ask(me.ID, "Ana", &deskpb.Body{Text: "two"})
	e := b.next()
	b.send(`{"t":"ack","seq":%d}`, e.Seq)
	b.send(`{"t":"ping"}`)
	if got := b.next(); got.T != "pong" {
		t.Fatalf("%+v", got)
	}
	if got := len(s.desk.Intake.Items()); got != 1 {
		t.Fatalf("a report before the reply was sent: %d items", got)
	}
	s.desk.Sent(me.ID, early)
	state := func(want deskpb.DeliveryState) {
		t.Helper()
		if err := s.desk.Threads.Await(s.ctx(), func() bool { return s.desk.StateOf(me.ID, early) == want }); err != nil {
			t.Fatalf("state %v, want %v", s.desk.StateOf(me.ID, early), want)
		}
	}
	state(deskpb.DeliveryState_DELIVERY_STATE_DELIVERED)
	s.desk.Intake.Refuse(1, desk.Refuse(desk.Unavailable, "", "later")) // tried again by itself
	b.send(`{"t":"read","seq":%d}`, e.Seq)
	state(deskpb.DeliveryState_DELIVERY_STATE_READ)
	b.send(`{"t":"read","seq":%d}`, 1<<40)
	b.send(`{"t":"ping"}`)
	b.next()
	second := s.desk.Reply(me.ID, "Ana", "three") // read beyond the end does not count for what comes later
	b.next()
	b.send(`{"t":"ping"}`)
	b.next()
	if got := s.desk.StateOf(me.ID, second); got != deskpb.DeliveryState_DELIVERY_STATE_SENT {
		t.Errorf("state %v", got)
	}
}

func TestTyping(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	b := s.tab(me.Token)
	b.hello("", 0)
	s.desk.Threads.AgentTypes(me.ID, "Ana Torres", true)
	if w := b.next(); w.T != "typing" || !w.On || w.Name != "Ana" {
		t.Errorf("%+v", w)
	}
	b.send(`{"t":"typing","on":true}`)
	b.send(`{"t":"typing","on":true}`) // too soon: not passed on
	_ = b.ws.Close()                   // and whoever leaves does not type
	want := []channeltest.Typing{{Thread: me.ID, On: true}, {Thread: me.ID, On: false}}
	if err := s.desk.Threads.Await(s.ctx(), func() bool { return len(s.desk.Threads.Typings()) >= 2 }); err != nil {
		t.Fatal(err)
	}
	if got := s.desk.Threads.Typings(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
}

func TestNinthTabReplacesTheFirst(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	var tabs []*tab
	for range maxSockets + 1 {
		b := s.tab(me.Token)
		b.hello("", 0)
		tabs = append(tabs, b)
	}
	if code := tabs[0].end(); code != 4009 {
		t.Errorf("code %d", code)
	}
	s.say(me.Token, "m1", "one")
	for i, b := range tabs[1:] {
		if e := b.next(); e.D.Text != "one" {
			t.Errorf("tab %d: %+v", i+1, e)
		}
	}
}

// A network that swallows leaves sockets behind that nobody is at: a tab's own go, never those of others.
func TestTabThatComesBackReplacesItself(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	quiet := s.tab(me.Token)
	quiet.hello("", 0)
	var again []*tab
	for range maxSockets + 3 {
		b := s.tab(me.Token)
		b.send(`{"t":"hello","tab":"t1"}`)
		b.next()
		again = append(again, b)
	}
	for i, b := range again[:len(again)-1] {
		if code := b.end(); code != 4009 {
			t.Errorf("socket %d of the tab: code %d", i, code)
		}
	}
	s.say(me.Token, "m1", "one")
	for _, b := range []*tab{quiet, again[len(again)-1]} {
		if e := b.next(); e.D.Text != "one" {
			t.Errorf("%+v", e)
		}
	}
}

// Half a request is no fault of the message, and whoever sends it keeps nobody waiting.
func TestRequestCutOff(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	send := func() (net.Conn, *bufio.Reader) {
		conn, err := net.Dial("tcp", s.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		path := s.url[strings.Index(s.url, "/channels"):]
		_, err = fmt.Fprintf(conn, "POST %sv1/messages HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer %s\r\nContent-Length: 400\r\n\r\n{\"client_msg_id\":\"m1\",", path, me.Token)
		if err != nil {
			t.Fatal(err)
		}
		return conn, bufio.NewReader(conn)
	}
	half, answer := send()
	if err := half.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(answer, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusRequestTimeout {
		t.Errorf("status %d: the widget would say that it was not sent", resp.StatusCode)
	}
	send() // and stands still
	begun := time.Now()
	if s.stop(); time.Since(begun) > 5*time.Second {
		t.Errorf("the channel took %v to stop", time.Since(begun))
	}
}

func TestBadFrameClosesOnlyItsSocket(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	good := s.tab(me.Token)
	good.hello("", 0)
	for _, bad := range []string{"", "hello", `{"t":"launch"}`, `{"t":"hello","last_seq":-1}`, strings.Repeat("[", 3000), `{"t":"ping"}{"t":"ping"}`} {
		b := s.tab(me.Token)
		b.send("%s", bad)
		if code := b.end(); code != 4004 {
			t.Errorf("%.20q: code %d", bad, code)
		}
	}
	b := s.tab(me.Token)
	b.send("%s", strings.Repeat("x", 5000))
	if code := b.end(); code != websocket.CloseMessageTooBig {
		t.Errorf("too large: code %d", code)
	}
	flood := s.tab(me.Token)
	for range frameBurst + 30 {
		flood.send(`{"t":"ping"}`)
	}
	if code := flood.end(); code != 4004 {
		t.Errorf("flood: code %d", code)
	}
	s.say(me.Token, "m1", "one")
	if e := good.next(); e.D.Text != "one" {
		t.Errorf("%+v", e)
	}
}

func TestStopTellsSocketsToComeBack(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	b := s.tab(me.Token)
	b.hello("", 0)
	silent := s.tab(me.Token) // has not said hello
	done := make(chan struct{})
	go func() { s.stop(); close(done) }()
	if code := b.end(); code != 1001 {
		t.Errorf("code %d", code)
	}
	if code := silent.end(); code != 1001 {
		t.Errorf("code %d", code)
	}
	<-done
	var e wireError
	if resp := s.call("POST", "v1/session", "", map[string]string{}, &e); resp.StatusCode != 503 || e.Code != "unavailable" || resp.Header.Get("Retry-After") == "" {
		t.Errorf("%d %+v", resp.StatusCode, e)
	}
	if n := s.desk.Threads.Listeners(); n != 0 {
		t.Errorf("%d listeners left", n)
	}
}

func TestConversationThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	s.say(me.Token, "m1", "one")
	b := s.tab(me.Token)
	w := b.hello("", 0)
	s.desk.Threads.Break(errors.New("the disk is on fire"))
	if code := b.end(); code != 1001 {
		t.Errorf("code %d", code)
	}
	var e wireError
	if resp := s.call("POST", "v1/session", "", map[string]any{"visitor_token": me.Token, "epoch": w.Epoch, "last_seq": w.Seq}, &e); resp.StatusCode != 503 {
		t.Errorf("%d: never tell a widget to forget what it has: %+v", resp.StatusCode, e)
	}
	s.desk.Threads.Break(nil)
	if got := s.session(me.Token); texts(got.Events) != "one" {
		t.Errorf("%+v", got)
	}
}
