package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/desk"
)

// shardCount is fixed: a stream's shard is its hash, and the shard is the unit that a cluster will place.
const shardCount = 64

// sweep tells a shard to put idle entities to sleep.
type sweep struct{ now time.Time }

// rest asks an entity to go to sleep. It does, unless something of it is on its way to the journal: then it says awake.
type (
	rest  struct{}
	awake struct{ stream desk.StreamID }
)

// resident is an entity that is awake.
type resident struct {
	stream   desk.StreamID
	pid      *actor.PID
	last     time.Time
	stopping bool   // it was told to rest
	held     []*ask // what arrived since
}

// shard owns the entities whose stream hashes to it: it alone spawns, addresses and stops them. While one stops, what
// arrives for it is held and then given to its successor, so no command is ever lost behind a stop.
type shard struct {
	sys     *System
	live    map[desk.StreamID]*resident
	byPID   map[string]*resident
	thinned time.Time
}

// crowdedIdle is how long an entity may be idle when there are more than enough awake.
const crowdedIdle = time.Second

func (s *shard) Receive(c actor.Context) {
	switch m := c.Message().(type) {
	case *ask:
		s.route(c, m)
	case *sweep:
		s.sweep(c, m.now, s.sys.tune.SleepAfter)
	case *awake:
		s.awake(c, m.stream)
	case *actor.Terminated:
		s.terminated(c, m.Who)
	}
}

func (s *shard) route(c actor.Context, a *ask) {
	r := s.live[a.stream]
	if r == nil {
		if r = s.spawn(c, a.stream); r == nil {
			a.done(desk.Done{}, desk.Refuse(desk.NotFound, "stream", "%q is not a stream of this desk", a.stream))
			return
		}
	}
	r.last = time.Now()
	if r.stopping {
		r.held = append(r.held, a)
		return
	}
	c.Send(r.pid, a)
}

func (s *shard) spawn(c actor.Context, stream desk.StreamID) *resident {
	props := s.sys.entities[stream.Kind()]
	if props == nil {
		return nil
	}
	r := &resident{stream: stream, pid: c.Spawn(props)}
	c.Send(r.pid, &waker{stream: stream})
	s.live[stream], s.byPID[r.pid.Id] = r, r
	s.sys.awake.Add(1)
	s.thin(c)
	return r
}

// thin bounds the memory of a flood: two minutes of it would be awake otherwise.
func (s *shard) thin(c actor.Context) {
	now := time.Now()
	if len(s.live) > s.sys.tune.MostAwake/shardCount && now.Sub(s.thinned) >= time.Second {
		s.thinned = now
		s.sweep(c, now, crowdedIdle)
	}
}

func (s *shard) sweep(c actor.Context, now time.Time, idle time.Duration) {
	for _, r := range s.live {
		if !r.stopping && now.Sub(r.last) >= idle {
			r.stopping = true
			c.Send(r.pid, &rest{}) // after everything already in its mailbox
		}
	}
}

// awake goes on with an entity that could not rest.
func (s *shard) awake(c actor.Context, stream desk.StreamID) {
	r := s.live[stream]
	if r == nil || !r.stopping {
		return
	}
	r.stopping, r.last = false, time.Now()
	for _, a := range r.held {
		c.Send(r.pid, a)
	}
	r.held = nil
}

func (s *shard) terminated(c actor.Context, who *actor.PID) {
	r := s.byPID[who.Id]
	if r == nil {
		return
	}
	delete(s.byPID, who.Id)
	delete(s.live, r.stream)
	s.sys.awake.Add(-1)
	for _, a := range r.held {
		s.route(c, a)
	}
}

// shardOf is FNV-1a over the stream's name.
func shardOf(stream desk.StreamID) int {
	h := uint32(2166136261)
	for i := range len(stream) {
		h = (h ^ uint32(stream[i])) * 16777619
	}
	return int(h % shardCount)
}
