package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// atOpening is what a channel gives a ticket at its beginning, besides its priority, which is in the opening. It goes into the same
// entry, so that no rule sees the ticket without it.
func atOpening(d *deskpb.TicketDefaults) (out []Event) {
	if d == nil {
		return nil
	}
	if len(d.Tags) > 0 {
		out = append(out, deskpb.NewEvent(&deskpb.TicketTagsChanged{Added: slices.Clone(d.Tags)}))
	}
	if d.Stage != "" {
		if to := d.StageStatus; to != deskpb.TicketStatus_TICKET_STATUS_NEW && to != deskpb.TicketStatus_TICKET_STATUS_UNSPECIFIED {
			out = append(out, deskpb.NewEvent(&deskpb.TicketStatusChanged{From: deskpb.TicketStatus_TICKET_STATUS_NEW, To: to, Cause: "channel"}))
		}
		out = append(out, deskpb.NewEvent(&deskpb.TicketStageChanged{Pipeline: d.Pipeline, Stage: d.Stage, StageName: d.StageName}))
	}
	for _, p := range d.Properties {
		out = append(out, deskpb.NewEvent(&deskpb.TicketPropertySet{Property: p.Property, Value: p.Value}))
	}
	if d.Team != "" {
		out = append(out, deskpb.NewEvent(&deskpb.TicketTeamChanged{Team: d.Team, TeamName: d.TeamName}))
	}
	return out
}

// RuleAtOpening is what a ticket keeps of its channel's rules: the default, and that there are others.
func RuleAtOpening(rule *deskpb.RoutingRule) *deskpb.RoutingRule {
	if len(rule.GetSteps())+len(rule.GetOverflow())+len(rule.GetSkills()) == 0 && rule.GetDefaults() == nil && rule.GetOwners() == nil {
		return rule
	}
	kept := &deskpb.RoutingRule{Mode: rule.Mode, Agents: rule.Agents, Teams: rule.Teams, IgnoreAvailability: rule.IgnoreAvailability,
		Policy: rule.Policy, Sticky: rule.Sticky, Weights: rule.Weights}
	if Routes(rule) && !Routes(kept) {
		kept.Steps = []*deskpb.RoutingStep{{Then: &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS}}}
	}
	return kept
}

// PriorityAtOpening is the priority that a channel's tickets begin with.
func PriorityAtOpening(d *deskpb.TicketDefaults) deskpb.Priority {
	if p := d.GetPriority(); p != deskpb.Priority_PRIORITY_UNSPECIFIED {
		return p
	}
	return deskpb.Priority_PRIORITY_NORMAL
}
