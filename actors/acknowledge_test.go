package actors_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// acknowledging makes a kind whose channels answer by machine.
func acknowledging(k *channels.Kind) {
	k.Acknowledger = func(json.RawMessage) func(channels.Received) *channels.Acknowledgement {
		return func(r channels.Received) *channels.Acknowledgement {
			if r.From == "machine@customer.example" {
				return nil
			}
			return &channels.Acknowledgement{Subject: "Re: " + r.Subject, Text: "We have it, " + r.ContactName, Later: true}
		}
	}
}

// machines counts what the desk itself wrote to an address.
func machines(to string, wires ...*wire) (n int) {
	for _, w := range wires {
		for _, out := range w.outbox() {
			if out.Automatic && out.To[0].Address == to {
				n++
			}
		}
	}
	return n
}

// Whatever comes how often, over how many channels and restarts: one sender is answered by machine once a day in a conversation, and
// twice within minutes at most.
func TestAcknowledgementsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := startAs(t, store, actors.Tuning{}, acknowledging)
		_, a := l.channel("a@desk.example", nil)
		_, b := l.channel("b@desk.example", nil)
		var all sync.WaitGroup
		for i := range 20 {
			for _, w := range []*wire{a, b} {
				for range 2 { // each comes twice
					all.Go(func() { must(t, w.deliver(mail(fmt.Sprintf("m%d-%s", i, w.address), "carla@shop.example", "hello"))) })
				}
			}
		}
		all.Wait()
		synctest.Wait()
		if n := machines("carla@shop.example", a, b); n != desk.AnswersAtOnce {
			t.Errorf("40 mails at once were answered %d times", n)
		}
		must(t, a.deliver(mail("d1", "dora@shop.example", "hello")))
		for i := range 5 {
			must(t, a.deliver(mail(fmt.Sprintf("e%d", i), "dora@shop.example", "again", "mid:d1")))
		}
		automatic := mail("x1", "away@shop.example", "I am away")
		automatic.Message.Automatic = "auto-reply"
		must(t, a.deliver(automatic))
		must(t, a.deliver(mail("own", "b@desk.example", "from ourselves")))
		must(t, a.deliver(mail("machine", "machine@customer.example", "not to this one")))
		synctest.Wait()
		for address, want := range map[string]int{"dora@shop.example": 1, "away@shop.example": 0, "b@desk.example": 0, "machine@customer.example": 0} {
			if n := machines(address, a, b); n != want {
				t.Errorf("%s was answered %d times, not %d", address, n, want)
			}
		}
		for _, out := range a.outbox() {
			if out.Automatic && (out.AgentName != "" || out.Body.Text == "" || len(out.ThreadKeys) == 0 || out.InReplyTo == "") {
				t.Errorf("an acknowledgement: %+v", out)
			}
		}
		l.stop()

		l = startAs(t, store, actors.Tuning{}, acknowledging)
		defer l.stop()
		synctest.Wait()
		a = l.wires["a@desk.example"]
		must(t, a.deliver(mail("later1", "carla@shop.example", "hello")))
		must(t, a.deliver(mail("later2", "dora@shop.example", "hello", "mid:d1")))
		synctest.Wait()
		if n := machines("carla@shop.example", a) + machines("dora@shop.example", a); n != 0 {
			t.Errorf("after a restart the limits are forgotten: %d answers", n)
		}
		time.Sleep(25 * time.Hour) // fake time
		must(t, a.deliver(mail("later3", "dora@shop.example", "hello", "mid:d1")))
		synctest.Wait()
		if n := machines("dora@shop.example", a); n != 1 {
			t.Errorf("the next day: %d answers", n)
		}
		for _, tk := range l.tickets(desk.ViewOpen) {
			if tk.Status != deskpb.TicketStatus_TICKET_STATUS_NEW && tk.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US || tk.FirstReplyAtMs != 0 {
				t.Errorf("an acknowledgement changed a ticket: %v", tk)
			}
		}
	})
}
