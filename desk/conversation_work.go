package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// The work on a ticket: tags, team, stage, properties, snooze, who follows it. Names of settings and people are filled in
// by whoever lets the command in; the rules know ids.

// Limits of the work on one ticket.
const (
	MaxTags          = 50
	MaxFollowers     = 100
	MaxMentions      = 50
	MaxProperties    = 100
	MaxPropertyBytes = 10_000
)

// UntilContactWrites is the snooze that no time ends: the last second of the year 9999.
const UntilContactWrites int64 = 253_402_300_799_000

func changeTicketTags(c *Conversation, cmd Command, m *deskpb.ChangeTicketTags) ([]Event, error) {
	ev := &deskpb.TicketTagsChanged{By: cmd.GetBy().GetId()}
	for _, tag := range m.Remove {
		if slices.Contains(c.Tags, tag) && !slices.Contains(ev.Removed, tag) {
			ev.Removed = append(ev.Removed, tag)
		}
	}
	for _, tag := range m.Add {
		if !ValidID(tag) {
			return nil, Refuse(Invalid, "add", "name tags by their ids")
		}
		if !slices.Contains(c.Tags, tag) && !slices.Contains(ev.Added, tag) {
			ev.Added = append(ev.Added, tag)
		}
	}
	if len(ev.Added)+len(ev.Removed) == 0 {
		return nil, nil
	}
	if len(c.Tags)+len(ev.Added)-len(ev.Removed) > MaxTags {
		return nil, Refuse(Limit, "add", "a ticket has at most %d tags: take some off first", MaxTags)
	}
	return events(deskpb.NewEvent(ev)), nil
}

// changeTags is the fold of tags, for state and row alike.
func changeTags(tags []string, e *deskpb.TicketTagsChanged) []string {
	tags = slices.DeleteFunc(tags, func(t string) bool { return slices.Contains(e.Removed, t) })
	for _, t := range e.Added {
		if !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	return tags
}

// transferToTeam makes it a team's work. Taken from its owner, it stands in line for the team's main members.
func transferToTeam(c *Conversation, cmd Command, m *deskpb.TransferToTeam) ([]Event, error) {
	if m.Team != "" && !ValidID(m.Team) {
		return nil, Refuse(Invalid, "team", "name the team")
	}
	var out []Event
	if m.Team != string(c.Team) {
		out = append(out, deskpb.NewEvent(&deskpb.TicketTeamChanged{Team: m.Team, TeamName: m.TeamName, By: cmd.GetBy().GetId()}))
	}
	if m.Unassign && c.Owner != "" {
		out = append(out, deskpb.NewEvent(&deskpb.ConversationUnassigned{
			Agent: string(c.Owner), By: cmd.GetBy().GetId(),
			Reason: reason("transferred", "Handed to "+nameOr(m.TeamName, "nobody's team")+" by "+nameOr(cmd.GetBy().GetName(), "the desk")+"."),
		}))
	}
	return out, nil
}

// setTicketStage sets pipeline, stage and status together, so that they never disagree.
func setTicketStage(c *Conversation, cmd Command, m *deskpb.SetTicketStage) ([]Event, error) {
	if m.Pipeline != "" && !ValidID(m.Pipeline) {
		return nil, Refuse(Invalid, "pipeline", "name the pipeline")
	}
	if m.Stage != "" && !ValidID(m.Stage) {
		return nil, Refuse(Invalid, "stage", "name the status of the pipeline")
	}
	out, err := setTicketStatus(c, cmd, &deskpb.SetTicketStatus{Status: m.Status})
	if err != nil {
		return nil, err
	}
	stage := c.Stage
	if len(out) > 0 {
		stage = "" // the new status sets it back
	}
	if m.Pipeline != c.Pipeline || m.Stage != stage {
		out = append(out, deskpb.NewEvent(&deskpb.TicketStageChanged{
			Pipeline: m.Pipeline, Stage: m.Stage, StageName: clip(m.StageName, 200), By: cmd.GetBy().GetId(),
		}))
	}
	return out, nil
}

func setTicketProperty(c *Conversation, cmd Command, m *deskpb.SetTicketProperty) ([]Event, error) {
	if err := checkProperty(c.Properties, m.Property, m.Value); err != nil || c.Properties[m.Property] == m.Value {
		return nil, err
	}
	return events(deskpb.NewEvent(&deskpb.TicketPropertySet{Property: m.Property, Value: m.Value, By: cmd.GetBy().GetId()})), nil
}

func checkProperty(have map[string]string, property, value string) error {
	_, known := have[property]
	switch {
	case !ValidID(property):
		return Refuse(Invalid, "property", "name the property by its id")
	case len(value) > MaxPropertyBytes:
		return Refuse(Invalid, "value", "at most %d bytes", MaxPropertyBytes)
	case value != "" && !known && len(have) >= MaxProperties:
		return Refuse(Limit, "property", "at most %d properties", MaxProperties)
	}
	return nil
}

// setProperty is the fold of properties, for states and rows alike.
func setProperty(have map[string]string, property, value string) map[string]string {
	if value == "" {
		delete(have, property)
		return have
	}
	if have == nil {
		have = map[string]string{}
	}
	have[property] = value
	return have
}

// snoozeTicket lays a ticket aside until a time, or until the contact writes; 0 brings it back.
func snoozeTicket(c *Conversation, cmd Command, m *deskpb.SnoozeTicket) ([]Event, error) {
	switch {
	case m.UntilMs == 0:
		return c.wake("by_hand", cmd.GetBy().GetId()), nil
	case m.UntilMs <= cmd.AtMs:
		return nil, Refuse(Invalid, "until", "must be in the future")
	case m.UntilMs > UntilContactWrites:
		return nil, Refuse(Invalid, "until", "must be before the year 10000")
	case c.closed():
		return nil, conflict("closed", "the ticket is closed: reopen it first")
	case c.Spam:
		return nil, conflict("spam", "the ticket is spam: restore it first")
	case m.UntilMs == c.Snoozed:
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.TicketSnoozed{UntilMs: m.UntilMs, By: cmd.GetBy().GetId()})), nil
}

