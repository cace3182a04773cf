package memory_test

import (
	"testing"

	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/journaltest"
	"github.com/centralita/centralita/persistence/memory"
)

func TestStore(t *testing.T) {
	journaltest.Run(t, func(*testing.T, string) persistence.Store { return memory.New() })
}

func TestBlobs(t *testing.T) {
	journaltest.RunBlobs(t, func(*testing.T, string) persistence.Blobs { return memory.NewBlobs() })
}
