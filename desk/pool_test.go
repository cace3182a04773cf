package desk_test

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// A pool chooses what a walk over everybody chooses, word for word, whatever happened before.
func TestPoolsChooseAsAWalkDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := make([]string, rapid.IntRange(1, 40).Draw(t, "agents"))
		for i := range names {
			names[i] = fmt.Sprintf("ag_%02d", i)
		}
		one := rapid.SampledFrom(names)
		r := roster()
		pools := desk.NewPools(r)
		w := &wander{pools: pools, r: r}
		for _, n := range names {
			if rapid.IntRange(0, 9).Draw(t, "here") > 0 {
				w.row(t, n)
			}
		}
		pools.SetTeam(&deskpb.TeamSummary{Team: "tm", Members: []*deskpb.TeamMember{{Agent: one.Draw(t, "main"), Main: true}, {Agent: one.Draw(t, "other")}}})
		rules := make([]*deskpb.RoutingRule, 3)
		for i := range rules {
			rules[i] = drawRule(t, names)
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0, 1:
				w.row(t, one.Draw(t, "agent"))
			case 2:
				w.settle(t)
			case 3:
				pools.SetTeam(&deskpb.TeamSummary{Team: "tm", Members: []*deskpb.TeamMember{{Agent: one.Draw(t, "main"), Main: true}, {Agent: "ag_nobody", Main: true}}})
			default:
				w.choose(t, rapid.SampledFrom(rules).Draw(t, "rule"), one)
			}
		}
	})
}

func drawRule(t *rapid.T, names []string) *deskpb.RoutingRule {
	r := &deskpb.RoutingRule{
		Mode:               rapid.SampledFrom([]deskpb.RoutingMode{deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER}).Draw(t, "mode"),
		Agents:             rapid.SliceOf(rapid.SampledFrom(names)).Draw(t, "named"),
		IgnoreAvailability: rapid.Bool().Draw(t, "ignore"),
		Policy:             deskpb.RoutingPolicy(rapid.IntRange(0, 6).Draw(t, "policy")),
		Sticky:             rapid.Bool().Draw(t, "sticky"),
	}
	if rapid.Bool().Draw(t, "team") {
		r.Teams = []string{"tm"}
	}
	for _, n := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID).Draw(t, "weighed") {
		r.Weights = append(r.Weights, &deskpb.RoutingWeight{Agent: n, Weight: int32(rapid.IntRange(1, 4).Draw(t, "weight"))})
	}
	return r
}

// wander is a desk whose facts come in any order.
type wander struct {
	pools *desk.Pools
	r     *desk.Roster
	at    int64
	under []desk.Choice
}

func (w *wander) row(t *rapid.T, id string) {
	w.at++
	row := member(id, rapid.IntRange(0, 3).Draw(t, "available") > 0, int32(rapid.IntRange(0, 5).Draw(t, "load")), int32(rapid.IntRange(0, 6).Draw(t, "capacity")), int64(rapid.IntRange(0, 4).Draw(t, "last")))
	if rapid.Bool().Draw(t, "limited") {
		limit := rapid.Int32Range(0, 4)
		row.Limits = &deskpb.GroupLimits{Calls: limit.Draw(t, "calls"), Messaging: limit.Draw(t, "messaging"), Email: limit.Draw(t, "email")}
	}
	row.CallsLoad = rapid.Int32Range(0, row.Load).Draw(t, "calls load")
	row.MessagingLoad = rapid.Int32Range(0, row.Load-row.CallsLoad).Draw(t, "messaging load")
	row.Connected = rapid.Bool().Draw(t, "connected")
	row.Seat, row.Deactivated = rapid.IntRange(0, 9).Draw(t, "seat") > 0, rapid.IntRange(0, 19).Draw(t, "deactivated") == 0
	if before := w.r.Agents[desk.AgentID(id)]; before != nil {
		row.Turns = before.Turns // rounds go up only
		if rapid.Bool().Draw(t, "turn") {
			of, round := "ch", uint64(0)
			for _, x := range before.Turns {
				round = max(round, x.Round)
			}
			row.Turns = []*deskpb.TurnsTaken{{Of: of, Round: round + uint64(rapid.IntRange(0, 1).Draw(t, "round")), Taken: uint32(rapid.IntRange(0, 2).Draw(t, "taken"))}}
		}
	}
	w.pools.SetAgent(row)
}

func (w *wander) settle(t *rapid.T) {
	if len(w.under) == 0 {
		return
	}
	i := rapid.IntRange(0, len(w.under)-1).Draw(t, "settled")
	w.pools.Settle(w.under[i])
	w.under = append(w.under[:i], w.under[i+1:]...)
}

func (w *wander) choose(t *rapid.T, rule *deskpb.RoutingRule, one *rapid.Generator[string]) {
	q := desk.Question{
		Rule: rule, Turns: "ch", Seed: rapid.StringN(0, 4, 4).Draw(t, "seed"), ContactOwner: desk.AgentID(one.Draw(t, "owner")),
		Recognised: rapid.Bool().Draw(t, "recognised"), Live: rapid.Bool().Draw(t, "live"), LastAgent: desk.AgentID(one.Draw(t, "last agent")),
		Size: drawSize(t),
	}
	if rapid.Bool().Draw(t, "declines") {
		q.Declined = map[desk.AgentID]string{}
		for _, n := range rapid.SliceOfN(one, 0, 5).Draw(t, "declined") {
			q.Declined[desk.AgentID(n)] = rapid.SampledFrom([]string{"away", "at_capacity", "at_capacity_messaging", "declined", desk.NotTaken}).Draw(t, "why")
		}
	}
	want, got := desk.Choose(q, w.r), w.pools.Choose(q)
	if got.Agent != want.Agent || got.Waiting != want.Waiting || !proto.Equal(got.Reason, want.Reason) || !proto.Equal(got.Turn, want.Turn) {
		t.Fatalf("%v\nthe pool chose %s %v %v\nthe walk chose %s %v %v", q, got.Agent, got.Turn, got.Reason, want.Agent, want.Turn, want.Reason)
	}
	free := false
	base := desk.Choose(desk.Question{Rule: &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Agents: rule.Agents, Teams: rule.Teams, IgnoreAvailability: rule.IgnoreAvailability}, Size: q.Size}, w.r)
	if free = base.Agent != ""; w.pools.Free(rule, "ch", q.Size) != free {
		t.Fatalf("the pool says free: %v", !free)
	}
	if got.Agent != "" {
		w.at++
		w.pools.Promise(got, w.at)
		w.under = append(w.under, got)
	}
}

func drawSize(t *rapid.T) desk.Size {
	return rapid.SampledFrom([]desk.Size{
		{}, {Group: deskpb.CapacityGroup_CAPACITY_GROUP_EMAIL, Weight: 1}, {Group: deskpb.CapacityGroup_CAPACITY_GROUP_MESSAGING, Weight: 1},
		{Group: deskpb.CapacityGroup_CAPACITY_GROUP_MESSAGING, Weight: 2}, {Group: deskpb.CapacityGroup_CAPACITY_GROUP_CALLS, Weight: 3},
	}).Draw(t, "size")
}
