package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

func load(t *testing.T, open Open) {
	s := openStore(t, open)
	const n = 150 // more than a store may keep together
	for i := range n / 3 {
		mustAppend(t, s, Note("conversation/a", uint64(i)*3, 3))
		mustAppend(t, s, Note("conversation/ab", uint64(i), 1)) // a name that begins alike
	}
	for after := uint64(0); after <= n+1; after += 7 {
		got := collect(t, s.Load(testContext(t), "conversation/a", after), 0)
		if want := max(0, n-int(after)); len(got) != want {
			t.Fatalf("after %d: %d records, want %d", after, len(got), want)
		}
		for i, r := range got {
			if r.Version != after+1+uint64(i) || r.Stream != "conversation/a" {
				t.Fatalf("after %d: record %d is version %d of %s", after, i, r.Version, r.Stream)
			}
		}
	}
	if got := collect(t, s.Load(testContext(t), "conversation/none", 0), 0); len(got) != 0 {
		t.Fatalf("a stream nobody wrote to has %d records", len(got))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range s.Load(ctx, "conversation/a", 0) {
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("load with an ended context: %v", err)
		}
	}
}

func tailFromAnywhere(t *testing.T, open Open) {
	s := openStore(t, open)
	const n = 700
	for i := range n / 7 {
		mustAppend(t, s, Note("conversation/a", uint64(i)*7, 7))
	}
	for _, after := range []desk.Position{0, 1, 6, 7, 8, 350, 511, 512, 513, n - 1} {
		got := collect(t, s.Tail(testContext(t), after), n-int(after))
		wantPositions(t, got, after)
	}
}

