package badger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/journaltest"
	"github.com/centralita/centralita/proto/deskpb"
)

func open(t *testing.T, dir string, o Options) *Store {
	t.Helper()
	o.ReserveFile = -1
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func closeStore(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func mustAppend(t *testing.T, s *Store, e persistence.Entry) desk.Position {
	t.Helper()
	at, err := journaltest.Append(t, s, e)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return at
}

func wantSameIndex(t *testing.T, s *Store) {
	t.Helper()
	diffs, err := s.CompareIndex(t.Context())
	if err != nil || len(diffs) > 0 {
		t.Fatalf("the index differs from a rebuilt one: %q, %v", diffs, err)
	}
}

func TestDamagedRecord(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(s *Store, b *batch, v []byte){
		"a flipped bit": func(_ *Store, b *batch, v []byte) { v[20] ^= 4; b.Set(recordKey(30), v) },
		"cut off":       func(_ *Store, b *batch, v []byte) { b.Set(recordKey(30), v[:3]) },
		"missing":       func(_ *Store, b *batch, _ []byte) { b.Delete(recordKey(30)) },
		"a new format":  func(_ *Store, b *batch, v []byte) { v[0] = 9; b.Set(recordKey(30), v) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir, Options{})
			mustAppend(t, s, journaltest.Note("conversation/a", 0, 60))
			v, err := s.get(recordKey(30))
			if err != nil {
				t.Fatal(err)
			}
			b := newBatch()
			damage(s, b, v)
			if err := s.commitNow(b); err != nil {
				t.Fatal(err)
			}
			closeStore(t, s)
			s = open(t, dir, Options{})
			wantOneDamaged(t, s)
			if _, err := s.CompareIndex(t.Context()); !errors.Is(err, persistence.ErrCorrupt) {
				t.Errorf("compare: %v", err)
			}
			if at := mustAppend(t, s, journaltest.Note("conversation/a", 60, 1)); at != 61 {
				t.Errorf("the next record is at %d", at)
			}
		})
	}
}

// wantOneDamaged reads 60 records of which the 30th is damaged, by stream and by position.
func wantOneDamaged(t *testing.T, s *Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for name, seq := range map[string]func(func(desk.Record, error) bool){
		"load": s.Load(ctx, "conversation/a", 0), "tail": s.Tail(ctx, 0),
	} {
		n := uint64(0)
		for r, err := range seq {
			n++
			damaged, isDamaged := errors.AsType[*persistence.CorruptError](err)
			switch {
			case n == 30 && (!isDamaged || damaged.Position != 30 || !errors.Is(err, persistence.ErrCorrupt)):
				t.Errorf("%s: record 30 gives %v", name, err)
			case n == 30 && name == "load" && (damaged.Stream != "conversation/a" || damaged.Version != 30):
				t.Errorf("load: the error names %s, %d", damaged.Stream, damaged.Version)
			case n != 30 && (err != nil || r.Position != n):
				t.Errorf("%s: record %d gives %v, %v", name, n, r, err)
			}
			if n == 60 {
				break
			}
		}
		if n != 60 {
			t.Errorf("%s: %d of 60 records", name, n)
		}
	}
}

