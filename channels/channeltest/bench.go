package channeltest

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/centralita/centralita/channels"
)

// bench is where one check is made: it supervises a connector as the engine would, and listens to what is logged.
type bench struct {
	ctx    context.Context
	suite  Suite
	world  World
	intake *Intake
	log    *Log

	connector channels.Connector // the last one made; changed only while none runs, or by the one that supervises
	mu        sync.Mutex         // guards connector and problems
	problems  []string

	before  map[string]string // the goroutines there were
	inTests bool              // the connector is written in a test file

	cancel context.CancelFunc
	ended  chan error
}

func newBench(ctx context.Context, s Suite, w World) *bench {
	if w.Threads == nil {
		w.Threads = NewThreads()
	}
	if w.Blobs == nil {
		w.Blobs = NewBlobs()
	}
	return &bench{ctx: ctx, suite: s, world: w, intake: NewIntake(), log: &Log{}, before: goroutines()}
}

// start runs a connector; one that fails is replaced by a new one, as the engine does.
func (b *bench) start() {
	ctx, cancel := context.WithCancel(b.ctx)
	b.cancel, b.ended = cancel, make(chan error, 1)
	go func() {
		for {
			err := b.life(ctx)
			if ctx.Err() != nil || err == nil {
				b.ended <- err
				return
			}
			b.note("%v", err)
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
}

func (b *bench) life(ctx context.Context) (err error) {
	c, err := b.suite.Kind.New(channels.Env{
		Channel: Channel, Name: "Test", Address: b.world.Address, Config: b.world.Config, Secrets: b.world.Secrets,
		Blobs: b.world.Blobs, Threads: b.world.Threads, Logger: b.log.Logger(),
	})
	if err != nil {
		return fmt.Errorf("make the connector: %w", err)
	}
	b.mu.Lock()
	b.connector = c
	b.mu.Unlock()
	if b.world.Started != nil {
		b.world.Started(c)
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("run panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return c.Run(ctx, b.intake)
}

// stop ends the context and waits for Run, which must return nil in time.
func (b *bench) stop() error {
	b.cancel()
	select {
	case err := <-b.ended:
		b.cancel = nil
		if err != nil {
			return fmt.Errorf("run returned after its context ended: %w (want nil)", err)
		}
		return nil
	case <-time.After(b.suite.StopWithin):
		b.cancel = nil
		return fmt.Errorf("run has not returned %v after its context ended:\n%s", b.suite.StopWithin,
			strings.Join(b.stacks(), "\n\n"))
	}
}

// shut ends what a failed check left running.
func (b *bench) shut() {
	if b.cancel != nil {
		b.cancel()
		<-b.ended
	}
}

func (b *bench) send(ctx context.Context) (string, error) {
	b.mu.Lock()
	c := b.connector
	b.mu.Unlock()
	id, err := c.Send(ctx, *b.world.Outbound)
	if err != nil {
		b.note("%v", err)
	}
	return id, err
}

// take offers item n and waits until it is delivered and acknowledged.
func (b *bench) take(n int) error {
	b.world.Offer(n)
	return b.await(fmt.Sprintf("item %d delivered and acknowledged", n), func() bool {
		return len(b.intake.Items()) > 0 && b.world.Taken(n)
	})
}

// await polls, because what it waits for happens in a world that has no way to say so.
func (b *bench) await(what string, happened func() bool) error {
	return b.poll(what, happened, b.suite.Patience)
}

// see reports an error when it happens within a short time, nil when it was not seen.
func (b *bench) see(happened func() bool) error {
	if b.poll("", happened, watched) == nil {
		return fmt.Errorf("it happened")
	}
	return nil
}

func (b *bench) poll(what string, happened func() bool, limit time.Duration) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.Now().Add(limit)
	for !happened() {
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %v for: %s (delivered: %v; errors: %v)", limit, what, b.intake.ids(), b.noted())
		}
		select {
		case <-tick.C:
		case <-b.ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, b.ctx.Err())
		}
	}
	return nil
}

func (b *bench) note(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, fmt.Sprintf(format, args...))
}

func (b *bench) noted() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.problems...)
}

// afterwards checks what holds for every check: items are well formed, no panic, no secret was told.
func (b *bench) afterwards() error {
	if faults := b.intake.Faults(); len(faults) > 0 {
		return fmt.Errorf("items that no channel may deliver:\n%s", strings.Join(faults, "\n"))
	}
	said := b.log.String() + "\n" + strings.Join(b.noted(), "\n")
	if strings.Contains(said, "run panicked") {
		return fmt.Errorf("a connector may not panic:\n%s", said)
	}
	for _, item := range b.intake.Set() {
		said += "\n" + item.Cause + "\n" + item.Summary
	}
	for i, word := range b.world.Hidden {
		if word != "" && strings.Contains(said, word) {
			return fmt.Errorf("hidden word %d appears in a log line, an error or a quarantined item", i) // not shown here either
		}
	}
	return nil
}

func cancelled(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx, cancel
}

// stacks gives the stacks of goroutines, newer than the check, that run or were started by the connector's package. Its tests
// are the outside world and may go on, unless the connector itself is written there (as in the kit's own tests).
func (b *bench) stacks() []string {
	b.mu.Lock()
	pkg := packageOf(b.connector)
	b.mu.Unlock()
	var found []string
	for id, stack := range goroutines() {
		if b.before[id] == "" && b.runs(stack, pkg) {
			found = append(found, stack)
		}
	}
	return found
}

// runs looks at the pairs of lines of a stack: a function, then its file.
func (b *bench) runs(stack, pkg string) bool {
	lines := strings.Split(stack, "\n")
	for i := 1; i+1 < len(lines); i += 2 {
		function := strings.TrimPrefix(lines[i], "created by ")
		if strings.HasPrefix(function, pkg+".") && (b.inTests || !strings.Contains(lines[i+1], "_test.go:")) {
			return true
		}
	}
	return false
}

// goroutines gives all stacks by their heading "goroutine 12".
func goroutines() map[string]string {
	buf := make([]byte, 8<<20)
	all := make(map[string]string)
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		id, _, _ := strings.Cut(stack, " [")
		all[id] = stack
	}
	return all
}

var _ channels.Intake = (*Intake)(nil)
var _ channels.Threads = (*Threads)(nil)
var _ channels.Blobs = (*Blobs)(nil)
