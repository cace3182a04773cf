package actors

import (
	"context"
	"log/slog"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

func (s *System) newActorSystem() *actor.ActorSystem {
	quiet := slog.New(slog.DiscardHandler) // Proto.Actor logs whole messages: customers' words do not belong in logs
	asys := actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger { return quiet }))
	asys.EventStream.Subscribe(func(ev any) {
		if _, ok := ev.(*actor.DeadLetterEvent); ok {
			if !s.stopping.Load() {
				s.obs.CountDeadLetter()
			}
		}
	})
	return asys
}

// Stop ends the engine in order: nothing new is taken, connectors end, what is under way becomes durable, actors end. The
// store stays open; it is the caller's. It returns when all is done or ctx ends.
func (s *System) Stop(ctx context.Context) {
	if s.stopping.Swap(true) {
		return
	}
	for _, pid := range []*actor.PID{s.switchboard, s.timers, s.bots, s.attendance, s.assignment} {
		s.end(ctx, pid)
	}
	s.waitForSends(ctx)
	deadline := time.Now().Add(s.tune.DrainTime)
	for s.store.Waiting() > 0 && time.Now().Before(deadline) && ctx.Err() == nil {
		wait(ctx, 2*time.Millisecond)
	}
	for _, pid := range s.shards {
		s.end(ctx, pid)
	}
	s.cancel()
	s.wg.Wait()
	s.asys.Shutdown()
}

// waitForSends gives attempts under way time to end and be recorded. One that takes longer was announced, and the next life looks for it.
func (s *System) waitForSends(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		s.sends.Wait()
		close(done)
	}()
	limit := time.NewTimer(s.tune.DrainTime)
	defer limit.Stop()
	select {
	case <-done:
	case <-ctx.Done():
	case <-limit.C:
	}
}

// end poisons an actor and waits until it and its children have ended, at most DrainTime: PoisonFuture itself gives up after ten
// seconds.
func (s *System) end(ctx context.Context, pid *actor.PID) {
	if pid == nil {
		return
	}
	done := make(chan struct{})
	f := s.root.PoisonFuture(pid)
	go func() {
		_ = f.Wait()
		close(done)
	}()
	limit := time.NewTimer(s.tune.DrainTime)
	defer limit.Stop()
	select {
	case <-done:
	case <-ctx.Done():
	case <-limit.C:
		s.log.Warn("an actor did not end in time", "actor", pid.Id)
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// silent is the Observer of whoever has none.
type silent struct{}

func (silent) CountPanic()                         {}
func (silent) CountDeadLetter()                    {}
func (silent) ObserveAppend(time.Duration)         {}
func (silent) ObserveAssignmentWait(time.Duration) {}
func (silent) CountItem(string, string)            {}