// wake gives the event that ends a snooze, nothing when there is none.
func (c *Conversation) wake(cause, by string) []Event {
	if c.Snoozed == 0 {
		return nil
	}
	return events(deskpb.NewEvent(&deskpb.TicketWoken{Cause: cause, By: by}))
}

// wakeTicket is asked when its time has come; an earlier one rests on a plan that was changed.
func wakeTicket(c *Conversation, cmd Command) ([]Event, error) {
	if cmd.AtMs < c.Snoozed {
		return nil, nil
	}
	return c.wake("time", ""), nil
}

func followTicket(c *Conversation, cmd Command, m *deskpb.FollowTicket) ([]Event, error) {
	agent, name := m.Agent, m.AgentName
	if agent == "" {
		agent, name = cmd.GetBy().GetId(), cmd.GetBy().GetName()
	}
	switch {
	case !ValidID(agent):
		return nil, Refuse(Invalid, "agent", "name the agent")
	case slices.Contains(c.Followers, AgentID(agent)):
		return nil, nil
	case len(c.Followers) >= MaxFollowers:
		return nil, Refuse(Limit, "agent", "at most %d agents follow a ticket", MaxFollowers)
	}
	return events(deskpb.NewEvent(&deskpb.TicketFollowed{Agent: agent, AgentName: name, By: cmd.GetBy().GetId()})), nil
}

func unfollowTicket(c *Conversation, cmd Command, m *deskpb.UnfollowTicket) ([]Event, error) {
	agent := nameOr(m.Agent, cmd.GetBy().GetId())
	if !slices.Contains(c.Followers, AgentID(agent)) {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.TicketUnfollowed{Agent: agent, By: cmd.GetBy().GetId()})), nil
}

func dismissMention(c *Conversation, cmd Command) ([]Event, error) {
	agent := cmd.GetBy().GetId()
	if !slices.Contains(c.Mentioned, AgentID(agent)) {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.MentionDismissed{Agent: agent})), nil
}

// evolveWork folds the facts of this file; it reports whether it knows the fact.
func evolveWork(c *Conversation, ev Event) bool {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_TicketTagsChanged:
		c.Tags = changeTags(c.Tags, e.TicketTagsChanged)
	case *deskpb.Event_TicketTeamChanged:
		c.Team, c.Deferred = TeamID(e.TicketTeamChanged.Team), ""
	case *deskpb.Event_TicketStageChanged:
		c.Pipeline, c.Stage = e.TicketStageChanged.Pipeline, e.TicketStageChanged.Stage
	case *deskpb.Event_TicketPropertySet:
		c.Properties = setProperty(c.Properties, e.TicketPropertySet.Property, e.TicketPropertySet.Value)
	case *deskpb.Event_TicketSnoozed:
		c.Snoozed = e.TicketSnoozed.UntilMs
	case *deskpb.Event_TicketWoken:
		c.Snoozed, c.Deferred = 0, ""
	case *deskpb.Event_TicketDueChanged:
		c.Due = e.TicketDueChanged.DueMs
	case *deskpb.Event_TicketFollowed:
		c.Followers = with(c.Followers, AgentID(e.TicketFollowed.Agent))
	case *deskpb.Event_TicketUnfollowed:
		c.Followers = without(c.Followers, AgentID(e.TicketUnfollowed.Agent))
	case *deskpb.Event_MentionDismissed:
		c.Mentioned = without(c.Mentioned, AgentID(e.MentionDismissed.Agent))
	default:
		return false
	}
	return true
}

func with[T comparable](all []T, one T) []T {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

func without[T comparable](all []T, one T) []T {
	return slices.DeleteFunc(all, func(t T) bool { return t == one })
}
