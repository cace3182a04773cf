package actors

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// However many mailboxes block, the next one runs; and when the engine is over nobody is left (synctest would say so).
func TestDispatcherNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over, release := make(chan struct{}), make(chan struct{})
		d := newDispatcher(over)
		var ran atomic.Int64
		for range 3 * mostSpare {
			d.Schedule(func() { ran.Add(1); <-release })
		}
		synctest.Wait()
		if n := ran.Load(); n != 3*mostSpare {
			t.Errorf("%d of %d ran while all block", n, 3*mostSpare)
		}
		close(release)
		synctest.Wait()
		if n := d.spare.Load(); n != mostSpare {
			t.Errorf("%d goroutines are kept", n)
		}
		d.Schedule(func() { ran.Add(1) })
		synctest.Wait()
		if n := d.spare.Load(); n != mostSpare {
			t.Errorf("%d goroutines are kept after one was used", n)
		}
		close(over)
		synctest.Wait()
		d.Schedule(func() { ran.Add(1) })
		synctest.Wait()
		if n := ran.Load(); n != 3*mostSpare+2 {
			t.Errorf("%d ran", n)
		}
	})
}
