package actors_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// Scenario 2 of the behaviour list: nobody there, then somebody.
func TestNobodyThereThenSomebody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana, ben := l.agent("ana", 5, false), l.agent("ben", 2, false)
		_, w := l.channel("support@desk.example", to(ana, ben))
		for i := range 5 {
			must(t, w.deliver(mail(fmt.Sprintf("m%d", i), fmt.Sprintf("c%d@shop.example", i), "help")))
			time.Sleep(time.Second) // fake time: ages differ
		}
		for _, tk := range l.tickets(desk.ViewUnassigned) {
			if tk.Reason.GetCode() != "no_available_agent" || !tk.InLine {
				t.Errorf("%v", tk)
			}
		}
		l.available(ben, true)
		synctest.Wait()
		var his []desk.Ticket
		for _, tk := range l.tickets(desk.ViewOpen) {
			if tk.Owner == "ben" {
				his = append(his, tk)
			}
		}
		if len(his) != 2 || his[0].ContactName != "Customer c1@shop.example" || his[1].ContactName != "Customer c0@shop.example" {
			t.Fatalf("ben has %v", his)
		}
		if left := l.tickets(desk.ViewUnassigned); len(left) != 3 {
			t.Fatalf("%d are left", len(left))
		}
		l.do(desk.ConversationID(his[0].Conversation).Stream(), deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
		synctest.Wait()
		left := l.tickets(desk.ViewUnassigned)
		if len(left) != 2 || left[1].ContactName != "Customer c3@shop.example" {
			t.Fatalf("the line is not drained oldest first: %v", left)
		}
	})
}

// Scenario 3: no ticket with two owners, no automatic assignment over a limit or to somebody away or without a seat, whatever
// happens at the same time.
func TestAssignmentStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		defer l.stop()
		agents := []desk.AgentID{l.agent("a2", 2, true), l.agent("a3", 3, true), l.agent("a5", 5, true)}
		l.do(desk.AgentID("unseated").Stream(), deskpb.NewCommand(&deskpb.AddAgent{Agent: &deskpb.AgentAdded{Email: "u@x.example", Name: "u", Role: deskpb.Role_ROLE_AGENT}}))
		l.available("unseated", true)
		var wires []*wire
		for i := range 4 {
			_, w := l.channel(fmt.Sprintf("ch%d@desk.example", i), to(append(agents, "unseated")...))
			wires = append(wires, w)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for i := range 200 {
			w := wires[i%4]
			go func() { _ = w.deliver(mail(fmt.Sprintf("m%d", i), fmt.Sprintf("c%d@shop.example", i), "help")) }()
			switch rng.IntN(4) {
			case 0:
				a := agents[rng.IntN(3)]
				there := rng.IntN(3) > 0
				go func() {
					_, _ = l.sys.Do(context.Background(), a.Stream(), deskpb.NewCommand(&deskpb.SetAvailability{Available: there}))
				}()
			case 1:
				if open := l.tickets(desk.ViewOpen); len(open) > 0 {
					id := desk.ConversationID(open[rng.IntN(len(open))].Conversation)
					go func() {
						_, _ = l.sys.Do(context.Background(), id.Stream(), deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
					}()
				}
			}
			if i%3 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		checkHistory(t, store)
		for _, a := range agents {
			l.available(a, true)
		}
		synctest.Wait()
		if left := len(l.tickets(desk.ViewUnassigned)); left > 0 {
			for _, a := range agents {
				row, _ := store.Index().Agent(a)
				if row.Load < row.Capacity {
					t.Errorf("%d wait although %s has %d of %d", left, a, row.Load, row.Capacity)
				}
			}
		}
	})
}

// checkHistory replays the whole journal and judges each automatic promise at the moment it was committed.
func checkHistory(t *testing.T, store *memory.Store) {
	t.Helper()
	agents := map[string]*desk.Member{}
	owner := map[string]string{}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	head := store.Head()
	for r, err := range store.Tail(ctx, 0) {
		must(t, err)
		stream := desk.StreamID(r.Stream)
		switch stream.Kind() {
		case desk.KindAgent:
			a := agents[stream.ID()]
			if a == nil {
				a = desk.Agents.Initial()
			}
			if r.Event.GetPlaceReserved() != nil && (!a.Available || !a.Seat || a.Capacity > 0 && len(a.Places) >= int(a.Capacity)) {
				t.Errorf("position %d: %s promised a place with %d of %d, available %v, seat %v", r.Position, stream.ID(), len(a.Places), a.Capacity, a.Available, a.Seat)
			}
			agents[stream.ID()] = desk.Agents.Evolve(a, r.Event)
		case desk.KindConversation:
			if e := r.Event.GetConversationAssigned(); e != nil {
				if e.Reservation != "" && owner[stream.ID()] != "" {
					t.Errorf("position %d: %s was given to %s although %s has it", r.Position, stream.ID(), e.Agent, owner[stream.ID()])
				}
				owner[stream.ID()] = e.Agent
			}
			if r.Event.GetConversationUnassigned() != nil {
				owner[stream.ID()] = ""
			}
		}
		if desk.Position(r.Position) == head {
			return
		}
	}
}

