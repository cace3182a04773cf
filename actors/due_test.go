package actors_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// What is due first is served first among tickets that are equally urgent, whatever came first, also after a time was set or taken off while it waited,
// and after a restart.
func TestWhatIsDueFirstIsServedFirst(t *testing.T) {
	for name, restart := range map[string]bool{"in one life": false, "after another begins": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := memory.New()
				l := start(t, store, actors.Tuning{})
				ana := l.agent("ana", 9, false)
				promises := to(ana)
				promises.Defaults = &deskpb.TicketDefaults{AnswerWithinMinutes: 60}
				_, plain := l.channel("plain@desk.example", to(ana))
				_, due := l.channel("due@desk.example", promises)
				began := time.Now().UnixMilli()
				arrive := func(w *wire, id string) desk.ConversationID {
					must(t, w.deliver(mail(id, id+"@shop.example", "help")))
					synctest.Wait()
					defer time.Sleep(time.Second)
					return desk.ConversationID(l.latest().Conversation)
				}
				first := arrive(plain, "first")
				second := arrive(due, "second")
				third := arrive(due, "third")
				fourth := arrive(plain, "fourth")
				fifth := arrive(due, "fifth")
				if got := l.ticket(second).DueMs - began; got != time.Hour.Milliseconds()+1000 {
					t.Errorf("the second is due after %d ms", got)
				}
				l.do(fourth.Stream(), deskpb.NewCommand(&deskpb.SetTicketDue{DueMs: time.Now().Add(time.Minute).UnixMilli()}))
				l.do(second.Stream(), deskpb.NewCommand(&deskpb.SetTicketDue{}))
				l.do(fifth.Stream(), deskpb.NewCommand(&deskpb.SetTicketPriority{Priority: deskpb.Priority_PRIORITY_URGENT}))
				synctest.Wait()
				if restart {
					l.stop()
					l = start(t, store, actors.Tuning{}, plain, due)
					synctest.Wait()
				}
				defer l.stop()
				want := []desk.ConversationID{fifth, fourth, third, first, second}
				var line []desk.ConversationID
				for row, err := range l.store.Index().Line() {
					must(t, err)
					line = append(line, desk.ConversationID(row.Conversation))
				}
				for i := range want {
					if len(line) != len(want) || line[i] != want[i] {
						t.Fatalf("the line as it is shown: %v, want %v", line, want)
					}
				}
				l.do(ana.Stream(), deskpb.NewCommand(&deskpb.ChangeAgent{Agent: &deskpb.AgentChanged{Name: "ana", Role: deskpb.Role_ROLE_AGENT, Seat: true, Capacity: 1}}))
				l.available(ana, true)
				for i, conv := range want {
					synctest.Wait()
					if got := l.ticket(conv); got.Owner != "ana" {
						t.Fatalf("%d: %v", i, got)
					}
					l.do(conv.Stream(), deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
				}
			})
		})
	}
}
