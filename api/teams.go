package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type teamList struct {
	Body struct {
		Teams []Team `json:"teams"`
	}
}

func (s *Server) listTeams(_ context.Context, in *struct {
	Removed bool `query:"removed" doc:"Those that were removed, too"`
}) (*teamList, error) {
	all, err := s.opt.People.Teams()
	if err != nil {
		return nil, fmt.Errorf("read the teams: %w", err)
	}
	if !in.Removed {
		all = desk.LiveTeams(all)
	}
	out := &teamList{}
	out.Body.Teams = each(all, teamView)
	return out, nil
}

// TeamInput is a team as it is to be.
type TeamInput struct {
	Name    string       `json:"name" minLength:"1" maxLength:"200"`
	Members []TeamMember `json:"members" maxItems:"1000"`

	ReplyChannel *string `json:"reply_channel,omitempty" maxLength:"64" doc:"A mail channel, by which its tickets are opened if nobody says another; empty: none; left out: as it is, at first none"`
	Version      *uint64 `json:"version,omitempty" doc:"Of what was read. Given back with a change, the change is refused (409, reason changed_since) when there is another by now; left out: it is written over whatever there is"`
}

type oneTeam struct {
	Body struct {
		Team Team `json:"team"`
	}
}

func (s *Server) addTeam(ctx context.Context, in *struct{ Body TeamInput }) (*oneTeam, error) {
	members, by, err := s.teamInput(&in.Body, nil)
	if err != nil {
		return nil, err
	}
	id := desk.TeamID(desk.DeriveID("tm_", newToken()))
	return s.putTeam(ctx, id, deskpb.NewCommand(&deskpb.AddTeam{Team: &deskpb.TeamAdded{Name: in.Body.Name, Members: members, ReplyChannel: by}}))
}

func (s *Server) changeTeam(ctx context.Context, in *struct {
	ByID
	Body TeamInput
}) (*oneTeam, error) {
	row, err := s.opt.People.Team(desk.TeamID(in.ID))
	if err != nil {
		return nil, fmt.Errorf("read team %s: %w", in.ID, err)
	}
	members, by, err := s.teamInput(&in.Body, row)
	if err != nil {
		return nil, err
	}
	change := &deskpb.ChangeTeam{Team: &deskpb.TeamChanged{Name: in.Body.Name, Members: members, ReplyChannel: by}}
	if v := in.Body.Version; v != nil && row != nil {
		if row.Version != *v {
			return nil, desk.ChangedSince()
		}
		if !row.Removed { // to bring back what was removed writes over nothing
			change.TeamWas = &deskpb.TeamChanged{Name: row.Name, Members: row.Members, ReplyChannel: row.ReplyChannel}
		}
	}
	return s.putTeam(ctx, desk.TeamID(in.ID), deskpb.NewCommand(change))
}

// teamInput checks what a team is to be; row is what it is, nil for a new one.
func (s *Server) teamInput(in *TeamInput, row desk.Team) (members []*deskpb.TeamMember, replyChannel string, err error) {
	if members, err = s.members(in.Members); err != nil {
		return nil, "", err
	}
	if in.ReplyChannel == nil {
		return members, row.GetReplyChannel(), nil
	}
	return members, *in.ReplyChannel, s.replyChannel(*in.ReplyChannel)
}

// members checks that all are agents; one named twice is one.
func (s *Server) members(in []TeamMember) ([]*deskpb.TeamMember, error) {
	var out []*deskpb.TeamMember
	seen := make(map[string]bool)
	for i, m := range in {
		row, err := s.opt.People.Agent(desk.AgentID(m.Agent))
		if err != nil {
			return nil, fmt.Errorf("read agent %s: %w", m.Agent, err)
		}
		if row == nil {
			return nil, fault(fmt.Sprintf("body.members[%d].agent", i), "there is no such agent")
		}
		if !seen[m.Agent] {
			seen[m.Agent] = true
			out = append(out, &deskpb.TeamMember{Agent: m.Agent, Main: m.Main})
		}
	}
	return out, nil
}

