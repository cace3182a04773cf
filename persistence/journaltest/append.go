package journaltest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

func order(t *testing.T, open Open) {
	s := openStore(t, open)
	var want []desk.Record
	for i := range 40 {
		stream := desk.StreamID(fmt.Sprintf("conversation/c%d", i%3))
		e := Note(stream, uint64(i/3)*2, 2)
		e.Epoch, e.Key = uint64(i/3), fmt.Sprintf("key %d", i)
		at := mustAppend(t, s, e)
		if at != desk.Position(2*i+2) {
			t.Fatalf("entry %d of two records ends at position %d", i, at)
		}
		want = append(want, e.Records...)
	}
	got := collect(t, s.Tail(testContext(t), 0), len(want))
	wantPositions(t, got, 0)
	for i := range got {
		if !proto.Equal(got[i], want[i]) {
			t.Fatalf("position %d: got %v, want %v", i+1, got[i], want[i])
		}
	}
	loaded := collect(t, s.Load(testContext(t), "conversation/c1", 0), 0)
	for i, r := range loaded {
		if r.Version != uint64(i+1) || r.Stream != "conversation/c1" {
			t.Fatalf("record %d of the stream is version %d of %s", i, r.Version, r.Stream)
		}
	}
	if first := loaded[0]; first.Key != "key 1" || loaded[1].Key != "" || loaded[2].Epoch != 1 {
		t.Fatalf("key and epoch are not kept: %v, %v, %v", loaded[0], loaded[1], loaded[2])
	}
	if s.Head() != desk.Position(len(want)) {
		t.Fatalf("head is %d, want %d", s.Head(), len(want))
	}
}

func refusals(t *testing.T, open Open) {
	s := openStore(t, open)
	mustAppend(t, s, Note("conversation/a", 0, 2))
	wantRefused(t, s, Note("conversation/a", 0, 1), persistence.ErrConflict)
	wantRefused(t, s, Note("conversation/a", 1, 1), persistence.ErrConflict)
	wantRefused(t, s, Note("conversation/a", 3, 1), persistence.ErrConflict)
	wantRefused(t, s, Note("conversation/b", 1, 1), persistence.ErrConflict)

	wrong := Note("conversation/a", 2, 2)
	wrong.Records[1].Version = 9
	for name, e := range map[string]persistence.Entry{
		"a wrong version": wrong,
		"no records":      {Stream: "conversation/a", Expect: 2},
		"no stream":       {Records: Note("conversation/a", 2, 1).Records, Expect: 2},
		"a wrong stream":  {Stream: "conversation/b", Records: Note("conversation/a", 0, 1).Records},
		"no event":        {Stream: "conversation/a", Expect: 2, Records: []desk.Record{record("conversation/a", 3, 1, nil)}},
	} {
		if _, err := Append(t, s, e); err == nil {
			t.Errorf("an entry with %s was taken", name)
		}
	}
	mustAppend(t, s, Note("conversation/a", 2, 1))
}

