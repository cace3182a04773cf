package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// tick wakes an actor that set a timer.
type tick struct{}

// timers wakes what is due. Due times live in the index, so sleeping entities need no timer of their own and a restart
// forgets nothing: what was missed is due at once.
type timers struct {
	sys   *System
	timer *time.Timer
	next  time.Time // when the timer fires; zero: it does not
	zones map[string]*time.Location

	offersFrom time.Time // no offer is over before: nobody could take one while the desk was down
}

// offerGrace is what agents have, after a start, to be seen at what was offered to them.
const offerGrace = 20 * time.Second

const maxDueAtOnce = 500

func (t *timers) Receive(c actor.Context) {
	switch m := c.Message().(type) {
	case *actor.Started:
		t.offersFrom = time.Now().Add(offerGrace)
		t.planAll(func(desk.Agent) bool { return true })
		t.fire(c)
	case *tick:
		t.fire(c)
	case *happened:
		if t.replan(m.record) {
			return // its answer will be a plan with a time of its own
		}
		if desk.StreamID(m.record.Stream).Kind() == desk.KindSide { // its ticket is to be told now
			t.fire(c)
			return
		}
		// Nearly all reservations are settled long before they lapse: the index is asked when the first one might.
		until := firstDue(m.record)
		if t.next.IsZero() || until.Before(t.next) {
			t.again(c, max(time.Until(until), time.Millisecond))
		}
	case *actor.Stopping:
		if t.timer != nil {
			t.timer.Stop()
		}
	}
}

func (t *timers) fire(c actor.Context) {
	now := time.Now()
	due, err := t.sys.index.Due(now.UnixMilli(), maxDueAtOnce)
	if err != nil {
		t.sys.log.Error("read what is due", "err", err)
		t.again(c, time.Second)
		return
	}
	woken, held := map[desk.StreamID]bool{}, 0
	for _, d := range due {
		switch d.Stream.Kind() {
		case desk.KindAgent:
			if d.Name == persistence.DueAvailability {
				t.plan(desk.AgentID(d.Stream.ID()))
			} else if d.Name == persistence.DueAbsence {
				t.sys.root.Send(t.sys.assignment, &absenceDue{agent: desk.AgentID(d.Stream.ID())})
			} else if !woken[d.Stream] {
				woken[d.Stream] = true
				t.sys.ask(d.Stream, deskpb.NewCommand(&deskpb.LapseReservations{}), func(desk.Done, error) {})
			}
		case desk.KindConversation:
			if d.Name == persistence.DueOffer && now.Before(t.offersFrom) {
				held++
				continue
			}
			t.conversation(d)
		}
	}
	if held > 0 && held == len(due) {
		t.again(c, time.Second)
		return
	}
	if len(due) > 0 {
		t.again(c, 100*time.Millisecond) // until the index says that they are done
		return
	}
	next, ok, err := t.sys.index.NextDue()
	switch {
	case err != nil:
		t.sys.log.Error("read what is due next", "err", err)
		t.again(c, time.Second)
	case ok:
		t.again(c, max(time.UnixMilli(next.AtMs).Sub(now), time.Millisecond))
	default:
		t.next = time.Time{}
	}
}

func (t *timers) again(c actor.Context, d time.Duration) {
	if t.timer != nil {
		t.timer.Stop()
	}
	root, self := t.sys.root, c.Self()
	t.next = time.Now().Add(d)
	t.timer = time.AfterFunc(d, func() { root.Send(self, &tick{}) })
}
