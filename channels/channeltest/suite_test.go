package channeltest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// parcels is a provider that keeps handing over what is not acknowledged.
type parcels struct {
	mu    sync.Mutex
	open  []int
	acked map[int]bool
	more  chan struct{}
}

func (p *parcels) offer(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = append(p.open, n)
	select {
	case p.more <- struct{}{}:
	default:
	}
}

func (p *parcels) list() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.open)
}

func (p *parcels) ack(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.acked[n] = true
	p.open = slices.DeleteFunc(p.open, func(o int) bool { return o == n })
}

func (p *parcels) taken(n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.acked[n]
}

// carrier is a connector that is right, apart from its flaw.
type carrier struct {
	env     channels.Env
	parcels *parcels
	flaw    string
}

func (c *carrier) Run(ctx context.Context, in channels.Intake) error {
	switch c.flaw {
	case "leaks":
		go func() { <-context.Background().Done() }()
	case "tells":
		c.env.Logger.Debug("sign in", "with", "opensesame")
	case "panics":
		panic("oh")
	}
	for {
		for _, n := range c.parcels.list() {
			if err := c.carry(ctx, in, n); err != nil {
				return c.ended(ctx, err)
			}
		}
		select {
		case <-c.parcels.more:
		case <-ctx.Done():
			return c.ended(ctx, ctx.Err())
		}
	}
}

func (c *carrier) ended(ctx context.Context, err error) error {
	switch {
	case c.flaw == "hangs":
		select {}
	case c.flaw == "complains":
		return err
	case ctx.Err() != nil:
		return nil
	}
	return err
}

func (c *carrier) carry(ctx context.Context, in channels.Intake, n int) error {
	item := desk.Inbound{ExternalID: "parcel/" + strconv.Itoa(n), Message: &desk.InboundMessage{
		Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_CUSTOM, Value: "somebody"}, Body: &deskpb.Body{Text: "x"},
	}}
	switch c.flaw {
	case "renames":
		item.ExternalID += strconv.FormatInt(time.Now().UnixNano(), 10)
	case "nobody":
		item.Message.Identity = nil
	case "hasty":
		c.parcels.ack(n)
	}
	select {
	case err := <-in.Deliver(ctx, item):
		if err != nil && c.flaw != "deaf" {
			return err
		}
	case <-ctx.Done():
		return ctx.Err()
	}
	c.parcels.ack(n)
	return nil
}

func (c *carrier) Send(context.Context, desk.Outbound) (string, error) {
	if c.flaw == "mute" {
		return "", errors.New("no")
	}
	return "sent-1", nil
}

func carriers(flaw string) Suite {
	s := Suite{StopWithin: 150 * time.Millisecond, Patience: 250 * time.Millisecond}
	var current *parcels
	s.New = func(*testing.T) World {
		p := &parcels{acked: make(map[int]bool), more: make(chan struct{}, 1)}
		current = p
		return World{Offer: p.offer, Taken: p.taken, Again: p.offer, Outbound: &desk.Outbound{}, Hidden: []string{"opensesame"}}
	}
	s.Kind = channels.Kind{
		Name: "parcel",
		New: func(env channels.Env) (channels.Connector, error) {
			return &carrier{env: env, parcels: current, flaw: flaw}, nil
		},
		Identify: func(config, _ json.RawMessage) (string, error) {
			if string(config) == `{"size":-1}` {
				return "", errors.Join(errors.New("another fault"), desk.Refuse(desk.Invalid, "config.size", "must be positive"))
			}
			return "parcel", nil
		},
	}
	s.BadConfigs = map[string]json.RawMessage{"config.size": json.RawMessage(`{"size":-1}`)}
	return s
}

func TestKitPassesARightConnector(t *testing.T) { Run(t, carriers("")) }

// TestKitCanFail: a check that passes everything protects nothing.
func TestKitCanFail(t *testing.T) {
	for flaw, want := range map[string]string{
		"hasty":     "acknowledged before",
		"renames":   "came again as",
		"deaf":      "second and third time",
		"hangs":     "has not returned",
		"complains": "want nil",
		"leaks":     "are left",
		"tells":     "hidden word",
		"panics":    "may not panic",
		"nobody":    "no identity",
		"mute":      "send:",
	} {
		t.Run(flaw, func(t *testing.T) {
			var found []string
			for _, c := range checks {
				s := carriers(flaw)
				b := newBench(t.Context(), s, s.New(t))
				b.inTests = true
				for _, err := range []error{c.check(b), b.afterwards()} {
					if err != nil {
						found = append(found, c.name+": "+err.Error())
					}
				}
				if flaw != "hangs" {
					b.shut()
				}
			}
			if !strings.Contains(strings.Join(found, "\n"), want) {
				t.Errorf("the kit did not find %q; it found: %v", want, found)
			}
		})
	}
}

func TestKitChecksConfigurations(t *testing.T) {
	kind := carriers("").Kind
	if err := checkBadConfig(kind, "config.size", json.RawMessage(`{"size":1}`)); err == nil {
		t.Error("a bad configuration that is accepted was not found")
	}
	if err := checkBadConfig(kind, "config.colour", json.RawMessage(`{"size":-1}`)); err == nil {
		t.Error("a refusal that names another field was not found")
	}
}
