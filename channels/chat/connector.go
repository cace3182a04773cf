package chat

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/chat/hours"
	"github.com/centralita/centralita/channels/chat/identity"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
)

// Limits at the edge. A person never meets them.
const (
	maxRooms        = 20_000 // visitors who are there at the same time
	maxSockets      = 8      // of one visitor; a ninth replaces the oldest
	maxTickets      = 10_000
	ticketLife      = 30 * time.Second
	receiptPatience = 10 * time.Second
)

// connector is one chat channel. It implements channels.Connector and channels.Routed.
type connector struct {
	env       channels.Env
	settings  settings
	handler   http.Handler
	secrets   identity.Secrets // by which sites sign who their visitors are
	keys      [][]byte         // by which the chat signs what it lets visitors keep
	tickets   *tickets
	perAddr   *meter // sessions
	perHost   *meter // messages of one address
	perGuest  *meter // messages of one visitor
	perLetter *meter // mails that a visitor asks for
	online    cached

	mu   sync.Mutex
	life *life // nil while Run does not run
}

var (
	_ channels.Connector = (*connector)(nil)
	_ channels.Routed    = (*connector)(nil)
	_ channels.Watched   = (*connector)(nil)
)

func newConnector(env channels.Env, s settings, secrets identity.Secrets) *connector {
	c := &connector{
		env: env, settings: s, secrets: secrets, keys: keysOf(env),
		tickets:   newTickets(maxTickets, ticketLife),
		perAddr:   newMeter(time.Second, 60),
		perHost:   newMeter(100*time.Millisecond, 200),
		perGuest:  s.Pace.meter(),
		perLetter: newMeter(20*time.Minute, 3),
	}
	for i := range c.settings.Flows {
		if f := &c.settings.Flows[i]; f.Language == "" {
			f.Language = s.Locale
		}
	}
	c.handler = c.routes()
	return c
}

// Run implements channels.Connector: visitors come by themselves, so it only opens and closes the house.
func (c *connector) Run(ctx context.Context, in channels.Intake) error {
	l := &life{intake: in, threads: c.env.Threads, channel: c.env.Channel, log: c.env.Logger, rooms: make(map[string]*room), sockets: make(map[*socket.Conn]struct{})}
	l.ctx, l.cancel = context.WithCancel(ctx)
	l.inside.Go(func() {
		l.keepTold(!c.settings.HideLine, c.notice)
	})
	c.setLife(l)
	in.Report(channels.Status{Phase: "listening"})
	<-ctx.Done()
	c.setLife(nil)
	l.close()
	return nil
}

func (c *connector) setLife(l *life) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.life = l
}

// enter counts a request in; leave must be called at its end. nil: the channel is down.
func (c *connector) enter() (l *life, leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life == nil {
		return nil, func() {}
	}
	c.life.inside.Add(1) // under the lock: never after close has begun to wait
	return c.life, c.life.inside.Done
}

// Send implements channels.Connector. The visitor's sockets read the reply from the conversation's stream, where it was
// durable before Send was called; so there is nothing to do. Delivered and read follow from what the widget acknowledges.
func (c *connector) Send(_ context.Context, out desk.Outbound) (string, error) {
	return string(out.Message), nil
}

// Handler implements channels.Routed.
func (c *connector) Handler() http.Handler { return c.handler }

// cached is what visitors are told of who is there, found out at most every few seconds.
type cached struct {
	mu    sync.Mutex
	at    time.Time
	value hours.Notice
}

// notice tells whether the chat is available now; nobody is there when that cannot be known.
func (c *connector) notice(ctx context.Context) hours.Notice {
	const fresh = 3 * time.Second
	c.online.mu.Lock()
	defer c.online.mu.Unlock()
	now := time.Now()
	if now.Sub(c.online.at) < fresh {
		return c.online.value
	}
	f := hours.Facts{Now: now}
	var err error
	if f.Agents, f.Back, err = c.env.Threads.Agents(ctx); err != nil {
		c.env.Logger.Warn("cannot tell who is available", "err", err)
		f.Agents = 0
	}
	if id, holidays := c.settings.Availability.Gate(); id != "" && c.env.Around.HoursAt != nil {
		f.Open = func(at time.Time) (bool, time.Time) { return c.env.Around.HoursAt(id, holidays, at) }
	}
	c.online.at, c.online.value = now, c.settings.Availability.Now(f)
	return c.online.value
}

// close ends what a life has started, and waits for it: rooms stop reading, polls and pending messages answer 503, and every
// socket is told to come back (getSocket).
func (l *life) close() {
	l.mu.Lock()
	l.closed = true
	sockets := slices.Collect(maps.Keys(l.sockets))
	l.mu.Unlock()
	l.cancel()
	var told sync.WaitGroup
	for _, conn := range sockets {
		told.Go(func() { conn.Close(socket.GoingAway, restarts) })
	}
	l.inside.Wait()
	told.Wait()
}

// There implements channels.Watched: somebody has the chat open, in whatever tab.
func (c *connector) There(thread string) bool {
	c.mu.Lock()
	l := c.life
	c.mu.Unlock()
	if l == nil {
		return false
	}
	l.mu.Lock()
	r := l.rooms[thread]
	l.mu.Unlock()
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.members) > 0 || r.polls > 0
}
