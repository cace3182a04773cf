package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func by(policy deskpb.RoutingPolicy, agents ...string) *deskpb.RoutingRule {
	r := rule(agents...)
	r.Policy = policy
	return r
}

const (
	leastShare  = deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_SHARE
	roundRobin  = deskpb.RoutingPolicy_ROUTING_POLICY_ROUND_ROBIN
	weighted    = deskpb.RoutingPolicy_ROUTING_POLICY_WEIGHTED
	longestIdle = deskpb.RoutingPolicy_ROUTING_POLICY_LONGEST_IDLE
	random      = deskpb.RoutingPolicy_ROUTING_POLICY_RANDOM
)

func TestPolicies(t *testing.T) {
	t.Parallel()
	sticky := by(roundRobin, "ana", "ben")
	sticky.Sticky = true
	for _, c := range []struct {
		name, agent, code, text, other string // other: the verdict on the one not chosen
		q                              desk.Question
		r                              *desk.Roster
	}{
		{name: "share: half of four before two thirds of three", agent: "ben", code: "assigned_least_share", other: "larger_share",
			text: "Ben has 2 of at most 4 open, the smallest share of 2 available.",
			q:    desk.Question{Rule: by(leastShare, "ana", "ben")}, r: roster(member("ana", true, 2, 3, 0), member("ben", true, 2, 4, 0))},
		{name: "share: no limit is measured by the largest limit", agent: "ana", code: "assigned_least_share", other: "larger_share",
			text: "Ana has 4 open and no limit, the smallest share of 2 available.",
			q:    desk.Question{Rule: by(leastShare, "ana", "ben")}, r: roster(member("ana", true, 4, 0, 0), member("ben", true, 5, 10, 0))},
		{name: "share: nobody has a limit: the fewest", agent: "ben", code: "assigned_least_share", other: "larger_share",
			q: desk.Question{Rule: by(leastShare, "ana", "ben")}, r: roster(member("ana", true, 4, 0, 0), member("ben", true, 3, 0, 0))},
		{name: "idle: whatever the load", agent: "ana", code: "assigned_longest_idle", other: "less_idle",
			text: "Ana has been the longest without a new ticket of 2 available.",
			q:    desk.Question{Rule: by(longestIdle, "ana", "ben")}, r: roster(member("ana", true, 9, 0, 10), member("ben", true, 0, 0, 20))},
		{name: "sticky: the last agent before whose turn it is", agent: "ben", code: "assigned_last_agent", other: "passed_over",
			text: "Ben had this contact's last ticket.",
			q:    desk.Question{Rule: sticky, LastAgent: "ben", Turns: "ch"}, r: roster(member("ana", true, 0, 0, 0), member("ben", true, 5, 0, 20))},
		{name: "sticky: away, so the policy", agent: "ana", code: "assigned_round_robin", other: "away",
			text: "Ana was the only one available. (The contact's last agent Ben is away.)",
			q:    desk.Question{Rule: sticky, LastAgent: "ben", Turns: "ch"}, r: roster(member("ana", true, 0, 0, 0), member("ben", false, 5, 0, 20))},
		{name: "sticky: not in the rule", agent: "ana", code: "assigned_round_robin", other: "later_turn",
			text: "It was Ana's turn: each of 2 available gets one before anyone gets a second. (The contact's last agent zoe is not in the rule.)",
			q:    desk.Question{Rule: sticky, LastAgent: "zoe", Turns: "ch"}, r: roster(member("ana", true, 0, 0, 0), member("ben", true, 5, 0, 20))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := desk.Choose(c.q, c.r)
			if string(got.Agent) != c.agent || got.Reason.Code != c.code {
				t.Fatalf("got %s %s (%s)", got.Agent, got.Reason.Code, got.Reason.Text)
			}
			if c.text != "" && got.Reason.Text != c.text {
				t.Errorf("text %q, want %q", got.Reason.Text, c.text)
			}
			if n := len(got.Reason.Candidates); n != 2 || got.Reason.Candidates[1].Verdict != c.other {
				t.Errorf("candidates %v, want the other %s", got.Reason.Candidates, c.other)
			}
		})
	}
}

func TestADrawDependsOnTheTicketAlone(t *testing.T) {
	t.Parallel()
	names := []string{"ana", "ben", "cleo", "dan"}
	r := roster()
	for _, n := range names {
		r.Agents[desk.AgentID(n)] = member(n, true, 0, 0, 0)
	}
	won := map[desk.AgentID]int{}
	for i := range 4000 {
		q := desk.Question{Rule: by(random, names...), Seed: fmt.Sprintf("cv_%d", i)}
		a := desk.Choose(q, r)
		if b := desk.Choose(q, r); a.Agent != b.Agent {
			t.Fatalf("%s drew %s, then %s", q.Seed, a.Agent, b.Agent)
		}
		won[a.Agent]++
	}
	for _, n := range names {
		if got := won[desk.AgentID(n)]; got < 900 || got > 1100 { // 1000 with a standard deviation of 27
			t.Errorf("%s was drawn %d times of 4000", n, got)
		}
	}
}

// rounds plays tickets through a rule, with rows that follow facts as the index folds them.
type rounds struct {
	t    *testing.T
	rule *deskpb.RoutingRule
	rows map[desk.AgentID]*deskpb.AgentSummary
	at   int64
}

func play(t *testing.T, rule *deskpb.RoutingRule) *rounds {
	g := &rounds{t: t, rule: rule, rows: map[desk.AgentID]*deskpb.AgentSummary{}}
	for _, n := range rule.Agents {
		g.rows[desk.AgentID(n)] = member(n, true, 0, 0, 0)
	}
	return g
}

