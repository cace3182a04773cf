package badger

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// groupEntries is how many entries go together at most, so that nobody waits long for the others.
const groupEntries = 1024

const (
	smallestCrowd = 64
	longestLinger = 6 * time.Millisecond
)

// group is entries that become durable together.
type group struct {
	entries []*pending
	results []result // of each entry
	records []desk.Record
	sizes   []int
	stopped error // why nothing may be written now
	failed  error // why it cannot be written as it is
	writes  *batch
}

type result struct {
	at  desk.Position
	err error
}

// refuse refuses what was not refused before.
func (g *group) refuse(err error) {
	g.records, g.sizes = nil, nil
	for i := range g.results {
		if g.results[i].err == nil {
			g.results[i] = result{err: err}
		}
	}
}

// writer is the one writer, in two steps: prepare decides about entries and makes their writes, commit makes them
// durable and answers. A group is prepared on the state that the group before it will leave, while that one is synced; it
// grows until commit is ready for it.
type writer struct {
	*Store
	draft                 // of prepare only
	ready   chan struct{} // holds a token while commit waits for a group
	awaited bool          // prepare holds the token
	groups  chan *group

	// How many there seem to be who append and wait, and how long the last commit took: see linger.
	crowd, last int
	took        atomic.Int64
}

func newWriter(s *Store) *writer {
	return &writer{Store: s, draft: newDraft(s), ready: make(chan struct{}, 1), groups: make(chan *group)}
}

// prepare takes what waits, until the queue is closed and empty.
func (w *writer) prepare() {
	defer close(w.groups)
	g := &group{}
	var snapshotsDue <-chan time.Time
	for over := false; ; {
		var ready <-chan struct{}
		if len(g.entries) > 0 || over {
			ready = w.ready
		}
		select {
		case <-w.queue.ready:
			var entries []*pending
			entries, over = w.queue.take()
			g = w.take(g, entries)
			if snapshotsDue == nil && !w.snaps.empty() {
				snapshotsDue = time.After(snapshotPause)
			}
		case <-snapshotsDue:
			snapshotsDue = nil
			w.handOver(g)
			g = &group{}
		case <-ready:
			w.awaited = true
			if over && len(g.entries) == 0 && (w.snaps.empty() || w.broken.Load() != nil) {
				return
			}
			if !over {
				g, over = w.linger(g)
			}
			if w.awaited { // else linger has handed over a group already
				w.handOver(g)
				g = &group{}
			}
		}
	}
}

// linger waits a little for those who were just answered, when there are many: most of them come at once with their next
// entry, and a sync that carries theirs, too, spares one. It waits at most as long as a commit takes.
func (w *writer) linger(g *group) (*group, bool) {
	w.crowd = max(len(g.entries)+w.last, w.crowd*3/4)
	w.last = len(g.entries)
	enough := w.crowd * 5 / 8
	if w.crowd < smallestCrowd || len(g.entries) >= enough {
		return g, false
	}
	patience := time.NewTimer(min(time.Duration(w.took.Load()), longestLinger))
	defer patience.Stop()
	for over := false; ; {
		select {
		case <-patience.C:
			return g, false
		case <-w.queue.ready:
			var entries []*pending
			entries, over = w.queue.take()
			g = w.take(g, entries)
			w.last = len(g.entries)
			if over || len(g.entries) >= enough {
				return g, over
			}
		}
	}
}

// take adds entries to a group. One that is full is handed over, and the next one begun.
func (w *writer) take(g *group, entries []*pending) *group {
	for _, p := range entries {
		if len(g.entries) >= groupEntries || w.full() {
			w.handOver(g)
			g = &group{}
		}
		w.put(g, p)
	}
	return g
}

// put decides about an entry and makes its writes, unless that is in vain.
func (w *writer) put(g *group, p *pending) {
	if len(g.entries) == 0 {
		g.stopped = w.stopped()
	}
	g.entries = append(g.entries, p)
	var r result
	if g.stopped == nil && g.failed == nil {
		if r.err = w.decide(p); r.err == nil {
			r.at, g.failed = w.write(g, p)
		}
	}
	g.results = append(g.results, r)
}

// stopped says why nothing may be written now.
func (w *writer) stopped() error {
	return w.Refusing()
}

