package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// openConversation opens one that no message opened. What the ticket starts with goes into the same entry, so that nobody is
// chosen for it in between.
func openConversation(c *Conversation, cmd Command, m *deskpb.OpenConversation) ([]Event, error) {
	if c.Opened {
		return nil, nil // asked again
	}
	o := m.Opening
	switch {
	case o.GetChannel() == "" || o.GetContact() == "":
		return nil, Refuse(Invalid, "opening", "a conversation needs its channel and its contact")
	case len(o.Subject) > 998:
		return nil, Refuse(Invalid, "subject", "at most 998 bytes (RFC 5322 2.1.1)")
	case len(m.Tags) > MaxTags:
		return nil, Refuse(Limit, "tags", "a ticket has at most %d tags", MaxTags)
	}
	by := cmd.GetBy()
	out := events(deskpb.NewEvent(o))
	if m.Split != nil {
		out = append(out, deskpb.NewEvent(m.Split))
	}
	if len(m.Tags) > 0 {
		out = append(out, deskpb.NewEvent(&deskpb.TicketTagsChanged{Added: slices.Clone(m.Tags), By: by.GetId()}))
	}
	if m.Team != "" {
		out = append(out, deskpb.NewEvent(&deskpb.TicketTeamChanged{Team: m.Team, TeamName: m.TeamName, By: by.GetId()}))
	}
	switch {
	case m.Owner != "":
		out = append(out, deskpb.NewEvent(&deskpb.ConversationAssigned{
			Agent: m.Owner, AgentName: m.OwnerName, By: by.GetId(),
			Reason: reason("assigned_by_hand", "Assigned by "+nameOr(by.GetName(), "hand")+"."),
		}))
	case m.Team == "" && !Routes(o.Routing):
		out = append(out, deskpb.NewEvent(&deskpb.AssignmentDeferred{Reason: noRule()}))
	}
	return out, nil
}
