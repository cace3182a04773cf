package actors_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// wire is a connector whose outside is the test: it hands over what the test gives it and answers as told.
type wire struct {
	address  string
	threads  channels.Threads
	mu       sync.Mutex
	in       channels.Intake
	sent     []desk.Outbound
	onSend   func(desk.Outbound) (string, error)
	fail     chan error
	runs     atomic.Int32
	up       chan struct{}
	found    func(desk.Outbound) (bool, error)
	panicNow atomic.Bool
}

func newWire() *wire { return &wire{fail: make(chan error), up: make(chan struct{}, 64)} }

func (w *wire) Run(ctx context.Context, in channels.Intake) error {
	w.runs.Add(1)
	w.mu.Lock()
	w.in = in
	w.mu.Unlock()
	in.Report(channels.Status{Phase: "listening", Lag: 0})
	w.up <- struct{}{}
	select {
	case <-ctx.Done():
		return nil
	case err := <-w.fail:
		if w.panicNow.Load() {
			panic("the wire is cut")
		}
		return err
	}
}

func (w *wire) Send(_ context.Context, out desk.Outbound) (string, error) {
	w.mu.Lock()
	w.sent = append(w.sent, out)
	f := w.onSend
	w.mu.Unlock()
	if f != nil {
		return f(out)
	}
	return "ext-" + string(out.Message), nil
}

func (w *wire) Find(_ context.Context, out desk.Outbound) (bool, string, error) {
	if w.found == nil {
		return false, "", errors.New("no way to tell")
	}
	sent, err := w.found(out)
	return sent, "found", err
}

func (w *wire) outbox() []desk.Outbound {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]desk.Outbound(nil), w.sent...)
}

func (w *wire) deliver(item desk.Inbound) error {
	w.mu.Lock()
	in := w.in
	w.mu.Unlock()
	return <-in.Deliver(context.Background(), item)
}

func mail(id, from, text string, keys ...string) desk.Inbound {
	return desk.Inbound{ExternalID: id, Message: &desk.InboundMessage{
		Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: from}, Name: "Customer " + from, Subject: "Help",
		From: &deskpb.Address{Address: from}, Body: &deskpb.Body{Text: text}, ThreadKeys: append(keys, "mid:"+id), JoinOnlyFrom: true,
	}}
}

// life is an engine under test on a store that may outlive it.
type life struct {
	t     *testing.T
	store persistence.Store
	sys   *actors.System
	wires map[string]*wire
	obs   *counts
}

type counts struct {
	panics, dead atomic.Int64
	mu           sync.Mutex
	items        map[string]int
}

func (c *counts) CountPanic()                         { c.panics.Add(1) }
func (c *counts) CountDeadLetter()                    { c.dead.Add(1) }
func (c *counts) ObserveAppend(time.Duration)         {}
func (c *counts) ObserveAssignmentWait(time.Duration) {}
func (c *counts) CountItem(_, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items[what]++
}

type clearVault struct{}

func (clearVault) Seal(b []byte) ([]byte, error) { return bytes.Clone(b), nil }
func (clearVault) Open(b []byte) ([]byte, error) { return bytes.Clone(b), nil }

// start begins a life; wires are made on demand by their address.
func start(t *testing.T, store persistence.Store, tune actors.Tuning, wires ...*wire) *life {
	t.Helper()
	return startAs(t, store, tune, nil, wires...)
}

// startAs is start with another kind of wire.
func startAs(t *testing.T, store persistence.Store, tune actors.Tuning, change func(*channels.Kind), wires ...*wire) *life {
	t.Helper()
	return startFrom(t, store, actors.Config{Tuning: tune}, change, wires...)
}

