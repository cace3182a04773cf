package bench

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/desk"
)

// eye follows the journal and notes when something expected has become durable.
type eye struct {
	stop context.CancelFunc
	over sync.WaitGroup

	mu       sync.Mutex // guards expected
	expected map[desk.StreamID]chan sighting
}

// sighting is a record and when it came out of the journal.
type sighting struct {
	record desk.Record
	at     time.Time
}

// newEye looks at the records for which wanted holds.
func newEye(ctx context.Context, e *centralita.Engine, wanted func(desk.Record) bool) *eye {
	ctx, stop := context.WithCancel(ctx)
	y := &eye{stop: stop, expected: map[desk.StreamID]chan sighting{}}
	_, head := e.Head()
	y.over.Go(func() {
		for r, err := range e.Watch(ctx, head) {
			if err != nil {
				return
			}
			if !wanted(r) {
				continue
			}
			now := time.Now()
			y.mu.Lock()
			if c := y.expected[desk.StreamID(r.Stream)]; c != nil {
				c <- sighting{r, now}
				delete(y.expected, desk.StreamID(r.Stream))
			}
			y.mu.Unlock()
		}
	})
	return y
}

// expect must be called before what is expected is asked for. wait gives it.
func (y *eye) expect(stream desk.StreamID) (wait func(context.Context) (sighting, error)) {
	c := make(chan sighting, 1)
	y.mu.Lock()
	y.expected[stream] = c
	y.mu.Unlock()
	return func(ctx context.Context) (sighting, error) {
		limit := time.NewTimer(20 * time.Second)
		defer limit.Stop()
		select {
		case s := <-c:
			return s, nil
		case <-ctx.Done():
			return sighting{}, ctx.Err()
		case <-limit.C:
			return sighting{}, errors.New("what was expected did not happen in 20 seconds: " + string(stream))
		}
	}
}

func (y *eye) close() {
	y.stop()
	y.over.Wait()
}
