package bench

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// latencies are how long calls took.
type latencies []time.Duration

// quantile is the smallest time that this part of the calls did not exceed; 0 of none.
func (l latencies) quantile(q float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	if !slices.IsSorted(l) {
		slices.Sort(l)
	}
	return l[min(int(q*float64(len(l))), len(l)-1)]
}

// turn is one slice of time that one contender had.
type turn struct {
	n    int
	took time.Duration
	cpu  time.Duration
	lat  latencies
}

func (t turn) rate() float64 { return float64(t.n) / t.took.Seconds() }

// cpuEach is the CPU time of one call in microseconds.
func (t turn) cpuEach() float64 { return float64(t.cpu.Microseconds()) / float64(max(t.n, 1)) }

// inFlight calls with so many workers, each making its next call when the last one returned, for a time or until so many
// calls were made (0: any number).
func inFlight(ctx context.Context, width int, d time.Duration, most int, call func(worker int) error) (turn, error) {
	var failed atomic.Pointer[error]
	var taken atomic.Int64
	each := make([]latencies, width)
	began, cpu := time.Now(), cpuTime()
	deadline := began.Add(d)
	var wg sync.WaitGroup
	for w := range width {
		wg.Go(func() {
			at := time.Now()
			for at.Before(deadline) && ctx.Err() == nil && failed.Load() == nil {
				if most > 0 && taken.Add(1) > int64(most) {
					return
				}
				if err := call(w); err != nil {
					failed.Store(&err)
					return
				}
				now := time.Now()
				each[w] = append(each[w], now.Sub(at))
				at = now
			}
		})
	}
	wg.Wait()
	t := turn{took: time.Since(began), lat: slices.Concat(each...)}
	t.n = len(t.lat)
	t.cpu = cpuTime() - cpu + aftermath(ctx)
	if err := failed.Load(); err != nil {
		return t, *err
	}
	return t, ctx.Err()
}

// steadily makes so many calls a second, whether the earlier ones have returned or not, and waits for all of them.
func steadily(ctx context.Context, perSecond float64, d time.Duration, call func(i int) error) (turn, error) {
	n := max(int(perSecond*d.Seconds()), 1)
	t := turn{n: n, lat: make(latencies, n)}
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	began, cpu := time.Now(), cpuTime()
	for i := range n {
		pause(ctx, time.Until(began.Add(time.Duration(float64(i)/perSecond*float64(time.Second)))))
		if ctx.Err() != nil || failed.Load() != nil {
			break
		}
		wg.Go(func() {
			at := time.Now()
			if err := call(i); err != nil {
				failed.Store(&err)
			}
			t.lat[i] = time.Since(at)
		})
	}
	wg.Wait()
	t.took = time.Since(began)
	t.cpu = cpuTime() - cpu + aftermath(ctx)
	if err := failed.Load(); err != nil {
		return t, *err
	}
	return t, ctx.Err()
}

// aftermath waits until the work that a contender left behind (compaction, collection, pages that are not on the disk yet) is
// done, two seconds at most, so that it does not fall on the next one, and gives the CPU time it took.
func aftermath(ctx context.Context) time.Duration {
	before := cpuTime()
	for last, quiet, i := before, 0, 0; i < 80 && quiet < 3; i++ {
		pause(ctx, 25*time.Millisecond)
		now := cpuTime()
		if quiet++; now-last > 2*time.Millisecond {
			quiet = 0
		}
		last = now
	}
	syscall.Sync()
	return cpuTime() - before
}

// pause waits for a time, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// contest is what several contenders reached, round by round.
type contest [][]turn

// rates, cpus: one number a round, of one contender.
func (c contest) each(who int, f func(turn) float64) []float64 {
	out := make([]float64, len(c))
	for i, round := range c {
		out[i] = f(round[who])
	}
	return out
}

// against gives the median of a number, of its limit, and of the ratio in each round.
func (c contest) against(who, limit int, f func(turn) float64) (value, of, ratio float64) {
	a, b := c.each(who, f), c.each(limit, f)
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / b[i]
	}
	return median(a), median(b), median(ratios)
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	x = slices.Sorted(slices.Values(x))
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}
