package actors_test

import (
	"runtime"
	"strings"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
)

// What happens to the desk itself: time goes by, actors panic, lives end.
var timeMoves = []move{
	{"some time", 125, func(w *assignmentWorld) { w.pass(time.Duration(w.rng.IntN(4000)) * time.Microsecond) }},
	{"a panic", 5, func(w *assignmentWorld) { w.store.fault.Store(true) }},
	{"everybody falls asleep", 3, func(w *assignmentWorld) { w.pass(30 * time.Second) }},
	{"another life", 1, (*assignmentWorld).restart},
	{"rest", 6, (*assignmentWorld).rest},
}

// restart ends a life, in order or as a kill would: nothing that is on its way to the journal arrives.
func (w *assignmentWorld) restart() {
	w.store.dead.Store(w.rng.IntN(2) == 0)
	w.stop()
	w.judge.follow(w.store.Store)
	w.begun++
	w.start()
	w.waitUp()
}

func (w *assignmentWorld) stop() {
	w.store.fault.Store(false)
	synctest.Wait()
	w.l.obs.panics.Add(-w.store.faults.Swap(0))
	w.l.stop()
}

func (w *assignmentWorld) waitUp() {
	for _, wire := range w.wires {
		for len(wire.up) > 0 {
			<-wire.up
		}
	}
	synctest.Wait()
}

// rest lets everything come to an end, and asks whether anybody waits who need not.
func (w *assignmentWorld) rest() {
	synctest.Wait()
	time.Sleep(11 * time.Second) // promises without a taker lapse
	synctest.Wait()
	w.judge.follow(w.store.Store)
	w.judge.rest()
	w.attended()
	w.placed()
}

// roughStore is the journal in memory, where now and then somebody who asks the index panics, and which a kill cuts off.
type roughStore struct {
	*memory.Store
	dead   atomic.Bool
	fault  atomic.Bool
	faults atomic.Int64
}

func (s *roughStore) Append(e persistence.Entry, done func(desk.Position, error)) {
	if s.dead.Load() {
		go done(0, persistence.ErrClosed)
		return
	}
	s.Store.Append(e, done)
}

// Index panics for the assignment, once for each fault that is set.
func (s *roughStore) Index() *persistence.Index {
	inner := s.Store.Index()
	return persistence.NewIndex(func(f func(persistence.Reader) error) error {
		if s.fault.Load() && calledBy(").happened") && s.fault.CompareAndSwap(true, false) {
			s.faults.Add(1)
			panic("a fault on purpose")
		}
		return inner.View(f)
	})
}

func calledBy(name string) bool {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if strings.Contains(f.Function, "assignment"+name) {
			return true
		}
		if !more {
			return false
		}
	}
}
