package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// attendance owns how many workspaces each agent has open, and brings their streams into line with it (desk/presence.go): connected at
// once, gone when the last one has been closed for the grace time. So a reload, or a restart of the server, is no event at all.
//
// It is level-triggered: what a stream says otherwise is put right, and a note that could not be written is written a second later, as it
// is then.
type attendance struct {
	sys *System
	of  map[desk.AgentID]*attendee
}

type attendee struct {
	sockets int
	known   bool        // what the stream says
	version uint64      // of the stream, when it said so: its entries and the answers to notes come in any order
	asking  bool        // a note is under way
	grace   *time.Timer // runs since the last socket closed; nil: none is open, or it is over
	leaving int         // counts graces: what is left of an earlier one ends nothing
}

type (
	socketOpened struct{ agent desk.AgentID }
	socketClosed struct{ agent desk.AgentID }
	graceOver    struct {
		agent   desk.AgentID
		leaving int
	}
	presenceNoted struct {
		agent     desk.AgentID
		connected bool
		done      desk.Done
		err       error
	}
	presenceAgain struct{ agent desk.AgentID }
)

// newAttendance reads who was connected when the process ended: each of them has the grace time to come back.
func newAttendance(s *System) (*attendance, error) {
	rows, err := s.index.Agents()
	if err != nil {
		return nil, err
	}
	t := &attendance{sys: s, of: map[desk.AgentID]*attendee{}}
	for _, r := range rows {
		if r.Connected {
			t.of[desk.AgentID(r.Agent)] = &attendee{known: true, version: r.Version}
		}
	}
	return t, nil
}

// SocketOpened counts a workspace that an agent opened. It does not wait.
func (s *System) SocketOpened(agent desk.AgentID) { s.root.Send(s.attendance, &socketOpened{agent}) }

// SocketClosed counts one out that SocketOpened counted in. It does not wait.
func (s *System) SocketClosed(agent desk.AgentID) { s.root.Send(s.attendance, &socketClosed{agent}) }

func (t *attendance) Receive(c actor.Context) {
	switch m := c.Message().(type) {
	case *actor.Started: // a first time, or after a panic
		for id, a := range t.of {
			if a.sockets == 0 && a.known && a.grace == nil {
				t.leave(c.Self(), id, a)
			}
		}
	case *happened:
		id := desk.AgentID(desk.StreamID(m.record.Stream).ID())
		a := t.attendee(id)
		a.learn(m.record.Event.GetPresenceChanged().GetConnected(), m.record.Version)
		t.settle(c.Self(), id, a)
	case *socketOpened:
		a := t.attendee(m.agent)
		a.sockets++
		a.stay()
		t.settle(c.Self(), m.agent, a)
	case *socketClosed:
		if a := t.of[m.agent]; a != nil && a.sockets > 0 {
			if a.sockets--; a.sockets == 0 {
				t.leave(c.Self(), m.agent, a)
			}
		}
	case *graceOver:
		if a := t.of[m.agent]; a != nil && a.leaving == m.leaving {
			a.stay()
			t.settle(c.Self(), m.agent, a)
		}
	case *presenceNoted:
		t.noted(c.Self(), m)
	case *presenceAgain:
		if a := t.of[m.agent]; a != nil {
			a.asking = false
			t.settle(c.Self(), m.agent, a)
		}
	case *actor.Stopping:
		for _, a := range t.of {
			a.stay()
		}
	}
}

func (t *attendance) attendee(id desk.AgentID) *attendee {
	a := t.of[id]
	if a == nil {
		a = &attendee{}
		t.of[id] = a
	}
	return a
}

func wantsAttendance(r desk.Record) bool { return r.Event.GetPresenceChanged() != nil }

// learn takes what the stream said at a version, unless something newer is known.
func (a *attendee) learn(connected bool, version uint64) {
	if version >= a.version {
		a.known, a.version = connected, version
	}
}

// leave begins an agent's grace time.
func (t *attendance) leave(self *actor.PID, id desk.AgentID, a *attendee) {
	a.leaving++
	a.grace = t.later(self, t.sys.tune.PresenceGrace, &graceOver{id, a.leaving})
}

// stay ends it: the agent is back, or it is over.
func (a *attendee) stay() {
	if a.grace != nil {
		a.grace.Stop()
	}
	a.grace = nil
	a.leaving++
}

// settle notes in an agent's stream what it does not say yet.
func (t *attendance) settle(self *actor.PID, id desk.AgentID, a *attendee) {
	there := a.sockets > 0 || a.grace != nil
	switch {
	case a.asking:
	case there != a.known:
		a.asking = true
		root := t.sys.root
		t.sys.ask(id.Stream(), deskpb.NewCommand(&deskpb.NotePresence{Connected: there}), func(done desk.Done, err error) {
			root.Send(self, &presenceNoted{id, there, done, err})
		})
	case !there:
		delete(t.of, id)
	}
}

func (t *attendance) noted(self *actor.PID, m *presenceNoted) {
	a := t.of[m.agent]
	if a == nil {
		return
	}
	switch {
	case m.err == nil:
		a.learn(m.connected, m.done.Version)
	case desk.CodeOf(m.err) == desk.NotFound: // who is no agent, though signed in, is never connected
		a.known = m.connected
	default:
		if !t.sys.stopping.Load() {
			t.sys.log.Error("note that an agent is, or is not, connected", "agent", string(m.agent), "err", m.err)
		}
		t.later(self, time.Second, &presenceAgain{m.agent})
		return
	}
	a.asking = false
	t.settle(self, m.agent, a)
}

// later sends a message to itself, unless the desk stops meanwhile: then nobody is there to get it.
func (t *attendance) later(self *actor.PID, d time.Duration, m any) *time.Timer {
	sys := t.sys
	return time.AfterFunc(d, func() {
		if !sys.stopping.Load() {
			sys.root.Send(self, m)
		}
	})
}
