package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/centralita/centralita/bench"
)

const benchText = `Measures the engine on this machine. Each figure is printed with its limit: what the machine gives in the same run without the
engine. Load generators run here too. Data goes to a temporary directory; what counts is the disk it is on (--dir).

`

// benchmark runs one benchmark; started by one of them, it is its helper.
func benchmark(ctx context.Context, p program, args []string) error {
	if role := p.getenv(bench.RoleVariable); role != "" {
		return bench.Assist(ctx, role, os.Stdin, p.out)
	}
	names, summaries := bench.Names()
	text := benchText
	for i, n := range names {
		text += fmt.Sprintf("  %-9s %s\n", n, summaries[i])
	}
	fs := flags(p, "bench", strings.TrimSuffix(text, "\n"))
	var o bench.Options
	fs.StringVar(&o.Dir, "dir", "", "measure the disk of this `directory` (default the system's temporary one)")
	seconds := fs.Float64("seconds", 30, "how long to measure; making data and starting comes on top")
	fs.BoolVar(&o.JSON, "json", false, "print one line of JSON for each figure")
	fs.StringVar(&o.Save, "save", "", "keep the figures, with the machine, in `directory`/NAME.json")
	fs.IntVar(&o.Events, "events", 0, "how long the history of recover is (default 1000000)")
	fs.IntVar(&o.Visitors, "visitors", 0, "how many visitors chat has (default 5000)")
	fs.IntVar(&o.Sockets, "sockets", 0, "how many screens fanout has (default 1000)")
	fs.IntVar(&o.Tickets, "tickets", 0, "how many open tickets screen and list have (default 100000)")
	fs.IntVar(&o.Mails, "mails", 0, "how many mails wait (default 10000)")
	fs.IntVar(&o.Messages, "messages", 0, "how many messages are searched (default 200000)")
	fs.StringVar(&o.CPUProfile, "cpuprofile", "", "write a CPU profile of the engine to `file`; the limits are not measured then")
	name, args := nameFirst(args)
	if name == "" {
		if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
			return err
		}
		return &usageError{"name a benchmark: " + strings.Join(names, ", ")}
	}
	if _, err := parse(fs, args); err != nil {
		return err
	}
	if *seconds <= 0 || *seconds > 600 {
		return &usageError{"--seconds must be between 0 and 600"}
	}
	o.For = time.Duration(*seconds * float64(time.Second))
	err := bench.Run(ctx, name, o, p.out)
	if errors.Is(err, bench.ErrUnknown) {
		return &usageError{err.Error()}
	}
	return err
}

// nameFirst takes the name off the front: flags may follow it.
func nameFirst(args []string) (name string, rest []string) {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return "", args
	}
	return args[0], args[1:]
}