// startFrom is start with another configuration.
func startFrom(t *testing.T, store persistence.Store, cfg actors.Config, change func(*channels.Kind), wires ...*wire) *life {
	t.Helper()
	l := &life{t: t, store: store, wires: map[string]*wire{}, obs: &counts{items: map[string]int{}}}
	for _, w := range wires {
		l.wires[w.address] = w
	}
	var mu sync.Mutex
	kind := channels.Kind{
		Kind: deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, Name: "wire",
		New: func(env channels.Env) (channels.Connector, error) {
			mu.Lock()
			defer mu.Unlock()
			if l.wires[env.Address] == nil {
				l.wires[env.Address] = newWire()
			}
			l.wires[env.Address].threads = env.Threads
			return l.wires[env.Address], nil
		},
		Identify: func(config, _ json.RawMessage) (string, error) { return string(bytes.Trim(config, `"`)), nil },
		MailKey: func(config json.RawMessage) string { // "key@in" takes mail from the listener
			key, domain, _ := strings.Cut(string(bytes.Trim(config, `"`)), "@")
			return map[bool]string{true: key}[domain == "in"]
		},
		ReplyKeys: func(r channels.Reply) []string {
			return []string{"mid:" + string(r.Message), "mid:" + string(r.Conversation)}
		},
	}
	if change != nil {
		change(&kind)
	}
	mailKind := kind
	mailKind.Kind, mailKind.Name = deskpb.ChannelKind_CHANNEL_KIND_EMAIL, "email"
	cfg.Store, cfg.Vault, cfg.Logger, cfg.Observer = store, clearVault{}, slog.New(slog.DiscardHandler), l.obs
	chatKind, callKind := kind, kind // as a wire, but what comes in a chat is talked in right now
	chatKind.Kind, chatKind.Name = deskpb.ChannelKind_CHANNEL_KIND_CHAT, "chat"
	callKind.Kind, callKind.Name = deskpb.ChannelKind_CHANNEL_KIND_CALL, "call"
	cfg.Kinds = []channels.Kind{kind, mailKind, chatKind, callKind}
	sys, err := actors.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l.sys = sys
	return l
}

func (l *life) stop() {
	l.sys.Stop(context.Background())
	synctest.Wait()
	time.Sleep(5 * time.Second) // fake time: Proto.Actor's dead-letter throttle ends its goroutine after one
	if n := l.obs.panics.Load(); n != 0 {
		l.t.Errorf("%d actors panicked", n)
	}
	if n := l.obs.dead.Load(); n != 0 {
		l.t.Errorf("%d dead letters", n)
	}
}

func (l *life) do(stream desk.StreamID, cmd desk.Command) desk.Done {
	l.t.Helper()
	d, err := l.sys.Do(context.Background(), stream, cmd)
	if err != nil {
		l.t.Fatalf("%s: %v", deskpb.KindName(cmd), err)
	}
	return d
}

func (l *life) agent(id string, capacity int32, available bool) desk.AgentID {
	l.t.Helper()
	a := desk.AgentID(id)
	l.do(a.Stream(), deskpb.NewCommand(&deskpb.AddAgent{Agent: &deskpb.AgentAdded{
		Email: id + "@desk.example", Name: id, Role: deskpb.Role_ROLE_AGENT, Seat: true, Capacity: capacity,
	}}))
	if available {
		l.available(a, true)
	}
	return a
}

func (l *life) available(a desk.AgentID, yes bool) {
	l.t.Helper()
	l.do(a.Stream(), deskpb.NewCommand(&deskpb.SetAvailability{Available: yes}))
}

func (l *life) channel(address string, rule *deskpb.RoutingRule) (desk.ChannelID, *wire) {
	l.t.Helper()
	return l.channelOf("wire", address, rule)
}