// whileItStands: an entry that rests on something of another stream is written while that stands, also within one group.
func whileItStands(t *testing.T, open Open) {
	s := openStore(t, open)
	events := func(stream desk.StreamID, after uint64, all ...proto.Message) persistence.Entry {
		e := persistence.Entry{Stream: stream, Expect: after}
		for i, m := range all {
			e.Records = append(e.Records, record(stream, after+1+uint64(i), 1, deskpb.NewEvent(m)))
		}
		return e
	}
	resting := func(n uint64, on ...desk.Standing) persistence.Entry {
		e := Note("conversation/a", n, 1)
		e.While = on
		return e
	}
	promise := desk.Standing{Stream: "agent/ana", Promise: "a"}
	wantRefused(t, s, resting(0, promise), persistence.ErrGone)
	mustAppend(t, s, events("agent/ana", 0, &deskpb.AgentAdded{Name: "Ana", Email: "ana@desk.example"}, &deskpb.PlaceReserved{Reservation: "r", Conversation: "a", UntilMs: 9}))
	mustAppend(t, s, resting(0, promise))
	wantRefused(t, s, resting(1, desk.Standing{Stream: "agent/ana", Promise: "b"}), persistence.ErrGone)
	mustAppend(t, s, events("agent/ana", 2, &deskpb.PlaceFreed{Conversation: "a", Reservation: "r"}))
	wantRefused(t, s, resting(1, promise), persistence.ErrGone)

	team, rule := desk.Standing{Stream: "team/t", Version: 1}, desk.Standing{Stream: "channel/c", Version: 1}
	wantRefused(t, s, resting(1, team), persistence.ErrGone)
	mustAppend(t, s, events("team/t", 0, &deskpb.TeamAdded{Name: "Billing"}))
	mustAppend(t, s, events("channel/c", 0, &deskpb.ChannelConnected{Kind: deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, Name: "c", Address: "c"}, &deskpb.ChannelSwitched{On: false}))
	mustAppend(t, s, resting(1, team, rule))
	mustAppend(t, s, events("channel/c", 2, &deskpb.ChannelChanged{Name: "c", Address: "c"}))
	wantRefused(t, s, resting(2, team, rule), persistence.ErrGone)
	rule.Version = 3

	// In one group with what takes away what it rests on: whoever was queued first is written.
	results := make(chan error, 2)
	s.Append(events("team/t", 1, &deskpb.TeamChanged{Name: "Sales"}), func(_ desk.Position, err error) { results <- err })
	s.Append(resting(2, team, rule), func(_ desk.Position, err error) { results <- err })
	if err := <-results; err != nil {
		t.Fatal(err)
	}
	if err := <-results; !errors.Is(err, persistence.ErrGone) {
		t.Fatalf("it rests on a team that was changed just before: %v", err)
	}
	team.Version = 2
	mustAppend(t, s, resting(2, team, rule))

	// Of a contact only what rules look at counts: a name does not, an owner and a property do.
	known := desk.Standing{Stream: "contact/k", Version: 2}
	mustAppend(t, s, events("contact/k", 0, &deskpb.ContactCreated{Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: "k@shop.example"}},
		&deskpb.ContactOwnerChanged{Agent: "ana"}, &deskpb.ContactNamed{Name: "Kai"}))
	mustAppend(t, s, resting(3, known))
	mustAppend(t, s, events("contact/k", 3, &deskpb.ContactPropertySet{Property: "pr_plan", Value: "gold"}))
	wantRefused(t, s, resting(4, known), persistence.ErrGone)
}

func epochs(t *testing.T, open Open) {
	s := openStore(t, open)
	e := Note("conversation/a", 0, 1)
	e.Epoch = 5
	mustAppend(t, s, e)
	stale := Note("conversation/a", 1, 1)
	stale.Epoch = 4
	wantRefused(t, s, stale, persistence.ErrStaleEpoch)
	same := Note("conversation/a", 1, 1)
	same.Epoch = 5
	mustAppend(t, s, same)
	other := Note("conversation/b", 0, 1)
	other.Epoch = 1
	mustAppend(t, s, other)
}

func duplicates(t *testing.T, open Open) {
	s := openStore(t, open)
	e := Note("conversation/a", 0, 1)
	e.Key = "once"
	mustAppend(t, s, e)
	again := Note("conversation/a", 1, 1)
	again.Key = "once"
	wantRefused(t, s, again, persistence.ErrDuplicate)
	elsewhere := Note("conversation/b", 0, 1)
	elsewhere.Key = "once"
	wantRefused(t, s, elsewhere, persistence.ErrDuplicate)

	// Twice in one group: the second one loses, too.
	var mu sync.Mutex
	var errs []error
	var wg sync.WaitGroup
	wg.Add(20)
	for i := range 20 {
		e := Note(desk.StreamID(fmt.Sprintf("conversation/g%d", i)), 0, 1)
		e.Key = strings.Repeat("long", 300)
		s.Append(e, func(_ desk.Position, err error) {
			mu.Lock()
			errs = append(errs, err)
			mu.Unlock()
			wg.Done()
		})
	}
	wg.Wait()
	taken := 0
	for _, err := range errs {
		if err == nil {
			taken++
		}
	}
	if taken != 1 {
		t.Fatalf("a key was taken %d times", taken)
	}
}

