// Package journaltest is the specification of a store: every kind of persistence passes it. It owns the cases, the random
// histories, and the dumb recomputation that the index is compared with.
package journaltest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// Feature is something not every kind of store can do.
type Feature int

// Durable: a store opened again in the same directory holds what was acknowledged.
const Durable Feature = iota

// Open opens a store in a directory, an empty one or one that such a store was closed in. It may ignore it.
type Open func(t *testing.T, dir string) persistence.Store

// Comparer is implemented by stores that can prove their index.
type Comparer interface {
	CompareIndex(ctx context.Context) (diffs []string, err error)
}

// Run holds a kind of store to the contracts of persistence.Store.
func Run(t *testing.T, open Open, features ...Feature) {
	for name, test := range map[string]func(*testing.T, Open){
		"order in a stream and in the whole":      order,
		"what an entry is refused for":            refusals,
		"an entry that rests on another stream":   whileItStands,
		"an older epoch is refused":               epochs,
		"a key is taken once":                     duplicates,
		"an entry is whole or not there":          allOrNone,
		"a failed entry fails only itself":        failsAlone,
		"no gap under concurrent appenders":       gapless,
		"callbacks come in the order of a stream": callbackOrder,
		"load from any version":                   load,
		"tail from any position":                  tailFromAnywhere,
		"tail while appending":                    tailWhileAppending,
		"a slow tailer slows nobody":              slowTailer,
		"tail ends with its context":              tailEnds,
		"many entries at once":                    manyAtOnce,
		"bursts":                                  bursts,
		"a large entry":                           largeEntry,
		"the index is visible before done":        visibleBeforeDone,
		"snapshots":                               snapshots,
		"close settles everything":                closeSettles,
		"answers of the index":                    func(t *testing.T, open Open) { answers(t, open, features) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
	if has(features, Durable) {
		t.Run("reopen", func(t *testing.T) { t.Parallel(); reopen(t, open) })
	}
}

func has(features []Feature, f Feature) bool {
	for _, g := range features {
		if f == g {
			return true
		}
	}
	return false
}

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

func openStore(t *testing.T, open Open) persistence.Store {
	t.Helper()
	s := open(t, t.TempDir())
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// Note makes an entry of n notes in a conversation, after version expect.
func Note(stream desk.StreamID, expect uint64, n int) persistence.Entry {
	e := persistence.Entry{Stream: stream, Expect: expect}
	for i := range n {
		v := expect + 1 + uint64(i)
		e.Records = append(e.Records, record(stream, v, int64(1000+v), &deskpb.Event{Kind: &deskpb.Event_NoteAdded{NoteAdded: &deskpb.NoteAdded{
			Message: fmt.Sprintf("m%d", v), Agent: "ag_1", Body: &deskpb.Body{Text: fmt.Sprintf("note %d of %s", v, stream)},
		}}}))
	}
	return e
}

func record(stream desk.StreamID, version uint64, atMs int64, event desk.Event) desk.Record {
	return &deskpb.Record{Stream: string(stream), Version: version, AtMs: atMs, Event: event}
}

// Append appends and waits for the outcome.
func Append(t *testing.T, j persistence.Journal, e persistence.Entry) (desk.Position, error) {
	t.Helper()
	type outcome struct {
		at  desk.Position
		err error
	}
	done := make(chan outcome, 1)
	j.Append(e, func(at desk.Position, err error) { done <- outcome{at, err} })
	select {
	case o := <-done:
		return o.at, o.err
	case <-time.After(patience):
		t.Fatalf("append to %s was never settled", e.Stream)
		return 0, nil
	}
}

func mustAppend(t *testing.T, j persistence.Journal, e persistence.Entry) desk.Position {
	t.Helper()
	at, err := Append(t, j, e)
	if err != nil {
		t.Fatalf("append to %s: %v", e.Stream, err)
	}
	return at
}

func wantRefused(t *testing.T, j persistence.Journal, e persistence.Entry, want error) {
	t.Helper()
	head := j.Head()
	if _, err := Append(t, j, e); !errors.Is(err, want) {
		t.Fatalf("append to %s: got %v, want %v", e.Stream, err, want)
	}
	if j.Head() != head {
		t.Fatalf("a refused entry moved the head from %d to %d", head, j.Head())
	}
}

// collect reads n records, or all until the sequence ends when n is 0.
func collect(t *testing.T, seq iter.Seq2[desk.Record, error], n int) []desk.Record {
	t.Helper()
	var all []desk.Record
	for r, err := range seq {
		if err != nil {
			t.Fatalf("read after %d records: %v", len(all), err)
		}
		if all = append(all, r); len(all) == n {
			break
		}
	}
	if len(all) < n {
		t.Fatalf("the sequence ended after %d of %d records", len(all), n)
	}
	return all
}

// wantPositions checks that records follow each other without a gap.
func wantPositions(t *testing.T, records []desk.Record, after desk.Position) {
	t.Helper()
	for i, r := range records {
		if want := uint64(after) + 1 + uint64(i); r.Position != want {
			t.Fatalf("record %d has position %d, want %d", i, r.Position, want)
		}
	}
}
