package actors_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

func (l *life) team(id string, main ...desk.AgentID) {
	l.t.Helper()
	m := &deskpb.TeamAdded{Name: id}
	for _, a := range main {
		m.Members = append(m.Members, &deskpb.TeamMember{Agent: string(a), Main: true})
	}
	l.do(desk.TeamID(id).Stream(), deskpb.NewCommand(&deskpb.AddTeam{Team: m}))
}

// The rules look at what was written and at what the channel gives its tickets; what a ticket is changed to counts while it is in line.
func TestRulesOfAChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana, ben, eva := l.agent("ana", 9, true), l.agent("ben", 9, true), l.agent("eva", 9, true)
		rule := to(ben)
		rule.Defaults = &deskpb.TicketDefaults{
			Priority: deskpb.Priority_PRIORITY_HIGH, Tags: []string{"tg_shop"}, Properties: []*deskpb.PropertyDefault{{Property: "pr_plan", Value: "gold"}},
		}
		rule.Steps = []*deskpb.RoutingStep{
			{Id: "r1", Name: "Spanish", When: &deskpb.RoutingConditions{Languages: []string{"es"}}, Then: to(eva)},
			{Id: "r2", Name: "Refunds", When: &deskpb.RoutingConditions{Words: []string{"refund"}, Ticket: `{"tags":{"all":["tg_shop"]},"priority":["high"],"properties":[{"property":"pr_plan","equals":"gold"}]}`}, Then: to(ana)},
		}
		_, w := l.channel("support@desk.example", rule)
		for i, c := range []struct{ text, owner, by string }{
			{"Hola, ¿dónde está mi pedido? Gracias", "eva", "r1"}, {"I want a refund, please", "ana", "r2"}, {"Where is it?", "ben", ""},
		} {
			must(t, w.deliver(mail(string(rune('a'+i)), "carla@shop.example", c.text)))
			got := l.latest()
			if got.Owner != c.owner || got.Reason.Rule != c.by || got.Priority != deskpb.Priority_PRIORITY_HIGH || len(got.Tags) != 1 || got.Properties["pr_plan"] != "gold" {
				t.Errorf("%q: %s got it by %q: %v", c.text, got.Owner, got.Reason.Rule, got)
			}
			if len(got.Routing.GetSteps()) > 1 || got.Routing.GetDefaults() != nil {
				t.Errorf("the ticket carries its channel's rules: %v", got.Routing)
			}
		}
		l.available(ben, false)
		must(t, w.deliver(mail("w", "carla@shop.example", "Where is it?")))
		waits := l.latest()
		if waits.Owner != "" || !waits.InLine {
			t.Fatalf("%v", waits)
		}
		trial, err := l.sys.TryRouting(context.Background(), desk.RoutingTrial{About: desk.About{Ticket: waits}})
		must(t, err)
		if trial.Agent != "" || len(trial.Tried) != 3 || trial.Tried[0].Failed != "language" || trial.Tried[1].Failed != "words" || trial.Tried[2].Failed != "nobody" || trial.Tried[2].Reason.Candidates[0].Verdict != "away" {
			t.Errorf("explained: %+v", trial)
		}
		version := l.ticket(desk.ConversationID(waits.Conversation)).Version
		made := desk.CloneTicket(waits)
		made.Subject = "Refund"
		if trial, err = l.sys.TryRouting(context.Background(), desk.RoutingTrial{About: desk.About{Ticket: made}}); err != nil || trial.Agent != ana {
			t.Errorf("made up: %+v %v", trial, err)
		}
		synctest.Wait()
		if row := l.ticket(desk.ConversationID(waits.Conversation)); row.Version != version || row.Owner != "" {
			t.Errorf("asking did something: %v", row)
		}
		l.do(desk.ConversationID(waits.Conversation).Stream(), deskpb.NewCommand(&deskpb.SetTicketSubject{Subject: "Refund of order 12"}))
		synctest.Wait()
		if row := l.ticket(desk.ConversationID(waits.Conversation)); row.Owner != "ana" || row.Reason.Rule != "r2" {
			t.Errorf("after it is for another rule: %v", row)
		}
	})
}

// Teams join at their times, however long nobody listened: the times are in the index.
func TestTeamsJoinAtTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		ana, ben, eva := l.agent("ana", 9, false), l.agent("ben", 9, false), l.agent("eva", 9, true)
		l.team("t1", ana)
		l.team("t2", ben)
		l.team("t3", eva)
		rule := &deskpb.RoutingRule{
			Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Teams: []string{"t1"},
			Overflow: []*deskpb.RoutingOverflow{{Team: "t2", AfterSeconds: 300}, {Team: "t3", AfterSeconds: 3600}},
		}
		_, w := l.channel("support@desk.example", rule)
		must(t, w.deliver(mail("m1", "carla@shop.example", "help")))
		conv := desk.ConversationID(l.latest().Conversation)
		begun := time.Now()
		teams := func(l *life) int { return len(l.ticket(conv).Reason.Teams) }
		time.Sleep(299*time.Second + 900*time.Millisecond)
		synctest.Wait()
		if n := teams(l); n != 1 {
			t.Errorf("%d teams before the time", n)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := teams(l); n != 2 || l.ticket(conv).Reason.WidensAtMs != begun.Add(time.Hour).UnixMilli() {
			t.Errorf("%d teams after it: %v", n, l.ticket(conv).Reason)
		}
		l.stop()
		time.Sleep(2 * time.Hour) // nobody is there when the last one's time comes
		next := start(t, store, actors.Tuning{})
		defer next.stop()
		synctest.Wait()
		time.Sleep(time.Second)
		synctest.Wait()
		if row := next.ticket(conv); row.Owner != "eva" {
			t.Errorf("after a stop over the last time: %v", row)
		}
	})
}
