package actors

import (
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"
)

// dispatcher runs mailboxes on goroutines that it keeps for the next one. A mailbox that gets its first message is
// scheduled anew, and a goroutine made for it would first have to grow its stack to what the store and the codec
// need: copying it was a tenth of all CPU time under load.
type dispatcher struct {
	work  chan func()
	over  <-chan struct{}
	spare atomic.Int32 // goroutines that wait for work
}

// mostSpare is how many goroutines are kept: a group of entries that became durable wakes as many entities at once.
const mostSpare = 256

var _ actor.Dispatcher = (*dispatcher)(nil)

// newDispatcher makes one whose goroutines end when over is closed; it schedules on fresh ones from then on.
func newDispatcher(over <-chan struct{}) *dispatcher {
	return &dispatcher{work: make(chan func()), over: over}
}

// Schedule implements actor.Dispatcher. It never waits: actors may block (an entity reads its stream), so when nobody is
// spare there is one more.
func (d *dispatcher) Schedule(f func()) {
	select {
	case d.work <- f:
	default:
		go d.run(f)
	}
}

// Throughput implements actor.Dispatcher: how many messages an actor may handle before it lets others run.
func (d *dispatcher) Throughput() int { return 300 }

func (d *dispatcher) run(f func()) {
	for {
		f()
		if d.spare.Add(1) > mostSpare {
			d.spare.Add(-1)
			return
		}
		select {
		case f = <-d.work:
			d.spare.Add(-1)
		case <-d.over:
			d.spare.Add(-1)
			return
		}
	}
}