// roster is what a program that starts now would read.
func (g *rounds) roster() *desk.Roster {
	r := roster()
	for id, row := range g.rows {
		r.Agents[id] = row
	}
	return r
}

func (g *rounds) fact(id desk.AgentID, ev desk.Event) {
	g.at++
	g.rows[id] = desk.ProjectAgent(proto.CloneOf(g.rows[id]), &deskpb.Record{Stream: string(id.Stream()), AtMs: g.at, Event: ev})
}

// one gives out a ticket.
func (g *rounds) one() desk.Choice {
	g.t.Helper()
	c := desk.Choose(desk.Question{Rule: g.rule, Turns: "ch"}, g.roster())
	if c.Agent == "" {
		g.t.Fatal(c.Reason.Text)
	}
	g.fact(c.Agent, deskpb.NewEvent(&deskpb.PlaceReserved{Reservation: "r", Conversation: "c", Turn: c.Turn}))
	return c
}

func (g *rounds) several(n int) (ids []string) {
	for range n {
		ids = append(ids, string(g.one().Agent))
	}
	return ids
}

func sorted(ids []string) string { slices.Sort(ids); return fmt.Sprint(ids) }

// RTE-14, RTE-15: one each before anyone gets a second; who comes in the middle of a round joins it, and it is not begun anew. Each ticket
// is chosen from rows alone, as after a restart.
func TestRoundRobin(t *testing.T) {
	t.Parallel()
	g := play(t, by(roundRobin, "ana", "ben", "cleo", "dan"))
	g.rows["dan"].Available = false
	for range 3 {
		if got := sorted(g.several(3)); got != "[ana ben cleo]" {
			t.Fatalf("a round gave %s", got)
		}
	}
	first := g.one().Agent // the fourth round has begun
	g.rows["dan"].Available = true
	rest := g.several(3)
	if got := sorted(append(slices.Clone(rest), string(first))); got != "[ana ben cleo dan]" {
		t.Fatalf("the round in which dan came gave %s and %v", first, rest)
	}
	if got := sorted(g.several(4)); got != "[ana ben cleo dan]" {
		t.Fatalf("the round after dan came gave %s: he must not be paid for those he missed", got)
	}
	// A promise that comes to nothing gives the turn back: it is still his.
	c := g.one()
	g.fact(c.Agent, deskpb.NewEvent(&deskpb.PlaceFreed{Conversation: "c", Reservation: "r", Cause: "lapsed", Turn: c.Turn}))
	if got := sorted(g.several(4)); got != "[ana ben cleo dan]" {
		t.Fatalf("after a lapsed promise the round gave %s", got)
	}
	if got := g.one(); got.Turn.Round != c.Turn.Round+1 {
		t.Errorf("round %d, want %d", got.Turn.Round, c.Turn.Round+1)
	}
}

func TestRoundsCountWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	r := roster(member("ana", true, 0, 0, 0), member("ben", true, 0, 0, 0), member("cleo", true, 0, 0, 0))
	q := desk.Question{Rule: by(roundRobin, "ana", "ben", "cleo"), Turns: "ch"}
	var ids []string
	var last desk.Choice
	for range 3 { // nobody's row has changed yet
		last = desk.Choose(q, r)
		r.Promise(last, 1000)
		ids = append(ids, string(last.Agent))
	}
	if got := sorted(ids); got != "[ana ben cleo]" {
		t.Fatal(got)
	}
	r.Settle(last) // declined: his row does not know of it
	if again := desk.Choose(q, r); again.Agent != last.Agent || again.Turn.Round != last.Turn.Round {
		t.Errorf("the turn that was not taken went to %s in round %d", again.Agent, again.Turn.Round)
	}
}

func TestWeightedRoundsGiveEachAsManyAsTheirWeight(t *testing.T) {
	t.Parallel()
	r := by(weighted, "ana", "ben", "cleo")
	r.Weights = []*deskpb.RoutingWeight{{Agent: "ana", Weight: 3}, {Agent: "ben", Weight: 2}}
	g := play(t, r)
	for range 4 {
		ids := g.several(6)
		if got := sorted(slices.Clone(ids)); got != "[ana ana ana ben ben cleo]" {
			t.Fatalf("a round gave %v", ids)
		}
		if ids[0] == ids[1] && ids[1] == ids[2] {
			t.Errorf("a round of %v: turns of one agent are spread over it", ids)
		}
	}
	first := g.one()
	weight := map[desk.AgentID]int{"ana": 3, "ben": 2, "cleo": 1}[first.Agent]
	if want := fmt.Sprintf("It was %s's turn: number 1 of %d in this round, with 3 available.", g.rows[first.Agent].Name, weight); first.Reason.Text != want {
		t.Errorf("text %q, want %q", first.Reason.Text, want)
	}
}

func TestAPolicyThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for field, r := range map[string]*deskpb.RoutingRule{
		"routing.policy":            {Policy: 99},
		"routing.weights[0].agent":  {Weights: []*deskpb.RoutingWeight{{Weight: 1}}},
		"routing.weights[0].weight": {Weights: []*deskpb.RoutingWeight{{Agent: "ana"}}},
		"routing.weights[1].agent":  {Weights: []*deskpb.RoutingWeight{{Agent: "ana", Weight: 2}, {Agent: "ana", Weight: 3}}},
	} {
		_, err := desk.Channels.Decide(desk.Channels.Initial(), deskpb.NewCommand(&deskpb.ConnectChannel{Channel: &deskpb.ChannelConnected{
			Kind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Name: "Support", Routing: r,
		}}))
		var refused *desk.Error
		if !errors.As(err, &refused) || refused.Field != field {
			t.Errorf("want a fault at %s, got %v", field, err)
		}
	}
}
