package badger

import (
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// largestEntry is the size of an entry's records that is refused without trying.
const largestEntry = 32 << 20

// pending is an entry on its way.
type pending struct {
	persistence.Entry
	encoded [][]byte
	size    int
	err     error // why it cannot be taken, found while it was queued
	done    func(desk.Position, error)
}

// newPending encodes an entry: that is the dear part, and it needs nobody else.
func newPending(e persistence.Entry, done func(desk.Position, error)) *pending {
	p := &pending{Entry: e, done: done}
	if p.err = persistence.CheckEntry(e); p.err != nil {
		return p
	}
	persistence.StampEntry(e)
	p.encoded = make([][]byte, len(e.Records))
	for i, r := range e.Records {
		b, err := persistence.EncodeRecordIn(r, rooms.get)
		if err != nil {
			p.err = err
			return p
		}
		p.encoded[i] = b
		p.size += len(b)
	}
	if p.size > largestEntry {
		p.err = persistence.ErrTooLarge
	}
	return p
}

// queue holds what waits for the writer. Its bound is the callers': Waiting says how long it is.
type queue struct {
	mu      sync.Mutex
	entries []*pending
	closed  bool
	ready   chan struct{} // holds one token while the writer has something to look at
}

func (q *queue) init() { q.ready = make(chan struct{}, 1) }

// put reports whether the entry was taken: not when the queue is closed.
func (q *queue) put(p *pending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.entries = append(q.entries, p)
	q.wake()
	return true
}

func (q *queue) wake() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// wakeUp lets the writer look at what else there is.
func (q *queue) wakeUp() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wake()
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake()
}

// take gives what waits. over: nothing will come any more.
func (q *queue) take() (entries []*pending, over bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	entries, q.entries = q.entries, nil
	return entries, q.closed
}

// snapshotQueue holds the newest snapshot of each stream until the writer takes it along.
type snapshotQueue struct {
	mu      sync.Mutex
	pending map[desk.StreamID]snapshot
	bytes   int
}

type snapshot struct {
	format  uint32
	version uint64
	state   []byte
}

const (
	snapshotPause   = 250 * time.Millisecond // how long a snapshot waits for a group that takes it along
	largestSnapshot = 4 << 20
	snapshotBytes   = 32 << 20 // of all that wait; more is dropped
	snapshotGroup   = 128 << 10
)

// put keeps a snapshot, dropping one of the same stream that is older. It reports whether it was kept.
func (q *snapshotQueue) put(stream desk.StreamID, s snapshot) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	old, ok := q.pending[stream]
	if ok && old.format == s.format && old.version >= s.version {
		return false
	}
	if len(s.state) > largestSnapshot || q.bytes+len(s.state)-len(old.state) > snapshotBytes {
		return false
	}
	if q.pending == nil {
		q.pending = map[desk.StreamID]snapshot{}
	}
	q.pending[stream] = s
	q.bytes += len(s.state) - len(old.state)
	return true
}

// take gives snapshots of at most so many bytes together, one at least.
func (q *snapshotQueue) take(bytes int) map[desk.StreamID]snapshot {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pending) == 0 {
		return nil
	}
	some := map[desk.StreamID]snapshot{}
	for stream, s := range q.pending {
		some[stream] = s
		delete(q.pending, stream)
		q.bytes -= len(s.state)
		if bytes -= len(s.state); bytes <= 0 {
			break
		}
	}
	return some
}

// get gives a snapshot that still waits.
func (q *snapshotQueue) get(stream desk.StreamID) (snapshot, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s, ok := q.pending[stream]
	return s, ok
}

func (q *snapshotQueue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.pending) == 0
}

// rooms is memory for encoded records, used again: nobody reads them once their group was committed or refused. They were a tenth of
// all that the garbage collector had to look after.
var rooms = &freeRooms{}

const (
	roomSize  = 2 << 10 // most records have room in it; larger ones get their own
	roomsKept = 1024    // 2 MB, four times what a crowd of 256 has under way
)

type freeRooms struct {
	mu   sync.Mutex // guards free
	free [][]byte
}

// get gives memory of a size or more.
func (f *freeRooms) get(size int) []byte {
	if size > roomSize {
		return make([]byte, size)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.free); n > 0 {
		b := f.free[n-1]
		f.free = f.free[:n-1]
		return b
	}
	return make([]byte, roomSize)
}

// put takes back what the records of a group were encoded in.
func (f *freeRooms) put(g *group) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range g.entries {
		for i, b := range p.encoded {
			if cap(b) == roomSize && len(f.free) < roomsKept {
				f.free = append(f.free, b[:roomSize])
			}
			p.encoded[i] = nil
		}
	}
}
