package actors_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// In a flood the entities that are done go to sleep long before they would on a calm day, and wake as they were.
func TestCrowdIsThinned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{SleepAfter: time.Hour, MostAwake: 640})
		defer l.stop()
		visit := func(from, to int, isNew bool) {
			for i := from; i < to; i++ {
				who := &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: fmt.Sprintf("c%d@shop.example", i)}
				id := desk.ContactIDFor(int32(who.Kind), who.Value)
				done := l.do(id.Stream(), deskpb.NewCommand(&deskpb.EnsureContact{Identity: who, Name: "Carla"}))
				if done.Changed != isNew {
					t.Fatalf("contact %d changed: %v", i, done.Changed)
				}
			}
			synctest.Wait()
		}
		visit(0, 2000, true)
		if n := l.sys.Awake(); n != 2000 {
			t.Errorf("%d are awake: none was idle", n)
		}
		time.Sleep(3 * time.Second)
		visit(2000, 4000, true)
		if n := l.sys.Awake(); n < 2000 || n > 2100 {
			t.Errorf("%d are awake after the second crowd", n)
		}
		visit(0, 100, false)
	})
}

// slow takes its time over one entry after the other.
type slow struct {
	*memory.Store
	takes time.Duration
}

func (s slow) Append(e persistence.Entry, done func(desk.Position, error)) {
	time.AfterFunc(s.takes, func() { s.Store.Append(e, done) })
}

// Who waits for the journal is not put to sleep, however long it takes: its answer would be lost.
func TestWhoWaitsForTheJournalStaysAwake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, slow{memory.New(), 5 * time.Second}, actors.Tuning{SleepAfter: time.Second})
		defer l.stop()
		who := &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: "carla@shop.example"}
		stream := desk.ContactIDFor(int32(who.Kind), who.Value).Stream()
		if done := l.do(stream, deskpb.NewCommand(&deskpb.EnsureContact{Identity: who, Name: "Carla"})); !done.Changed {
			t.Error("the contact was there before")
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := l.sys.Awake(); n != 0 {
			t.Errorf("%d are awake though nothing is under way", n)
		}
	})
}
