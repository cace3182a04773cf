package api

import (
	"context"
	"fmt"
	"time"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type assignInput struct {
	ByID
	Body struct {
		Agent *string `json:"agent" maxLength:"64" doc:"An agent's id; null for nobody"`
		Force *bool   `json:"force,omitempty" doc:"True if left out: whoever it is gets the ticket. False: only as a rule would give it, to whom is available, has a seat and room; of a ticket that nobody has. For supervisors and administrators"`
	}
}

func (s *Server) setOwner(ctx context.Context, in *assignInput) (*done, error) {
	switch to := in.Body.Agent; {
	case to == nil || *to == "":
		return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.UnassignConversation{}))
	case in.Body.Force != nil && !*in.Body.Force:
		return s.giveIfFree(ctx, desk.ConversationID(in.ID), desk.AgentID(*to))
	default:
		return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.AssignConversation{Agent: *to}))
	}
}

// placePromised is how long a place is kept for a ticket that is given away in the same request.
const placePromised = 10 * time.Second

// giveIfFree goes the way of an assignment by rule: the agent's own stream promises a place or refuses, and the ticket is theirs only while
// the promise stands. So what a program gives away exceeds no limit either, whatever happens at the same time.
func (s *Server) giveIfFree(ctx context.Context, id desk.ConversationID, to desk.AgentID) (*done, error) {
	if !desk.Leads(me(ctx).row) {
		return nil, desk.Refuse(desk.Denied, "force", "only supervisors and administrators ask whether somebody has room: leave it out")
	}
	row, err := s.visibleTicket(ctx, id)
	if err != nil {
		return nil, err
	}
	agent, err := s.opt.People.Agent(to)
	if err != nil {
		return nil, fmt.Errorf("read agent %s: %w", to, err)
	}
	if agent == nil {
		return nil, fault("body.agent", "there is no such agent")
	}
	rules, err := s.opt.Settings.Setting(desk.CapacityID)
	if err != nil {
		return nil, fmt.Errorf("read what tickets count: %w", err)
	}
	by, until := live.AuthorOf(me(ctx).row), time.Now().Add(placePromised).UnixMilli()
	reservation := string(id) + "/" + newToken()
	promise := &deskpb.ReservePlace{
		Reservation: reservation, Conversation: string(id), UntilMs: until, Live: desk.Live(row.ChannelKind),
		Size: desk.ReadCapacity(rules.GetValue().GetCapacity(), nil).Asks(row).Proto(), // what a ticket asks for does not depend on its status
	}
	if _, err := s.do(ctx, to.Stream(), deskpb.NewCommand(promise), by); err != nil {
		return nil, err
	}
	given, err := s.do(ctx, id.Stream(), deskpb.NewCommand(&deskpb.AssignConversation{
		Agent: string(to), AgentName: agent.Name, Reservation: reservation, ReservationUntilMs: until, Team: row.Team,
		Reason: &deskpb.AssignmentReason{Code: "assigned_by_hand", Text: "Assigned by " + by.GetName() + "."},
	}), by)
	if err != nil { // the promise goes back, or lapses by itself
		if _, back := s.do(context.WithoutCancel(ctx), to.Stream(), deskpb.NewCommand(&deskpb.FreePlace{Conversation: string(id), Reservation: reservation, Cause: "withdrawn"}), by); back != nil {
			s.log.Warn("a promised place is not given back, and lapses", "agent", string(to), "err", back)
		}
	}
	return doneView(given, err)
}
