// Package reports counts what happens, for the supervisors' dashboard: a fold beside the journal with a checkpoint of its
// own. It owns counters by hour, channel, team and agent, and what it must know of tickets that are open. It is small enough
// to be kept in memory and written to one file as a whole now and then; what came after the last writing is read from the
// journal again. Another format or another history, and it is counted anew.
package reports

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// Options of the reports.
type Options struct {
	// Dir is where they are kept; "": nowhere, they are counted anew at each start.
	Dir    string
	Logger *slog.Logger // nil: silent
}

// Reports are the counters of a desk. Open them, Run them beside the store, Close them before the store.
type Reports struct {
	file  string
	store persistence.Store
	log   *slog.Logger

	mu      sync.Mutex // guards state: one folds, many ask
	state   *state
	savedAt desk.Position
}

// format is the number of what is counted, and how it is kept.
const format = 1

// kept is the file.
type kept struct {
	Format int
	Epoch  string
	State  *state
}

// Open reads what was counted, if it is of today's format and of this history.
func Open(store persistence.Store, o Options) (*Reports, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	x := &Reports{store: store, log: o.Logger.With("part", "reports"), state: newState()}
	if o.Dir == "" {
		return x, nil
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the reports: %w", err)
	}
	x.file = filepath.Join(o.Dir, "counters")
	k, err := read(x.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		x.log.Warn("the reports cannot be read and are counted anew", "err", err)
	case k.Format == format && k.Epoch == store.Epoch() && k.State != nil && k.State.At <= store.Head():
		x.state = k.State
		x.savedAt = x.state.At
		x.state.ready()
	}
	return x, nil
}

func read(file string) (k kept, err error) {
	f, err := os.Open(file)
	if err != nil {
		return k, err
	}
	defer f.Close()
	return k, gob.NewDecoder(f).Decode(&k)
}

// save writes the file as a whole, in place of the old one.
func (x *Reports) save() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.file == "" || x.state.At == x.savedAt {
		return nil
	}
	x.state.forget()
	tmp := x.file + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep the reports: %w", err)
	}
	err = gob.NewEncoder(f).Encode(kept{format, x.store.Epoch(), x.state})
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, x.file)
	}
	if err != nil {
		return fmt.Errorf("keep the reports: %w", err)
	}
	x.savedAt = x.state.At
	return nil
}

// At is the position the counters came to.
func (x *Reports) At() desk.Position {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.state.At
}

const (
	saveEvery = time.Minute
	// pause is how long what comes is left to gather: counting many together wakes nobody in between, and the journal still
	// has them in memory.
	pause = 50 * time.Millisecond
)

// Run follows the journal until ctx ends. A fault ends it for a while only.
func (x *Reports) Run(ctx context.Context) {
	var saving sync.WaitGroup
	saving.Go(func() {
		tick := time.NewTicker(saveEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := x.save(); err != nil {
					x.log.Error("the reports are not kept", "err", err)
				}
			}
		}
	})
	for ctx.Err() == nil {
		if err := x.follow(ctx, 0); err != nil && ctx.Err() == nil {
			x.log.Error("the reports stopped and are tried again", "at", x.At(), "err", err)
			rest(ctx, 10*time.Second)
		}
	}
	saving.Wait()
}

// CatchUp counts until the journal's head of now.
func (x *Reports) CatchUp(ctx context.Context) error {
	head := x.store.Head()
	if x.At() >= head {
		return nil
	}
	return x.follow(ctx, head)
}

func (x *Reports) follow(ctx context.Context, until desk.Position) error {
	for r, err := range x.store.Tail(ctx, x.At()) {
		if _, corrupt := errors.AsType[*persistence.CorruptError](err); corrupt {
			continue // it counts for nothing
		}
		if err != nil {
			return fmt.Errorf("follow the journal: %w", err)
		}
		if err := x.fold(ctx, r); err != nil {
			return err
		}
		if until > 0 && desk.Position(r.Position) >= until {
			return nil
		}
		if until == 0 && desk.Position(r.Position) >= x.store.Head() {
			rest(ctx, pause)
		}
	}
	return ctx.Err()
}

func (x *Reports) fold(ctx context.Context, r desk.Record) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.state.fold(r, func() (desk.Ticket, error) { return x.before(ctx, r) })
}

// before reads a ticket as it stood before a record: one that was closed is not remembered.
func (x *Reports) before(ctx context.Context, r desk.Record) (desk.Ticket, error) {
	var t desk.Ticket
	for earlier, err := range x.store.Load(ctx, desk.StreamID(r.Stream), 0) {
		if _, corrupt := errors.AsType[*persistence.CorruptError](err); corrupt {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", r.Stream, err)
		}
		if earlier.Version >= r.Version {
			break
		}
		t = desk.ProjectTicket(t, earlier)
	}
	return t, nil
}

// Close keeps what was counted. Run must have returned.
func (x *Reports) Close() error { return x.save() }

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
