package live

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Nouns answers for what commands name beside conversations and agents.
type Nouns interface {
	Team(desk.TeamID) (desk.Team, error)
	Settings(kind string) ([]desk.Setting, error)
}

// checkWork checks and completes the commands that are work on a ticket: what they name exists, and names are the server's
// to fill in. known is false for a command that agents may not give.
func (c *Commands) checkWork(by desk.Agent, conv desk.ConversationID, cmd desk.Command) (known bool, err error) {
	switch k := cmd.GetKind().(type) {
	case *deskpb.Command_SnoozeTicket, *deskpb.Command_DismissMention, *deskpb.Command_ReleaseTicket:
	case *deskpb.Command_SetTicketDue:
		err = c.mayPromise(by, conv)
	case *deskpb.Command_ChangeTicketTags:
		err = c.CheckTags(k.ChangeTicketTags.Add)
	case *deskpb.Command_TransferToTeam:
		err = c.transfer(k.TransferToTeam)
	case *deskpb.Command_SetTicketStage:
		if err = c.stage(k.SetTicketStage); err == nil && k.SetTicketStage.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
			err = c.mayClose(conv)
		}
	case *deskpb.Command_SetTicketProperty:
		k.SetTicketProperty.Value, err = c.PropertyValue(deskpb.PropertyOf_PROPERTY_OF_TICKET, k.SetTicketProperty.Property, k.SetTicketProperty.Value)
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

// mayPromise: by when a contact has an answer is for who answers it, and for who runs the desk.
func (c *Commands) mayPromise(by desk.Agent, conv desk.ConversationID) error {
	if by.Role == deskpb.Role_ROLE_ADMINISTRATOR || by.Role == deskpb.Role_ROLE_SUPERVISOR {
		return nil
	}
	row, err := c.Rows.Ticket(conv)
	switch {
	case err != nil:
		return fmt.Errorf("read ticket %s: %w", conv, err)
	case row == nil:
		return desk.Refuse(desk.NotFound, "conversation", "there is no such conversation")
	case row.Owner != by.Agent:
		return desk.Refuse(desk.Denied, "due", "only whoever has the ticket, a supervisor or an administrator may say when it is due")
	}
	return nil
}

// setting reads one that is there and of a kind.
func (c *Commands) setting(id, kind, field string) (*deskpb.Setting, error) {
	if !desk.ValidID(id) {
		return nil, desk.Refuse(desk.Invalid, field, "name the %s by its id", kind)
	}
	row, err := c.Rows.Setting(desk.SettingID(id))
	if err != nil {
		return nil, fmt.Errorf("read setting %s: %w", id, err)
	}
	if row == nil || row.Removed || row.Kind != kind {
		return nil, desk.Refuse(desk.Invalid, field, "there is no such %s", kind)
	}
	return row.Value, nil
}

// CheckTags refuses tags that are not there.
func (c *Commands) CheckTags(tags []string) error {
	for i, tag := range tags {
		if _, err := c.setting(tag, "tag", fmt.Sprintf("tags[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

// PropertyValue gives the value as the property's kind writes it. One that was removed can still be cleared.
func (c *Commands) PropertyValue(of deskpb.PropertyOf, property, value string) (string, error) {
	if value == "" {
		return "", nil
	}
	s, err := c.setting(property, "property", "property")
	if err != nil {
		return "", err
	}
	if s.GetProperty().GetOf() != of {
		return "", desk.Refuse(desk.Invalid, "property", "it is not a property of these")
	}
	return desk.PropertyValue(s.GetProperty(), value)
}

// stage fills in what a place in a pipeline means. Without a stage the status stands for itself.
func (c *Commands) stage(m *deskpb.SetTicketStage) error {
	m.StageName = ""
	if m.Stage == "" {
		if m.Pipeline == "" {
			return nil
		}
		_, err := c.setting(m.Pipeline, "pipeline", "pipeline")
		return err
	}
	pipeline, err := c.pipeline(m.Pipeline)
	if err != nil {
		return err
	}
	for _, s := range pipeline.GetStages() {
		if s.Id == m.Stage {
			m.Status, m.StageName = s.Status, s.Name
			return nil
		}
	}
	return desk.Refuse(desk.Invalid, "stage", "the pipeline has no such status")
}

// pipeline reads one; "" is the default one.
func (c *Commands) pipeline(id string) (*deskpb.Pipeline, error) {
	if id != "" {
		s, err := c.setting(id, "pipeline", "pipeline")
		return s.GetPipeline(), err
	}
	all, err := c.Nouns.Settings("pipeline")
	if err != nil {
		return nil, fmt.Errorf("read the pipelines: %w", err)
	}
	for _, s := range all {
		if p := s.GetValue().GetPipeline(); p.GetDefault() && !s.Removed {
			return p, nil
		}
	}
	return nil, desk.Refuse(desk.Invalid, "pipeline", "no pipeline is the default one: name it")
}

// mayClose names what a ticket lacks to be closed.
func (c *Commands) mayClose(conv desk.ConversationID) error {
	all, err := c.Nouns.Settings("property")
	if err != nil {
		return fmt.Errorf("read the properties: %w", err)
	}
	if len(all) == 0 {
		return nil
	}
	row, err := c.Rows.Ticket(conv)
	if err != nil {
		return fmt.Errorf("read ticket %s: %w", conv, err)
	}
	if row == nil || row.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
		return nil
	}
	if missing := desk.Missing(row, all); len(missing) > 0 {
		return &desk.Error{Code: desk.Conflict, Field: "properties", Reason: "missing", Message: "before it is closed, fill in: " + strings.Join(missing, ", ")}
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
	if row == nil || row.Removed {
		return desk.Refuse(desk.Invalid, "team", "there is no such team; it may have been removed")
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

// Aside checks, completes and passes on a command of an agent to a side conversation of a ticket that they see.
func (c *Commands) Aside(ctx context.Context, by desk.Agent, side, ticket desk.ConversationID, cmd desk.Command) (desk.Done, error) {
	ask := proto.CloneOf(cmd)
	if err := c.CheckAside(ctx, by, ticket, ask); err != nil {
		return desk.Done{}, err
	}
	ask.AtMs, ask.By, ask.Key = 0, AuthorOf(by), ""
	return c.Desk.Do(ctx, side.Stream(), ask)
}

// CheckAside refuses what may not be asked of a side conversation, and completes what may.
func (c *Commands) CheckAside(ctx context.Context, by desk.Agent, ticket desk.ConversationID, cmd desk.Command) error {
	switch k := cmd.GetKind().(type) {
	case *deskpb.Command_StartSide:
		return c.checkReply(ctx, by, ticket, k.StartSide.GetReply())
	case *deskpb.Command_RequestReply:
		k.RequestReply.ThreadKeys = nil // the engine fills them in
		return c.checkReply(ctx, by, ticket, k.RequestReply)
	case *deskpb.Command_CancelReply, *deskpb.Command_RescheduleReply, *deskpb.Command_RetryReply, *deskpb.Command_SetTicketStatus,
		*deskpb.Command_ConfirmParticipant:
		return nil
	}
	return desk.Refuse(desk.Denied, "command", "%q is not for side conversations", deskpb.KindName(cmd))
}