func allOrNone(t *testing.T, open Open) {
	s := openStore(t, open)
	e := Note("conversation/a", 0, 5)
	if at := mustAppend(t, s, e); at != 5 {
		t.Fatalf("five records end at %d", at)
	}
	wantRefused(t, s, Note("conversation/a", 4, 3), persistence.ErrConflict)
	if got := collect(t, s.Load(testContext(t), "conversation/a", 0), 0); len(got) != 5 {
		t.Fatalf("%d records, want 5", len(got))
	}
}

func failsAlone(t *testing.T, open Open) {
	s := openStore(t, open)
	const n = 200
	results := make([]error, n)
	var wg sync.WaitGroup
	wg.Add(n)
	version := map[desk.StreamID]uint64{}
	for i := range n {
		stream := desk.StreamID(fmt.Sprintf("conversation/c%d", i%7))
		e := Note(stream, version[stream], 1)
		if i%10 == 3 {
			e = Note(stream, version[stream]+100, 1) // its successors expect what is there
		} else {
			version[stream]++
		}
		s.Append(e, func(_ desk.Position, err error) { results[i] = err; wg.Done() })
	}
	wg.Wait()
	for i, err := range results {
		if (err != nil) != (i%10 == 3) {
			t.Fatalf("entry %d: %v", i, err)
		}
	}
}

func gapless(t *testing.T, open Open) {
	s := openStore(t, open)
	const appenders, each = 10, 60
	var wg sync.WaitGroup
	for a := range appenders {
		wg.Go(func() {
			own := desk.StreamID(fmt.Sprintf("conversation/own%d", a))
			for i := range each {
				if _, err := Append(t, s, Note(own, uint64(i), 1)); err != nil {
					t.Errorf("append %d: %v", i, err)
					return
				}
				// All fight for one stream: a conflict is right, a hole is not.
				_, _ = Append(t, s, Note("conversation/shared", uint64(i), 1))
			}
		})
	}
	wg.Wait()
	got := collect(t, s.Tail(testContext(t), 0), int(s.Head()))
	wantPositions(t, got, 0)
	versions := map[string]uint64{}
	for _, r := range got {
		if versions[r.Stream]++; versions[r.Stream] != r.Version {
			t.Fatalf("position %d: version %d of %s, want %d", r.Position, r.Version, r.Stream, versions[r.Stream])
		}
	}
	for a := range appenders {
		if n := versions[fmt.Sprintf("conversation/own%d", a)]; n != each {
			t.Fatalf("appender %d has %d records, want %d", a, n, each)
		}
	}
}

func callbackOrder(t *testing.T, open Open) {
	s := openStore(t, open)
	const n = 500
	positions := make(chan desk.Position, n)
	for i := range n {
		s.Append(Note("conversation/hot", uint64(i), 1), func(at desk.Position, err error) {
			if err != nil {
				t.Errorf("append %d: %v", i, err)
			}
			positions <- at
		})
	}
	for i := range n {
		select {
		case at := <-positions:
			if at != desk.Position(i+1) {
				t.Fatalf("callback %d is for position %d", i, at)
			}
		case <-time.After(patience):
			t.Fatalf("callback %d never came", i)
		}
	}
	if w := s.Waiting(); w > 0 {
		waitFor(t, "the queue to be empty", func() bool { return s.Waiting() == 0 })
	}
}

func manyAtOnce(t *testing.T, open Open) {
	s := openStore(t, open)
	const n = 30_000
	var wg sync.WaitGroup
	wg.Add(n)
	for i := range n {
		s.Append(Note(desk.StreamID(fmt.Sprintf("conversation/c%d", i%100)), uint64(i/100), 1), func(_ desk.Position, err error) {
			if err != nil {
				t.Errorf("append %d: %v", i, err)
			}
			wg.Done()
		})
	}
	within(t, "all to be settled", wg.Wait)
	if s.Head() != n {
		t.Fatalf("head is %d, want %d", s.Head(), n)
	}
	wantPositions(t, collect(t, s.Tail(testContext(t), 0), n), 0)
}

