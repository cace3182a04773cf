package actors_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// An attempt of which nobody can tell is looked for again: its copy may appear later.
func TestAnUnknownReplyIsFoundLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 5, true)
		_, w := l.channel("support@desk.example", nil)
		w.onSend = func(desk.Outbound) (string, error) {
			return "", &channels.Error{Class: channels.Unknown, Reason: "no answer"}
		}
		begun := time.Now()
		w.found = func(desk.Outbound) (bool, error) {
			if time.Since(begun) < time.Minute {
				return false, errors.New("cannot tell yet")
			}
			return true, nil
		}
		must(t, w.deliver(mail("m1", "carla@shop.example", "help")))
		synctest.Wait()
		conv := l.tickets(desk.ViewOpen)[0].Conversation
		l.reply(conv, "r1", "hello", ana)
		synctest.Wait()
		for _, want := range []struct {
			after time.Duration
			state deskpb.DeliveryState
		}{{0, deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN}, {time.Minute, deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN}, {3 * time.Minute, deskpb.DeliveryState_DELIVERY_STATE_SENT}} {
			time.Sleep(want.after)
			synctest.Wait()
			if state, ok := delivery(l, conv, "r1"); state != want.state || !ok {
				t.Errorf("after %v it is %v, want %v (in order: %v)", time.Since(begun), state, want.state, ok)
			}
		}
		if n := len(w.outbox()); n != 1 {
			t.Errorf("sent %d times", n)
		}
	})
}
