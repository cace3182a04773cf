package badger

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// A table with a damaged block is noticed before anything is read from it or written over it: Badger alone would answer that
// its keys are not there.
func TestADamagedTableIsNotOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(dir, Options{ReserveFile: -1})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	s.Append(persistence.Entry{Stream: "team/a", Records: []desk.Record{
		{Stream: "team/a", Version: 1, Event: deskpb.NewEvent(&deskpb.TeamAdded{Name: "A"})},
		{Stream: "team/a", Version: 2, Event: deskpb.NewEvent(&deskpb.TeamChanged{Name: strings.Repeat("much ", 20_000)})},
	}}, func(_ desk.Position, err error) { done <- err })
	if err := errors.Join(<-done, s.Close()); err != nil {
		t.Fatal(err)
	}
	tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("%v, %v", tables, err)
	}
	for _, name := range tables {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.WriteAt([]byte("not what was written"), 40)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := Open(dir, Options{ReserveFile: -1}); !errors.Is(err, persistence.ErrDamaged) {
		t.Errorf("opened a damaged store: %v", err)
		if err == nil {
			_ = s.Close()
		}
	}
}
