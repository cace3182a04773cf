package badger

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/journaltest"
)

// Pages of tables are given back, and what they hold is read again when it is wanted.
func TestMappedTablesAreLetGo(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	const n = 4000
	failed := make(chan error, n)
	for i := range n {
		e := journaltest.Note("conversation/a", uint64(i), 1)
		e.Records[0].Event.GetNoteAdded().Body.Text = strings.Repeat("x", 4000)
		s.Append(e, func(_ desk.Position, err error) { failed <- err })
	}
	for range n {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
	closeStore(t, s) // what was in memtables is in tables now
	s = open(t, dir, Options{})
	read := func() {
		got := 0
		for _, err := range s.Load(t.Context(), "conversation/a", 0) {
			if got++; err != nil {
				t.Fatal(err)
			}
		}
		if got != n {
			t.Fatalf("%d records of %d", got, n)
		}
	}
	read()
	if freed := letGo(dir, 0, slog.New(slog.DiscardHandler)); freed < 4<<20 {
		t.Errorf("%d bytes were let go", freed)
	}
	if freed := letGo(dir, 1<<40, slog.New(slog.DiscardHandler)); freed != 0 {
		t.Errorf("%d bytes were let go within the limit", freed)
	}
	read()
	wantSameIndex(t, s)
}
