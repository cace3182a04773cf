// Package live keeps agents' screens true: it owns the agent socket (/api/v1/socket), the hub that feeds all sockets from one
// tail of the journal, and the gate through which agents' commands go.
//
// # What the socket promises
//
// A screen shows rows (tickets, agents, channels, contacts) and the records of the conversations it subscribed to. Rows
// arrive whole and at least once: keep the one with the larger version. Records arrive in order.
// The position of every frame may be resumed from: whoever has processed all frames up to it, and says hello with it,
// misses nothing. (That is why a row's frame carries the position before the event that changed it: a record of the same
// event may still be behind it.)
//
// # Who owns what
//
// One goroutine, the loop of Hub.Run, owns which sockets there are, what they want, and how far they are. It tails the
// journal once, makes each frame once, and hands the same bytes to every socket that wants it. A socket at rest costs one
// goroutine, its reader. A socket that resumes reads the journal by itself up to where the loop was when it joined; what
// happens meanwhile is held and follows, so there is neither a gap nor a double.
package live

import (
	"context"
	"iter"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/metrics"
	"github.com/centralita/centralita/internal/socket"
	"github.com/centralita/centralita/proto/deskpb"
)

// Journal is what the hub reads.
type Journal interface {
	// Watch yields every record after the position, history first, then live, without gap.
	Watch(ctx context.Context, after desk.Position) iter.Seq2[desk.Record, error]
	// Records yields one stream after a version, then ends.
	Records(ctx context.Context, stream desk.StreamID, after uint64) iter.Seq2[desk.Record, error]
	// Head names the history and its last position.
	Head() (epoch string, position desk.Position)
}

// Rows are the lists' rows; one that is not there is nil with a nil error. A row is at least as new as any record that
// Watch has yielded.
type Rows interface {
	Ticket(desk.ConversationID) (desk.Ticket, error)
	Contact(desk.ContactID) (desk.Contact, error)
	Agent(desk.AgentID) (desk.Agent, error)
	Channel(desk.ChannelID) (desk.Channel, error)
	Setting(desk.SettingID) (desk.Setting, error)
}

// TeamRows answers for teams.
type TeamRows interface {
	Team(desk.TeamID) (desk.Team, error)
}

// DraftRows answers for what agents are writing.
type DraftRows interface {
	DraftsIn(agent desk.AgentID, conversation desk.ConversationID) ([]*deskpb.DraftSummary, error)
}

// NoticeRows answers whom records were told to.
type NoticeRows interface {
	Told(after, until desk.Position) (map[string]bool, error)
}

// SideRows answers for side conversations.
type SideRows interface {
	Side(desk.ConversationID) (desk.SideRow, error)
}

// Signs are what comes of sockets: who looks at, or types in, a conversation, which is ephemeral, and who has a workspace open at all.
type Signs interface {
	Presence(desk.PresenceSign)
	OnPresence(ctx context.Context, f func(desk.PresenceSign))
	// SocketOpened and SocketClosed count the screens that said hello.
	SocketOpened(desk.AgentID)
	SocketClosed(desk.AgentID)
}

// Who is the signed-in browser a socket or a command belongs to.
type Who struct {
	Agent       desk.AgentID
	Session     string // hex SHA-256 of the token
	ExpiresAtMs int64
}

// Options of a hub. All but HelloWithin, Logger and Metrics are needed.
type Options struct {
	Journal  Journal
	Rows     Rows
	Teams    TeamRows
	Drafts   DraftRows
	Notices  NoticeRows
	Sides    SideRows
	Signs    Signs
	Commands *Commands
	// Viewer is what an agent may see of the tickets, by the rows as they are.
	Viewer func(desk.Agent) (*desk.Viewer, error)
	// SignedIn asks again whether the session holds, when the hub has taken the socket in: a sign-out that the hub saw
	// before it is not missed.
	SignedIn    func(Who) bool
	CheckOrigin func(*http.Request) bool
	HelloWithin time.Duration // a socket that says no hello within it is closed; 0 means 15 s
	Logger      *slog.Logger
	Metrics     *metrics.Metrics
}

// Limits of the sockets.
const (
	maxSockets         = 10_000
	maxSocketsPerAgent = 50
	maxSubscribed      = 20
	maxGap             = 20_000 // records a resuming screen may have missed; beyond, it reads the lists again
	maxHeld            = 4096   // frames held for a socket that catches up
	maxBatch           = 4096   // records of one fan-out
	catchUpsAtOnce     = 4
)

// Hub feeds the agents' sockets. Make it with New, and Run it.
type Hub struct {
	opt     Options
	calls   chan func() // run by the loop; not buffered: what was taken is run
	started chan struct{}
	done    chan struct{} // closed when the loop takes no more calls
	slots   chan struct{} // of catch-ups
	readers sync.WaitGroup

	mu       sync.Mutex // guards the fields below, which decide before a socket reaches the loop
	perAgent map[desk.AgentID]int
	total    int
	stopping bool // no reader is started any more

	// Owned by the loop.
	sessions  map[*session]struct{}
	viewers   map[desk.AgentID]*desk.Viewer // of agents who do not see everything
	open      map[string]int                // conversation or contact → sockets that subscribed to it
	epoch     string
	position  desk.Position // up to here everything has been handed to the sockets
	pending   []arrival
	flushed   time.Time // when the last fan-out ended
	announced time.Time // when it was last said again who looks at what
}