func (l *life) channelOf(kind, address string, rule *deskpb.RoutingRule) (desk.ChannelID, *wire) {
	l.t.Helper()
	id, err := l.sys.ConnectChannel(context.Background(), desk.NewChannel{Kind: kind, Name: address, Config: []byte(strconv.Quote(address)), Routing: rule}, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	synctest.Wait()
	return id, l.wires[address]
}

func (l *life) tickets(view desk.View) []desk.Ticket {
	l.t.Helper()
	page, err := l.store.Index().Tickets(desk.TicketQuery{View: view, Limit: 200})
	if err != nil {
		l.t.Fatal(err)
	}
	return page.Tickets
}

func (l *life) ticket(c desk.ConversationID) desk.Ticket {
	l.t.Helper()
	row, err := l.store.Index().Ticket(c)
	if err != nil || row == nil {
		l.t.Fatalf("ticket %s: %v %v", c, row, err)
	}
	return row
}

func (l *life) reply(conv, msg, text string, by desk.AgentID) {
	l.t.Helper()
	cmd := deskpb.NewCommand(&deskpb.RequestReply{Message: msg, Body: &deskpb.Body{Text: text}})
	cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: string(by), Name: string(by)}
	l.do(desk.ConversationID(conv).Stream(), cmd)
}

func to(agents ...desk.AgentID) *deskpb.RoutingRule {
	r := &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS}
	for _, a := range agents {
		r.Agents = append(r.Agents, string(a))
	}
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAMailIsAssignedAndAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 5, true)
		_, w := l.channel("support@desk.example", to(ana))
		must(t, w.deliver(mail("m1", "carla@shop.example", "my parcel is late")))
		synctest.Wait()
		got := l.tickets(desk.ViewOpen)
		if len(got) != 1 || got[0].Owner != "ana" || got[0].Reason.Code != "assigned_least_loaded" || got[0].Number != 1 {
			t.Fatalf("tickets: %v", got)
		}
		l.reply(got[0].Conversation, "r1", "it is on its way", ana)
		synctest.Wait()
		sent := w.outbox()
		if len(sent) != 1 || sent[0].Body.Text != "it is on its way" || sent[0].To[0].Address != "carla@shop.example" || sent[0].InReplyTo != "mid:m1" {
			t.Fatalf("sent: %+v", sent)
		}
		must(t, w.deliver(mail("m2", "carla@shop.example", "thanks", sent[0].ThreadKeys[0])))
		synctest.Wait()
		if got = l.tickets(desk.ViewOpen); len(got) != 1 || got[0].Messages != 3 {
			t.Fatalf("the answer opened another ticket: %v", got)
		}
	})
}

func TestAThreadIsOneConversationWhateverTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		_, w := l.channel("support@desk.example", nil)
		var wg sync.WaitGroup
		for i := range 200 {
			// answers are handed over before, beside and after their parent, three times each
			for range 3 {
				wg.Go(func() { must(t, w.deliver(mail(fmt.Sprintf("a%d", i), "carla@shop.example", "again", "mid:root"))) })
			}
		}
		wg.Go(func() { must(t, w.deliver(mail("root", "carla@shop.example", "first"))) })
		wg.Wait()
		synctest.Wait()
		if got := l.tickets(desk.ViewOpen); len(got) != 1 || got[0].Messages != 201 {
			t.Fatalf("%d tickets, %v", len(got), got)
		}
	})
}

func TestAStrangerWhoNamesAThreadGetsHisOwnTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		_, w := l.channel("support@desk.example", nil)
		must(t, w.deliver(mail("m1", "carla@shop.example", "first")))
		must(t, w.deliver(mail("evil", "mallory@bad.example", "let me in", "mid:m1")))
		must(t, w.deliver(mail("evil", "mallory@bad.example", "let me in", "mid:m1")))
		must(t, w.deliver(mail("colleague", "dirk@shop.example", "me too", "mid:m1")))
		synctest.Wait()
		got := l.tickets(desk.ViewOpen)
		if len(got) != 2 {
			t.Fatalf("%d tickets", len(got))
		}
		for _, tk := range got {
			if want := map[string]uint32{"Customer carla@shop.example": 2, "Customer mallory@bad.example": 1}[tk.ContactName]; tk.Messages != want {
				t.Errorf("%s: %d messages, want %d", tk.ContactName, tk.Messages, want)
			}
		}
	})
}
