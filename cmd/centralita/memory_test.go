package main

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryLimitFollowsWhatLives(t *testing.T) {
	for _, c := range []struct{ live, want int64 }{{0, smallHeap}, {100 << 20, smallHeap}, {187 << 20, smallHeap}, {500 << 20, 800 << 20}} {
		if got := memoryLimit(uint64(c.live)); got != c.want {
			t.Errorf("%d MB live: %d MB, not %d", c.live>>20, got>>20, c.want>>20)
		}
	}
}

func TestMemoryIsBoundUnlessSomebodyTunesIt(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	for _, c := range []struct {
		name string
		want int64
	}{{"GOGC", math.MaxInt64}, {"GOMEMLIMIT", math.MaxInt64}, {"", smallHeap}} {
		debug.SetMemoryLimit(math.MaxInt64)
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			go boundMemory(ctx, func(name string) string {
				if name == c.name {
					return "1"
				}
				return ""
			})
			synctest.Wait()
			if got := debug.SetMemoryLimit(-1); got != c.want {
				t.Errorf("with %q set: %d, not %d", c.name, got, c.want)
			}
			if c.name != "" {
				return
			}
			much := make([]byte, 400<<20)
			runtime.GC()
			time.Sleep(2 * heapLook)
			synctest.Wait()
			if got := debug.SetMemoryLimit(-1); got < 640<<20 || got > 1<<30 {
				t.Errorf("with 400 MB in use: %d MB", got>>20)
			}
			runtime.KeepAlive(much)
		})
	}
}
