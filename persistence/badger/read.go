package badger

import (
	"context"
	"errors"
	"iter"

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
