package badger_test

import (
	"testing"

	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/badger"
	"github.com/centralita/centralita/persistence/journaltest"
)

func openTest(t *testing.T, dir string, o badger.Options) *badger.Store {
	t.Helper()
	if o.ReserveFile == 0 {
		o.ReserveFile = -1
	}
	s, err := badger.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	journaltest.Run(t, func(t *testing.T, dir string) persistence.Store {
		return openTest(t, dir, badger.Options{})
	}, journaltest.Durable)
}