func (s *Server) putTeam(ctx context.Context, id desk.TeamID, cmd desk.Command) (*oneTeam, error) {
	if _, err := s.do(ctx, id.Stream(), cmd, live.AuthorOf(me(ctx).row)); err != nil {
		return nil, err
	}
	row, err := s.opt.People.Team(id)
	if err != nil {
		return nil, fmt.Errorf("read team %s: %w", id, err)
	}
	if row == nil {
		return nil, errors.New("a team that was just written is not in the index")
	}
	out := &oneTeam{}
	out.Body.Team = teamView(row)
	return out, nil
}

// removeTeam empties a team; changing it brings it back.
func (s *Server) removeTeam(ctx context.Context, in *ByID) (*nothing, error) {
	_, err := s.do(ctx, desk.TeamID(in.ID).Stream(), deskpb.NewCommand(&deskpb.RemoveTeam{}), live.AuthorOf(me(ctx).row))
	return &nothing{}, err
}

type teamUses struct {
	Body struct {
		Tickets  int     `json:"tickets" doc:"Open tickets that are its work"`
		Channels []Named `json:"channels" doc:"Whose rule gives it their tickets"`
		Macros   []Named `json:"macros" doc:"That hand tickets to it, or are for it"`
		Snippets []Named `json:"snippets" doc:"That are for it"`
		Views    []Named `json:"views" doc:"That are shared with it, or list its tickets"`
		Others   int     `json:"others" doc:"How many macros, snippets and views that are somebody's own name it"`
	}
}

// teamUses says what names a team: what is to be looked at before it is removed.
func (s *Server) teamUses(ctx context.Context, in *ByID) (*teamUses, error) {
	row, err := s.opt.People.Team(desk.TeamID(in.ID))
	if err != nil {
		return nil, fmt.Errorf("read team %s: %w", in.ID, err)
	}
	if row == nil {
		return nil, notFound("team")
	}
	out := &teamUses{}
	b := &out.Body
	counts, err := s.count(ctx, []desk.Filter{{Status: []string{"open"}, Team: []string{row.Team}}})
	if err != nil {
		return nil, err
	}
	b.Tickets = counts[0].N
	channels, err := s.opt.ChannelRows.Channels()
	if err != nil {
		return nil, fmt.Errorf("read the channels: %w", err)
	}
	b.Channels = []Named{}
	for _, c := range channels {
		if slices.Contains(c.GetRouting().GetTeams(), row.Team) {
			b.Channels = append(b.Channels, Named{c.Channel, c.Name})
		}
	}
	for kind, into := range map[string]*[]Named{desk.SettingMacro: &b.Macros, desk.SettingSnippet: &b.Snippets, desk.SettingView: &b.Views} {
		rows, err := s.opt.Settings.Settings(kind)
		if err != nil {
			return nil, fmt.Errorf("read the settings of kind %s: %w", kind, err)
		}
		*into = []Named{}
		for _, r := range rows {
			switch {
			case r.Removed || !desk.NamesTeam(r.Value, row.Team):
			case r.Owner != "" && r.Owner != string(me(ctx).Agent):
				b.Others++
			default:
				*into = append(*into, Named{r.Setting, desk.SettingTitle(r.Value)})
			}
		}
	}
	return out, nil
}

func (s *Server) teamRoutes() []route {
	return []route{
		{http.MethodGet, "/teams", agents, "list-teams", "All teams", typed(s.listTeams, 200)},
		{http.MethodPost, "/teams", administrators, "add-team", "Add a team", typed(s.addTeam, 201)},
		{http.MethodPut, "/teams/{id}", administrators, "change-team", "Change a team's name and members, or bring back one that was removed", typed(s.changeTeam, 200)},
		{http.MethodDelete, "/teams/{id}", administrators, "remove-team", "Remove a team: nobody is in it any more. What names it, tickets and rules, keeps doing so", typed(s.removeTeam, 204)},
		{http.MethodGet, "/teams/{id}/uses", administrators, "read-team-uses", "What names a team: open tickets, channels' rules, macros, snippets and views", typed(s.teamUses, 200)},
	}
}
