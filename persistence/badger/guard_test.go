package badger

import (
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/journaltest"
)

// disk is a file system whose free space the test decides.
type disk struct{ free atomic.Uint64 }

func (d *disk) options() Options {
	return Options{Reserve: 1 << 20, ReserveFile: 1 << 16, FreeSpace: func(string) (uint64, error) { return d.free.Load(), nil }}
}

func openOn(t *testing.T, dir string, d *disk) *Store {
	t.Helper()
	s, err := Open(dir, d.options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// appendUntil appends one note after another until the outcome is the one wanted.
func appendUntil(t *testing.T, s *Store, version *uint64, want error) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		_, err := journaltest.Append(t, s, journaltest.Note("conversation/a", *version, 1))
		if err == nil {
			*version++
		} else if !errors.Is(err, persistence.ErrDiskFull) {
			t.Fatalf("append: %v", err)
		}
		if errors.Is(err, want) {
			return
		}
	}
	t.Fatalf("no append ever ended with %v", want)
}

func TestDiskNearlyFull(t *testing.T) {
	t.Parallel()
	d := &disk{}
	d.free.Store(1 << 30)
	dir := t.TempDir()
	s := openOn(t, dir, d)
	reserve := filepath.Join(dir, reserveFile)
	if info, err := os.Stat(reserve); err != nil || info.Size() != 1<<16 {
		t.Fatalf("reserve file: %v, %v", info, err)
	}
	version := uint64(0)
	appendUntil(t, s, &version, nil)

	d.free.Store(1<<20 - 1)
	appendUntil(t, s, &version, persistence.ErrDiskFull)
	if _, err := os.Stat(reserve); err != nil {
		t.Fatalf("the reserve was given up too early: %v", err)
	}
	if err := s.Refusing(); !errors.Is(err, persistence.ErrDiskFull) {
		t.Fatalf("refusing: %v", err)
	}
	n := 0
	for _, err := range s.Load(t.Context(), "conversation/a", 0) {
		if n++; err != nil {
			t.Fatalf("reading while the disk is full: %v", err)
		}
	}
	if n != int(version) {
		t.Fatalf("%d records of %d", n, version)
	}

	d.free.Store(1 << 30)
	appendUntil(t, s, &version, nil)
	wantSameIndex(t, s)
}

// Whoever asks is told of a full disk, and of room again, though nobody writes.
func TestRefusingWithoutWriting(t *testing.T) {
	t.Parallel()
	d := &disk{}
	d.free.Store(1 << 30)
	s := openOn(t, t.TempDir(), d)
	until := func(want error) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !errors.Is(s.Refusing(), want); {
			if time.Now().After(deadline) {
				t.Fatalf("refusing %v, want %v", s.Refusing(), want)
			}
		}
	}
	until(nil)
	d.free.Store(1000)
	until(persistence.ErrDiskFull)
	d.free.Store(1 << 30)
	until(nil)
}

func TestDiskFullGivesReserve(t *testing.T) {
	t.Parallel()
	d := &disk{}
	d.free.Store(1 << 30)
	dir := t.TempDir()
	s := openOn(t, dir, d)
	version := uint64(0)
	appendUntil(t, s, &version, nil)
	d.free.Store(1000)
	appendUntil(t, s, &version, persistence.ErrDiskFull)
	reserve := filepath.Join(dir, reserveFile)
	if info, err := os.Stat(reserve); err != nil || info.Size() != 1<<15 {
		t.Fatalf("the reserve was not halved on a full disk: %v", err)
	}
	closeStore(t, s)

	s = openOn(t, dir, d) // it opens on a full disk, and takes nothing
	appendUntil(t, s, &version, persistence.ErrDiskFull)
	if _, err := os.Stat(reserve); !os.IsNotExist(err) {
		t.Fatalf("it opened without the reserve's room: %v", err)
	}
	closeStore(t, s)

	if _, err := Open(dir, d.options()); !errors.Is(err, persistence.ErrDiskFull) {
		t.Fatalf("there is nothing left to give: %v", err)
	}
	d.free.Store(openingRoom)
	o := d.options()
	o.Reserve = 2 * openingRoom
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	appendUntil(t, s, &version, persistence.ErrDiskFull)
	d.free.Store(1 << 30)
	appendUntil(t, s, &version, nil)
	if _, err := os.Stat(reserve); err != nil {
		t.Fatalf("the reserve was not made again: %v", err)
	}
}

func TestFreeSpace(t *testing.T) {
	t.Parallel()
	if free, err := freeSpace(t.TempDir()); err != nil || free == 0 {
		t.Fatalf("%d, %v", free, err)
	}
	if _, err := freeSpace("/nowhere/at/all"); err == nil {
		t.Fatal("free space of a directory that is not there")
	}
}

// The all-clear comes a little later than the alarm, so that they do not alternate.
func TestGuardDoesNotFlutter(t *testing.T) {
	t.Parallel()
	d := &disk{}
	g := newGuard(t.TempDir(), d.options().withDefaults())
	now := time.Unix(1, 0)
	g.now = func() time.Time { now = now.Add(time.Second); return now }
	for _, step := range []struct {
		free uint64
		full bool
	}{{1 << 20, false}, {1<<20 - 1, true}, {1 << 20, true}, {1<<20 + 1<<17 - 1, true}, {1<<20 + 1<<17, false}, {1 << 20, false}} {
		d.free.Store(step.free)
		if err := g.check(); (err != nil) != step.full {
			t.Fatalf("%d free: %v", step.free, err)
		}
	}
}
