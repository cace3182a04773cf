package actors_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// Scenario 2, nobody there, then somebody: five tickets wait with the reason; who comes gets the two oldest at once and the third when one is
// closed; the rest stay, in order. When being away does not matter, the same five are spread at once.
func TestScenario2NobodyThereThenSomebody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana, ben, eva := l.agent("ana", 9, false), l.agent("ben", 2, false), l.agent("eva", 9, false)
		_, w := l.channel("support@desk.example", to(ana, ben, eva))
		var tickets []desk.ConversationID
		for i := range 5 {
			must(t, w.deliver(mail(fmt.Sprint("m", i), fmt.Sprintf("c%d@shop.example", i), "help")))
			got := l.latest()
			if got.Owner != "" || !got.InLine || got.Reason.Code != "no_available_agent" {
				t.Fatalf("ticket %d: %v", i, got)
			}
			tickets = append(tickets, desk.ConversationID(got.Conversation))
			time.Sleep(time.Second)
			synctest.Wait()
		}
		bens := func(want ...int) {
			t.Helper()
			synctest.Wait()
			for i, id := range tickets {
				owner := ""
				for _, n := range want {
					if n == i {
						owner = "ben"
					}
				}
				if got := l.ticket(id); got.Owner != owner {
					t.Fatalf("ticket %d is %q's, want %q", i, got.Owner, owner)
				}
			}
		}
		l.available(ben, true)
		bens(0, 1)
		l.do(tickets[0].Stream(), deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
		bens(0, 1, 2)
		var line []string
		for row, err := range l.store.Index().Line() {
			must(t, err)
			line = append(line, row.Conversation)
		}
		if fmt.Sprint(line) != fmt.Sprint(tickets[3:]) {
			t.Errorf("the rest: %v, want %v", line, tickets[3:])
		}
	})
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		rule := to(l.agent("ana", 9, false), l.agent("ben", 9, false), l.agent("eva", 9, false))
		rule.IgnoreAvailability = true
		_, w := l.channel("support@desk.example", rule)
		owners := map[string]int{}
		for i := range 5 {
			must(t, w.deliver(mail(fmt.Sprint("m", i), fmt.Sprintf("c%d@shop.example", i), "help")))
			owners[l.latest().Owner]++
		}
		if owners[""] > 0 || len(owners) != 3 || max(owners["ana"], owners["ben"], owners["eva"]) > 2 {
			t.Errorf("spread over those who are away: %v", owners)
		}
	})
}

// Scenario 3, assignment storm: 200 tickets on four channels at once, while people come and go, tickets are closed, somebody goes away between being chosen and
// being told, and two are given by hand over a limit. Every assignment is judged by the journal up to it (see judge), rounds too, and a newcomer
// in the middle of a round joins it.
func TestScenario3AssignmentStorm(t *testing.T) {
	for seed := range uint64(5) {
		synctest.Test(t, func(t *testing.T) {
			store := memory.New()
			l := start(t, store, actors.Tuning{})
			rng := rand.New(rand.NewPCG(seed, 3))
			people := []desk.AgentID{l.agent("two", 2, true), l.agent("three", 3, true), l.agent("five", 5, true)}
			l.do(desk.AgentID("guest").Stream(), deskpb.NewCommand(&deskpb.AddAgent{Agent: &deskpb.AgentAdded{Email: "guest@desk.example", Name: "guest", Role: deskpb.Role_ROLE_AGENT}}))
			l.available("guest", true)
			newcomer := l.agent("newcomer", 4, true)
			l.team("crew", "two", "three", "five", "guest")
			rule := &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Teams: []string{"crew"}, Policy: deskpb.RoutingPolicy_ROUTING_POLICY_ROUND_ROBIN}
			var wires []*wire
			for i := range 4 {
				_, w := l.channel(fmt.Sprintf("ch%d@desk.example", i), rule)
				wires = append(wires, w)
			}
			tell := func(stream desk.StreamID, m proto.Message) {
				go func() { _, _ = l.sys.Do(context.Background(), stream, deskpb.NewCommand(m)) }()
			}
			for i := range 200 {
				go func() { _ = wires[i%4].deliver(mail(fmt.Sprint("m", i), fmt.Sprintf("c%d@shop.example", i), "help")) }()
			}
			closeOne := func() {
				for _, x := range l.tickets(desk.ViewOpen) {
					if x.Owner != "" && rng.IntN(3) == 0 {
						tell(desk.ConversationID(x.Conversation).Stream(), &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})
					}
				}
			}
			for i := range 300 {
				a := people[rng.IntN(len(people))]
				tell(a.Stream(), &deskpb.SetAvailability{Available: false}) // also of who was chosen just now
				closeOne()
				tell(a.Stream(), &deskpb.SetAvailability{Available: true})
				if i == 150 {
					tell(desk.TeamID("crew").Stream(), &deskpb.ChangeTeam{Team: &deskpb.TeamChanged{Name: "crew", Members: []*deskpb.TeamMember{
						{Agent: "two", Main: true}, {Agent: "three", Main: true}, {Agent: "five", Main: true}, {Agent: "guest", Main: true}, {Agent: string(newcomer), Main: true},
					}}})
				}
				if rng.IntN(4) == 0 {
					time.Sleep(time.Millisecond)
					synctest.Wait()
				}
			}
			synctest.Wait()
			waiting := l.tickets(desk.ViewUnassigned)
			for i, x := range waiting {
				if i < 2 { // by hand, whatever his limit says
					l.do(desk.ConversationID(x.Conversation).Stream(), deskpb.NewCommand(&deskpb.AssignConversation{Agent: "two", AgentName: "two"}))
				}
			}
			time.Sleep(11 * time.Second)
			synctest.Wait()
			j := newJudge(t)
			j.follow(store)
			j.rest()
			hand := 0
			for _, r := range j.records {
				if e := r.Event.GetConversationAssigned(); e != nil && e.Reservation == "" && e.Agent == "two" {
					hand++
				}
			}
			if len(j.tickets) != 200 || j.automatic < 50 || hand != min(2, len(waiting)) || j.agents["newcomer"] == nil {
				t.Errorf("seed %d: %d tickets, %d given away, %d by hand: this shows nothing", seed, len(j.tickets), j.automatic, hand)
			}
			l.stop()
		})
	}
}
