package memory_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/journaltest"
	"github.com/centralita/centralita/persistence/memory"
)

func TestStore(t *testing.T) {
	journaltest.Run(t, func(*testing.T, string) persistence.Store { return memory.New() })
}

// Random histories that shrink to the smallest one that fails.
func TestHistories(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.IntRange(1, 150).Draw(rt, "steps")
		entries := journaltest.History(steps, func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(rt, what) })
		journaltest.CheckHistory(rt, memory.New(), entries)
	})
}

func TestBlobs(t *testing.T) {
	journaltest.RunBlobs(t, func(*testing.T, string) persistence.Blobs { return memory.NewBlobs() })
}
