package actors

import (
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/channels"
)

// backoff is a channel's supervision of its connector: restart only the child that failed, after a delay that grows, is
// jittered and capped, and starts small again after a calm run. Many failures in a window: given up, which means that a person
// should look; the connector is still tried at the longest delay, because passwords are set back and servers return.
// It runs on the channel actor's goroutine.
type backoff struct {
	tune      Tuning
	onFailure func(failure)

	failures  []time.Time // within the window
	growth    int         // doublings so far
	runningAt time.Time   // since when the present run works; zero: not yet
	told      bool        // administrators know that it fails; a calm run, or another configuration, makes the next trouble a new one
}

// failure is one end of a run and what is done about it.
type failure struct {
	err     error
	class   channels.Class
	reason  string
	count   int
	delay   time.Duration
	givenUp bool
}

var _ actor.SupervisorStrategy = (*backoff)(nil)

// HandleFailure implements actor.SupervisorStrategy.
func (b *backoff) HandleFailure(sys *actor.ActorSystem, sup actor.Supervisor, child *actor.PID, _ *actor.RestartStatistics, reason, _ any) {
	err, ok := reason.(error)
	if !ok {
		err = errors.New("the connector panicked")
	}
	f := b.next(err, time.Now())
	b.onFailure(f)
	time.AfterFunc(f.delay, func() {
		if _, alive := sys.ProcessRegistry.GetLocal(child.Id); alive {
			sup.RestartChildren(child)
		}
	})
}

// next records a failure and says how long to wait.
func (b *backoff) next(err error, now time.Time) failure {
	if !b.runningAt.IsZero() && now.Sub(b.runningAt) >= b.tune.RestartCalm {
		b.growth, b.failures, b.told = 0, nil, false
	}
	b.runningAt = time.Time{}
	kept := b.failures[:0]
	for _, t := range b.failures {
		if now.Sub(t) < b.tune.RestartWindow {
			kept = append(kept, t)
		}
	}
	b.failures = append(kept, now)
	f := failure{err: err, class: channels.ClassOf(err), reason: reasonOf(err), count: len(b.failures)}
	first := b.tune.RestartMin
	if f.class == channels.Auth {
		first = b.tune.AuthRetryMin
	}
	d := min(first<<min(b.growth, 20), b.tune.RestartMax)
	b.growth++
	f.givenUp = f.count >= b.tune.FailedAfter || f.class == channels.Auth
	var e *channels.Error
	if errors.As(err, &e) && e.RetryAfter > d {
		d = e.RetryAfter
	}
	f.delay = d/2 + rand.N(d/2+1) // half fixed, half random: many channels of one server do not come back at once
	return f
}

// running notes that the present run works.
func (b *backoff) running(now time.Time) {
	if b.runningAt.IsZero() {
		b.runningAt = now
	}
}

// forget starts over: the configuration is another.
func (b *backoff) forget() { b.failures, b.growth, b.runningAt, b.told = nil, 0, time.Time{}, false }

// reasonOf is what an administrator is shown: the provider's words if the connector gave a reason, else the error's first line.
func reasonOf(err error) string {
	var e *channels.Error
	if errors.As(err, &e) && e.Reason != "" {
		return e.Reason
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	if len(line) > 300 {
		line = line[:300]
	}
	return line
}
