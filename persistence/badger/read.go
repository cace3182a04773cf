package badger

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// readTogether is how many records are read between two looks at the consumer.
const readTogether = 128

// Load implements persistence.Journal. A damaged record is yielded as a *persistence.CorruptError; a consumer that goes
// on gets the ones after it.
func (s *Store) Load(ctx context.Context, stream desk.StreamID, after uint64) iter.Seq2[desk.Record, error] {
	return func(yield func(desk.Record, error) bool) {
		var all []uint64
		err := s.read(func(r reader) (err error) {
			all, err = streamPositions(r, stream, after)
			return err
		})
		if err != nil {
			yield(nil, err)
			return
		}
		for len(all) > 0 {
			if ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			some := all[:min(readTogether, len(all))]
			all = all[len(some):]
			records, err := s.readRecords(some)
			if err != nil {
				yield(nil, err)
				return
			}
			for i, f := range records {
				if !yield(f.record, inStream(f.err, stream, after+1+uint64(i))) {
					return
				}
			}
			after += uint64(len(some))
		}
	}
}

// inStream adds where in its stream a damaged record stands.
func inStream(err error, stream desk.StreamID, version uint64) error {
	if damaged, ok := errors.AsType[*persistence.CorruptError](err); ok {
		damaged.Stream, damaged.Version = stream, version
	}
	return err
}

// streamPositions gives the positions of a stream's versions after one.
func streamPositions(r reader, stream desk.StreamID, after uint64) ([]uint64, error) {
	v, err := r.Get(streamKey(kindHead, stream))
	if err != nil || v == nil {
		return nil, err
	}
	h, err := decodeHead(stream, v)
	if err != nil || after >= h.version {
		return nil, err
	}
	var all []uint64
	full := h.version - uint64(len(h.last)) // versions in chunks
	for n := after / chunkSize; n*chunkSize < full; n++ {
		v, err := r.Get(chunkKey(stream, n))
		if err != nil {
			return nil, err
		}
		chunk, ok := positions(v)
		if !ok || len(chunk) != chunkSize {
			return nil, &persistence.CorruptError{Stream: stream, Version: n*chunkSize + 1, Err: errors.New("the list of its positions")}
		}
		if skip := after - min(after, n*chunkSize); skip < chunkSize {
			all = append(all, chunk[skip:]...)
		}
	}
	if after > full {
		return append(all, h.last[after-full:]...), nil
	}
	return append(all, h.last...), nil
}

type found struct {
	record desk.Record
	err    error // a *persistence.CorruptError
}

func (s *Store) readRecords(at []uint64) ([]found, error) {
	all := make([]found, len(at))
	err := s.read(func(r reader) error {
		for i, p := range at {
			all[i].record, all[i].err = readRecord(r, desk.Position(p))
		}
		return nil
	})
	return all, err
}

var errMissing = errors.New("it is missing")

func readRecord(r reader, at desk.Position) (rec desk.Record, err error) {
	item, err := r.txn.Get(recordKey(at))
	if isMissing(err) {
		return nil, &persistence.CorruptError{Position: at, Err: errMissing}
	}
	if err == nil {
		err = item.Value(func(v []byte) error {
			rec, err = persistence.DecodeRecord(at, v)
			return err
		})
	}
	if err != nil && !errors.Is(err, persistence.ErrCorrupt) {
		err = &persistence.CorruptError{Position: at, Err: err} // Badger could not read it: a bad block
	}
	return rec, err
}

// Tail implements persistence.Journal: from the ring that all tailers share, and from the disk while it is behind
// that. A damaged record is yielded as a *persistence.CorruptError; a consumer that goes on gets the ones after it.
func (s *Store) Tail(ctx context.Context, after desk.Position) iter.Seq2[desk.Record, error] {
	return func(yield func(desk.Record, error) bool) {
		defer context.AfterFunc(ctx, s.ring.wake)()
		for {
			if err := ctx.Err(); err != nil { // also while records wait: whoever ended it reads no further
				yield(nil, err)
				return
			}
			records, behind, err := s.ring.after(ctx, after, readTogether)
			if err != nil {
				yield(nil, err)
				return
			}
			if behind {
				records = nil
				var more bool
				if after, more = s.catchUp(ctx, after, yield); !more {
					return
				}
			}
			for _, r := range records {
				if ctx.Err() != nil {
					break // said above
				}
				if !yield(r, nil) {
					return
				}
				after = desk.Position(r.Position)
			}
		}
	}
}

// catchUp yields some records after a position from the disk. more is false when the sequence is over.
func (s *Store) catchUp(ctx context.Context, after desk.Position, yield func(desk.Record, error) bool) (next desk.Position, more bool) {
	head := s.Head()
	at := make([]uint64, 0, readTogether)
	for p := after + 1; p <= head && len(at) < readTogether; p++ {
		at = append(at, uint64(p))
	}
	records, err := s.readRecords(at)
	if err != nil {
		yield(nil, err)
		return after, false
	}
	for _, f := range records {
		if ctx.Err() != nil {
			return after, true // the caller says so
		}
		if !yield(f.record, f.err) {
			return after, false
		}
		after++
	}
	return after, true
}

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
