package chat

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/chat/hours"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
)

// linger is how long a room stays when the last one has left: a reload comes back to it.
const linger = 20 * time.Second

// life is one run of the connector: the rooms of those who are there.
type life struct {
	ctx     context.Context // ends first: nothing new begins
	cancel  context.CancelFunc
	intake  channels.Intake
	threads channels.Threads
	channel desk.ChannelID
	log     *slog.Logger
	inside  sync.WaitGroup // requests, sockets, rooms and reporters
	seen    atomic.Int64   // when it was last told that a site shows the chat

	mu      sync.Mutex // guards the fields below and the refs of every room
	rooms   map[string]*room
	sockets map[*socket.Conn]struct{}
	closed  bool
}

// room is a visitor who is there: one reader of their conversation, whatever the number of their tabs.
type room struct {
	life    *life
	name    string // by which it is found
	visitor string // whose conversation is read
	ctx     context.Context
	cancel  context.CancelFunc
	refs    int // guarded by life.mu
	thread  channels.Thread
	after   uint64 // up to which version it was read; whoever reads owns it
	idle    *time.Timer

	mu        sync.Mutex // guards the fields below
	story     story
	spoke     bool          // something of theirs is durable, though it may not have been read yet
	change    chan struct{} // closed, and made anew, when the story grows or the room fails
	reading   bool          // somebody reads what is new
	more      bool          // there is something new since
	caught    bool          // history has been read
	progress  time.Time     // when it last grew
	failed    bool
	members   []*member // oldest first
	delivered uint64    // acknowledged by a widget
	read      uint64
	reporting bool
	polls     int          // requests that wait here
	place     place        // in the waiting line
	polled    place        // as the last request that waited here was told
	shown     hours.Notice // whether the chat is available, as sockets were told last; the zero value: as its configuration said
}

// member is one socket of a visitor.
type member struct {
	conn *socket.Conn
	tab  string
}

// room gives the room of a name (caller.room), opening it if need be; leave must be called.
func (l *life) room(name string) (*room, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errDown
	}
	r := l.rooms[name]
	if r == nil {
		if len(l.rooms) >= maxRooms {
			return nil, desk.Refuse(desk.Unavailable, "", "too many visitors at the moment, try again soon")
		}
		visitor, only, _ := strings.Cut(name, "#")
		r = &room{life: l, name: name, visitor: visitor, change: make(chan struct{}), progress: time.Now(), reading: true, more: true} // open reads first
		r.story = story{channel: l.channel, visitor: visitor, only: only}
		r.ctx, r.cancel = context.WithCancel(l.ctx)
		l.rooms[name] = r
		l.inside.Go(r.open)
	}
	if r.idle != nil {
		r.idle.Stop()
		r.idle = nil
	}
	r.refs++
	return r, nil
}

// spoke notes that something of a visitor is durable.
func (l *life) spoke(name string) {
	l.mu.Lock()
	room := l.rooms[name]
	l.mu.Unlock()
	if room == nil {
		return
	}
	room.mu.Lock()
	defer room.mu.Unlock()
	room.spoke = true
}

// leave counts one out; an empty room closes after a while.
func (r *room) leave() {
	l := r.life
	l.mu.Lock()
	defer l.mu.Unlock()
	r.refs--
	if r.refs == 0 && r.ctx.Err() == nil {
		r.idle = time.AfterFunc(linger, r.shutIfEmpty)
	}
}

func (r *room) shutIfEmpty() {
	r.life.mu.Lock()
	defer r.life.mu.Unlock()
	if r.refs == 0 {
		r.shut()
	}
}

// shut takes the room out of the house; called with life.mu held.
func (r *room) shut() {
	r.cancel()
	if r.life.rooms[r.name] == r {
		delete(r.life.rooms, r.name)
	}
}

// open begins to follow the conversation. A room in which nothing happens has no goroutine of its own.
func (r *room) open() {
	r.life.threads.OnTyping(r.ctx, r.visitor, r.agentTypes)
	r.thread = r.life.threads.Open(r.visitor)
	r.thread.OnNews(r.ctx, r.news)
	for rec, err := range r.thread.Earlier(r.ctx) {
		if err != nil {
			r.fail(err)
			return
		}
		r.add(rec)
	}
	r.catchUp()
}

// news has what is new read, by whoever reads already or by somebody new.
func (r *room) news() {
	l := r.life
	l.mu.Lock()
	defer l.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.more = true; r.reading || l.closed || r.failed {
		return
	}
	r.reading = true
	l.inside.Go(r.catchUp) // under the lock: never after close has begun to wait
}

