// Package memory is the store that forgets: journal, index, snapshots and blobs in plain maps and slices. It is the
// readable reference of what a store does, and what tests and programs without a disk run on.
package memory

import (
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// Store is a persistence.Store in memory.
type Store struct {
	epoch string

	mu        sync.Mutex // guards all below
	changed   *sync.Cond // a group was written, or the store was closed
	queue     []entry
	writing   bool // a goroutine works on the queue
	waiting   int
	closed    bool
	records   []desk.Record // by position
	streams   map[desk.StreamID]*stream
	snapshots map[desk.StreamID]snapshot

	keysMu sync.RWMutex // guards the index; taken after mu when both are
	keys   keys

	projector *persistence.Projector
	index     *persistence.Index
}

type entry struct {
	persistence.Entry
	done func(desk.Position, error)
}

type stream struct {
	records []desk.Record // by version
	epoch   uint64
}

type snapshot struct {
	format  uint32
	version uint64
	state   []byte
}

var _ persistence.Store = (*Store)(nil)

// New makes an empty store. It holds no goroutine while nothing is written.
func New() *Store {
	s := &Store{
		epoch:     rand.Text(),
		streams:   map[desk.StreamID]*stream{},
		snapshots: map[desk.StreamID]snapshot{},
		keys:      keys{values: map[string][]byte{}},
		projector: persistence.NewProjector(2),
	}
	s.changed = sync.NewCond(&s.mu)
	s.index = persistence.NewIndex(s.view)
	return s
}

// Append implements persistence.Journal. The writer is a goroutine that lives as long as there is something to write.
func (s *Store) Append(e persistence.Entry, done func(desk.Position, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, entry{e, done})
	s.waiting++
	if !s.writing {
		s.writing = true
		go s.write()
	}
}

func (s *Store) write() {
	for {
		s.mu.Lock()
		group := s.queue
		s.queue = nil
		if len(group) == 0 {
			s.writing = false
			s.changed.Broadcast()
			s.mu.Unlock()
			return
		}
		type answer struct {
			at  desk.Position
			err error
		}
		answers := make([]answer, len(group))
		for i, e := range group {
			answers[i].at, answers[i].err = s.append(e.Entry)
		}
		s.changed.Broadcast()
		s.mu.Unlock()

		for i, e := range group {
			e.done(answers[i].at, answers[i].err)
		}
		s.mu.Lock()
		s.waiting -= len(group)
		s.mu.Unlock()
	}
}

// append writes one entry or refuses it. The caller holds mu.
func (s *Store) append(e persistence.Entry) (desk.Position, error) {
	if s.closed {
		return 0, persistence.ErrClosed
	}
	if err := persistence.CheckEntry(e); err != nil {
		return 0, err
	}
	s.keysMu.Lock()
	defer s.keysMu.Unlock()
	st := s.streams[e.Stream]
	if st == nil {
		st = &stream{}
	}
	switch {
	case e.Epoch < st.epoch:
		return 0, persistence.ErrStaleEpoch
	case e.Key != "" && s.keys.get(persistence.SeenKey(e.Key)) != nil:
		return 0, persistence.ErrDuplicate
	case e.Expect != uint64(len(st.records)):
		return 0, persistence.ErrConflict
	}
	if err := s.projector.CheckWhile(tx{&s.keys}, e); err != nil {
		return 0, err
	}
	persistence.StampEntry(e)
	for _, r := range e.Records {
		r.Position = uint64(len(s.records) + 1)
		s.records = append(s.records, r)
		st.records = append(st.records, r)
		if err := s.projector.Project(tx{&s.keys}, r); err != nil {
			return 0, fmt.Errorf("append to %s: %w", e.Stream, err)
		}
	}
	if err := s.projector.Flush(tx{&s.keys}); err != nil {
		return 0, fmt.Errorf("append to %s: %w", e.Stream, err)
	}
	st.epoch = e.Epoch
	s.streams[e.Stream] = st
	return desk.Position(len(s.records)), nil
}

// Load implements persistence.Journal.
func (s *Store) Load(ctx context.Context, id desk.StreamID, after uint64) iter.Seq2[desk.Record, error] {
	return func(yield func(desk.Record, error) bool) {
		s.mu.Lock()
		var records []desk.Record
		if st := s.streams[id]; st != nil && after < uint64(len(st.records)) {
			records = st.records[after:]
		}
		s.mu.Unlock()
		for _, r := range records {
			if ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Tail implements persistence.Journal.
func (s *Store) Tail(ctx context.Context, after desk.Position) iter.Seq2[desk.Record, error] {
	return func(yield func(desk.Record, error) bool) {
		stop := context.AfterFunc(ctx, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.changed.Broadcast()
		})
		defer stop()
		for {
			s.mu.Lock()
			for uint64(after) >= uint64(len(s.records)) && ctx.Err() == nil && !s.closed {
				s.changed.Wait()
			}
			var records []desk.Record
			if uint64(after) < uint64(len(s.records)) {
				records = s.records[after:]
			}
			closed := s.closed
			s.mu.Unlock()
			for _, r := range records {
				if ctx.Err() != nil {
					break
				}
				if !yield(r, nil) {
					return
				}
				after = desk.Position(r.Position)
			}
			if ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			if closed && len(records) == 0 {
				yield(nil, persistence.ErrClosed)
				return
			}
		}
	}
}

// Head implements persistence.Journal.
func (s *Store) Head() desk.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return desk.Position(len(s.records))
}

// Epoch implements persistence.Journal.
func (s *Store) Epoch() string { return s.epoch }

// Waiting implements persistence.Queue.
func (s *Store) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting
}

// Refusing implements persistence.Queue.
func (s *Store) Refusing() error { return nil }

// LoadSnapshot implements persistence.Snapshots.
func (s *Store) LoadSnapshot(_ context.Context, id desk.StreamID, format uint32) ([]byte, uint64, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap, ok := s.snapshots[id]
	if !ok || snap.format != format {
		return nil, 0, false, nil
	}
	return slices.Clone(snap.state), snap.version, true, nil
}

// SaveSnapshot implements persistence.Snapshots.
func (s *Store) SaveSnapshot(id desk.StreamID, format uint32, version uint64, state []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshots[id] = snapshot{format, version, state}
}

// Index implements persistence.Store.
func (s *Store) Index() *persistence.Index { return s.index }

// CompareIndex says where the index differs from one that is rebuilt from the journal.
func (s *Store) CompareIndex(context.Context) (diffs []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.view(func(r persistence.Reader) error {
		diffs, err = persistence.CompareIndex(r, func(yield func(desk.Record, error) bool) {
			for _, r := range s.records {
				if !yield(r, nil) {
					return
				}
			}
		})
		return err
	})
	return diffs, err
}

func (s *Store) view(f func(persistence.Reader) error) error {
	s.keysMu.RLock()
	defer s.keysMu.RUnlock()
	return f(reader{&s.keys})
}

// Close implements persistence.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.writing {
		s.changed.Wait()
	}
	s.closed = true
	s.changed.Broadcast()
	return nil
}

