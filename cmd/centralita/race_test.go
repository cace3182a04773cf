package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// crowd is a connector that hands the same messages over from many goroutines at once, each of them several times.
type crowd struct {
	messages []desk.Inbound
	times    int
	report   chan<- error // how the handing over went
}

func (c *crowd) Run(ctx context.Context, in channels.Intake) error {
	in.Report(channels.Status{Phase: "listening", Lag: -1})
	const hands = 48
	work := make(chan desk.Inbound, hands)
	errs := make(chan error, hands)
	for range hands {
		go func() {
			var all error
			for m := range work {
				all = errors.Join(all, <-in.Deliver(ctx, m))
			}
			errs <- all
		}()
	}
	var all []desk.Inbound
	for range c.times {
		all = append(all, c.messages...)
	}
	// In any order: a repeat meets its message in flight, just durable, or long known.
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, m := range all {
		work <- m
	}
	close(work)
	var failed error
	for range hands {
		failed = errors.Join(failed, <-errs)
	}
	select {
	case c.report <- failed:
	case <-ctx.Done():
	}
	<-ctx.Done()
	return nil
}

func (*crowd) Send(context.Context, desk.Outbound) (string, error) {
	return "", &channels.Error{Class: channels.Permanent, Reason: "this channel does not send"}
}

// Two thousand messages of one new contact, delivered concurrently and thrice each, make one contact and one conversation
// that holds each message once, and the index agrees.
func TestOneContactAtOnce(t *testing.T) {
	t.Parallel()
	for name, thread := range map[string]func(n int, m *desk.InboundMessage){
		"by thread": func(_ int, m *desk.InboundMessage) { m.Thread = "the-only-one" },
		"by thread keys": func(n int, m *desk.InboundMessage) {
			m.From, m.JoinOnlyFrom = &deskpb.Address{Address: "new@contact.test"}, true
			m.ThreadKeys = []string{"mid:root@crowd.test", fmt.Sprintf("mid:%d@crowd.test", n)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			deliverCrowd(t, 2000, 3, thread)
		})
	}
}

func deliverCrowd(t *testing.T, n, times int, thread func(int, *desk.InboundMessage)) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	report := make(chan error, 1)
	c := &crowd{times: times, report: report}
	for i := range n {
		m := &desk.InboundMessage{
			Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_CUSTOM, Value: "new-contact"}, Name: "New Contact",
			Subject: "All at once", Body: &deskpb.Body{Text: fmt.Sprintf("Message %d", i)},
		}
		thread(i, m)
		c.messages = append(c.messages, desk.Inbound{ExternalID: fmt.Sprintf("external-%d", i), Message: m})
	}
	opt := centralita.Options{DataDir: t.TempDir(), Connectors: []channels.Kind{{
		Kind: deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, Name: "crowd",
		New:      func(channels.Env) (channels.Connector, error) { return c, nil },
		Identify: func(_, _ json.RawMessage) (string, error) { return "crowd", nil },
	}}}
	engine, err := centralita.Open(ctx, opt)
	if err != nil {
		t.Fatal(err)
	}
	closeEngine := sync.OnceFunc(func() {
		if err := engine.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	defer closeEngine()
	by := &deskpb.Author{Kind: deskpb.Author_KIND_OPERATOR, Name: "test"}
	rule := &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_NOBODY}
	start := time.Now()
	if _, err := engine.ConnectChannel(ctx, desk.NewChannel{Kind: "crowd", Name: "Crowd", Config: []byte("{}"), Routing: rule}, by); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-report:
		if err != nil {
			t.Fatal(err)
		}
	case <-ctx.Done():
		t.Fatal("not everything was answered in time")
	}
	t.Logf("%d deliveries of %d messages in %v", n*times, n, time.Since(start).Round(time.Millisecond))
	checkCrowd(ctx, t, engine, n)
	closeEngine()
	if _, err := centralita.Check(ctx, opt, time.Second, func(what string, fault error) {
		if fault != nil && what != `channel "Crowd" (crowd)` {
			t.Errorf("%s: %v", what, fault)
		}
	}); err != nil {
		t.Error(err)
	}
}

// checkCrowd reads the whole journal, and the rows.
func checkCrowd(ctx context.Context, t *testing.T, engine *centralita.Engine, n int) {
	t.Helper()
	_, head := engine.Head()
	contacts, conversations, seen := map[string]bool{}, map[string]int{}, map[string]int{}
	for r, err := range engine.Watch(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		switch k := r.Event.GetKind().(type) {
		case *deskpb.Event_ContactCreated:
			contacts[r.Stream] = true
		case *deskpb.Event_ConversationOpened:
			conversations[r.Stream]++
		case *deskpb.Event_MessageReceived:
			seen[k.MessageReceived.ExternalId]++
		}
		if desk.Position(r.Position) >= head {
			break
		}
	}
	if len(contacts) != 1 || len(conversations) != 1 {
		t.Errorf("%d contacts and %d conversations, want one of each", len(contacts), len(conversations))
	}
	for stream, opened := range conversations {
		if opened != 1 {
			t.Errorf("%s was opened %d times", stream, opened)
		}
	}
	for i := range n {
		if id := fmt.Sprintf("external-%d", i); seen[id] != 1 {
			t.Errorf("%s is there %d times", id, seen[id])
		}
	}
	page, err := engine.Index().Tickets(desk.TicketQuery{View: desk.ViewOpen})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Tickets) != 1 || int(page.Tickets[0].Messages) != n {
		t.Errorf("the list has %d tickets, the first with %d messages", len(page.Tickets), page.Tickets[0].GetMessages())
	}
}
