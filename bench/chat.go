package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/centralita/centralita/bench/limit"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

const (
	chatAgents   = 50
	chatInFlight = 64
	chatBytes    = 120 // of what somebody types
)

// chats measures the web chat with many visitors who are there: what each costs while nobody says anything, how long it takes from
// a visitor's message leaving the browser until it is durable and read from the sockets of all agents, who watch the list of tickets, and
// how many messages a second go that way. Visitors and agents are a process of their own on the same cores. The limit is a bare
// gorilla/websocket server that repeats to as many visitors what they write, the same bytes: it keeps nothing and tells nobody else.
func chats(r *run) error {
	o, err := r.openOffice(r.dir+"/engine", nil, nil)
	if err != nil {
		return err
	}
	c := &chatter{fan: &fan{run: r, office: o}}
	if err = c.prepare(); err == nil {
		err = c.measure()
	}
	return errors.Join(err, c.end(), o.close())
}

type chatter struct {
	*fan
	path  string // of the chat
	words *words
}

func (c *chatter) prepare() error {
	agents, err := c.hire(c.ctx, chatAgents)
	if err != nil {
		return err
	}
	if c.tokens, err = c.signIn(agents); err != nil {
		return err
	}
	id, err := c.engine.ConnectChannel(c.ctx, desk.NewChannel{Kind: "chat", Name: "Chat", Routing: &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_NOBODY}}, operator)
	if err != nil {
		return err
	}
	c.path = "/channels/" + string(id) + "/"
	return c.serve()
}

func (c *chatter) measure() error {
	before := c.settled()
	if err := c.tell(screenOrder{Address: c.address, Chat: c.path, Visitors: c.Visitors}); err != nil {
		return err
	}
	each := (c.settled() - before) * 1024 / float64(c.Visitors)
	if err := c.tell(screenOrder{Address: c.address, Tokens: c.tokens}); err != nil {
		return err
	}
	if !c.limits() {
		c.out.alone("resident_per_idle_visitor", each, "kB")
	} else {
		echo, err := limit.NewEcho()
		if err != nil {
			return err
		}
		defer func() { _ = echo.Close() }()
		before := c.settled()
		if err := c.tell(screenOrder{Address: echo.Address(), Echoes: c.Visitors}); err != nil {
			return err
		}
		bare := (c.settled() - before) * 1024 / float64(c.Visitors)
		c.out.against("resident_per_idle_visitor", each, "kB", bare, each/bare)
	}
	c.words = c.listen()
	defer c.words.close()
	steady, crowd, err := c.rounds()
	if err != nil {
		return err
	}
	c.tellOf(steady, crowd)
	return nil
}

// rounds has us and the limit take turns, at a steady pace and with as many messages under way as there may be.
func (c *chatter) rounds() (steady, crowd contest, err error) {
	const rounds = 3
	each := c.part(0.8) / (4 * rounds)
	for range rounds {
		for _, pace := range []talk{{PerSecond: messagesPerSecond}, {InFlight: chatInFlight}} {
			pace.ForNs, pace.Bytes = int64(each), chatBytes
			var round []turn
			for _, pace.Echo = range []bool{false, true} {
				if pace.Echo && !c.limits() {
					continue
				}
				t, err := c.turn(pace)
				if err != nil {
					return nil, nil, err
				}
				round = append(round, t)
			}
			if pace.PerSecond > 0 {
				steady = append(steady, round)
			} else {
				crowd = append(crowd, round)
			}
		}
	}
	return steady, crowd, nil
}

// turn lets visitors write, and asks when the agents read it (of the limit: when it came back). The turn's latencies are percentiles, 0 to 100.
func (c *chatter) turn(o talk) (t turn, err error) {
	if err := c.tell(screenOrder{Listen: true}); err != nil {
		return t, err
	}
	cpu := cpuTime()
	var said screenReport
	if err := errors.Join(c.helper.say(screenOrder{Talk: &o}), c.helper.hear(&said)); err != nil {
		return t, fmt.Errorf("let the visitors write: %w", err)
	}
	if said.Fault != "" {
		return t, errors.New(said.Fault)
	}
	t.n, t.took, t.cpu = len(said.Said), time.Duration(said.TookNs), cpuTime()-cpu
	order := screenOrder{Changes: said.Said, Sockets: 1}
	if !o.Echo {
		order.Sockets = chatAgents
		if order.Changes, err = c.words.find(c.ctx, said.Said); err != nil {
			return t, err
		}
	}
	seen, err := c.ask(order)
	if err != nil {
		return t, err
	}
	for _, ns := range seen.PercentilesNs {
		t.lat = append(t.lat, time.Duration(ns))
	}
	return t, nil
}

func (c *chatter) tellOf(steady, crowd contest) {
	c.out.say("%d visitors, %d agents, %d messages/s, %d bytes a message", c.Visitors, chatAgents, messagesPerSecond, chatBytes)
	figure := func(all contest, name, unit string, of func(turn) float64) {
		if len(all[0]) < 2 {
			c.out.alone(name, median(all.each(0, of)), unit)
			return
		}
		value, limit, ratio := all.against(0, 1, of)
		c.out.against(name, value, unit, limit, ratio)
	}
	figure(steady, "visitor_to_agents_p50", "ms", func(t turn) float64 { return ms(t.lat[50]) })
	figure(steady, "visitor_to_agents_p99", "ms", func(t turn) float64 { return ms(t.lat[99]) })
	figure(steady, "cpu_per_message", "us", turn.cpuEach)
	figure(crowd, "messages_per_second", "1/s", turn.rate)
	figure(crowd, "visitor_to_agents_at_64_in_flight_p99", "ms", func(t turn) float64 { return ms(t.lat[99]) })
}

// words are what visitors have said, as the journal has it.
type words struct {
	stop context.CancelFunc
	over sync.WaitGroup

	mu    sync.Mutex // guards the fields below
	said  map[string]durable
	grown chan struct{}
}

func (c *chatter) listen() *words {
	ctx, stop := context.WithCancel(c.ctx)
	w := &words{stop: stop, said: map[string]durable{}, grown: make(chan struct{}, 1)}
	_, head := c.engine.Head()
	w.over.Go(func() {
		for rec, err := range c.engine.Watch(ctx, head) {
			if err != nil {
				return
			}
			m := rec.GetEvent().GetMessageReceived()
			if m == nil {
				continue
			}
			w.mu.Lock()
			w.said[m.ClientId] = durable{Conversation: desk.StreamID(rec.Stream).ID(), Version: rec.Version}
			w.mu.Unlock()
			select {
			case w.grown <- struct{}{}:
			default:
			}
		}
	})
	return w
}

func (w *words) close() {
	w.stop()
	w.over.Wait()
}

// find tells which record each message is, from when it was said.
func (w *words) find(ctx context.Context, said []durable) ([]durable, error) {
	late := time.NewTimer(20 * time.Second)
	defer late.Stop()
	for {
		found := make([]durable, 0, len(said))
		w.mu.Lock()
		for _, s := range said {
			if d, there := w.said[s.Conversation]; there {
				d.AtNs = s.AtNs
				found = append(found, d)
			}
		}
		w.mu.Unlock()
		if len(found) == len(said) {
			return found, nil
		}
		select {
		case <-w.grown:
		case <-late.C:
			return nil, fmt.Errorf("%d of %d messages never were in the journal", len(said)-len(found), len(said))
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
