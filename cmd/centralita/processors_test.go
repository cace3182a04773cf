package main

import (
	"runtime"
	"testing"
)

func TestAFewCoresGetMoreProcessors(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, c := range []struct {
		cores, want int
		said        string
	}{{1, 2, ""}, {2, 4, ""}, {4, 8, ""}, {5, 5, ""}, {2, 2, "2"}} {
		runtime.GOMAXPROCS(c.cores)
		moreProcessors(func(name string) string {
			if name != "GOMAXPROCS" {
				t.Errorf("%s was read", name)
			}
			return c.said
		})
		if got := runtime.GOMAXPROCS(0); got != c.want {
			t.Errorf("%d cores, GOMAXPROCS=%q: %d processors, not %d", c.cores, c.said, got, c.want)
		}
	}
}
