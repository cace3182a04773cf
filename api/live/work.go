package live

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

const (
	maxInFlight    = 32
	commandTimeout = 30 * time.Second
	codeInternal   = "internal"
	failed         = "something failed in the server; try again"
)

// enqueue puts a command behind those of this socket that are not done: they are done one after the other, so that a
// reply and the closing after it stay in order.
func (s *session) enqueue(f *deskpb.ClientFrame) {
	s.mu.Lock()
	if len(s.queue) >= maxInFlight {
		s.mu.Unlock()
		s.refuse(f.Id, &desk.Error{Code: desk.Limit, Message: "too many commands at once, wait for the answers"})
		return
	}
	s.queue = append(s.queue, f)
	start := !s.working
	s.working = true
	s.mu.Unlock()
	if start {
		s.hub.readers.Go(s.work)
	}
}

// work does the commands that wait, and ends when there are none.
func (s *session) work() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.working, s.queue = false, nil
			s.mu.Unlock()
			return
		}
		f := s.queue[0]
		s.mu.Unlock()
		s.do(f)
		s.mu.Lock()
		s.queue = s.queue[1:]
		s.mu.Unlock()
	}
}

// do answers one command. It is finished even when the peer has gone meanwhile: a repeat is harmless.
func (s *session) do(f *deskpb.ClientFrame) {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil { // of this command only: the next one may do
			s.hub.opt.Logger.Error("a command panicked", "agent", s.who.Agent, "err", fmt.Sprint(p), "stack", string(debug.Stack()))
			s.refuse(f.Id, &desk.Error{Code: codeInternal, Message: failed})
		}
	}()
	m := f.GetCommand()
	done, err := s.hub.opt.Commands.Do(ctx, s.who.Agent, desk.StreamID(m.GetStream()), m.GetCommand())
	if err == nil {
		s.send(doneFrame(f.Id, done))
		return
	}
	refusal, ok := errors.AsType[*desk.Error](err)
	if !ok {
		s.hub.opt.Logger.Error("a command failed", "agent", s.who.Agent, "stream", m.GetStream(),
			"command", deskpb.KindName(m.GetCommand()), "err", err)
		refusal = &desk.Error{Code: codeInternal, Message: failed}
	}
	s.refuse(f.Id, refusal)
}
