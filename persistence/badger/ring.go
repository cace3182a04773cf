package badger

import (
	"context"
	"sync"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// ring keeps the newest records, decoded, for all tailers together. Who falls behind it reads from the disk.
type ring struct {
	mu      sync.Mutex
	changed *sync.Cond
	first   desk.Position // the oldest kept
	head    desk.Position // the newest, and the last durable one
	records []desk.Record // by position modulo ringRecords
	sizes   []int
	bytes   int
	closed  bool
}

const (
	ringRecords = 4096
	ringBytes   = 4 << 20
)

func newRing(head desk.Position) *ring {
	r := &ring{first: head + 1, head: head, records: make([]desk.Record, ringRecords), sizes: make([]int, ringRecords)}
	r.changed = sync.NewCond(&r.mu)
	return r
}

// Head is the last durable position.
func (r *ring) Head() desk.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.head
}

// add takes the records of a group that is durable; sizes are those of their bytes.
func (r *ring) add(records []desk.Record, sizes []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, rec := range records {
		if r.head+1-r.first == ringRecords {
			r.drop()
		}
		r.head++
		r.records[r.head%ringRecords], r.sizes[r.head%ringRecords] = rec, sizes[i]
		for r.bytes += sizes[i]; r.bytes > ringBytes && r.first < r.head; {
			r.drop()
		}
	}
	r.changed.Broadcast()
}

func (r *ring) drop() {
	r.bytes -= r.sizes[r.first%ringRecords]
	r.records[r.first%ringRecords] = nil
	r.first++
}

func (r *ring) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.changed.Broadcast()
}

// after waits until there is something after a position, and gives up to n records. behind: they are not kept here
// any more, read them from the disk up to head.
func (r *ring) after(ctx context.Context, at desk.Position, n int) (records []desk.Record, behind bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for at >= r.head {
		switch {
		case ctx.Err() != nil:
			return nil, false, ctx.Err()
		case r.closed:
			return nil, false, persistence.ErrClosed
		}
		r.changed.Wait()
	}
	if at+1 < r.first {
		return nil, true, nil
	}
	for p := at + 1; p <= r.head && len(records) < n; p++ {
		records = append(records, r.records[p%ringRecords])
	}
	return records, false, nil
}

// wake lets a tailer look at its context.
func (r *ring) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed.Broadcast()
}