func tailWhileAppending(t *testing.T, open Open) {
	s := openStore(t, open)
	const appenders, each = 4, 100
	const total = appenders * each
	ctx := testContext(t)
	var wg sync.WaitGroup
	heard := make([][]desk.Record, 6)
	for i := range heard {
		wg.Go(func() {
			after := desk.Position(i * 40)
			for r, err := range s.Tail(ctx, after) {
				if err != nil {
					t.Errorf("tailer %d after %d records: %v", i, len(heard[i]), err)
					return
				}
				heard[i] = append(heard[i], r)
				if r.Position == total {
					return
				}
			}
		})
	}
	for a := range appenders {
		wg.Go(func() {
			for v := range each {
				if _, err := Append(t, s, Note(desk.StreamID(fmt.Sprintf("conversation/c%d", a)), uint64(v), 1)); err != nil {
					t.Errorf("append: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	for i, got := range heard {
		wantPositions(t, got, desk.Position(i*40))
		if len(got) != total-i*40 {
			t.Fatalf("tailer %d heard %d records", i, len(got))
		}
		for k, r := range got {
			if !proto.Equal(r, heard[0][i*40+k]) {
				t.Fatalf("tailers disagree about position %d", r.Position)
			}
		}
	}
}

func slowTailer(t *testing.T, open Open) {
	s := openStore(t, open)
	mustAppend(t, s, Note("conversation/a", 0, 1))
	ctx := testContext(t)
	stuck, release := make(chan struct{}), make(chan struct{})
	heard := make(chan []desk.Record, 1)
	const n = 6000 // more than a store keeps ready
	go func() {
		var got []desk.Record
		for r, err := range s.Tail(ctx, 0) {
			if err != nil {
				t.Errorf("tail: %v", err)
				break
			}
			if got = append(got, r); len(got) == 1 {
				close(stuck)
				<-release
			}
			if len(got) == n {
				break
			}
		}
		heard <- got
	}()
	<-stuck
	for v := 1; v < n; v += 50 {
		mustAppend(t, s, Note("conversation/a", uint64(v), min(50, n-v)))
	}
	close(release)
	got := <-heard
	if len(got) != n {
		t.Fatalf("the slow tailer heard %d of %d records", len(got), n)
	}
	wantPositions(t, got, 0)
}

func tailEnds(t *testing.T, open Open) {
	s := openStore(t, open)
	mustAppend(t, s, Note("conversation/a", 0, 1))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		var last error
		for r, err := range s.Tail(ctx, 0) {
			if last = err; r != nil {
				cancel() // while it waits for the next one
			}
		}
		ended <- last
	}()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Fatalf("tail ended with %v", err)
	}
}

func snapshots(t *testing.T, open Open) {
	s := openStore(t, open)
	ctx := testContext(t)
	mustAppend(t, s, Note("conversation/a", 0, 9))
	if _, _, ok, err := s.LoadSnapshot(ctx, "conversation/a", 1); ok || err != nil {
		t.Fatalf("a snapshot nobody saved: %v, %v", ok, err)
	}
	saved := func(format uint32, version uint64, state string) func() bool {
		return func() bool {
			got, v, ok, err := s.LoadSnapshot(ctx, "conversation/a", format)
			if err != nil {
				t.Fatalf("load snapshot: %v", err)
			}
			return ok && v == version && string(got) == state
		}
	}
	s.SaveSnapshot("conversation/a", 1, 4, []byte("four"))
	waitFor(t, "a snapshot", saved(1, 4, "four"))
	s.SaveSnapshot("conversation/a", 1, 5, []byte("five"))
	s.SaveSnapshot("conversation/a", 1, 9, []byte("nine"))
	waitFor(t, "the newest snapshot", saved(1, 9, "nine"))
	if _, _, ok, _ := s.LoadSnapshot(ctx, "conversation/a", 2); ok {
		t.Fatal("a snapshot of another format was given")
	}
	if _, _, ok, _ := s.LoadSnapshot(ctx, "conversation/b", 1); ok {
		t.Fatal("another stream's snapshot was given")
	}
	s.SaveSnapshot("conversation/a", 2, 9, []byte("new format"))
	waitFor(t, "the new format", saved(2, 9, "new format"))
}

// wantSnapshot checks which state is kept, "" for none.
func wantSnapshot(t *testing.T, s persistence.Store, stream desk.StreamID, format uint32, want string) {
	t.Helper()
	state, _, ok, err := s.LoadSnapshot(testContext(t), stream, format)
	if err != nil || ok != (want != "") || string(state) != want {
		t.Fatalf("snapshot of %s in format %d: %q, %v, %v; want %q", stream, format, state, ok, err, want)
	}
}

func reopen(t *testing.T, open Open) {
	dir := t.TempDir()
	s := open(t, dir)
	e := Note("conversation/a", 0, 40)
	e.Key, e.Epoch = "once", 3
	mustAppend(t, s, e)
	epoch := s.Epoch()
	s.SaveSnapshot("conversation/a", 7, 40, []byte("state"))
	s.SaveSnapshot("conversation/b", 7, 1, []byte("of a stream that is not there"))
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	s = open(t, dir)
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	if s.Head() != 40 || s.Epoch() != epoch || epoch == "" {
		t.Fatalf("head %d, epoch %q; want 40, %q", s.Head(), s.Epoch(), epoch)
	}
	got := collect(t, s.Tail(testContext(t), 0), 40)
	wantPositions(t, got, 0)
	for i, r := range got {
		if !proto.Equal(r, e.Records[i]) {
			t.Fatalf("record %d changed: %v", i, r)
		}
	}
	wantSnapshot(t, s, "conversation/a", 7, "state")
	wantSnapshot(t, s, "conversation/a", 8, "")
	wantSnapshot(t, s, "conversation/b", 7, "")
	stale := Note("conversation/a", 40, 1)
	stale.Epoch = 2
	wantRefused(t, s, stale, persistence.ErrStaleEpoch)
	duplicate := Note("conversation/b", 0, 1)
	duplicate.Key = "once"
	wantRefused(t, s, duplicate, persistence.ErrDuplicate)
	wantRefused(t, s, func() persistence.Entry { e := Note("conversation/a", 39, 1); e.Epoch = 3; return e }(), persistence.ErrConflict)
	next := Note("conversation/a", 40, 1)
	next.Epoch = 3
	if at := mustAppend(t, s, next); at != 41 {
		t.Fatalf("the next record is at %d", at)
	}
}
