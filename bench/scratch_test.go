//go:build scratch

package bench

import (
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"testing"
	"time"
)

func TestScratch(t *testing.T) {
	r := &run{Options: Options{}.withDefaults(), ctx: t.Context(), dir: t.TempDir()}
	r.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c := &contenders{post: newPost("s")}
	var err error
	if c.office, err = r.openOffice(r.dir+"/e", nil, nil); err != nil {
		t.Fatal(err)
	}
	defer c.office.close()
	inFlight(r.ctx, atOnce, time.Minute, 5000, func(int) error { return c.deliver(r) })
	f, _ := os.Create("/tmp/cb/cpu.out")
	runtime.MemProfileRate = 64 << 10
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	pprof.StartCPUProfile(f)
	var cpus []float64
	n := 0
	for range 12 {
		tn, err := inFlight(r.ctx, atOnce, time.Minute, 3000, func(int) error { return c.deliver(r) })
		if err != nil {
			t.Fatal(err)
		}
		n += tn.n
		cpus = append(cpus, tn.cpuEach())
	}
	pprof.StopCPUProfile()
	runtime.ReadMemStats(&b)
	_, head := c.office.engine.Head()
	slices.Sort(cpus)
	now, peak := resident()
	fmt.Printf("cpu min %.1f med %.1f us; %d allocs %d bytes a message; gcs %d; %d records for %d; rss %.0f peak %.0f\n", cpus[0], median(cpus), (b.Mallocs-a.Mallocs)/uint64(n), (b.TotalAlloc-a.TotalAlloc)/uint64(n), b.NumGC-a.NumGC, head, n+5000, now, peak)
	m, _ := os.Create("/tmp/cb/mem.out")
	pprof.Lookup("allocs").WriteTo(m, 0)
	m.Close()
}