// copyStore is what a power cut leaves: the files as they are, of a store that was not closed.
func copyStore(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	files, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() == "LOCK" || f.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, f.Name()), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// The write-ahead log's end is damaged: what is before it is read, and that acknowledged records are missing is not
// passed over in silence.
func TestDamagedEnd(t *testing.T) {
	t.Parallel()
	source := open(t, t.TempDir(), Options{})
	for i := range 50 {
		mustAppend(t, source, journaltest.Note("conversation/a", uint64(i), 1))
	}
	if err := source.writeWatermark(); err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(log []byte, end int){
		"cut in the middle":   func(log []byte, end int) { clear(log[end/2:]) },
		"the last bytes lost": func(log []byte, end int) { clear(log[end-5:]) },
		"a flipped bit":       func(log []byte, end int) { log[end-end/4] ^= 1 },
	} {
		dir := copyStore(t, source.dir)
		mem := onlyMem(t, dir)
		b, err := os.ReadFile(mem)
		if err != nil {
			t.Fatal(err)
		}
		damage(b, len(bytes.TrimRight(b, "\x00")))
		if err := os.WriteFile(mem, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var logged bytes.Buffer
		s := open(t, dir, Options{Logger: slog.New(slog.NewTextHandler(&logged, nil))})
		head := s.Head()
		if head == 0 || head >= 50 {
			t.Errorf("%s: the head is %d", name, head)
		}
		if s.Epoch() == source.Epoch() || !strings.Contains(logged.String(), "the end of the journal is lost") {
			t.Errorf("%s: the loss was passed over; epoch %s, log %s", name, s.Epoch(), logged.String())
		}
		n := uint64(0)
		for r, err := range s.Load(t.Context(), "conversation/a", 0) {
			if n++; err != nil || r.Version != n {
				t.Errorf("%s: record %d: %v, %v", name, n, r, err)
			}
		}
		if n != uint64(head) {
			t.Errorf("%s: %d records, the head is %d", name, n, head)
		}
		wantSameIndex(t, s)
		mustAppend(t, s, journaltest.Note("conversation/a", n, 3))
		wantSameIndex(t, s)
		closeStore(t, s)
	}
}

func onlyMem(t *testing.T, dir string) string {
	t.Helper()
	mems, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	if err != nil || len(mems) != 1 {
		t.Fatalf("memtables: %v, %v", mems, err)
	}
	return mems[0]
}

// A crash without damage: everything is there, and the epoch is the same.
func TestCrash(t *testing.T) {
	t.Parallel()
	source := open(t, t.TempDir(), Options{})
	mustAppend(t, source, journaltest.Note("conversation/a", 0, 50))
	s := open(t, copyStore(t, source.dir), Options{})
	if s.Head() != 50 || s.Epoch() != source.Epoch() {
		t.Fatalf("head %d, epoch %s; want 50, %s", s.Head(), s.Epoch(), source.Epoch())
	}
	wantSameIndex(t, s)
}

func TestLeftoverMemtable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{})
	mustAppend(t, s, journaltest.Note("conversation/a", 0, 5))
	closeStore(t, s)
	for _, name := range []string{"00002.mem", "00007.mem", "000009.vlog"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var logged bytes.Buffer
	s = open(t, dir, Options{Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	if s.Head() != 5 {
		t.Fatalf("head is %d", s.Head())
	}
	mustAppend(t, s, journaltest.Note("conversation/a", 5, 1))
	if n := strings.Count(logged.String(), "moved aside"); n != 3 {
		t.Errorf("%d log lines: %s", n, logged.String())
	}
	if aside, err := os.ReadDir(filepath.Join(dir, "aside")); err != nil || len(aside) != 3 {
		t.Errorf("aside: %v, %v", aside, err)
	}
}

// Log files that a cut left with their full size and nothing in them, or less than a header.
func TestBlankFiles(t *testing.T) {
	t.Parallel()
	for _, file := range []struct {
		name string
		size int64
	}{
		{"00009.mem", 1}, {"00009.mem", 19}, {"00009.mem", 4096}, {"00009.mem", 2 * memTable},
		{"000009.vlog", 1}, {"000009.vlog", 19}, {"000009.vlog", 4096}, {"000009.vlog", 2 * valueLogFile},
	} {
		dir := t.TempDir()
		s := open(t, dir, Options{})
		mustAppend(t, s, journaltest.Note("conversation/a", 0, 5))
		closeStore(t, s)
		f, err := os.Create(filepath.Join(dir, file.name))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Truncate(file.size), f.Close()); err != nil {
			t.Fatal(err)
		}
		s, err = Open(dir, Options{ReserveFile: -1})
		if err != nil {
			t.Errorf("%v: %v", file, err)
			continue
		}
		if s.Head() != 5 {
			t.Errorf("%v: head is %d", file, s.Head())
		}
		mustAppend(t, s, journaltest.Note("conversation/a", 5, 1))
		closeStore(t, s)
	}
}

func TestLocked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir, Options{})
	_, err := Open(dir, Options{ReserveFile: -1})
	if err == nil || !strings.Contains(err.Error(), "another process has it open") {
		t.Fatalf("opened twice: %v", err)
	}
}

// A write that fails stops the journal, because nobody knows what is on the disk.
func TestFailedWrite(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	mustAppend(t, s, journaltest.Note("conversation/a", 0, 5))
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := journaltest.Append(t, s, journaltest.Note("conversation/b", 0, 1)); err == nil {
			t.Fatal("an entry was taken by a closed database")
		}
	}
	if s.Head() != 5 {
		t.Fatalf("head is %d", s.Head())
	}
}

// Badger says only in its log that the value log could not be synced. It is a failed write all the same.
func TestUnsyncedValueLog(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	mustAppend(t, s, journaltest.Note("conversation/a", 0, 5))
	s.db.Opts().Logger.Errorf("Error while curlf sync: %v\n", errors.New("input/output error"))
	for range 2 {
		if _, err := journaltest.Append(t, s, journaltest.Note("conversation/b", 0, 1)); err == nil {
			t.Fatal("an entry was acknowledged that may not be on the disk")
		}
	}
}

