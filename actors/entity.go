package actors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// ask is a command on its way to its stream. done is called exactly once, on whatever goroutine settles it, and must not
// block: it sends a message or fills a channel of capacity 1.
type ask struct {
	stream desk.StreamID
	cmd    desk.Command
	done   func(desk.Done, error)
	tries  int
}

// committed comes back from the journal's writer for one entry.
type committed struct {
	version  uint64 // of the entry's last record
	position desk.Position
	err      error
	queued   time.Time
}

// pending is an answer that waits until the state it was decided on is durable.
type pending struct {
	ask     *ask
	version uint64 // the stream's version when it was decided
	err     error  // a refusal, or nil
	entry   bool   // it appended something
}

// waker is told to an entity by its shard right after it was spawned.
type waker struct{ stream desk.StreamID }

// entity runs a decider over one stream. It pipelines: it decides on the state that includes what is still in flight, and
// only when the journal says that an entry is durable does its answer leave. When an entry is refused, the state ran ahead
// of the truth: the entity waits until every entry in flight has come back, forgets, replays, and decides again.
type entity[S any] struct {
	sys    *System
	kind   *kindOf[S]
	stream desk.StreamID

	state    S
	loaded   bool
	version  uint64 // includes what is in flight
	durable  uint64
	snapshot uint64 // version of the last snapshot
	position desk.Position
	inFlight int
	waiting  []pending
	broken   bool   // an entry was refused; draining
	held     []*ask // what arrived meanwhile, and what must be decided again
}

const (
	snapshotEvery = 100
	maxTries      = 4
)

func (e *entity[S]) Receive(c actor.Context) {
	switch m := c.Message().(type) {
	case *waker:
		e.stream = m.stream
	case *ask:
		e.handle(c.Self(), m)
	case *committed:
		e.committed(c.Self(), m)
	case *rest:
		if e.inFlight > 0 || len(e.waiting) > 0 {
			c.Send(c.Parent(), &awake{stream: e.stream})
			return
		}
		c.Poison(c.Self())
	case *actor.Stopping:
		e.abandon(desk.Refuse(desk.Unavailable, "", "the desk is shutting down; try again"))
	}
}

func (e *entity[S]) handle(self *actor.PID, a *ask) {
	if e.broken {
		e.held = append(e.held, a)
		return
	}
	evs, err := e.decide(a)
	if err != nil || len(evs) == 0 {
		e.answer(pending{ask: a, version: e.version, err: err})
		return
	}
	e.append(self, a, evs)
}

// decide loads the state if need be and asks the rules. A panic of the rules is a bug; it is answered, and the state, which
// may be half changed, is forgotten.
func (e *entity[S]) decide(a *ask) (evs []desk.Event, err error) {
	defer func() {
		if r := recover(); r != nil {
			e.sys.obs.CountPanic()
			e.sys.log.Error("a decider panicked", "stream", string(e.stream), "command", deskpb.KindName(a.cmd), "err", fmt.Sprint(r))
			e.loaded = e.loaded && e.inFlight > 0
			evs, err = nil, errInternal
		}
	}()
	if !e.loaded {
		if err := e.load(); err != nil {
			return nil, fmt.Errorf("load %s: %w", e.stream, err)
		}
	}
	return e.kind.decider.Decide(e.state, a.cmd)
}

var errInternal = errors.New("internal error")

func (e *entity[S]) load() error {
	e.state, e.version, e.snapshot = e.kind.decider.Initial(), 0, 0
	ctx := context.Background()
	if raw, version, ok, err := e.sys.store.LoadSnapshot(ctx, e.stream, e.kind.format); err == nil && ok {
		if s, err := e.kind.restore(raw); err == nil {
			e.state, e.version, e.snapshot = s, version, version
		}
	}
	for r, err := range e.sys.store.Load(ctx, e.stream, e.version) {
		if err != nil {
			return err
		}
		e.state = e.kind.decider.Evolve(e.state, r.Event)
		e.version = r.Version
		e.position = desk.Position(r.Position)
	}
	e.durable, e.loaded = e.version, true
	return nil
}

func (e *entity[S]) append(self *actor.PID, a *ask, evs []desk.Event) {
	entry := persistence.Entry{Stream: e.stream, Expect: e.version, Key: a.cmd.Key, Records: make([]desk.Record, len(evs))}
	for i, ev := range evs {
		e.state = e.kind.decider.Evolve(e.state, ev)
		e.version++
		entry.Records[i] = &deskpb.Record{Stream: string(e.stream), Version: e.version, AtMs: a.cmd.AtMs, By: a.cmd.By, Event: ev}
	}
	if restsOn := e.kind.decider.RestsOn; restsOn != nil {
		for _, ev := range evs {
			entry.While = append(entry.While, restsOn(e.stream, a.cmd, ev)...)
		}
	}
	e.waiting = append(e.waiting, pending{ask: a, version: e.version, entry: true})
	e.inFlight++
	version, queued, root := e.version, time.Now(), e.sys.root
	e.sys.store.Append(entry, func(p desk.Position, err error) {
		root.Send(self, &committed{version: version, position: p, err: err, queued: queued})
	})
}

