package badger

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	bdg "github.com/dgraph-io/badger/v4"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// views gives out the times at which the database is read. Badger's own (unmanaged) readers wait for the commit that
// is under way; ours read the last committed state at once. What a reader may still need is not thrown away.
type views struct {
	db *bdg.DB

	mu        sync.Mutex
	left      *sync.Cond
	committed uint64         // time of the last group that is durable
	reading   map[uint64]int // readers by their time
	closed    bool
}

func (v *views) init(db *bdg.DB) {
	v.db, v.committed, v.reading = db, db.MaxVersion(), map[uint64]int{}
	v.left = sync.NewCond(&v.mu)
}

func (v *views) begin() (at uint64, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return 0, persistence.ErrClosed
	}
	v.reading[v.committed]++
	return v.committed, nil
}

func (v *views) end(at uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.reading[at]--; v.reading[at] == 0 {
		delete(v.reading, at)
		v.left.Broadcast()
	}
}

// close lets nobody read any more and waits for who does: Badger must not be closed under a reader.
func (v *views) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for v.closed = true; len(v.reading) > 0; {
		v.left.Wait()
	}
}

// next is the time of the next commit. There is one committer.
func (v *views) next() uint64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.committed + 1
}

// advance makes a commit visible, and lets go of the versions nobody can read any more.
func (v *views) advance(to uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.committed = to
	oldest := to
	for at := range v.reading {
		oldest = min(oldest, at)
	}
	v.db.SetDiscardTs(oldest)
}

// view runs f over one consistent state.
func (s *Store) view(f func(persistence.Reader) error) error {
	return s.read(func(r reader) error { return f(r) })
}

func (s *Store) read(f func(reader) error) error {
	v, err := s.views.open()
	if err != nil {
		return err
	}
	defer v.end()
	return f(v.reader)
}

// openView is a state that is being read; who opens it ends it.
type openView struct {
	reader
	views *views
	at    uint64
}

func (v *views) open() (*openView, error) {
	at, err := v.begin()
	if err != nil {
		return nil, err
	}
	return &openView{reader{v.db.NewTransactionAt(at, false)}, v, at}, nil
}

func (o *openView) end() {
	o.txn.Discard()
	o.views.end(o.at)
}

func isMissing(err error) bool { return errors.Is(err, bdg.ErrKeyNotFound) }

// get reads one key; nil when it is not there.
func (s *Store) get(key []byte) (v []byte, err error) {
	err = s.read(func(r reader) error {
		v, err = r.Get(key)
		return err
	})
	return v, err
}

// reader reads one state of the database.
type reader struct{ txn *bdg.Txn }

// Get implements persistence.Reader.
func (r reader) Get(key []byte) ([]byte, error) {
	item, err := r.txn.Get(key)
	switch {
	case isMissing(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read key %x: %w", key, err)
	}
	v, err := item.ValueCopy(nil)
	if err != nil {
		return nil, fmt.Errorf("read the value of key %x: %w", key, err)
	}
	if v == nil {
		v = []byte{}
	}
	return v, nil
}

// Scan implements persistence.Reader.
func (r reader) Scan(prefix, from []byte, f func(key, value []byte) (bool, error)) error {
	o := bdg.DefaultIteratorOptions
	o.PrefetchValues = false // it starts a goroutine for each value; they are in the tree anyway
	o.Prefix = prefix
	it := r.txn.NewIterator(o)
	defer it.Close()
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	for it.Seek(from); it.ValidForPrefix(prefix); it.Next() {
		item := it.Item()
		more := false
		err := item.Value(func(v []byte) (err error) {
			more, err = f(item.Key(), v)
			return err
		})
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
	return nil
}

// lastPosition is where the journal ends.
func (s *Store) lastPosition() (at desk.Position, err error) {
	err = s.read(func(r reader) error {
		o := bdg.DefaultIteratorOptions
		o.PrefetchValues, o.Reverse, o.Prefix = false, true, []byte{kindRecord}
		it := r.txn.NewIterator(o)
		defer it.Close()
		if it.Seek(recordKey(1<<64 - 1)); it.Valid() {
			at = positionOf(it.Item().Key())
		}
		return nil
	})
	return at, err
}

var _ persistence.Reader = reader{}
