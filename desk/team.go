package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// Crew is the state of a team's stream.
type Crew struct {
	Added   bool
	Name    string
	Members map[AgentID]bool // main?
	Removed bool
	// ReplyChannel is the channel by which its tickets are opened if nobody says another.
	ReplyChannel ChannelID `json:",omitempty"`
}

// TeamFormat is the version of Crew's snapshots.
const TeamFormat = 1

// Teams is the decider of team streams.
var Teams = Decider[*Crew]{
	Initial: func() *Crew { return &Crew{} },
	Decide:  decideTeam,
	Evolve:  evolveTeam,
}

func decideTeam(c *Crew, cmd Command) ([]Event, error) {
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_AddTeam:
		if c.Added {
			return nil, conflict("exists", "there is such a team already")
		}
		name, members, err := checkTeam(m.AddTeam.GetTeam().GetName(), m.AddTeam.GetTeam().GetMembers())
		if err != nil {
			return nil, err
		}
		by, err := checkReplyChannel(m.AddTeam.Team.ReplyChannel)
		if err != nil {
			return nil, err
		}
		return events(deskpb.NewEvent(&deskpb.TeamAdded{Name: name, Members: members, ReplyChannel: by})), nil
	case *deskpb.Command_ChangeTeam:
		if !c.Added {
			return nil, Refuse(NotFound, "team", "there is no such team")
		}
		if was := m.ChangeTeam.GetTeamWas(); was != nil && (c.Removed || !c.same(was.Name, was.Members) || c.ReplyChannel != ChannelID(was.ReplyChannel)) {
			return nil, ChangedSince()
		}
		name, members, err := checkTeam(m.ChangeTeam.GetTeam().GetName(), m.ChangeTeam.GetTeam().GetMembers())
		if err != nil {
			return nil, err
		}
		by, err := checkReplyChannel(m.ChangeTeam.Team.ReplyChannel)
		if err != nil || c.same(name, members) && c.ReplyChannel == ChannelID(by) && !c.Removed {
			return nil, err
		}
		return events(deskpb.NewEvent(&deskpb.TeamChanged{Name: name, Members: members, ReplyChannel: by})), nil
	case *deskpb.Command_RemoveTeam:
		if !c.Added {
			return nil, Refuse(NotFound, "team", "there is no such team")
		}
		if c.Removed {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.TeamRemoved{})), nil
	}
	return nil, unknownCommand(cmd, KindTeam)
}

func checkTeam(name string, members []*deskpb.TeamMember) (string, []*deskpb.TeamMember, error) {
	name, err := cleanName(name, "name")
	if err != nil {
		return "", nil, err
	}
	if len(members) > 1000 {
		return "", nil, Refuse(Invalid, "members", "at most 1000")
	}
	seen := map[string]bool{}
	for _, m := range members {
		if !ValidID(m.Agent) {
			return "", nil, Refuse(Invalid, "members", "name each member's agent")
		}
		if seen[m.Agent] {
			return "", nil, Refuse(Invalid, "members", "%s is named twice", m.Agent)
		}
		seen[m.Agent] = true
	}
	return name, members, nil
}

func checkReplyChannel(id string) (string, error) {
	if id != "" && !ValidID(id) {
		return "", Refuse(Invalid, "reply_channel", "must be the id of a channel, or empty for none")
	}
	return id, nil
}

func (c *Crew) same(name string, members []*deskpb.TeamMember) bool {
	if c.Name != name || len(c.Members) != len(members) {
		return false
	}
	for _, m := range members {
		if main, is := c.Members[AgentID(m.Agent)]; !is || main != m.Main {
			return false
		}
	}
	return true
}

func evolveTeam(c *Crew, ev Event) *Crew {
	set := func(name string, members []*deskpb.TeamMember, by string) {
		c.Added, c.Removed, c.Name, c.Members, c.ReplyChannel = true, false, name, map[AgentID]bool{}, ChannelID(by)
		for _, m := range members {
			c.Members[AgentID(m.Agent)] = m.Main
		}
	}
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_TeamAdded:
		set(e.TeamAdded.Name, e.TeamAdded.Members, e.TeamAdded.ReplyChannel)
	case *deskpb.Event_TeamChanged:
		set(e.TeamChanged.Name, e.TeamChanged.Members, e.TeamChanged.ReplyChannel)
	case *deskpb.Event_TeamRemoved:
		c.Removed = true
	}
	return c
}

// LiveTeams leaves out what was removed.
func LiveTeams(all []Team) []Team {
	return slices.DeleteFunc(slices.Clone(all), func(t Team) bool { return t.Removed })
}
