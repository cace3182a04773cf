package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type outsidersInput struct {
	ByID
	Agents []string `query:"agents" maxItems:"50" doc:"Ids, with commas between them"`
}

type outsidersOutput struct {
	Body struct {
		Agents []string `json:"agents" doc:"Those of the agents asked for who do not see this ticket: mentioning them in a note, or letting them follow it, shows them all of it"`
	}
}

// outsiders tells, before a colleague is called, that they would see the ticket only because of that. Who is not there, or was
// deactivated, is no outsider: nobody can call them.
func (s *Server) outsiders(ctx context.Context, in *outsidersInput) (*outsidersOutput, error) {
	row, err := s.visibleTicket(ctx, desk.ConversationID(in.ID))
	if err != nil {
		return nil, err
	}
	out := &outsidersOutput{}
	out.Body.Agents = []string{}
	var teams []desk.Team
	for i, id := range in.Agents {
		if !desk.ValidID(id) {
			return nil, fault(fmt.Sprintf("query.agents[%d]", i), "must be the id of an agent")
		}
		agent, err := s.opt.People.Agent(desk.AgentID(id))
		if err != nil {
			return nil, fmt.Errorf("read agent %s: %w", id, err)
		}
		if agent == nil || agent.Deactivated || slices.Contains(out.Body.Agents, id) {
			continue
		}
		if teams == nil && desk.AccessOf(agent) == deskpb.Access_ACCESS_TEAM {
			if teams, err = s.opt.People.Teams(); err != nil {
				return nil, fmt.Errorf("read the teams: %w", err)
			}
		}
		if !desk.MaySee(desk.ViewerOf(agent, teams), row) {
			out.Body.Agents = append(out.Body.Agents, id)
		}
	}
	return out, nil
}

// outsiderRoutes is the part of the door for who would see a ticket only if called.
func (s *Server) outsiderRoutes() []route {
	return []route{
		{http.MethodGet, "/conversations/{id}/outsiders", agents, "outsiders", "Which of these agents do not see the ticket, before they are called", typed(s.outsiders, 200)},
	}
}
