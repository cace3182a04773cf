package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/bench/limit"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/badger"
	"github.com/centralita/centralita/proto/deskpb"
)

// recovery measures how long the engine takes to start after it was killed in the midst of its work: until the first
// command is durable. The limit is opening a bare Badger on the same directory, after it was killed in the same way. A
// tenth of the history shows whether it grows with it.
func recovery(r *run) error {
	most, err := r.startUp(r.Events)
	if err != nil {
		return err
	}
	less, err := r.startUp(max(r.Events/10, 1))
	if err != nil {
		return err
	}
	r.out.against("growth_with_ten_times_the_history", most.Seconds(), "s", less.Seconds(), 0)
	return nil
}

// startUp gives the median start after a kill.
func (r *run) startUp(events int) (time.Duration, error) {
	dir, err := r.history(events)
	if err != nil {
		return 0, err
	}
	if err := os.Remove(filepath.Join(dir, "complete")); err != nil {
		return 0, fmt.Errorf("take the history: %w", err)
	}
	var ours, bare latencies
	until := time.Now().Add(r.part(0.4))
	for len(ours) < 2 || len(ours) < 7 && time.Now().Before(until) {
		took, err := r.killed(dir, func() (time.Duration, error) { return r.firstCommand(dir) })
		if err != nil {
			return 0, err
		}
		ours = append(ours, took)
		if !r.limits() {
			continue
		}
		if took, err = r.killed(dir, func() (time.Duration, error) { return openAndClose(journalDir(dir)) }); err != nil {
			return 0, err
		}
		bare = append(bare, took)
	}
	r.out.against(fmt.Sprintf("start_with_%d_events_median", events), ours.quantile(0.5).Seconds(), "s", bare.quantile(0.5).Seconds(), 0)
	r.out.against(fmt.Sprintf("start_with_%d_events_worst", events), slices.Max(ours).Seconds(), "s", bare.quantile(1).Seconds(), 0)
	return ours.quantile(0.5), r.giveBack(dir, events)
}

// giveBack says that a history may be used again, unless the victims have made it much longer.
func (r *run) giveBack(dir string, events int) error {
	store, err := badger.Open(journalDir(dir), badger.Options{ReserveFile: -1})
	if err != nil {
		return err
	}
	head := store.Head()
	if err := store.Close(); err != nil || float64(head) > 1.3*float64(events) {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "complete"), nil, 0o600)
}

// killed lets an engine work on a directory, kills it, and then measures f.
func (r *run) killed(dir string, f func() (time.Duration, error)) (time.Duration, error) {
	victim, err := r.help(roleVictim, job{Dir: dir, For: time.Minute, Messages: min(4000, 100+r.Events/10)})
	if err != nil {
		return 0, err
	}
	var working memoryUse
	err = victim.hear(&working)
	if err = errors.Join(err, victim.kill()); err != nil {
		return 0, fmt.Errorf("kill an engine at work: %w", err)
	}
	return f()
}

// writeOn is the victim: it takes in messages, and says so when it is well under way.
func (r *run) writeOn(j job, say func(any) error) error {
	c := &contenders{post: newPost(fmt.Sprintf("victim%x", time.Now().UnixNano()))}
	var err error
	if c.office, err = r.openOffice(j.Dir, nil, nil); err != nil {
		return err
	}
	defer c.office.close()
	if _, err := inFlight(r.ctx, atOnce, j.For, j.Messages, func(int) error { return c.deliver(r) }); err != nil {
		return err
	}
	go func() { _ = say(memoryUse{Messages: j.Messages}) }()
	_, err = inFlight(r.ctx, atOnce, j.For, 0, func(int) error { return c.deliver(r) })
	return err
}

// firstCommand opens the engine and makes a change durable.
func (r *run) firstCommand(dir string) (time.Duration, error) {
	at := time.Now()
	d := &door{open: make(chan struct{})}
	engine, err := centralita.Open(r.ctx, centralita.Options{DataDir: dir, Logger: r.Logger, Connectors: d.kinds()})
	if err != nil {
		return 0, err
	}
	o := &office{engine: engine, door: d}
	if err = engine.Ready(); err == nil {
		cmd := deskpb.NewCommand(&deskpb.EnsureContact{
			Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_CUSTOM, Value: fmt.Sprint(at.UnixNano())}, Name: "First",
		})
		cmd.By = operator
		_, err = engine.Do(r.ctx, desk.ContactIDFor(int32(deskpb.IdentityKind_IDENTITY_KIND_CUSTOM), fmt.Sprint(at.UnixNano())).Stream(), cmd)
	}
	took := time.Since(at)
	return took, errors.Join(err, o.close())
}

func openAndClose(dir string) (time.Duration, error) {
	at := time.Now()
	b, err := limit.OpenBadger(dir)
	if err != nil {
		return 0, err
	}
	return time.Since(at), b.Close()
}
