package desk

import (
	"strconv"

	"github.com/centralita/centralita/proto/deskpb"
)

// assignConversation gives the ticket an owner. By hand anything is allowed; the assignment actor's choice counts only
// while the ticket is open and free, and while the agent's promise holds.
func assignConversation(c *Conversation, cmd Command, m *deskpb.AssignConversation) ([]Event, error) {
	if !ValidID(m.Agent) {
		return nil, Refuse(Invalid, "agent", "name the agent")
	}
	ev := &deskpb.ConversationAssigned{Agent: m.Agent, AgentName: m.AgentName, Reason: m.Reason, Reservation: m.Reservation}
	if m.Reservation != "" {
		ev.TakeByMs, ev.Round = m.TakeByMs, m.Round
	}
	if m.Reservation != "" {
		switch {
		case c.Owner != "":
			return nil, conflict("owned", "somebody has it already")
		case c.closed():
			return nil, conflict("closed", "the ticket is closed")
		case c.Bot != nil:
			return nil, conflict("with_bot", "a bot has the conversation")
		case c.resting():
			return nil, conflict("resting", "the ticket is snoozed or spam")
		case TeamID(m.Team) != c.Team:
			return nil, conflict("transferred", "the ticket was handed to another team")
		case m.TicketVersion != 0 && m.TicketVersion != c.Looked:
			return nil, conflict("changed", "what the channel's rules look at was changed")
		case cmd.AtMs >= m.ReservationUntilMs:
			return nil, conflict("lapsed", "the reservation has lapsed")
		}
		ev.By = cmd.GetBy().GetId() // somebody's program; of the assignment actor's choice nobody's
		return events(deskpb.NewEvent(ev)), nil
	}
	if c.Owner == AgentID(m.Agent) {
		return c.takeOffer(cmd.GetBy()), nil
	}
	ev.By = cmd.GetBy().GetId()
	if ev.Reason == nil {
		ev.Reason = &deskpb.AssignmentReason{Code: "assigned_by_hand", Text: "Assigned by " + nameOr(cmd.GetBy().GetName(), "hand") + "."}
	}
	return append(events(deskpb.NewEvent(ev)), c.release(HoldOverByHand, ev.By)...), nil
}

// DuePromise is the name of the due time of a promised place: it stands until the place is taken or freed.
const DuePromise = "reservation"

// ReasonWithdrawn is the reason of a refusal when what an assignment rests on was changed at the same time.
const ReasonWithdrawn = "withdrawn"

// RulesLookAt reports whether an event of a conversation sets something of its ticket that a channel's rules may look at.
func RulesLookAt(ev Event) bool {
	switch ev.GetKind().(type) {
	case *deskpb.Event_ConversationOpened, *deskpb.Event_TicketStatusChanged, *deskpb.Event_TicketPriorityChanged, *deskpb.Event_TicketSubjectChanged,
		*deskpb.Event_TicketTagsChanged, *deskpb.Event_TicketTeamChanged, *deskpb.Event_TicketStageChanged, *deskpb.Event_TicketPropertySet, *deskpb.Event_RequesterChanged, *deskpb.Event_BotEnded:
		return true
	}
	return false
}

// restsOn: an assignment that rests on a promise is written only while the promise stands. So in the order of the journal nobody is
// given a ticket after going away, losing the seat or a skill, promising the place to another, leaving the rule, or when the rule is for the ticket no more.
func restsOn(id StreamID, cmd Command, ev Event) []Standing {
	if m := cmd.GetTakeBack(); m != nil && !m.Offer {
		return backRestsOn(m)
	}
	m := ev.GetConversationAssigned()
	if m.GetReservation() == "" {
		return nil
	}
	all := []Standing{{Stream: AgentID(m.Agent).Stream(), Promise: id.ID()}}
	for _, r := range cmd.GetAssignConversation().GetRestsOn() {
		all = append(all, Standing{Stream: StreamID(r.Stream), Version: r.Version})
	}
	return all
}

func unassignConversation(c *Conversation, cmd Command) ([]Event, error) {
	if c.Owner == "" {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.ConversationUnassigned{
		Agent: string(c.Owner), By: cmd.GetBy().GetId(),
		Reason: &deskpb.AssignmentReason{Code: "unassigned_by_hand", Text: "Put back by " + nameOr(cmd.GetBy().GetName(), "the desk") + "."},
	})), nil
}

// deferAssignment stores why nobody was chosen; the same reason again is not news.
func deferAssignment(c *Conversation, m *deskpb.DeferAssignment) ([]Event, error) {
	if m.Reason.GetCode() == "" {
		return nil, Refuse(Invalid, "reason", "a non-decision needs its reason")
	}
	if c.Owner != "" || c.closed() || c.resting() || c.Bot != nil || c.Deferred == deferral(m.Reason, m.Waiting) {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.AssignmentDeferred{Reason: m.Reason, Waiting: m.Waiting})), nil
}

// resting: not closed, and yet nobody's work now.
func (c *Conversation) resting() bool { return c.Snoozed != 0 || c.Spam || c.Merged != "" }

// deferral tells non-decisions apart: the same one again is not written again.
func deferral(r *deskpb.AssignmentReason, waiting bool) string {
	code := r.GetCode()
	if waiting {
		code += "+"
	}
	if r.GetUntilMs() != 0 {
		code += "until" + strconv.FormatInt(r.GetUntilMs(), 10)
	}
	if r.GetRule() != "" || r.GetWidensAtMs() != 0 {
		code += r.GetRule() + "@" + strconv.FormatInt(r.GetWidensAtMs(), 10)
	}
	return code
}

// widenAssignment lets the ticket be offered to whom it may go by now. Of one that is not in line any more it only ends the plan.
func widenAssignment(c *Conversation) ([]Event, error) {
	if !c.Widens {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.AssignmentWidened{})), nil
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}
