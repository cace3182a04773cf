// Package badger keeps the memory on disk, in one Badger v4 database. It is the only package that knows Badger. One
// writer takes whatever entries wait, prepares them as one group with their index changes, and syncs once for all;
// while a group is synced the next one is prepared.
//
// What is on disk, beside the index (persistence/keys.go): the record at a position, the head of every stream, its older
// positions, snapshots, and notes of the store. Only the records are original: heads and index are folds of them.
package badger

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	bdg "github.com/dgraph-io/badger/v4"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// Options of a store. Zero values mean the defaults named.
type Options struct {
	Logger *slog.Logger // none: nothing is logged
	// Reserve is how much space of the disk is kept free: below it appends are refused with ErrDiskFull. 256 MB.
	Reserve uint64
	// ReserveFile is the size of a file that is given up when a store must be opened on a full disk. 64 MB; negative: none.
	ReserveFile int64
	// FreeSpace tells how much room there is for dir. The file system's answer.
	FreeSpace func(dir string) (uint64, error)
	// CollectEvery is the pause between two looks for garbage in the value log. 10 minutes.
	CollectEvery time.Duration
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Reserve == 0 {
		o.Reserve = 256 << 20
	}
	if o.ReserveFile == 0 {
		o.ReserveFile = 64 << 20
	}
	if o.FreeSpace == nil {
		o.FreeSpace = freeSpace
	}
	if o.CollectEvery == 0 {
		o.CollectEvery = 10 * time.Minute
	}
	return o
}

// Store is a persistence.Store on disk.
type Store struct {
	dir   string
	o     Options
	log   *slog.Logger
	db    *bdg.DB
	views views
	epoch string
	index *persistence.Index
	guard *guard
	ring  *ring

	queue   queue
	snaps   snapshotQueue
	waiting atomic.Int64
	// unsynced: Badger could not sync its value log.
	unsynced atomic.Bool
	large    bool // too large to be verified before it is opened

	broken atomic.Pointer[error] // a write failed: nothing is written any more

	closing sync.Once
	closed  error
	stop    context.CancelFunc // of what runs beside the writer
	running sync.WaitGroup
}

var _ persistence.Store = (*Store)(nil)

// Open opens the store in dir, making it if it is not there. Only one process can have it open. What a power cut left
// behind is moved aside; an index made by another version of the program is rebuilt, which takes a while and is logged.
func Open(dir string, o Options) (*Store, error) {
	o = o.withDefaults()
	s := &Store{dir: dir, o: o, log: o.Logger, guard: newGuard(dir, o)}
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("open the journal in %s: %w", dir, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.index = persistence.NewIndex(s.view)
	s.queue.init()
	w := newWriter(s)
	s.running.Go(w.prepare)
	s.running.Go(w.commit)
	s.running.Go(func() { s.collectGarbage(ctx) })
	s.running.Go(func() { s.keepWatermark(ctx) })
	s.running.Go(func() { s.limitMapped(ctx) })
	s.running.Go(func() { s.verifyLarge(ctx) })
	return s, nil
}

// Append implements persistence.Journal. The records are encoded here, on the caller's goroutine.
func (s *Store) Append(e persistence.Entry, done func(desk.Position, error)) {
	s.waiting.Add(1)
	if !s.queue.put(newPending(e, done)) {
		go func() {
			s.waiting.Add(-1)
			done(0, persistence.ErrClosed)
		}()
	}
}

// Head implements persistence.Journal.
func (s *Store) Head() desk.Position { return s.ring.Head() }

// Epoch implements persistence.Journal.
func (s *Store) Epoch() string { return s.epoch }

// Waiting implements persistence.Queue.
func (s *Store) Waiting() int { return int(s.waiting.Load()) }

// Refusing implements persistence.Queue.
func (s *Store) Refusing() error {
	if broken := s.broken.Load(); broken != nil {
		return *broken
	}
	return s.guard.check()
}

// Index implements persistence.Store.
func (s *Store) Index() *persistence.Index { return s.index }

// Close implements persistence.Store.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.queue.close()
		s.stop()
		s.running.Wait()
		s.ring.close()
		s.views.close()
		if err := s.writeWatermark(); err != nil {
			s.log.Warn("the journal's watermark was not written", "error", err)
		}
		if err := s.db.Close(); err != nil {
			s.closed = fmt.Errorf("close the journal in %s: %w", s.dir, err)
		}
	})
	return s.closed
}

// collectGarbage frees the value log's dead space, now and then.
func (s *Store) collectGarbage(ctx context.Context) {
	tick := time.NewTicker(s.o.CollectEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for ctx.Err() == nil {
			if err := s.db.RunValueLogGC(0.5); err != nil {
				if !errors.Is(err, bdg.ErrNoRewrite) {
					s.log.Warn("garbage of the value log was not collected", "error", err)
				}
				break
			}
		}
	}
}

// newEpoch names a new history.
func newEpoch() string { return rand.Text() }
