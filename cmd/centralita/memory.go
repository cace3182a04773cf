package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Go lets its heap grow to twice what lives in it. While much comes in the store's own buffers are most of that (docs/performance.md), so
// that the peaks are what a small machine pays for. Up to a bound garbage is collected a little earlier instead.
const (
	smallHeap = 300 << 20 // Go's memory that is never worth collecting earlier
	headroom  = 1.6       // a larger heap may grow to so many times what lives in it: a collector without room works all the time
	heapLook  = time.Second
)

// boundMemory keeps Go's memory within a bound that follows what lives, until ctx ends. Who tunes Go's collector by its own variables is
// left alone.
func boundMemory(ctx context.Context, getenv func(string) string) {
	if getenv("GOMEMLIMIT") != "" || getenv("GOGC") != "" {
		return
	}
	limit := int64(smallHeap)
	debug.SetMemoryLimit(limit)
	tick := time.NewTicker(heapLook)
	defer tick.Stop()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(live)
		if now := memoryLimit(live[0].Value.Uint64()); now > limit+limit/10 || now < limit-limit/10 { // setting it stops everything for a moment
			limit = now
			debug.SetMemoryLimit(limit)
		}
	}
}

// memoryLimit is the bound for what lives.
func memoryLimit(live uint64) int64 { return max(smallHeap, int64(headroom*float64(live))) }
