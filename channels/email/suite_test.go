package email

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/internal/mailsim"
)

func TestSuite(t *testing.T) {
	t.Parallel()
	kind := Kind()
	var worlds sync.Map // by configuration
	kind.New = func(env channels.Env) (channels.Connector, error) {
		c, err := newConnector(env, quick(), nil)
		if err != nil {
			return nil, err
		}
		w, _ := worlds.Load(string(env.Config))
		return &observed{Connector: c, world: w.(*mailWorld)}, nil
	}
	channeltest.Run(t, channeltest.Suite{
		Kind: kind,
		New: func(t *testing.T) channeltest.World {
			w := &mailWorld{t: t, server: startMail(t, mailsim.Options{}), uids: make(map[int]imap.UID)}
			conf, secrets := configFor(t, w.server.IMAPAddr(), w.server.SMTPAddr(), "plain", "")
			worlds.Store(string(conf), w)
			t.Cleanup(w.offering.Wait)
			out := answer("cv_1", "ms_1", "Good morning.")
			return channeltest.World{
				Config: conf, Secrets: secrets, Address: support, Offer: w.offer, Again: w.offer, Taken: w.taken,
				Outbound: &out, Hidden: []string{password},
			}
		},
		BadConfigs: map[string]json.RawMessage{
			"address":       json.RawMessage(`{"address":"nobody","imap":{"host":"localhost","security":"plain"},"smtp":{"host":"localhost","security":"plain"}}`),
			"imap.host":     json.RawMessage(`{"address":"a@b.test","imap":{"security":"tls"},"smtp":{"host":"localhost","security":"plain"}}`),
			"smtp.security": json.RawMessage(`{"address":"a@b.test","imap":{"host":"localhost","security":"plain"},"smtp":{"host":"mail.b.test","security":"plain"}}`),
			"config":        json.RawMessage(`{"adress":"a@b.test"}`),
		},
	})
}

// mailWorld is a mailbox whose mail comes after it was connected: what was there before is not taken in.
type mailWorld struct {
	t        *testing.T
	server   *mailsim.Server
	offering sync.WaitGroup

	mu    sync.Mutex
	uids  map[int]imap.UID
	next  imap.UID
	first string // the cursor of the first connect
	last  string
}

func (w *mailWorld) offer(n int) {
	w.offering.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for w.server.Selections(support) == 0 {
			select {
			case <-tick.C:
			case <-w.t.Context().Done():
				return
			}
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		deliver(w.t, w.server, support, plainMail(n, ""))
		w.next++
		if w.uids[n] == 0 {
			w.uids[n] = w.next
		}
	})
}

func (w *mailWorld) taken(n int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := parseCursor(w.last)
	return err == nil && w.uids[n] > 0 && c.uid >= w.uids[n]
}

// observed lets the world see the cursor, and keeps the one of the first connect from the kit, which takes every cursor
// for an acknowledgement.
type observed struct {
	*Connector
	world *mailWorld
}

func (o *observed) Run(ctx context.Context, in channels.Intake) error {
	return o.Connector.Run(ctx, &watchedIntake{Intake: in, world: o.world})
}

type watchedIntake struct {
	channels.Intake
	world *mailWorld
}

func (i *watchedIntake) Cursor() string {
	i.world.mu.Lock()
	defer i.world.mu.Unlock()
	if c := i.Intake.Cursor(); c != "" {
		return c
	}
	return i.world.first
}

func (i *watchedIntake) SaveCursor(ctx context.Context, cursor string) error {
	i.world.mu.Lock()
	defer i.world.mu.Unlock()
	if i.world.first == "" {
		i.world.first = cursor
		return nil
	}
	i.world.last = cursor
	return i.Intake.SaveCursor(ctx, cursor)
}