// write makes the writes of an entry that was decided for.
func (w *writer) write(g *group, p *pending) (desk.Position, error) {
	for i, r := range p.Records {
		if err := w.add(r, p.encoded[i]); err != nil {
			return 0, err
		}
		g.records = append(g.records, r)
		g.sizes = append(g.sizes, len(p.encoded[i]))
	}
	return w.next, nil
}

// handOver gives a group to commit, as soon as that is ready. A group that is too much for one transaction, or that has an
// entry which cannot be projected, is halved until it fits or the entry is alone: one entry is never split.
func (w *writer) handOver(g *group) {
	if g.failed == nil {
		g.failed = w.complete()
	}
	switch n := len(g.entries); {
	case g.stopped != nil:
		g.refuse(g.stopped)
	case g.failed == nil:
		w.takeSnapshots()
	case n > 1:
		w.startAnew()
		w.handOver(w.again(g.entries[:n/2]))
		w.handOver(w.again(g.entries[n/2:]))
		return
	default:
		w.startAnew()
		g.refuse(g.failed)
	}
	if !w.awaited {
		<-w.ready
	}
	w.awaited = false
	g.writes = w.writes
	w.groups <- g
	w.handedOver()
}

// again prepares entries once more.
func (w *writer) again(entries []*pending) *group {
	g := &group{}
	for _, p := range entries {
		w.put(g, p)
	}
	return g
}

// complete makes the writes that come once for a group.
func (w *writer) complete() error {
	if err := w.finish(); err != nil {
		return err
	}
	if !w.writes.fits(w.db) {
		return persistence.ErrTooLarge
	}
	return nil
}

// decide says whether an entry may be written now.
func (w *writer) decide(p *pending) error {
	if p.err != nil {
		return p.err
	}
	h, err := w.head(p.Stream)
	if err != nil {
		return err
	}
	if p.Epoch < h.epoch {
		return persistence.ErrStaleEpoch
	}
	if p.Key != "" {
		seen, err := w.Get(persistence.SeenKey(p.Key))
		if err != nil {
			return err
		}
		if seen != nil {
			return persistence.ErrDuplicate
		}
	}
	if p.Expect != h.version {
		return persistence.ErrConflict
	}
	return w.projector.CheckWhile(w, p.Entry)
}

// takeSnapshots lets some snapshots ride with the group, if there is room.
func (w *writer) takeSnapshots() {
	if w.snaps.empty() || w.db.MaxBatchSize()-w.writes.cost < 2*snapshotGroup {
		return
	}
	for stream, s := range w.snaps.take(snapshotGroup) {
		w.writes.Set(streamKey(kindSnapshot, stream), encodeSnapshot(s))
	}
}

// commit makes groups durable, shows them, and answers.
func (w *writer) commit() {
	for {
		w.ready <- struct{}{}
		g, ok := <-w.groups
		if !ok {
			return
		}
		if err := w.commitGroup(g.writes); err != nil {
			g.refuse(err)
		}
		rooms.put(g)
		w.ring.add(g.records, g.sizes)
		for i, p := range g.entries {
			p.done(g.results[i].at, g.results[i].err)
			w.waiting.Add(-1)
		}
	}
}

// commitGroup writes and syncs. When that fails nobody knows what is on the disk (a second sync may well succeed over
// lost pages), so nothing is written any more until the store is opened again and reads what is there.
func (w *writer) commitGroup(writes *batch) error {
	if broken := w.broken.Load(); broken != nil {
		return *broken
	}
	if len(writes.ops) == 0 {
		return nil
	}
	begun := time.Now()
	err := w.commitNow(writes)
	w.took.Store(int64(time.Since(begun)))
	if err != nil {
		w.log.Error("the journal takes nothing any more: a write failed. Look at the disk, then start again.", "error", err)
		err = fmt.Errorf("the journal takes nothing since a write failed: %w", err)
		w.broken.Store(&err)
		return err
	}
	return nil
}

var errUnsynced = errors.New("the value log could not be synced")

// commitNow makes a batch durable and visible.
func (s *Store) commitNow(writes *batch) error {
	at := s.views.next()
	if err := writes.commit(s.db, at); err != nil {
		return err
	}
	if s.unsynced.Load() {
		return errUnsynced
	}
	s.views.advance(at)
	return nil
}
