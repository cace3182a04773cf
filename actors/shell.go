package actors

import (
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/asynkron/protoactor-go/actor"
)

// shell wraps every actor's Receive. A panic in Stopping or Stopped would leave an actor that never ends, so it is caught
// there always; elsewhere it is caught unless the actor is expendable (then its supervisor restarts it). A panic is a bug:
// it is logged with its stack and counted, and the actor goes on with the next message.
type shell struct {
	inner      actor.Actor
	log        *slog.Logger
	panics     func()
	expendable bool
}

func (s *shell) Receive(c actor.Context) {
	switch c.Message().(type) {
	case nil:
		return
	case *actor.Stopping, *actor.Stopped:
		defer s.recover(c)
	default:
		if !s.expendable {
			defer s.recover(c)
		}
	}
	s.inner.Receive(c)
}

func (s *shell) recover(c actor.Context) {
	if r := recover(); r != nil {
		s.panics()
		s.log.Error("an actor panicked", "actor", fmt.Sprintf("%T", s.inner), "message", fmt.Sprintf("%T", c.Message()),
			"err", fmt.Sprint(r), "stack", string(debug.Stack()))
	}
}

// props makes the Props of an actor of the house.
func (s *System) props(produce func() actor.Actor, opts ...actor.PropsOption) *actor.Props {
	return s.shellProps(produce, false, opts...)
}

// expendableProps makes the Props of an actor whose supervisor restarts it when it panics.
func (s *System) expendableProps(produce func() actor.Actor, opts ...actor.PropsOption) *actor.Props {
	return s.shellProps(produce, true, opts...)
}

func (s *System) shellProps(produce func() actor.Actor, expendable bool, opts ...actor.PropsOption) *actor.Props {
	opts = append([]actor.PropsOption{actor.WithMailbox(actor.UnboundedLockfree()), actor.WithDispatcher(s.dispatcher)}, opts...)
	return actor.PropsFromProducer(func() actor.Actor {
		return &shell{inner: produce(), log: s.log, panics: s.obs.CountPanic, expendable: expendable}
	}, opts...)
}
