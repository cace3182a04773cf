package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// office is an engine with one channel, through which a benchmark hands it letters as a connector would.
type office struct {
	engine  *centralita.Engine
	door    *door
	channel desk.ChannelID
}

// journalDir is where the journal lives in a data directory.
func journalDir(dataDir string) string { return filepath.Join(dataDir, "journal") }

// noLimit: the load of a benchmark is no flood whose effects are to wait.
var noLimit = desk.Pace{Burst: 1 << 30, Every: time.Nanosecond}

// openOffice opens an engine and waits until its channel listens. change may alter the engine's options; routing is used when the
// channel is new.
func (r *run) openOffice(dir string, routing *deskpb.RoutingRule, change func(*centralita.Options)) (*office, error) {
	o := &office{door: &door{open: make(chan struct{})}}
	opt := centralita.Options{DataDir: dir, Logger: r.Logger, Connectors: o.door.kinds()}
	opt.Tuning.Paces = desk.PaceLimits{Sender: noLimit, Domain: noLimit, Mailbox: noLimit}
	if change != nil {
		change(&opt)
	}
	var err error
	if o.engine, err = centralita.Open(r.ctx, opt); err != nil {
		return nil, err
	}
	if o.channel, err = o.connect(r.ctx, routing); err != nil {
		return nil, errors.Join(err, o.close())
	}
	select {
	case <-o.door.open:
		return o, nil
	case <-r.ctx.Done():
		return nil, errors.Join(r.ctx.Err(), o.close())
	case <-time.After(30 * time.Second):
		return nil, errors.Join(errors.New("the benchmark's channel did not start"), o.close())
	}
}

func (o *office) connect(ctx context.Context, routing *deskpb.RoutingRule) (desk.ChannelID, error) {
	id, err := o.engine.Index().ChannelByAddress(deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, doorAddress)
	if err != nil || id != "" {
		return id, err
	}
	if routing == nil {
		routing = &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_NOBODY}
	}
	return o.engine.ConnectChannel(ctx, desk.NewChannel{Kind: doorKind, Name: "Support", Routing: routing}, operator)
}

var operator = &deskpb.Author{Kind: deskpb.Author_KIND_OPERATOR, Name: "bench"}

func (o *office) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return o.engine.Close(ctx)
}

// receive hands over a letter and waits until it is durable.
func (o *office) receive(ctx context.Context, item desk.Inbound) error {
	select {
	case err := <-o.door.intake.Deliver(ctx, item):
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// conversation is the id that a matter has in the desk.
func (o *office) conversation(m matter) desk.ConversationID {
	return desk.ConversationIDFor(o.channel, "item/"+m.root)
}

// hire adds agents who are available and have no limit.
func (o *office) hire(ctx context.Context, n int) ([]desk.AgentID, error) {
	ids := make([]desk.AgentID, n)
	var wg sync.WaitGroup
	faults := make([]error, n)
	for i := range n {
		wg.Go(func() {
			ids[i] = agentID(i)
			for _, cmd := range []desk.Command{
				deskpb.NewCommand(&deskpb.AddAgent{Agent: &deskpb.AgentAdded{
					Email: agentEmail(i), Name: fmt.Sprintf("Agent %d", i), Role: deskpb.Role_ROLE_AGENT, Seat: true,
				}}),
				deskpb.NewCommand(&deskpb.SetAvailability{Available: true}),
			} {
				cmd.By = operator
				if _, err := o.engine.Do(ctx, ids[i].Stream(), cmd); err != nil && desk.CodeOf(err) != desk.Conflict {
					faults[i] = fmt.Errorf("hire agent %d: %w", i, err)
				}
			}
		})
	}
	wg.Wait()
	return ids, errors.Join(faults...)
}

func agentEmail(i int) string { return fmt.Sprintf("agent%d@example.org", i) }

func agentID(i int) desk.AgentID { return desk.AgentID(desk.DeriveID("ag_", agentEmail(i))) }

// The benchmark's kind of channel.
const (
	doorKind    = "bench"
	doorAddress = "support@bench.example.org"
)

// door is a connector that lets the benchmark deliver. The engine may start it again; the latest intake counts.
type door struct {
	mu     sync.Mutex
	intake channels.Intake
	open   chan struct{}
}

func (d *door) kinds() []channels.Kind {
	return []channels.Kind{{
		Kind: deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, Name: doorKind,
		New:      func(channels.Env) (channels.Connector, error) { return d, nil },
		Identify: func(_, _ json.RawMessage) (string, error) { return doorAddress, nil },
	}}
}

// Run implements channels.Connector.
func (d *door) Run(ctx context.Context, in channels.Intake) error {
	d.mu.Lock()
	first := d.intake == nil
	d.intake = in
	d.mu.Unlock()
	if first {
		close(d.open)
	}
	in.Report(channels.Status{Phase: "listening"})
	<-ctx.Done()
	return nil
}

// Send implements channels.Connector: nobody is written to.
func (d *door) Send(_ context.Context, out desk.Outbound) (string, error) {
	return string(out.Message), nil
}

// eye follows the journal and notes when something expected has become durable.
type eye struct {
	stop context.CancelFunc
	over sync.WaitGroup

	mu       sync.Mutex                        // guards expected
	expected map[desk.StreamID][]chan sighting // the earliest first
}

// sighting is a record and when it came out of the journal.
type sighting struct {
	record desk.Record
	at     time.Time
}

// newEye looks at the records for which wanted holds.
func newEye(ctx context.Context, e *centralita.Engine, wanted func(desk.Record) bool) *eye {
	ctx, stop := context.WithCancel(ctx)
	y := &eye{stop: stop, expected: map[desk.StreamID][]chan sighting{}}
	_, head := e.Head()
	y.over.Go(func() {
		for r, err := range e.Watch(ctx, head) {
			if err != nil {
				return
			}
			if !wanted(r) {
				continue
			}
			now := time.Now()
			y.mu.Lock()
			stream := desk.StreamID(r.Stream)
			if waiting := y.expected[stream]; len(waiting) > 1 {
				waiting[0] <- sighting{r, now}
				y.expected[stream] = waiting[1:]
			} else if len(waiting) == 1 {
				waiting[0] <- sighting{r, now}
				delete(y.expected, stream)
			}
			y.mu.Unlock()
		}
	})
	return y
}

// expect must be called before what is expected is asked for. wait gives it.
func (y *eye) expect(stream desk.StreamID) (wait func(context.Context) (sighting, error)) {
	c := make(chan sighting, 1)
	y.mu.Lock()
	y.expected[stream] = append(y.expected[stream], c)
	y.mu.Unlock()
	return func(ctx context.Context) (sighting, error) {
		limit := time.NewTimer(20 * time.Second)
		defer limit.Stop()
		select {
		case s := <-c:
			return s, nil
		case <-ctx.Done():
			return sighting{}, ctx.Err()
		case <-limit.C:
			return sighting{}, errors.New("what was expected did not happen in 20 seconds: " + string(stream))
		}
	}
}

func (y *eye) close() {
	y.stop()
	y.over.Wait()
}
