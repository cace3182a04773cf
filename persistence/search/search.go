// Package search finds conversations by what was said in them. It owns one index of words beside the journal: a fold of it
// like every other, which follows by Tail, remembers in the index itself how far it came, and is built anew when its format
// or the journal's history is another one. It is never part of taking a message in: it gives way while the journal has work
// waiting, and what it is behind is a metric.
//
// One document is one conversation (docs/adr/0009-search.md). The index holds words only, in all their forms; the
// texts of snippets are read from the journal. It is the only package that knows Bleve's index.
package search

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// Options of an index.
type Options struct {
	// Dir is where it is kept; "": in memory, which is for small desks and tests.
	Dir    string
	Logger *slog.Logger // nil: silent
}

// Index is the words of a desk. Open it, Run it beside the store, Close it before the store.
type Index struct {
	dir   string
	store persistence.Store
	log   *slog.Logger
	queue *bleve.AnalysisQueue

	open    sync.RWMutex // held for writing while the index is thrown away
	index   bleve.Index
	at      atomic.Uint64 // the position it came to
	times   times
	closing sync.Once
	closed  error
}

// maxPieceDocs is how many conversations one file of the index has.
const maxPieceDocs = 25_000

var keyCheckpoint = []byte("checkpoint")

// Open opens the index, or makes an empty one: one of another format or history, or that cannot be read, is thrown away.
func Open(store persistence.Store, o Options) (*Index, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	x := &Index{dir: o.Dir, store: store, log: o.Logger.With("part", "search"), queue: bleve.NewAnalysisQueue(1), times: times{of: map[uint64][]int64{}}}
	err := x.openIndex()
	if err == nil {
		if at, ok := x.checkpoint(); ok {
			x.at.Store(uint64(at))
			return x, nil
		}
		err = x.index.Close()
	} else {
		x.log.Warn("the search index cannot be read and is built anew", "err", err)
	}
	if err = errors.Join(err, x.anew()); x.index == nil {
		x.queue.Close()
		return nil, fmt.Errorf("open the search index: %w", err)
	}
	return x, nil
}

func (x *Index) openIndex() error {
	config := map[string]any{
		"path": x.dir,
		// Few and small segments in memory, so that an idle desk costs nothing and a busy one little.
		"scorchPersisterOptions": map[string]any{"PersisterNapTimeMSec": 0, "PersisterNapUnderNumFiles": 100},
		// No piece becomes larger than this: to merge all there is would read all there is into memory, for a question that is not
		// answered faster by one piece than by ten.
		"scorchMergePlanOptions": map[string]any{"MaxSegmentSize": maxPieceDocs},
		"bolt_timeout":           "2s",
	}
	index, err := scorch.NewScorch(scorch.Name, config, x.queue)
	if err != nil {
		return err
	}
	if err := index.Open(); err != nil {
		return err
	}
	x.index = index
	return nil
}

// anew throws everything away. The caller has closed the old index and sees to it that nobody reads.
func (x *Index) anew() error {
	x.index = nil
	if x.dir != "" {
		if err := os.RemoveAll(x.dir); err != nil {
			return err
		}
	}
	x.at.Store(0)
	x.times.of = map[uint64][]int64{} // pieces are numbered anew
	return x.openIndex()
}

// checkpoint gives how far the index came, if it is of today's format and of this history.
func (x *Index) checkpoint() (desk.Position, bool) {
	r, err := x.index.Reader()
	if err != nil {
		return 0, false
	}
	defer r.Close()
	v, err := r.GetInternal(keyCheckpoint)
	if err != nil || len(v) < 9 || v[0] != Format || string(v[9:]) != x.store.Epoch() {
		return 0, false
	}
	at := desk.Position(binary.BigEndian.Uint64(v[1:9]))
	return at, at <= x.store.Head()
}

func (x *Index) checkpointAt(at desk.Position) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{Format}, uint64(at)), x.store.Epoch()...)
}

// Behind is how many records of the journal the index does not know yet.
func (x *Index) Behind() uint64 {
	if head := uint64(x.store.Head()); head > x.at.Load() {
		return head - x.at.Load()
	}
	return 0
}

// At is the position the index came to.
func (x *Index) At() desk.Position { return desk.Position(x.at.Load()) }

// CatchUp indexes until the journal's head of now, without giving way: for a desk that stands still.
func (x *Index) CatchUp(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	head := x.store.Head()
	if x.At() >= head {
		return nil
	}
	f := newFollower(x)
	f.until = head
	return f.run(ctx)
}

// Run follows the journal until ctx ends. A fault ends it for a while only: the index is a convenience, the desk works on.
func (x *Index) Run(ctx context.Context) {
	const pause = 10 * time.Second
	for ctx.Err() == nil {
		err := newFollower(x).run(ctx)
		if ctx.Err() != nil {
			return
		}
		x.log.Error("the search index stopped and is tried again", "at", x.At(), "err", err)
		rest(ctx, pause)
	}
}

// Forget removes a conversation from the index, at once.
func (x *Index) Forget(id desk.ConversationID) error {
	x.open.RLock()
	defer x.open.RUnlock()
	b := bleve.NewBatch()
	b.Delete(string(id))
	if err := x.index.Batch(b); err != nil {
		return fmt.Errorf("forget %s: %w", id, err)
	}
	return nil
}

// Close ends it. Run must have returned.
func (x *Index) Close() error {
	x.closing.Do(func() {
		x.open.Lock()
		defer x.open.Unlock()
		if err := x.index.Close(); err != nil {
			x.closed = fmt.Errorf("close the search index: %w", err)
		}
		x.queue.Close()
	})
	return x.closed
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
