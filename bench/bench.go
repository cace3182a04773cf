// Package bench measures the engine on the machine at hand: how many messages it takes in, how fast a screen learns of
// one, what waking, routing and starting cost. Every figure is printed next to the physical limit measured in the same
// run, taken in turns with it, so that a busy machine slows both: the ratio is what counts. The load generators are part of
// it, and run on the same cores.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/centralita/centralita/bench/limit"
)

// Options of a run. Zero values mean the defaults named.
type Options struct {
	// Dir is where temporary data goes: what is measured is the disk it is on. os.TempDir().
	Dir string
	// For is how long is measured; making the data and starting comes on top. 30 s.
	For time.Duration
	// JSON prints one line per figure instead of a table.
	JSON bool
	// Save is a directory that gets NAME.json: the figures with the machine they were taken on. "": none.
	Save string
	// CPUProfile is a file for a profile of the engine; the limits are not measured then.
	CPUProfile string
	// Cache keeps the history that recover starts with, which takes a while to make. The user's cache directory.
	Cache string
	// Logger is told what the engine says; nil: nobody is.
	Logger *slog.Logger

	Sockets       int // of fanout; 1,000
	Conversations int // of wake; 1,000
	Agents        int // of route's rule; 100
	Crowd         int // agents of a routing decision; 1,000
	Events        int // of recover; 1,000,000
	Mails         int // of email; 10,000
	Tickets       int // of screen and list; 100,000
	Messages      int // of search; 200,000
	Visitors      int // of chat; 5,000
}

func (o Options) withDefaults() Options {
	for p, d := range map[*int]int{
		&o.Sockets: 1000, &o.Conversations: 1000, &o.Agents: 100, &o.Crowd: 1000, &o.Events: 1_000_000, &o.Mails: 10_000, &o.Tickets: 100_000, &o.Messages: 200_000, &o.Visitors: 5000,
	} {
		if *p == 0 {
			*p = d
		}
	}
	if o.Dir == "" {
		o.Dir = os.TempDir()
	}
	if o.For == 0 {
		o.For = 30 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// benchmarks is all there is to measure.
var benchmarks = []struct {
	name, summary string
	measure       func(*run) error
}{
	{"ingest", "durable inbound messages: 256 in flight, at a steady 1,000/s, and the memory it takes", ingest},
	{"fanout", "from durable to the screens of 1,000 agents", fanout},
	{"chat", "5,000 visitors of a web chat who are there: what each takes, and from their word to the screens of 50 agents", chats},
	{"wake", "a command to a conversation of 50 events that sleeps", wake},
	{"route", "from arrival to having an owner", route},
	{"recover", "start-up with 1,000,000 events, after a kill", recovery},
	{"screen", "first list and opening a conversation, in Chromium (which must be installed)", workspace},
	{"search", "questions to a history of 200,000 messages, and making it searchable", searching},
	{"list", "lists and counts with 100,000 open tickets and 1,000,000 messages", lists},
	{"email", "a backlog of 10,000 mails on a Dovecot server (which must be installed), and a mail's way to a screen", email},
}

// Names lists the benchmarks with what they measure.
func Names() (names, summaries []string) {
	for _, b := range benchmarks {
		names, summaries = append(names, b.name), append(summaries, b.summary)
	}
	return names, summaries
}

// ErrUnknown: there is no benchmark of that name.
var ErrUnknown = errors.New("there is no such benchmark")

// Run measures one thing and prints its figures to w.
func Run(ctx context.Context, name string, o Options, w io.Writer) (err error) {
	o = o.withDefaults()
	for _, b := range benchmarks {
		if b.name != name {
			continue
		}
		dir, err := os.MkdirTemp(o.Dir, "centralita-bench-")
		if err != nil {
			return fmt.Errorf("make a directory for the benchmark: %w", err)
		}
		defer os.RemoveAll(dir)
		r := &run{Options: o, ctx: ctx, dir: dir, out: newReport(name, o, w)}
		if err := r.profiled(func() error { return b.measure(r) }); err != nil {
			return fmt.Errorf("bench %s: %w", name, err)
		}
		return r.out.end(dir, o)
	}
	names, _ := Names()
	return fmt.Errorf("%q: %w; there are %s", name, ErrUnknown, strings.Join(names, ", "))
}

// run is one benchmark under way.
type run struct {
	Options
	ctx context.Context
	dir string
	out *report
}

// limits reports whether the physical limits are measured too.
func (r *run) limits() bool { return r.CPUProfile == "" }

// part is some of the time there is.
func (r *run) part(of float64) time.Duration { return time.Duration(of * float64(r.For)) }

// openLog opens a raw log on the disk that is measured, large enough for the time there is.
func (r *run) openLog() (*limit.Log, error) {
	return limit.OpenLog(filepath.Join(r.dir, "raw"), int64(min(r.For.Seconds()/10, 1)*(1<<30)))
}

func (r *run) profiled(f func() error) error {
	if r.CPUProfile == "" {
		return f()
	}
	file, err := os.Create(r.CPUProfile)
	if err != nil {
		return fmt.Errorf("make the profile: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return errors.Join(err, file.Close())
	}
	err = f()
	pprof.StopCPUProfile()
	return errors.Join(err, file.Close())
}
