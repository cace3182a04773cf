package api

import (
	"fmt"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// RoutingPolicy is how a rule chooses among those who may take a ticket.
type RoutingPolicy struct {
	Policy  string          `json:"policy" required:"false" enum:"least_loaded,least_share,round_robin,weighted,longest_idle,random" default:"least_loaded" doc:"docs/routing.md says what each does"`
	Sticky  bool            `json:"sticky" required:"false" doc:"The agent who had the contact's last ticket before all others, if they may take it"`
	Weights []RoutingWeight `json:"weights" required:"false" maxItems:"1000" doc:"Of a weighted policy"`
}

// RoutingWeight is how many tickets an agent gets in a round.
type RoutingWeight struct {
	Agent  string `json:"agent"`
	Weight int32  `json:"weight" minimum:"1" maximum:"100" doc:"Who is not named has 1"`
}

func policyView(r *deskpb.RoutingRule) RoutingPolicy {
	p := r.GetPolicy()
	if p == deskpb.RoutingPolicy_ROUTING_POLICY_UNSPECIFIED {
		p = deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_LOADED
	}
	return RoutingPolicy{Policy: word(p, "ROUTING_POLICY_"), Sticky: r.GetSticky(), Weights: each(r.GetWeights(), func(w *deskpb.RoutingWeight) RoutingWeight {
		return RoutingWeight{Agent: w.Agent, Weight: w.Weight}
	})}
}

func policyOf(w string) deskpb.RoutingPolicy {
	return number[deskpb.RoutingPolicy](deskpb.RoutingPolicy_value, "ROUTING_POLICY_", w)
}

// weights checks that those who have one exist.
func (s *Server) weights(of []RoutingWeight, at string) ([]*deskpb.RoutingWeight, error) {
	var all []*deskpb.RoutingWeight
	for i, w := range of {
		if row, err := s.opt.People.Agent(desk.AgentID(w.Agent)); err != nil {
			return nil, fmt.Errorf("read agent %s: %w", w.Agent, err)
		} else if row == nil {
			return nil, fault(fmt.Sprintf("%s.weights[%d].agent", at, i), "there is no such agent")
		}
		all = append(all, &deskpb.RoutingWeight{Agent: w.Agent, Weight: w.Weight})
	}
	return all, nil
}