// Scenario 6: only the connector that fails restarts, with growing, jittered, capped delays; then it is called failed; a calm run
// forgets the past.
func TestOnlyTheConnectorThatFailsRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tune := actors.Tuning{RestartMin: time.Second, RestartMax: 8 * time.Second, FailedAfter: 4, RestartWindow: time.Hour, RestartCalm: time.Minute}
		l := start(t, memory.New(), tune)
		defer l.stop()
		id, w := l.channel("bad@desk.example", nil)
		_, good := l.channel("good@desk.example", nil)
		<-w.up
		for i := range 7 {
			w.panicNow.Store(i%2 == 1)
			w.fail <- errors.New("connection reset")
			began := time.Now()
			synctest.Wait()
			want := deskpb.HealthState_HEALTH_STATE_RETRYING
			if i >= 3 {
				want = deskpb.HealthState_HEALTH_STATE_FAILED
			}
			if st := status(l, id); st.State != want || st.Failures != i+1 || st.NextRetryMs == 0 {
				t.Errorf("failure %d: %+v", i, st)
			}
			<-w.up
			whole := min(time.Second<<i, 8*time.Second)
			if d := time.Since(began); d < whole/2 || d > whole {
				t.Errorf("failure %d: started again after %v, want %v to %v", i, d, whole/2, whole)
			}
		}
		time.Sleep(2 * time.Minute)
		if st := status(l, id); st.State != deskpb.HealthState_HEALTH_STATE_RUNNING {
			t.Errorf("it runs, and is called %v", st.State)
		} else if st.Failures != 0 || st.NextRetryMs != 0 || st.LastError == "" || st.LastErrorMs == 0 {
			t.Errorf("it runs: what failed is past, with its time, and nothing else of it is left: %+v", st)
		}
		w.panicNow.Store(false)
		w.fail <- &channels.Error{Class: channels.Temporary, Reason: "again"}
		synctest.Wait()
		if st := status(l, id); st.State != deskpb.HealthState_HEALTH_STATE_RETRYING || st.Failures != 1 || st.LastError != "again" {
			t.Errorf("a calm run did not forget the past: %+v", st)
		}
		if good.runs.Load() != 1 {
			t.Errorf("the good one ran %d times", good.runs.Load())
		}
	})
}

// A refused log-in is no network error: it is failed at once and tried slowly.
func TestARefusedLogInIsRetriedSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{AuthRetryMin: 30 * time.Second})
		defer l.stop()
		id, w := l.channel("support@desk.example", nil)
		<-w.up
		w.fail <- &channels.Error{Class: channels.Auth, Reason: "the password is wrong"}
		began := time.Now()
		synctest.Wait()
		if st := status(l, id); st.State != deskpb.HealthState_HEALTH_STATE_FAILED || st.LastError != "the password is wrong" {
			t.Errorf("%+v", st)
		}
		<-w.up
		if d := time.Since(began); d < 15*time.Second {
			t.Errorf("tried again after %v", d)
		}
	})
}

func TestSwitchingOffAndOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		id, w := l.channel("support@desk.example", nil)
		l.do(id.Stream(), deskpb.NewCommand(&deskpb.SwitchChannel{}))
		synctest.Wait()
		if st := status(l, id); st.State != deskpb.HealthState_HEALTH_STATE_OFF {
			t.Errorf("%+v", st)
		}
		l.do(id.Stream(), deskpb.NewCommand(&deskpb.SwitchChannel{On: true}))
		synctest.Wait()
		if st := status(l, id); st.State != deskpb.HealthState_HEALTH_STATE_RUNNING || w.runs.Load() != 2 {
			t.Errorf("%+v after %d runs", st, w.runs.Load())
		}
	})
}

func status(l *life, id desk.ChannelID) desk.ChannelStatus {
	for _, st := range l.sys.ChannelStatus() {
		if st.Channel == id {
			return st
		}
	}
	l.t.Fatal("no status")
	return desk.ChannelStatus{}
}