// bursts come at once from several sides, ebb away, and come again: whatever a writer does to make good groups, nothing stands.
func bursts(t *testing.T, open Open) {
	s := openStore(t, open)
	const sides, rounds, each = 4, 12, 900
	for round := range rounds {
		var settled sync.WaitGroup
		settled.Add(sides * each)
		for side := range sides {
			go func() {
				stream := desk.StreamID(fmt.Sprintf("conversation/side%d", side))
				for i := range each {
					s.Append(Note(stream, uint64(round*each+i), 1), func(_ desk.Position, err error) {
						if err != nil {
							t.Errorf("append: %v", err)
						}
						settled.Done()
					})
				}
			}()
		}
		within(t, "a burst to be settled", settled.Wait)
	}
	if s.Head() != sides*rounds*each {
		t.Fatalf("head is %d", s.Head())
	}
}

// within fails when f takes longer than a test is patient.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
	}
}

// LargeBody is a text that every store must take in one entry.
const LargeBody = 4 << 20

func largeEntry(t *testing.T, open Open) {
	s := openStore(t, open)
	e := Note("conversation/a", 0, 3)
	for _, r := range e.Records {
		r.Event.GetNoteAdded().Body.Text = strings.Repeat("x", LargeBody/3)
	}
	mustAppend(t, s, e)
	got := collect(t, s.Load(testContext(t), "conversation/a", 0), 0)
	if len(got) != 3 || len(got[2].Event.GetNoteAdded().Body.Text) != LargeBody/3 {
		t.Fatalf("a large entry came back as %d records", len(got))
	}

	many := Note("conversation/b", 0, 1500) // one entry of many records is never split
	if at := mustAppend(t, s, many); at != 1503 {
		t.Fatalf("it ends at %d", at)
	}
}

func visibleBeforeDone(t *testing.T, open Open) {
	s := openStore(t, open)
	failed := make(chan error, 100)
	for i := range 100 {
		id := desk.ConversationID(fmt.Sprintf("c%d", i))
		s.Append(Note(id.Stream(), 0, 1), func(at desk.Position, err error) {
			ticket, lookErr := s.Index().Ticket(id)
			switch {
			case err != nil || lookErr != nil:
				failed <- fmt.Errorf("%v, %v", err, lookErr)
			case ticket == nil || ticket.Position != uint64(at):
				failed <- fmt.Errorf("position %d is durable, the index shows %v", at, ticket)
			case s.Head() < at:
				failed <- fmt.Errorf("position %d is durable, the head is %d", at, s.Head())
			default:
				failed <- nil
			}
		})
	}
	for range 100 {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
}

func closeSettles(t *testing.T, open Open) {
	s := open(t, t.TempDir())
	const n = 300
	var mu sync.Mutex
	settled := 0
	for i := range n {
		s.Append(Note(desk.StreamID(fmt.Sprintf("conversation/c%d", i)), 0, 1), func(_ desk.Position, err error) {
			if err != nil {
				t.Errorf("append before close: %v", err)
			}
			mu.Lock()
			settled++
			mu.Unlock()
		})
	}
	tail := make(chan error, 1)
	go func() {
		for _, err := range s.Tail(t.Context(), n) {
			tail <- err
		}
	}()
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	mu.Lock()
	if settled != n {
		t.Fatalf("%d of %d entries were settled at close", settled, n)
	}
	mu.Unlock()
	if _, err := Append(t, s, Note("conversation/late", 0, 1)); err != persistence.ErrClosed {
		t.Fatalf("append after close: %v", err)
	}
	select {
	case err := <-tail:
		if err == nil {
			t.Fatal("tail went on after close")
		}
	case <-time.After(patience):
		t.Fatal("tail did not end at close")
	}
	if err := s.Close(); err != nil {
		t.Fatalf("close again: %v", err)
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for end := time.After(patience); !ok(); {
		select {
		case <-end:
			t.Fatalf("waited in vain for %s", what)
		case <-look.C:
		}
	}
}