// A row of the index that cannot be read keeps only its own entries from being written.
func TestDamagedRow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{})
	mustAppend(t, s, journaltest.Note("conversation/bad", 0, 1))
	b := newBatch()
	place, err := s.get([]byte("ikbad"))
	if err != nil {
		t.Fatal(err)
	}
	b.Set(append(append([]byte("il"), place...), "bad"...), []byte{0xff, 0xff})
	if err := s.commitNow(b); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	s = open(t, dir, Options{})
	const n = 40
	failed := make(chan error, n)
	for i := range n {
		e := journaltest.Note(desk.StreamID(fmt.Sprintf("conversation/c%d", i)), 0, 1)
		if i == 17 {
			e = journaltest.Note("conversation/bad", 1, 1)
		}
		s.Append(e, func(_ desk.Position, err error) {
			if (err != nil) != (i == 17) {
				err = fmt.Errorf("entry %d: %w", i, err)
			} else {
				err = nil
			}
			failed <- err
		})
	}
	for range n {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	closeStore(t, s)
	if err := Reindex(t.Context(), dir, Options{ReserveFile: -1}); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{})
	wantSameIndex(t, s)
	mustAppend(t, s, journaltest.Note("conversation/bad", 1, 1))
}

// A large entry that comes behind many others does not fit with them into a transaction: the group is written in parts.
func TestGroupTooLarge(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	failed := make(chan error, 1000)
	appendKeys := func(id string, keys int) {
		m := &deskpb.MessageReceived{Channel: "ch", Message: "ms"}
		for k := range keys {
			m.ThreadKeys = append(m.ThreadKeys, fmt.Sprintf("%s-%0200d", id, k))
		}
		stream := desk.ConversationID(id).Stream()
		s.Append(persistence.Entry{Stream: stream, Records: []desk.Record{{
			Stream: string(stream), Version: 1, AtMs: 1, Event: deskpb.NewEvent(m),
		}}}, func(_ desk.Position, err error) { failed <- err })
	}
	limit := int(s.db.MaxBatchSize() / 250) // keys of 250 bytes that fit
	n := 0
	for range 3 {
		for range 30 {
			appendKeys(fmt.Sprintf("small%d", n), limit/100)
			n++
		}
		appendKeys(fmt.Sprintf("large%d", n), limit*8/10)
		n++
	}
	for range n {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
	if s.Head() != desk.Position(n) {
		t.Fatalf("head %d, want %d", s.Head(), n)
	}
	wantSameIndex(t, s)
}

func TestEntryTooLarge(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	e := journaltest.Note("conversation/a", 0, 1)
	e.Records[0].Event.GetNoteAdded().Body.Text = strings.Repeat("x", largestEntry)
	if _, err := journaltest.Append(t, s, e); !errors.Is(err, persistence.ErrTooLarge) {
		t.Fatalf("an entry of more than %d bytes: %v", largestEntry, err)
	}
	long := journaltest.Note("conversation/a", 0, 1)
	long.Records[0].Event = deskpb.NewEvent(&deskpb.ReplyRequested{Message: strings.Repeat("m", 70_000), Channel: "ch"})
	if _, err := journaltest.Append(t, s, long); !errors.Is(err, persistence.ErrTooLarge) {
		t.Fatalf("an entry with a key of 70,000 bytes: %v", err)
	}
	if at := mustAppend(t, s, journaltest.Note("conversation/a", 0, 1)); at != 1 {
		t.Fatalf("the next entry is at %d", at)
	}
	wantSameIndex(t, s)
}

func TestWatermarkOfGarbage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{})
	mustAppend(t, s, journaltest.Note("conversation/a", 0, 5))
	epoch := s.Epoch()
	closeStore(t, s)
	for _, b := range [][]byte{nil, []byte("garbage\n"), binary.BigEndian.AppendUint64(nil, 1<<60)} {
		if err := os.WriteFile(filepath.Join(dir, watermarkFile), b, 0o600); err != nil {
			t.Fatal(err)
		}
		if s = open(t, dir, Options{}); s.Epoch() != epoch {
			t.Fatalf("watermark %q made a new epoch", b)
		}
		closeStore(t, s)
	}
}

// The value log is looked through while the store works, and that stops with it.
func TestGarbageIsCollected(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{CollectEvery: time.Millisecond})
	for i := range 50 {
		s.SaveSnapshot("conversation/a", 1, uint64(i), bytes.Repeat([]byte{byte(i)}, 1<<16))
		mustAppend(t, s, journaltest.Note("conversation/a", uint64(i), 1))
	}
	closeStore(t, s)
}
