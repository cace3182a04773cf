package actors_test

import (
	"context"
	"fmt"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What people do with their day, and administrators with people, teams and rules.
var staffMoves = []move{
	{"comes or goes", 200, func(w *assignmentWorld) {
		w.tell(w.agent().Stream(), &deskpb.SetAvailability{Available: w.rng.IntN(3) > 0})
	}},
	{"another seat, capacity, team or rule", 60, (*assignmentWorld).staff},
}

// staff is what administrators change.
func (w *assignmentWorld) staff() {
	switch w.rng.IntN(4) {
	case 0, 1:
		a := w.agent()
		w.tell(a.Stream(), &deskpb.ChangeAgent{Agent: &deskpb.AgentChanged{
			Name: string(a), Role: deskpb.Role_ROLE_AGENT, Seat: w.rng.IntN(5) > 0, Capacity: int32(w.rng.IntN(5)), Limits: w.limits(), Deactivated: w.rng.IntN(12) == 0,
			Skills: w.skills(),
		}})
	case 2:
		i := w.rng.IntN(len(w.teams))
		to := w.team(i)
		w.tell(w.teams[i].Stream(), &deskpb.ChangeTeam{Team: &deskpb.TeamChanged{Name: to.Name, Members: to.Members}})
	case 3:
		i := w.rng.IntN(len(w.chans) - 1) // not the rota's
		rule, sys := w.rules(), w.l.sys
		if rule.IgnoreAvailability && w.rng.IntN(2) == 0 {
			rule = &deskpb.RoutingRule{} // nobody
		}
		go func() {
			_ = sys.ReconfigureChannel(context.Background(), w.chans[i], desk.NewChannel{Kind: w.kinds[i], Name: "c", Config: []byte(fmt.Sprintf("%q", w.wires[i].address)), Routing: rule}, nil)
		}()
	}
}