func (e *entity[S]) committed(self *actor.PID, m *committed) {
	e.inFlight--
	if m.err != nil {
		e.refused(m.err)
	} else {
		e.durable, e.position = m.version, m.position
		e.sys.obs.ObserveAppend(time.Since(m.queued))
		e.release()
	}
	if e.inFlight > 0 {
		return
	}
	if e.broken {
		e.again(self)
		return
	}
	if e.version-e.snapshot >= snapshotEvery {
		e.takeSnapshot()
	}
}

// release answers everything that rests on what is durable now.
func (e *entity[S]) release() {
	n := 0
	for n < len(e.waiting) && e.waiting[n].version <= e.durable {
		e.settle(e.waiting[n])
		n++
	}
	e.waiting = e.waiting[n:]
	if len(e.waiting) == 0 {
		e.waiting = nil
	}
}

func (e *entity[S]) answer(p pending) {
	if p.version > e.durable {
		e.waiting = append(e.waiting, p) // decided on a state that is not durable yet
		return
	}
	e.settle(p)
}

func (e *entity[S]) settle(p pending) {
	if p.err != nil {
		p.ask.done(desk.Done{}, p.err)
		return
	}
	p.ask.done(desk.Done{Version: p.version, Position: e.position, Changed: p.entry}, nil)
}

// refused handles the journal's no for the oldest entry in flight. A key seen before means that the command took effect
// already; a conflict means that somebody else wrote: everything undecided is decided again after a replay. Other errors
// (disk full, closed) are answered.
func (e *entity[S]) refused(err error) {
	first := !e.broken
	e.broken = true
	retry := errors.Is(err, persistence.ErrConflict)
	for i, p := range e.waiting {
		if !p.entry {
			e.held = append(e.held, p.ask)
			continue
		}
		if first && errors.Is(err, persistence.ErrDuplicate) {
			p.ask.done(desk.Done{Version: e.durable, Position: e.position}, nil)
		} else if retry && p.ask.tries < maxTries {
			p.ask.tries++
			e.held = append(e.held, p.ask)
		} else {
			p.ask.done(desk.Done{}, refusal(err))
		}
		e.waiting = e.waiting[i+1:]
		return
	}
	e.waiting = nil
}

// again starts over from the journal once nothing is in flight.
func (e *entity[S]) again(self *actor.PID) {
	for _, p := range e.waiting {
		e.held = append(e.held, p.ask)
	}
	held := e.held
	e.waiting, e.held, e.broken, e.loaded = nil, nil, false, false
	for _, a := range held {
		e.handle(self, a)
	}
}

func (e *entity[S]) takeSnapshot() {
	raw, err := e.kind.snapshot(e.state)
	if err != nil {
		e.sys.log.Error("encode a snapshot", "stream", string(e.stream), "err", err)
		return
	}
	e.snapshot = e.version
	e.sys.store.SaveSnapshot(e.stream, e.kind.format, e.version, raw)
}

// abandon answers whoever still waits; what is in flight may yet become durable, and the client's ids make its repeat
// harmless.
func (e *entity[S]) abandon(err error) {
	for _, p := range e.waiting {
		p.ask.done(desk.Done{}, err)
	}
	for _, a := range e.held {
		a.done(desk.Done{}, err)
	}
	e.waiting, e.held = nil, nil
}

// refusal turns the journal's error into what the asker is told. What is none of these is a defect, and shown as one.
func refusal(err error) error {
	switch {
	case errors.Is(err, persistence.ErrDiskFull):
		return desk.Refuse(desk.Unavailable, "", "the disk is nearly full; nothing new is taken until there is room")
	case errors.Is(err, persistence.ErrDamaged):
		return desk.Refuse(desk.Unavailable, "", "the store is damaged and takes nothing new; restore a backup")
	case errors.Is(err, persistence.ErrClosed):
		return desk.Refuse(desk.Unavailable, "", "the desk is shutting down; try again")
	case errors.Is(err, persistence.ErrTooLarge):
		return desk.Refuse(desk.Limit, "", "too large for one entry")
	case errors.Is(err, persistence.ErrGone):
		return &desk.Error{Code: desk.Conflict, Reason: desk.ReasonWithdrawn, Message: "what it rests on was changed at the same time"}
	case errors.Is(err, persistence.ErrConflict):
		return desk.Refuse(desk.Conflict, "", "somebody else changed it at the same time; try again")
	}
	return fmt.Errorf("append: %w", err)
}
