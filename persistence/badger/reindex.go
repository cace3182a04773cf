package badger

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// Reindex rebuilds the index and the heads of the store in dir from its journal. The store must not be open. When it is
// interrupted, the next Open does it again.
func Reindex(ctx context.Context, dir string, o Options) (err error) {
	o = o.withDefaults()
	s := &Store{dir: dir, o: o, log: o.Logger, guard: newGuard(dir, o)}
	if err := s.open(); err != nil {
		return fmt.Errorf("reindex %s: open: %w", dir, err)
	}
	err = s.rebuild(ctx)
	s.views.close()
	if closeErr := s.db.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("reindex %s: %w", dir, err)
	}
	return nil
}

// Records that are folded in one transaction while there is no writer, at most; and between two looks at its size.
const (
	foldTogether = 512
	foldPace     = 64
)

// rebuild makes index and heads anew. Nobody writes meanwhile.
func (s *Store) rebuild(ctx context.Context) error {
	if s.Head() > 0 {
		if err := s.Verify(ctx); err != nil {
			return err // the old index is better than none
		}
		if err := s.note(noteIndex, binary.BigEndian.AppendUint64(nil, 0)); err != nil {
			return err
		}
		if err := s.db.DropPrefix([]byte{persistence.IndexPrefix}, []byte{kindHead}, []byte{kindChunk}); err != nil {
			return fmt.Errorf("drop the old index: %w", err)
		}
		if err := s.refold(ctx); err != nil {
			return err
		}
	}
	return s.note(noteIndex, binary.BigEndian.AppendUint64(nil, persistence.ProjectionFormat))
}

// Verify reads the whole journal and gives the first damage found.
func (s *Store) Verify(ctx context.Context) error {
	for at := desk.Position(0); at < s.Head(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		records, err := s.some(at, foldTogether)
		if err != nil {
			return fmt.Errorf("read the journal after position %d: %w", at, err)
		}
		if len(records) == 0 {
			return fmt.Errorf("read the journal after position %d: nothing is there, and its head is %d", at, s.Head())
		}
		at = desk.Position(records[len(records)-1].Position)
	}
	return nil
}

func (s *Store) refold(ctx context.Context) error {
	d := newDraft(s)
	defer d.release()
	d.next = 0
	for at := desk.Position(0); at < s.Head(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		records, err := s.some(at, foldTogether)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := d.add(r, nil); err != nil {
				return err
			}
			if err := d.pace(); err != nil {
				return err
			}
		}
		at += desk.Position(len(records))
		if err := d.commit(); err != nil {
			return err
		}
	}
	return nil
}

// some reads up to n records after a position. A damaged one is an error: an index without it would be another one.
func (s *Store) some(after desk.Position, n int) (records []desk.Record, err error) {
	err = s.read(func(r reader) error {
		for rec, err := range history(r, after) {
			if err != nil {
				return err
			}
			if records = append(records, rec); len(records) == n {
				break
			}
		}
		return nil
	})
	return records, err
}

// history yields the records of one state after a position. It ends at the first damaged one, with its error.
func history(r reader, after desk.Position) iter.Seq2[desk.Record, error] {
	return func(yield func(desk.Record, error) bool) {
		stopped := false
		err := r.Scan([]byte{kindRecord}, recordKey(after+1), func(k, v []byte) (bool, error) {
			after++
			if at := positionOf(k); at != after {
				return false, &persistence.CorruptError{Position: after, Err: errMissing}
			}
			rec, err := persistence.DecodeRecord(after, v)
			if err != nil {
				return false, err
			}
			stopped = !yield(rec, nil)
			return !stopped, nil
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// CompareIndex rebuilds index and heads in memory and says, key by key, where the live ones differ; nil when they are
// equal. It sees one state, and may run while the store works; it needs memory for the whole index.
func (s *Store) CompareIndex(ctx context.Context) (diffs []string, err error) {
	err = s.read(func(r reader) error {
		heads := map[desk.StreamID]*head{}
		diffs, err = persistence.CompareIndex(r, func(yield func(desk.Record, error) bool) {
			for rec, err := range history(r, 0) {
				if err == nil {
					err = ctx.Err()
				}
				if err == nil {
					foldHead(heads, rec)
				}
				if !yield(rec, err) || err != nil {
					return
				}
			}
		})
		if err != nil {
			return err
		}
		more, err := compareHeads(r, heads)
		diffs = append(diffs, more...)
		return err
	})
	if err != nil {
		return diffs, fmt.Errorf("compare the index: %w", err)
	}
	return diffs, nil
}

// foldHead keeps all positions of a stream, which is simpler than a head and its chunks.
func foldHead(heads map[desk.StreamID]*head, r desk.Record) {
	h := heads[desk.StreamID(r.Stream)]
	if h == nil {
		h = &head{}
		heads[desk.StreamID(r.Stream)] = h
	}
	h.epoch, h.version = r.Epoch, h.version+1
	h.last = append(h.last, r.Position)
}

func compareHeads(r reader, heads map[desk.StreamID]*head) (diffs []string, err error) {
	err = r.Scan([]byte{kindHead}, nil, func(k, v []byte) (bool, error) {
		stream := desk.StreamID(k[1:])
		want := heads[stream]
		if want == nil {
			diffs = append(diffs, fmt.Sprintf("the head of %s belongs to no stream", stream))
			return true, nil
		}
		last := want.last[len(want.last)/chunkSize*chunkSize:]
		if !bytes.Equal(v, encodeHead(&head{epoch: want.epoch, version: want.version, last: last})) {
			diffs = append(diffs, fmt.Sprintf("the head of %s is another one", stream))
		}
		return true, nil
	})
	for stream, want := range heads {
		if err != nil {
			break
		}
		var all []uint64
		if all, err = streamPositions(r, stream, 0); err == nil && !slices.Equal(all, want.last) {
			diffs = append(diffs, fmt.Sprintf("the positions of %s are other ones", stream))
		}
	}
	return diffs, err
}
