package badger

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/journaltest"
	"github.com/centralita/centralita/persistence/memory"
)

// fillWith plays a random history.
func fillWith(t *testing.T, s *Store, seed uint64, steps int) {
	t.Helper()
	failed := make(chan error, steps)
	entries := journaltest.History(steps, journaltest.Seeded(seed))
	for _, e := range entries {
		s.Append(e, func(_ desk.Position, err error) { failed <- err })
	}
	for range entries {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
}

// A backup is taken while the store is written to; what is restored from it is the store as it was at the call.
func TestArchiveWhileWriting(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	blobs := memory.NewBlobs()
	hash, _, err := blobs.Put(t.Context(), bytes.NewReader([]byte("attachment")), 100)
	if err != nil {
		t.Fatal(err)
	}
	fillWith(t, s, 1, 500)

	var stop atomic.Bool
	var writing sync.WaitGroup
	writing.Go(func() {
		for v := uint64(0); !stop.Load(); v++ {
			if _, err := journaltest.Append(t, s, journaltest.Note("conversation/late", v, 1)); err != nil {
				t.Errorf("append while archiving: %v", err)
				return
			}
		}
	})
	var archive bytes.Buffer
	head := s.Head()
	wrote, err := persistence.WriteArchive(t.Context(), &archive, persistence.Archive{Journal: s, Blobs: blobs})
	stop.Store(true)
	writing.Wait()
	if err != nil || wrote.Head < head {
		t.Fatalf("archive: %+v, %v", wrote, err)
	}

	dir := filepath.Join(t.TempDir(), "restored")
	restored := memory.NewBlobs()
	read, err := persistence.ReadArchive(t.Context(), bytes.NewReader(archive.Bytes()), persistence.Restore{
		Journal: func(records iter.Seq2[desk.Record, error]) error {
			return Restore(t.Context(), dir, records, Options{ReserveFile: -1})
		},
		Blobs: restored,
	})
	if err != nil || read.Head != wrote.Head || read.Blobs != 1 {
		t.Fatalf("restore: %+v, %v", read, err)
	}
	if _, _, err := restored.Open(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir, Options{})
	wantSameRecords(t, s, r, wrote.Head)
	wantSameIndex(t, r)
	if r.Epoch() == s.Epoch() {
		t.Fatal("a restored store goes by the old epoch")
	}
	mustAppend(t, r, journaltest.Note("conversation/new", 0, 1))
}

func wantSameRecords(t *testing.T, a, b *Store, head desk.Position) {
	t.Helper()
	if b.Head() != head {
		t.Fatalf("head is %d, want %d", b.Head(), head)
	}
	next, stop := iter.Pull2(b.Tail(t.Context(), 0))
	defer stop()
	for want, err := range a.Tail(t.Context(), 0) {
		got, gotErr, ok := next()
		if err != nil || gotErr != nil || !ok || !proto.Equal(got, want) {
			t.Fatalf("got %v, %v; want %v, %v", got, gotErr, want, err)
		}
		if desk.Position(want.Position) == head {
			return
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	records := func(yield func(desk.Record, error) bool) {
		r := journaltest.Note("conversation/a", 0, 2).Records
		r[0].Position, r[1].Position = 1, 3
		_ = yield(r[0], nil) && yield(r[1], nil)
	}
	parent := t.TempDir()
	if err := Restore(t.Context(), filepath.Join(parent, "gap"), records, Options{ReserveFile: -1}); err == nil {
		t.Error("records with a gap were restored")
	}
	broken := func(yield func(desk.Record, error) bool) { yield(nil, os.ErrDeadlineExceeded) }
	if err := Restore(t.Context(), filepath.Join(parent, "broken"), broken, Options{ReserveFile: -1}); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("records that end with an error: %v", err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("a restore that failed left %v, %v", left, err)
	}
	used := t.TempDir()
	closeStore(t, open(t, used, Options{}))
	if err := Restore(t.Context(), used, func(func(desk.Record, error) bool) {}, Options{}); err == nil {
		t.Error("restored over a store")
	}
}

// An index that was lost or is wrong is made again, equal to the one that grew.
func TestReindex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{})
	fillWith(t, s, 2, 1500)
	want := dump(t, s)
	b := newBatch()
	for k := range want {
		switch len(b.ops) % 3 {
		case 0:
			b.Delete([]byte(k))
		default:
			b.Set([]byte(k), []byte("wrong"))
		}
	}
	b.Set([]byte("ikphantom"), []byte("wrong"))
	if err := s.commitNow(b); err != nil {
		t.Fatal(err)
	}
	if diffs, err := s.CompareIndex(t.Context()); err == nil && len(diffs) == 0 {
		t.Fatal("a wrong index was not noticed")
	}
	closeStore(t, s)
	if err := Reindex(t.Context(), dir, Options{ReserveFile: -1}); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{})
	got := dump(t, s)
	for k, v := range want {
		if !bytes.Equal(got[k], v) {
			t.Fatalf("key %q is %q, want %q", k, got[k], v)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d keys, want %d", len(got), len(want))
	}
	wantSameIndex(t, s)
}

// dump gives everything that is a fold of the journal.
func dump(t *testing.T, s *Store) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := s.view(func(r persistence.Reader) error {
		for _, kind := range []byte{persistence.IndexPrefix, kindHead, kindChunk} {
			err := r.Scan([]byte{kind}, nil, func(k, v []byte) (bool, error) {
				all[string(k)] = bytes.Clone(v)
				return true, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// An index of another version, or one whose rebuilding was interrupted, is made again when the store is opened.
func TestOldIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{})
	fillWith(t, s, 3, 300)
	want := dump(t, s)
	b := newBatch()
	b.Set(noteIndex, []byte("an old one"))
	for k := range want {
		b.Set([]byte(k), []byte("of an old form"))
	}
	if err := s.commitNow(b); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	s = open(t, dir, Options{})
	if got := dump(t, s); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatal("the index was not made again")
	}
	wantSameIndex(t, s)
}