// arrival is a record and when the hub saw it.
type arrival struct {
	record desk.Record
	at     time.Time
}

// New makes a hub; it takes sockets once Run has begun.
func New(opt Options) *Hub {
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	if opt.HelloWithin == 0 {
		opt.HelloWithin = 15 * time.Second
	}
	return &Hub{
		opt: opt, calls: make(chan func()), started: make(chan struct{}), done: make(chan struct{}),
		slots: make(chan struct{}, catchUpsAtOnce), perAgent: map[desk.AgentID]int{}, sessions: map[*session]struct{}{}, open: map[string]int{},
		viewers: map[desk.AgentID]*desk.Viewer{},
	}
}

// Run feeds the sockets until ctx ends, then closes them with "come back", and returns when all are gone. Call it once.
func (h *Hub) Run(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	h.epoch, h.position = h.opt.Journal.Head()
	records := make(chan arrival, 1024)
	signs := make(chan desk.PresenceSign, 256)
	var feeders sync.WaitGroup
	feeders.Go(func() { h.tail(ctx, h.position, records) })
	feeders.Go(func() {
		h.opt.Signs.OnPresence(ctx, func(s desk.PresenceSign) {
			select {
			case signs <- s:
			default: // it may be lost
			}
		})
	})
	close(h.started)
	h.loop(ctx, records, signs)
	h.mu.Lock()
	h.stopping = true
	h.mu.Unlock()
	close(h.done)
	h.closeAll()
	feeders.Wait()
}

// tail hands the journal to the loop, from after on. A journal that fails to be read is asked again.
func (h *Hub) tail(ctx context.Context, after desk.Position, records chan<- arrival) {
	for pause := 100 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, 5*time.Second) {
		for r, err := range h.opt.Journal.Watch(ctx, after) {
			if err != nil {
				if ctx.Err() == nil {
					h.opt.Logger.Error("the feed cannot read the journal", "position", after, "err", err)
				}
				break
			}
			select {
			case records <- arrival{r, time.Now()}:
				after, pause = desk.Position(r.Position), 100*time.Millisecond
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// loop is the one owner of the hub's state.
func (h *Hub) loop(ctx context.Context, records <-chan arrival, signs <-chan desk.PresenceSign) {
	slow := time.NewTicker(housekeeping)
	defer slow.Stop()
	due := time.NewTimer(time.Hour)
	defer due.Stop()
	for {
		in := records
		if len(h.pending) >= maxBatch {
			in = nil // flush first
		}
		select {
		case <-ctx.Done():
			return
		case a := <-in:
			h.pending = append(h.pending, a)
			if wait := h.window() - time.Since(h.flushed); len(h.pending) == 1 {
				due.Reset(max(wait, 0))
			}
		case <-due.C:
			h.drain(records)
			h.flush()
		case f := <-h.calls:
			f()
		case s := <-signs:
			h.fanSign(s)
		case now := <-slow.C:
			h.housekeep(now)
		}
	}
}

// window is how long records are gathered before they are fanned out again. A write to a socket costs some ten
// microseconds; gathering for as long as writing takes lets the feed bend under load instead of breaking: a ticket that
// changed three times is sent once.
func (h *Hub) window() time.Duration {
	return min(time.Duration(len(h.sessions))*10*time.Microsecond, 12*time.Millisecond)
}

// drain takes what has arrived already, without waiting.
func (h *Hub) drain(records <-chan arrival) {
	for len(h.pending) < maxBatch {
		select {
		case a := <-records:
			h.pending = append(h.pending, a)
		default:
			return
		}
	}
}

const housekeeping = 20 * time.Second

// housekeep ends sockets whose session ran out and lets the others know how far they are, so that a quiet screen that
// comes back has little to catch up on.
func (h *Hub) housekeep(now time.Time) {
	if now.Sub(h.announced) >= lookEvery {
		h.announced = now
		h.announceAll()
	}
	var caughtUp frames
	for s := range h.sessions {
		if s.who.ExpiresAtMs <= now.UnixMilli() {
			s.closeSoon(socket.AuthExpired, "the session has expired, sign in again")
			continue
		}
		if s.state == stateLive && s.told != h.position {
			s.told = h.position
			if caughtUp.frame == nil {
				caughtUp.frame = caughtUpFrame(h.position)
			}
			s.push(caughtUp.of(s.binary))
		}
	}
}

// call runs f in the loop, soon; false when the hub has stopped.
func (h *Hub) call(f func()) bool {
	select {
	case h.calls <- f:
		return true
	case <-h.done:
		return false
	}
}

// read starts a socket's reader, unless the hub has stopped.
func (h *Hub) read(s *session) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.stopping {
		h.readers.Go(s.run)
	}
	return !h.stopping
}

// closeAll says "come back" to every socket and waits for their readers.
func (h *Hub) closeAll() {
	var closing sync.WaitGroup
	for s := range h.sessions {
		closing.Go(func() { s.close(socket.GoingAway, comeBack) })
	}
	closing.Wait()
	h.readers.Wait()
}
