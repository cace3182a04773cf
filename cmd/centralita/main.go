// Command centralita runs the help desk: flags, exit codes and what a person reads on the terminal, nothing else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/bench"
)

func main() {
	moreProcessors(os.Getenv)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go boundMemory(ctx, os.Getenv)
	code := run(ctx, program{os.Stdin, os.Stdout, os.Stderr, os.Getenv}, os.Args[1:])
	stop()
	os.Exit(code)
}

// program is the outside of a command.
type program struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
}

// Exit codes: 0 done, 1 it did not work, 2 the command line is wrong.
const (
	exitDone  = 0
	exitFault = 1
	exitUsage = 2
)

// command is one subcommand.
type command struct {
	name, summary, usage string
	run                  func(context.Context, program, []string) error
}

func commands() []command {
	benchmarks, _ := bench.Names()
	return []command{
		{"serve", "run the help desk", "[flags]", serve},
		{"demo", "run a sample desk with customers who write by themselves", "[flags]", demonstrate},
		{"check", "check the configuration and every channel, all faults at once", "[flags]", check},
		{"reindex", "rebuild the index from the journal (the desk must be stopped)", "[flags]", reindex},
		{"backup", "write everything the desk knows to one file, while it runs or not", "[flags] FILE", backup},
		{"restore", "make a data directory out of a backup", "[flags] FILE", restore},
		{"bench", "measure this machine: " + strings.Join(benchmarks, ", "), "NAME [flags]", benchmark},
		{"simulate", "play routing with random customers: how long they wait", "routing [flags]", simulateRouting},
		{"mail", "show what the desk makes of mails: mail inspect FILE…", "inspect [flags] FILE…", mail},
		{"version", "say which version this is", "", func(_ context.Context, p program, _ []string) error {
			_, err := fmt.Fprintln(p.out, "centralita", centralita.Version)
			return err
		}},
	}
}

// usageError is a command line that cannot be meant.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func run(ctx context.Context, p program, args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		help(p.out)
		if len(args) == 0 {
			return exitUsage
		}
		return exitDone
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return report(p, c, c.run(ctx, p, args[1:]))
		}
	}
	fmt.Fprintf(p.err, "centralita: there is no command %q; centralita help lists them\n", args[0])
	return exitUsage
}

func report(p program, c command, err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitDone
	}
	if u, is := errors.AsType[*usageError](err); is {
		fmt.Fprintf(p.err, "centralita %s: %s\n", c.name, u.message)
		return exitUsage
	}
	fmt.Fprintf(p.err, "centralita %s: %v\n", c.name, err)
	return exitFault
}

func help(w io.Writer) {
	fmt.Fprint(w, "Centralita is a help desk: mail and chat come in, become tickets, are assigned and answered.\n\nUsage: centralita COMMAND [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\ncentralita COMMAND --help says more. To see it alive: centralita demo\n")
}

// flags makes the flag set of a command, with its help.
func flags(p program, name, text string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // parse reports
	fs.Usage = func() {
		usage := ""
		for _, c := range commands() {
			if c.name == name {
				usage = c.usage
			}
		}
		fmt.Fprintf(p.out, "Usage: centralita %s %s\n\n%s\n\nFlags:\n", name, usage, text)
		fs.SetOutput(p.out)
		fs.PrintDefaults()
		fs.SetOutput(io.Discard)
	}
	return fs
}

// parse reads flags and exactly the arguments named.
func parse(fs *flag.FlagSet, args []string, positional ...string) ([]string, error) {
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, &usageError{err.Error()}
	}
	var empty error
	fs.Visit(func(f *flag.Flag) { // a shell's unset variable must not mean the default: that may be another desk's data
		if f.Value.String() == "" {
			what, _ := flag.UnquoteUsage(f)
			empty = &usageError{fmt.Sprintf("--%s is empty: give a %s, or leave it out", f.Name, strings.ReplaceAll(what, "string", "value"))}
		}
	})
	if empty != nil {
		return nil, empty
	}
	if fs.NArg() != len(positional) {
		if len(positional) == 0 {
			return nil, &usageError{fmt.Sprintf("takes no arguments, but was given %q", fs.Arg(0))}
		}
		return nil, &usageError{fmt.Sprintf("takes exactly: %v", positional)}
	}
	return fs.Args(), nil
}
