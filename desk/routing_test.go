package desk_test

import (
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func member(id string, available bool, load, capacity int32, last int64) desk.Agent {
	return &deskpb.AgentSummary{Agent: id, Name: strings.ToUpper(id[:1]) + id[1:], Seat: true, Available: available, Load: load, Capacity: capacity, LastAssignedAtMs: last}
}

func roster(as ...desk.Agent) *desk.Roster {
	r := &desk.Roster{Agents: map[desk.AgentID]desk.Agent{}, Teams: map[desk.TeamID]desk.Team{}, Promised: map[desk.AgentID]desk.ByGroup{}}
	for _, a := range as {
		r.Agents[desk.AgentID(a.Agent)] = a
	}
	return r
}

func rule(agents ...string) *deskpb.RoutingRule {
	return &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Agents: agents}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	owner := func(agents ...string) *deskpb.RoutingRule {
		r := rule(agents...)
		r.Mode = deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER
		return r
	}
	anyone := rule("ana", "ben")
	anyone.IgnoreAvailability = true
	unseated := member("ana", true, 0, 0, 0)
	unseated.Seat = false
	inTeam := roster(member("ana", true, 0, 0, 0), member("ben", true, 3, 0, 0))
	inTeam.Teams["t"] = &deskpb.TeamSummary{Team: "t", Members: []*deskpb.TeamMember{{Agent: "ana"}, {Agent: "ben", Main: true}}}
	here := member("ben", true, 3, 0, 0)
	here.Connected = true
	promised := roster(member("ana", true, 1, 2, 0), member("ben", true, 2, 9, 0))
	promised.Promised["ana"] = desk.ByGroup{Email: 1}
	for _, c := range []struct {
		name, agent, code, text string
		waiting                 bool
		q                       desk.Question
		r                       *desk.Roster
	}{
		{name: "nobody", code: "no_rule", q: desk.Question{Rule: &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_NOBODY}}, r: roster()},
		{name: "no rule", code: "no_rule", q: desk.Question{}, r: roster()},
		{name: "fewest tickets", agent: "ben", code: "assigned_least_loaded", text: "Ben has 1 open, the fewest of 2 available.",
			q: desk.Question{Rule: rule("ana", "ben")}, r: roster(member("ana", true, 2, 0, 0), member("ben", true, 1, 0, 0))},
		{name: "tie: longest idle", agent: "ben", code: "assigned_least_loaded",
			q: desk.Question{Rule: rule("ana", "ben")}, r: roster(member("ana", true, 1, 0, 20), member("ben", true, 1, 0, 10))},
		{name: "away is out", agent: "ana", code: "assigned_least_loaded", text: "Ana was the only one available.",
			q: desk.Question{Rule: rule("ana", "ben")}, r: roster(member("ana", true, 9, 0, 0), member("ben", false, 0, 0, 0))},
		{name: "who let it pass is out", agent: "ana", code: "assigned_least_loaded", text: "Ana was the only one available who had not let it pass.",
			q: desk.Question{Rule: rule("ana", "ben"), Declined: map[desk.AgentID]string{"ben": desk.NotTaken}}, r: roster(member("ana", true, 9, 0, 0), member("ben", true, 0, 0, 0))},
		{name: "unless availability is ignored", agent: "ben", code: "assigned_least_loaded",
			q: desk.Question{Rule: anyone}, r: roster(member("ana", true, 9, 0, 0), member("ben", false, 0, 0, 0))},
		{name: "a chat: only who is connected", agent: "ben", code: "assigned_least_loaded", text: "Ben was the only one available.",
			q: desk.Question{Rule: rule("ana", "ben"), Live: true}, r: roster(member("ana", true, 0, 0, 0), here)},
		{name: "a chat, and availability is ignored", agent: "ana", code: "assigned_least_loaded",
			q: desk.Question{Rule: anyone, Live: true}, r: roster(member("ana", false, 0, 0, 0), here)},
		{name: "mail does not ask who is connected", agent: "ana", code: "assigned_least_loaded",
			q: desk.Question{Rule: rule("ana", "ben")}, r: roster(member("ana", true, 0, 0, 0), here)},
		{name: "a chat, and nobody is connected", code: "no_available_agent", waiting: true, text: "Waiting: nobody is available (1 away, 1 not connected).",
			q: desk.Question{Rule: rule("ana", "zoe"), Live: true}, r: roster(member("ana", true, 0, 0, 0), member("zoe", false, 0, 0, 0))},
		{name: "a chat whose contact's owner is not connected", agent: "ben", code: "assigned_least_loaded", text: "Ben was the only one available. (The contact's owner Ana is not connected.)",
			q: desk.Question{Rule: owner("ben"), ContactOwner: "ana", Recognised: true, Live: true}, r: roster(member("ana", true, 0, 0, 0), here)},
		{name: "all away", code: "no_available_agent", waiting: true, text: "Waiting: nobody is available (2 away).",
			q: desk.Question{Rule: rule("ana", "ben")}, r: roster(member("ana", false, 0, 0, 0), member("ben", false, 0, 0, 0))},
		{name: "all full", code: "all_at_capacity", waiting: true,
			q: desk.Question{Rule: rule("ana", "ben")}, r: roster(member("ana", true, 2, 2, 0), member("ben", true, 1, 1, 0))},
		{name: "some away, the rest full", code: "all_at_capacity", waiting: true,
			q: desk.Question{Rule: rule("ana", "ben")}, r: roster(member("ana", true, 2, 2, 0), member("ben", false, 1, 1, 0))},
		{name: "promises count", agent: "ben", code: "assigned_least_loaded", q: desk.Question{Rule: rule("ana", "ben")}, r: promised},
		{name: "no seat", code: "no_eligible_agent", waiting: true, q: desk.Question{Rule: rule("ana", "zoe")}, r: roster(unseated)},
		{name: "only main members", agent: "ben", code: "assigned_least_loaded",
			q: desk.Question{Rule: &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Teams: []string{"t"}}}, r: inTeam},
		{name: "declined", agent: "ben", code: "assigned_least_loaded",
			q: desk.Question{Rule: rule("ana", "ben"), Declined: map[desk.AgentID]string{"ana": "away"}}, r: roster(member("ana", true, 0, 0, 0), member("ben", true, 1, 0, 0))},
		{name: "contact owner", agent: "ana", code: "assigned_contact_owner",
			q: desk.Question{Rule: owner("ben"), ContactOwner: "ana", Recognised: true}, r: roster(member("ana", true, 9, 0, 0), member("ben", true, 0, 0, 0))},
		{name: "contact owner away: fallback", agent: "ben", code: "assigned_least_loaded", text: "Ben was the only one available. (The contact's owner Ana is away.)",
			q: desk.Question{Rule: owner("ben"), ContactOwner: "ana", Recognised: true}, r: roster(member("ana", false, 9, 0, 0), member("ben", true, 0, 0, 0))},
		{name: "not recognised: fallback", agent: "ben", code: "assigned_least_loaded",
			q: desk.Question{Rule: owner("ben"), ContactOwner: "ana"}, r: roster(member("ana", true, 9, 0, 0), member("ben", true, 0, 0, 0))},
		{name: "contact owner away, nobody else", code: "owner_offline", waiting: true,
			q: desk.Question{Rule: owner(), ContactOwner: "ana", Recognised: true}, r: roster(member("ana", false, 9, 0, 0))},
		{name: "no contact owner, nobody else", code: "owner_none", q: desk.Question{Rule: owner()}, r: roster()},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := desk.Choose(c.q, c.r)
			if string(got.Agent) != c.agent || got.Reason.Code != c.code || got.Waiting != c.waiting {
				t.Errorf("got %s %s waiting=%v (%s), want %s %s waiting=%v", got.Agent, got.Reason.Code, got.Waiting, got.Reason.Text, c.agent, c.code, c.waiting)
			}
			if c.text != "" && got.Reason.Text != c.text {
				t.Errorf("text %q, want %q", got.Reason.Text, c.text)
			}
			chosen := 0
			for _, k := range got.Reason.Candidates {
				if k.Verdict == "chosen" {
					chosen++
				}
				if k.Verdict == "eligible" {
					t.Errorf("%s was eligible and not said why not chosen", k.Agent)
				}
			}
			if (got.Agent != "") != (chosen == 1) {
				t.Errorf("%d candidates are called chosen", chosen)
			}
		})
	}
}

func TestTheChosenOneIsExplainedAmongMany(t *testing.T) {
	t.Parallel()
	r := roster()
	var ids []string
	for i := range 50 {
		id := "a" + strings.Repeat("z", i)
		ids = append(ids, id)
		r.Agents[desk.AgentID(id)] = member(id, true, int32(50-i), 0, 0)
	}
	got := desk.Choose(desk.Question{Rule: rule(ids...)}, r)
	if string(got.Agent) != ids[49] || len(got.Reason.Candidates) != 20 || got.Reason.Considered != 50 {
		t.Fatalf("%v", got)
	}
	if first := got.Reason.Candidates[0]; first.Agent != ids[49] || first.Verdict != "chosen" {
		t.Fatalf("the chosen one is not the first of the candidates: %v", first)
	}
	if next := got.Reason.Candidates[1]; next.Agent != ids[48] || next.Verdict != "more_loaded" {
		t.Fatalf("the second best does not come next: %v", next)
	}
}