// What an attempt's error says decides what is recorded.
func TestOutcomesOfAnAttempt(t *testing.T) {
	for _, c := range []struct {
		name  string
		errs  []error // of the attempts, the last one repeated
		state deskpb.DeliveryState
		sends int
	}{
		{"sent", []error{nil}, deskpb.DeliveryState_DELIVERY_STATE_SENT, 1},
		{"refused for good", []error{&channels.Error{Class: channels.Permanent, Reason: "no such user"}}, deskpb.DeliveryState_DELIVERY_STATE_FAILED, 1},
		{"unknown is never repeated", []error{&channels.Error{Class: channels.Unknown, Reason: "no answer"}}, deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN, 1},
		{"an error without class is unknown", []error{errors.New("boom")}, deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN, 1},
		{"temporary, then sent", []error{&channels.Error{Class: channels.Temporary, Reason: "busy"}, &channels.Error{Class: channels.Auth, Reason: "password"}, nil}, deskpb.DeliveryState_DELIVERY_STATE_SENT, 3},
		{"given up", []error{&channels.Error{Class: channels.Temporary, Reason: "busy"}}, deskpb.DeliveryState_DELIVERY_STATE_FAILED, 17},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := start(t, memory.New(), actors.Tuning{})
				defer l.stop()
				_, w := l.channel("support@desk.example", nil)
				must(t, w.deliver(mail("m1", "carla@shop.example", "help")))
				conv := l.tickets(desk.ViewOpen)[0].Conversation
				n := 0
				w.onSend = func(desk.Outbound) (string, error) {
					err := c.errs[min(n, len(c.errs)-1)]
					n++
					if err != nil {
						return "", err
					}
					return "x", nil
				}
				l.reply(conv, "r1", "hello", "ana")
				time.Sleep(60 * time.Hour)
				synctest.Wait()
				state, ok := delivery(l, conv, "r1")
				if state != c.state || !ok || len(w.outbox()) != c.sends {
					t.Errorf("state %v after %d sends, want %v after %d", state, len(w.outbox()), c.state, c.sends)
				}
			})
		})
	}
}

// delivery folds the stream: the state of a reply; ok is false when an attempt was made without being announced.
func delivery(l *life, conv, msg string) (state deskpb.DeliveryState, ok bool) {
	ok = true
	started, settled := uint32(0), uint32(0)
	for r, err := range l.store.Load(context.Background(), desk.ConversationID(conv).Stream(), 0) {
		must(l.t, err)
		if e := r.Event.GetDeliveryStarted(); e != nil && e.Message == msg {
			started = e.Attempt
		}
		if e := r.Event.GetDeliverySettled(); e != nil && e.Message == msg {
			state, settled = e.State, max(settled, e.Attempt)
			ok = ok && settled <= started
		}
	}
	return state, ok
}

// An attempt that was announced when the process ended is looked for, else shown as unknown; it is never made again by itself.
// What was only asked for is sent by the next life.
func TestTheNextLifeSettlesTheOutbox(t *testing.T) {
	for _, found := range []bool{true, false} {
		t.Run(fmt.Sprintf("found %v", found), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := memory.New()
				l := start(t, store, actors.Tuning{})
				_, w := l.channel("support@desk.example", nil)
				must(t, w.deliver(mail("m1", "carla@shop.example", "help")))
				must(t, w.deliver(mail("m2", "dirk@other.example", "help")))
				all := l.tickets(desk.ViewOpen)
				l.stop()
				appendRaw(t, store, all[0], "announced", &deskpb.DeliveryStarted{Message: "announced", Attempt: 1})
				appendRaw(t, store, all[1], "queued")
				w2 := newWire()
				w2.address = "support@desk.example"
				w2.found = func(desk.Outbound) (bool, error) { return found, nil }
				next := start(t, store, actors.Tuning{}, w2)
				defer next.stop()
				synctest.Wait()
				want := deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN
				if found {
					want = deskpb.DeliveryState_DELIVERY_STATE_SENT
				}
				if state, _ := delivery(next, all[0].Conversation, "announced"); state != want {
					t.Errorf("the announced one is %v, want %v", state, want)
				}
				if state, _ := delivery(next, all[1].Conversation, "queued"); state != deskpb.DeliveryState_DELIVERY_STATE_SENT {
					t.Errorf("the queued one is %v", state)
				}
				if sent := w2.outbox(); len(sent) != 1 || sent[0].Message != "queued" {
					t.Errorf("sent %v", sent)
				}
			})
		})
	}
}

