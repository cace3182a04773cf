package search

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// loaded is a store that seems to have work waiting.
type loaded struct {
	persistence.Store
	waiting atomic.Int64
}

func (s *loaded) Waiting() int { return int(s.waiting.Load()) }

// newLoaded opens an index over an empty store.
func newLoaded(t *testing.T, dir string) (*loaded, *Index) {
	t.Helper()
	s := &loaded{Store: memory.New()}
	x, err := Open(s, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close(); _ = s.Close() })
	return s, x
}

func put(t *testing.T, s persistence.Store, stream desk.StreamID, version uint64, events ...desk.Event) {
	t.Helper()
	e := persistence.Entry{Stream: stream, Expect: version}
	for _, ev := range events {
		version++
		e.Records = append(e.Records, &deskpb.Record{Stream: string(stream), Version: version, AtMs: 1, Event: ev})
	}
	done := make(chan error, 1)
	s.Append(e, func(_ desk.Position, err error) { done <- err })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func person(name string) desk.Event {
	return deskpb.NewEvent(&deskpb.ContactCreated{Name: name,
		Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: "someone@example.com"}})
}

func opened(contact desk.ContactID, subject string) desk.Event {
	return deskpb.NewEvent(&deskpb.ConversationOpened{
		Channel: "ch_mail", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Contact: string(contact), Subject: subject,
		Priority: deskpb.Priority_PRIORITY_NORMAL,
	})
}

// note hands the follower the records of the journal that it does not know yet.
func (f *follower) note(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for head := f.store.Head(); f.to < head; {
		for r, err := range f.store.Tail(ctx, f.to) {
			if err == nil {
				err = f.take(ctx, step{desk.StreamID(r.Stream), desk.Position(r.Position), nil}, true)
			}
			if err != nil {
				t.Fatal(err)
			}
			if f.to == head {
				break
			}
		}
	}
}

func (x *Index) kept(t *testing.T) desk.Position {
	t.Helper()
	at, ok := x.checkpoint()
	if !ok {
		t.Fatal("there is no checkpoint")
	}
	return at
}

func (x *Index) docs(t *testing.T) int {
	t.Helper()
	r, err := x.index.Reader()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n, err := r.DocCount()
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

// While the journal has work the index waits, and afterwards it writes what came.
func TestGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, x := newLoaded(t, "")
		s.waiting.Store(100)
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { x.Run(ctx); close(over) }()
		defer func() { cancel(); <-over }()
		put(t, s, "contact/ct_1", 0, person("Ana"))
		put(t, s, "conversation/cv_1", 0, opened("ct_1", "A lamp"))
		time.Sleep(giveWay / 2)
		if at := x.At(); at != 0 {
			t.Fatalf("it wrote while the journal had work: at %d of %d", at, s.Head())
		}
		s.waiting.Store(0)
		time.Sleep((calmLooks + 1) * look)
		synctest.Wait()
		if n := x.docs(t); n != 1 || x.At() != s.Head() {
			t.Errorf("the journal is calm: at %d of %d, %d documents", x.At(), s.Head(), n)
		}
	})
}

// A journal that is never calm is indexed all the same, a batch now and then.
func TestGivesWayNotForever(t *testing.T) {
	s, x := newLoaded(t, "")
	s.waiting.Store(100)
	f := newFollower(x)
	now := time.Now()
	f.late = now.Add(f.patience())
	if f.due(now) || f.due(now.Add(giveWay/2)) {
		t.Error("it does not give way")
	}
	if !f.due(now.Add(giveWay + time.Millisecond)) {
		t.Error("it gives way for ever")
	}
	if f.after = now.Add(2 * giveWay); f.due(now.Add(giveWay + time.Millisecond)) {
		t.Error("it does not rest after a batch")
	}
}

// What is kept says only what is written: with some conversations still in line it stops before the first change of these.
func TestCheckpointOfPartOfTheLine(t *testing.T) {
	dir := t.TempDir()
	s, x := newLoaded(t, dir)
	put(t, s, "contact/ct_1", 0, person("Ana"))
	for i := range 5 {
		put(t, s, desk.StreamID(fmt.Sprint("conversation/cv_", i)), 0, opened("ct_1", "A lamp"))
	}
	put(t, s, "conversation/cv_1", 1, deskpb.NewEvent(&deskpb.NoteAdded{Message: "ms_n", Body: &deskpb.Body{Text: "one more word"}})) // is written with its first change
	f := newFollower(x)
	f.note(t)
	if at := x.At(); at != 0 {
		t.Fatalf("at %d, and nothing is written", at)
	}
	f.line = f.line[1:] // the contact, by whom all would be written at once
	delete(f.dirty, "contact/ct_1")
	if err := f.flush(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if at := x.kept(t); at != 3 || x.At() != 3 || x.docs(t) != 2 {
		t.Fatalf("with two of five written it is at %d (says %d) and has %d", at, x.At(), x.docs(t))
	}
	if err := f.flush(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	if at := x.kept(t); at != s.Head() || x.docs(t) != 5 || len(f.dirty) != 0 {
		t.Fatalf("at the end it is at %d and has %d; %d wait", at, x.docs(t), len(f.dirty))
	}
}

// A person is renamed twice, and the conversation is written in between: the second name is not taken for known.
func TestTwoChangesOfAContact(t *testing.T) {
	s, x := newLoaded(t, "")
	put(t, s, "contact/ct_1", 0, person("Ana"))
	put(t, s, "conversation/cv_1", 0, opened("ct_1", "A lamp"))
	f := newFollower(x)
	f.note(t)
	if err := f.flush(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	put(t, s, "contact/ct_1", 1, deskpb.NewEvent(&deskpb.ContactNamed{Name: "Bea"}))
	f.note(t)
	f.known.Put("cv_1", uint64(s.Head())) // written meanwhile
	put(t, s, "contact/ct_1", 2, deskpb.NewEvent(&deskpb.ContactNamed{Name: "Carla"}))
	f.note(t)
	if err := f.flush(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	if up, _ := f.known.Get("cv_1"); up < 4 {
		t.Errorf("the conversation is known as of %d, before the last name", up)
	}
}