// keys is a sorted map.
type keys struct {
	values map[string][]byte
	sorted []string
}

func (k *keys) get(key []byte) []byte { return k.values[string(key)] }

type reader struct{ *keys }

func (r reader) Get(key []byte) ([]byte, error) { return slices.Clone(r.get(key)), nil }

func (r reader) Scan(prefix, from []byte, f func(key, value []byte) (bool, error)) error {
	at, _ := slices.BinarySearch(r.sorted, max(string(prefix), string(from)))
	for _, k := range r.sorted[at:] {
		if !strings.HasPrefix(k, string(prefix)) {
			return nil
		}
		if more, err := f([]byte(k), r.values[k]); err != nil || !more {
			return err
		}
	}
	return nil
}

type tx struct{ *keys }

func (t tx) Get(key []byte) ([]byte, error) { return t.get(key), nil }

func (t tx) Set(key, value []byte) error {
	k := string(key)
	if _, ok := t.values[k]; !ok {
		at, _ := slices.BinarySearch(t.sorted, k)
		t.sorted = slices.Insert(t.sorted, at, k)
	}
	if value == nil {
		value = []byte{}
	}
	t.values[k] = value
	return nil
}

func (t tx) Delete(key []byte) error {
	k := string(key)
	if _, ok := t.values[k]; ok {
		at, _ := slices.BinarySearch(t.sorted, k)
		t.sorted = slices.Delete(t.sorted, at, at+1)
		delete(t.values, k)
	}
	return nil
}
