package actors_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
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
		time.Sleep(11 * time.Second)
		visit(2000, 4000, true)
		if n := l.sys.Awake(); n < 2000 || n > 2100 {
			t.Errorf("%d are awake after the second crowd", n)
		}
		visit(0, 100, false)
	})
}
