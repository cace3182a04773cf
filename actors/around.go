package actors

import (
	"context"
	"slices"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// around answers what the connector of a channel asks about the desk.
func (s *System) around(id desk.ChannelID) channels.Around {
	return channels.Around{
		Hours:    func(hours, holidays string) (bool, time.Time) { return s.hoursAt(time.Now())(hours, holidays) },
		HoursAt:  func(hours, holidays string, at time.Time) (bool, time.Time) { return s.hoursAt(at)(hours, holidays) },
		TeamName: s.teamName,
		Available: func(_ context.Context, rule *deskpb.RoutingRule, contact desk.Contact) (bool, error) {
			return s.anybodyFor(id, rule, contact)
		},
		Person: s.person,
		Faces:  s.faces,
	}
}

// anybodyFor says whether a rule, or the channel's own, has anybody who is there. An owner who is away is as good as none.
func (s *System) anybodyFor(id desk.ChannelID, rule *deskpb.RoutingRule, contact desk.Contact) (bool, error) {
	row, err := s.index.Channel(id)
	if err != nil || row == nil {
		return false, err
	}
	if rule == nil {
		rule = row.Routing
	}
	if rule.GetMode() == deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER && contact.GetOwner() != "" {
		owner, err := s.index.Agent(desk.AgentID(contact.GetOwner()))
		if err != nil {
			return false, err
		}
		if owner != nil && desk.CountAvailable(desk.Live(row.Kind), &deskpb.RoutingRule{
			Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Agents: []string{owner.Agent},
		}, []desk.Agent{owner}, nil) > 0 {
			return true, nil
		}
	}
	if rule.GetMode() == deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER && len(rule.Agents)+len(rule.Teams) == 0 && len(rule.Steps) == 0 {
		return false, nil // nobody else is named
	}
	agents, err := s.index.Agents()
	if err != nil {
		return false, err
	}
	teams, err := s.index.Teams()
	if err != nil {
		return false, err
	}
	return desk.CountAvailable(desk.Live(row.Kind), rule, agents, teams) > 0, nil
}

func (s *System) person(identity *deskpb.Identity) (desk.Contact, error) {
	id, err := s.index.ContactByIdentity(identity)
	if err != nil || id == "" {
		return nil, err
	}
	return s.index.Contact(id)
}

// faces gives whoever of them can answer, in the order of their names.
func (s *System) faces(agents, teams []string, owner string) ([]channels.Face, error) {
	wanted := map[string]bool{owner: owner != ""}
	for _, a := range agents {
		wanted[a] = true
	}
	for _, id := range teams {
		team, err := s.index.Team(desk.TeamID(id))
		if err != nil {
			return nil, err
		}
		if team.GetRemoved() {
			continue
		}
		for _, m := range team.GetMembers() {
			wanted[m.Agent] = wanted[m.Agent] || m.Main
		}
	}
	all, err := s.index.Agents()
	if err != nil {
		return nil, err
	}
	var out []channels.Face
	for _, a := range all {
		if wanted[a.Agent] && !a.Deactivated && a.Name != "" {
			out = append(out, channels.Face{Agent: a.Agent, Name: a.Name})
		}
	}
	slices.SortFunc(out, func(a, b channels.Face) int {
		if a.Name != b.Name {
			if a.Name < b.Name {
				return -1
			}
			return 1
		}
		if a.Agent < b.Agent {
			return -1
		}
		return 1
	})
	return out, nil
}
