package desk_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

var sightTeams = []desk.Team{
	{Team: "tm_billing", Members: []*deskpb.TeamMember{{Agent: "ag_ana", Main: true}, {Agent: "ag_ben"}}},
	{Team: "tm_sales", Members: []*deskpb.TeamMember{{Agent: "ag_cy", Main: true}}},
}

func agentWith(role deskpb.Role, access deskpb.Access) desk.Agent {
	return &deskpb.AgentSummary{Agent: "ag_ana", Role: role, Access: access}
}

func TestWhoSeesWhichTicket(t *testing.T) {
	t.Parallel()
	const (
		agent = deskpb.Role_ROLE_AGENT
		all   = deskpb.Access_ACCESS_ALL
		team  = deskpb.Access_ACCESS_TEAM
		own   = deskpb.Access_ACCESS_OWN
	)
	teamsRule := &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Teams: []string{"tm_billing"}}
	for name, c := range map[string]struct {
		ticket                *deskpb.TicketSummary
		byAll, byTeam, byOwn_ bool
	}{
		"one's own":                         {&deskpb.TicketSummary{Owner: "ag_ana"}, true, true, true},
		"followed":                          {&deskpb.TicketSummary{Owner: "ag_cy", Followers: []string{"ag_x", "ag_ana"}}, true, true, true},
		"mentioned":                         {&deskpb.TicketSummary{Owner: "ag_cy", Mentioned: []string{"ag_ana"}}, true, true, true},
		"of the team":                       {&deskpb.TicketSummary{Owner: "ag_cy", Team: "tm_billing"}, true, true, false},
		"of a colleague in the team":        {&deskpb.TicketSummary{Owner: "ag_ben"}, true, true, false},
		"of the team, without owner":        {&deskpb.TicketSummary{Team: "tm_billing"}, true, true, false},
		"given to the team by its channel":  {&deskpb.TicketSummary{Routing: teamsRule}, true, true, false},
		"moved to another team":             {&deskpb.TicketSummary{Routing: teamsRule, Team: "tm_sales"}, true, false, false},
		"of another, on the team's channel": {&deskpb.TicketSummary{Routing: teamsRule, Owner: "ag_cy"}, true, false, false},
		"of another team":                   {&deskpb.TicketSummary{Owner: "ag_cy", Team: "tm_sales"}, true, false, false},
		"of nobody":                         {&deskpb.TicketSummary{}, true, false, false},
	} {
		for access, want := range map[deskpb.Access]bool{all: c.byAll, 0: c.byAll, team: c.byTeam, own: c.byOwn_} {
			if got := desk.MaySee(desk.ViewerOf(agentWith(agent, access), sightTeams), c.ticket); got != want {
				t.Errorf("%s: access %v sees it: %v, want %v", name, access, got, want)
			}
		}
		for _, role := range []deskpb.Role{deskpb.Role_ROLE_SUPERVISOR, deskpb.Role_ROLE_ADMINISTRATOR} {
			if !desk.MaySee(desk.ViewerOf(agentWith(role, own), sightTeams), c.ticket) {
				t.Errorf("%s: hidden from %v", name, role)
			}
		}
		if !desk.MaySee(nil, c.ticket) {
			t.Errorf("%s: hidden from the desk itself", name)
		}
		if desk.MaySee(desk.ViewerOf(nil, sightTeams), c.ticket) {
			t.Errorf("%s: shown to nobody", name)
		}
	}
}

// Events that cannot move a ticket in or out of sight must be told apart truly: MovesSight is why a row is told as gone.
func TestOnlyWhatMovesSightChangesIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := desk.ViewerOf(agentWith(deskpb.Role_ROLE_AGENT, deskpb.Access_ACCESS_TEAM), sightTeams)
		row := &deskpb.TicketSummary{
			Owner: rapid.SampledFrom([]string{"", "ag_ana", "ag_ben", "ag_cy"}).Draw(t, "owner"),
			Team:  rapid.SampledFrom([]string{"", "tm_billing", "tm_sales"}).Draw(t, "team"),
		}
		for _, ev := range everyEvent() {
			if desk.MovesSight(ev) {
				continue
			}
			before := desk.MaySee(v, row)
			after := desk.ProjectTicket(desk.CloneTicket(row), &deskpb.Record{Stream: "conversation/cv_1", Version: 2, Position: 2, Event: ev})
			if desk.MaySee(v, after) != before {
				t.Fatalf("%s moves it, and MovesSight denies it", deskpb.KindName(ev))
			}
		}
	})
}

func TestRolesAndAccess(t *testing.T) {
	t.Parallel()
	added := func(role deskpb.Role, access deskpb.Access) error {
		_, err := desk.Agents.Decide(desk.Agents.Initial(), deskpb.NewCommand(&deskpb.AddAgent{Agent: &deskpb.AgentAdded{
			Email: "ana@example.com", Name: "Ana", Role: role, Access: access,
		}}))
		return err
	}
	if err := added(deskpb.Role_ROLE_SUPERVISOR, deskpb.Access_ACCESS_OWN); err != nil {
		t.Error(err)
	}
	if desk.CodeOf(added(4, 0)) != desk.Invalid || desk.CodeOf(added(deskpb.Role_ROLE_AGENT, 4)) != desk.Invalid || desk.CodeOf(added(0, 0)) != desk.Invalid {
		t.Error("a role or an access that is none was taken")
	}
	m := desk.Agents.Initial()
	change := &deskpb.AgentChanged{Name: "Ana", Role: deskpb.Role_ROLE_AGENT, Access: deskpb.Access_ACCESS_TEAM}
	m = desk.Agents.Evolve(m, deskpb.NewEvent(&deskpb.AgentAdded{Email: "ana@example.com", Name: "Ana", Role: deskpb.Role_ROLE_AGENT}))
	events, err := desk.Agents.Decide(m, deskpb.NewCommand(&deskpb.ChangeAgent{Agent: change}))
	if err != nil || len(events) != 1 || events[0].GetAgentChanged().Access != deskpb.Access_ACCESS_TEAM {
		t.Fatalf("%v, %v", events, err)
	}
	m = desk.Agents.Evolve(m, events[0])
	if events, err = desk.Agents.Decide(m, deskpb.NewCommand(&deskpb.ChangeAgent{Agent: change})); err != nil || events != nil {
		t.Errorf("the same again: %v, %v", events, err)
	}
}

// everyEvent is one of each kind of a conversation's events.
func everyEvent() []*deskpb.Event {
	var all []*deskpb.Event
	fields := (&deskpb.Event{}).ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if fd := fields.Get(i); fd.Number() < 50 {
			ev := &deskpb.Event{}
			fill(ev.ProtoReflect().Mutable(fd).Message(), 3)
			all = append(all, ev)
		}
	}
	return all
}
