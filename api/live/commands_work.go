package live

import (
	"fmt"
	"slices"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Nouns answers for what commands name beside conversations and agents.
type Nouns interface {
	Team(desk.TeamID) (desk.Team, error)
}

// checkWork checks and completes the commands that are work on a ticket: what they name exists, and names are the server's
// to fill in. known is false for a command that agents may not give.
func (c *Commands) checkWork(by desk.Agent, cmd desk.Command) (known bool, err error) {
	switch k := cmd.GetKind().(type) {
	case *deskpb.Command_ChangeTicketTags, *deskpb.Command_SnoozeTicket, *deskpb.Command_DismissMention:
	case *deskpb.Command_TransferToTeam:
		err = c.transfer(k.TransferToTeam)
	case *deskpb.Command_SetTicketStage, *deskpb.Command_SetTicketProperty:
	case *deskpb.Command_FollowTicket:
		err = c.follow(by, k.FollowTicket)
	case *deskpb.Command_UnfollowTicket:
		if k.UnfollowTicket.Agent == "" {
			k.UnfollowTicket.Agent = by.Agent
		}
	case *deskpb.Command_MarkSpam:
		k.MarkSpam.Cause = ""
	case *deskpb.Command_UnmarkSpam:
		k.UnmarkSpam.Cause = ""
	default:
		return false, nil
	}
	return true, err
}

// CheckTags refuses tags that are not ids.
func (c *Commands) CheckTags(tags []string) error {
	for i, tag := range tags {
		if !desk.ValidID(tag) {
			return desk.Refuse(desk.Invalid, fmt.Sprintf("tags[%d]", i), "name the tag by its id")
		}
	}
	return nil
}

func (c *Commands) transfer(m *deskpb.TransferToTeam) error {
	m.TeamName = ""
	if m.Team == "" {
		return nil
	}
	if !desk.ValidID(m.Team) {
		return desk.Refuse(desk.Invalid, "team", "name the team by its id")
	}
	row, err := c.Nouns.Team(desk.TeamID(m.Team))
	if err != nil {
		return fmt.Errorf("read team %s: %w", m.Team, err)
	}
	if row == nil {
		return desk.Refuse(desk.Invalid, "team", "there is no such team")
	}
	m.TeamName = row.Name
	return nil
}

func (c *Commands) follow(by desk.Agent, m *deskpb.FollowTicket) error {
	if m.Agent == "" || m.Agent == by.Agent {
		m.Agent, m.AgentName = by.Agent, by.Name
		return nil
	}
	a, err := c.assignment(desk.AgentID(m.Agent)) // there and active
	if err == nil {
		m.Agent, m.AgentName = a.Agent, a.AgentName
	}
	return err
}

// mentions keeps each agent a note calls once; all of them are there.
func (c *Commands) mentions(m *deskpb.AddNote) error {
	if len(m.Mentions) > desk.MaxMentions {
		return desk.Refuse(desk.Invalid, "mentions", "a note calls at most %d agents", desk.MaxMentions)
	}
	var once []string
	for i, id := range m.Mentions {
		if slices.Contains(once, id) {
			continue
		}
		if !desk.ValidID(id) {
			return desk.Refuse(desk.Invalid, fmt.Sprintf("mentions[%d]", i), "name the agent by their id")
		}
		row, err := c.Rows.Agent(desk.AgentID(id))
		if err != nil {
			return fmt.Errorf("read agent %s: %w", id, err)
		}
		if row == nil || row.Deactivated {
			return desk.Refuse(desk.Invalid, fmt.Sprintf("mentions[%d]", i), "there is no such agent")
		}
		once = append(once, id)
	}
	m.Mentions = once
	return nil
}