// appendRaw writes what a former life left behind.
func appendRaw(t *testing.T, store *memory.Store, tk desk.Ticket, msg string, more ...proto.Message) {
	t.Helper()
	evs := append([]proto.Message{&deskpb.ReplyRequested{Message: msg, Channel: tk.Channel, Body: &deskpb.Body{Text: "t"}}}, more...)
	stream := desk.ConversationID(tk.Conversation).Stream()
	row, err := store.Index().Ticket(desk.ConversationID(tk.Conversation))
	must(t, err)
	entry := persistence.Entry{Stream: stream, Expect: row.Version}
	for i, m := range evs {
		entry.Records = append(entry.Records, &deskpb.Record{
			Stream: string(stream), Version: row.Version + uint64(i) + 1, AtMs: time.Now().UnixMilli(), Event: deskpb.NewEvent(m),
		})
	}
	done := make(chan error, 1)
	store.Append(entry, func(_ desk.Position, err error) { done <- err })
	must(t, <-done)
}

// Entities that sleep wake with the same state, and no command is lost at the border.
func TestSleepAndWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{SleepAfter: time.Second})
		defer l.stop()
		_, w := l.channel("support@desk.example", nil)
		must(t, w.deliver(mail("m1", "carla@shop.example", "help")))
		conv := l.tickets(desk.ViewOpen)[0].Conversation
		rng := rand.New(rand.NewPCG(3, 4))
		for i := range 300 {
			l.reply(conv, fmt.Sprintf("r%d", i), "again", "ana")
			time.Sleep(time.Duration(rng.IntN(2500)) * time.Millisecond) // often at the very moment of going to sleep
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := l.sys.Awake(); n != 0 {
			t.Errorf("%d entities are awake", n)
		}
		if got := l.ticket(desk.ConversationID(conv)); got.Messages != 301 || got.Undelivered != 0 {
			t.Errorf("%v", got)
		}
		if sent := w.outbox(); len(sent) != 300 {
			t.Errorf("sent %d", len(sent))
		}
	})
}

// A restart leaves owners, places and the line as they were, and puts right what nobody listened to.
func TestARestartReconcilesPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		ana := l.agent("ana", 2, true)
		_, w := l.channel("support@desk.example", to(ana))
		for i := range 4 {
			must(t, w.deliver(mail(fmt.Sprintf("m%d", i), fmt.Sprintf("c%d@shop.example", i), "help")))
			time.Sleep(time.Second)
		}
		synctest.Wait()
		his := desk.ConversationID(l.tickets(desk.ViewOpen)[3].Conversation)
		l.stop()
		// closed while the assignment actor was dead: the place is still taken in the agent's stream
		row, err := store.Index().Ticket(his)
		must(t, err)
		done := make(chan error, 1)
		store.Append(persistence.Entry{Stream: his.Stream(), Expect: row.Version, Records: []desk.Record{{
			Stream: string(his.Stream()), Version: row.Version + 1, Event: deskpb.NewEvent(&deskpb.TicketStatusChanged{From: row.Status, To: deskpb.TicketStatus_TICKET_STATUS_CLOSED}),
		}}}, func(_ desk.Position, err error) { done <- err })
		must(t, <-done)
		next := start(t, store, actors.Tuning{})
		defer next.stop()
		synctest.Wait()
		agent, err := store.Index().Agent(ana)
		must(t, err)
		left := next.tickets(desk.ViewUnassigned)
		if agent.Load != 2 || len(left) != 1 || left[0].ContactName != "Customer c3@shop.example" {
			t.Errorf("load %d, left %v", agent.Load, left)
		}
	})
}

// A promise whose conversation never took it up lapses by itself.
func TestAPromiseLapses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 1, true)
		l.do(ana.Stream(), deskpb.NewCommand(&deskpb.ReservePlace{Reservation: "r", Conversation: "c", UntilMs: time.Now().Add(30 * time.Second).UnixMilli()}))
		time.Sleep(29 * time.Second)
		synctest.Wait()
		if row, _ := store.Index().Agent(ana); row.Load != 1 {
			t.Fatalf("load %d before its time", row.Load)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if row, _ := store.Index().Agent(ana); row.Load != 0 {
			t.Fatalf("load %d after its time", row.Load)
		}
	})
}

func TestARefusalNamesItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		for stream, want := range map[desk.StreamID]desk.Code{"conversation/none": desk.NotFound, "nonsense": desk.Invalid, "planet/mars": desk.NotFound} {
			_, err := l.sys.Do(context.Background(), stream, deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
			if desk.CodeOf(err) != want {
				t.Errorf("%s: %v", stream, err)
			}
		}
		if _, err := l.sys.ConnectChannel(context.Background(), desk.NewChannel{Kind: "pigeon"}, nil); desk.CodeOf(err) != desk.Invalid {
			t.Error(err)
		}
		l.channel("support@desk.example", nil)
		_, err := l.sys.ConnectChannel(context.Background(), desk.NewChannel{Kind: "wire", Name: "again", Config: []byte(`"support@desk.example"`)}, nil)
		if desk.CodeOf(err) != desk.Conflict {
			t.Errorf("the same address was connected twice: %v", err)
		}
	})
}