// catchUp tells what the conversation has become, until there is nothing new.
func (r *room) catchUp() {
	for r.begin() {
		for rec, err := range r.thread.History(r.ctx, r.after) {
			if err != nil {
				r.fail(err)
				return
			}
			r.add(rec)
			r.after = rec.GetVersion()
		}
	}
}

// begin is false when there is nothing new to read, or nobody left to tell.
func (r *room) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	more := r.more && r.ctx.Err() == nil
	if r.more = false; !more {
		r.reading = false
		r.caught, r.progress = true, time.Now()
		r.wake()
	}
	return more
}

// fail sends everybody away: they come back to a new room.
func (r *room) fail(err error) {
	if r.ctx.Err() != nil {
		return
	}
	r.life.log.Warn("a visitor's conversation cannot be read", "visitor", r.visitor, "err", err)
	r.life.mu.Lock()
	r.shut()
	r.life.mu.Unlock()
	r.mu.Lock()
	r.failed = true
	r.wake()
	r.mu.Unlock()
	for _, m := range r.everybody() {
		m.conn.Close(socket.GoingAway, "the conversation cannot be read now: come back")
	}
}

func (r *room) add(rec desk.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.story.fold(rec); e != nil {
		r.tell(&socket.Frame{Data: e.data})
	}
	r.move(r.place)
	r.progress = time.Now()
	r.wake()
	r.report()
}

// tell sends a frame to every socket; called with the lock held, which keeps the order. A socket that is too slow closes
// itself and leaves.
func (r *room) tell(f *socket.Frame) {
	for _, m := range r.members {
		m.conn.Send(f)
	}
}

func (r *room) wake() {
	close(r.change)
	r.change = make(chan struct{})
}

func (r *room) agentTypes(name string, on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell(serverFrame{T: "typing", On: on, Name: firstName(name)}.encode())
}

func (r *room) everybody() []*member {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*member(nil), r.members...)
}

// settle waits until history has been read, and until seq, which the client has seen and so must be there, unless nothing
// comes for a while: what is read later follows as events.
func (r *room) settle(ctx context.Context, seq uint64) error {
	const patience, limit = 2 * time.Second, 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		r.mu.Lock()
		change, caught, failed := r.change, r.caught, r.failed
		left := patience - time.Since(r.progress)
		here := caught && r.story.version >= seq
		r.mu.Unlock()
		switch {
		case failed || r.ctx.Err() != nil:
			return errDown // an empty story would tell the client to forget what it has
		case here || caught && left <= 0:
			return nil
		case !caught:
			left = limit
		}
		timer := time.NewTimer(left)
		select {
		case <-change:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil // shown in the end all the same
		}
		timer.Stop()
	}
}

// join makes a socket a member that is told what follows the position it has. It gives the members to drop: what the same tab had
// before, which its network may have swallowed without a word, and the oldest if there are too many.
func (r *room) join(m *member, f clientFrame) (drop []*member, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed {
		return nil, errDown
	}
	m.conn.Send(r.resume("welcome", f.Epoch, f.LastSeq).encode())
	if r.has(m) {
		return nil, nil
	}
	m.tab = f.Tab
	stay := make([]*member, 0, len(r.members)+1)
	for _, other := range r.members {
		if m.tab != "" && other.tab == m.tab {
			drop = append(drop, other)
		} else {
			stay = append(stay, other)
		}
	}
	r.members = append(stay, m)
	r.shown = hours.Notice{} // it knows the configuration alone
	if len(r.members) > maxSockets {
		drop = append(drop, r.members[0])
		r.members = r.members[1:]
	}
	return drop, nil
}

func (r *room) has(m *member) bool {
	for _, other := range r.members {
		if other == m {
			return true
		}
	}
	return false
}

// again answers a client that found a hole.
func (r *room) again(m *member, f clientFrame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	epoch := f.Epoch
	if epoch == "" {
		epoch = r.story.epoch
	}
	m.conn.Send(r.story.resume("events", epoch, f.From).encode())
}

func (r *room) part(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, other := range r.members {
		if other == m {
			r.members = append(r.members[:i:i], r.members[i+1:]...)
			return
		}
	}
}

// sit counts a waiting request in; false when the visitor has too many.
func (r *room) sit() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.polls >= maxSockets {
		return false
	}
	r.polls++
	return true
}

func (r *room) rise() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.polls--
}

var errDown = desk.Refuse(desk.Unavailable, "", "the chat is not available at the moment, try again soon")
