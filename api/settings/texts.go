package settings

import (
	"context"
	"fmt"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Snippet is a text that is put into an answer.
type Snippet struct {
	Head
	Name     string   `json:"name" maxLength:"200"`
	Shortcut string   `json:"shortcut" required:"false" maxLength:"60" doc:"a-z, 0-9, - and _; empty for none"`
	Text     string   `json:"text" required:"false" maxLength:"65536" doc:"{{contact.name}} and the like are filled in when it is used"`
	HTML     string   `json:"html" required:"false" maxLength:"65536" doc:"Sanitised; empty when it is plain text"`
	Owner    string   `json:"owner" required:"false" maxLength:"64" doc:"One's own: one's id; empty: everybody's"`
	Teams    []string `json:"teams" required:"false" maxItems:"100" doc:"Only for these; none: for all"`
}

// Snippets is the kind of snippets.
var Snippets = Kind[Snippet]{
	Name: desk.SettingSnippet, Prefix: "sn_", Head: func(s *Snippet) *Head { return &s.Head }, Mine: true,
	Shape: func(s *deskpb.Setting) Snippet {
		v := s.GetSnippet()
		return Snippet{Name: v.GetName(), Shortcut: v.GetShortcut(), Text: v.GetText(), HTML: v.GetHtml(), Owner: v.GetOwner(), Teams: list(v.GetTeams())}
	},
	Setting: func(s Snippet) *deskpb.Setting {
		return &deskpb.Setting{Value: &deskpb.Setting_Snippet{Snippet: &deskpb.Snippet{
			Name: s.Name, Shortcut: s.Shortcut, Text: s.Text, Html: s.HTML, Owner: s.Owner, Teams: s.Teams,
		}}}
	},
	Check: func(_ context.Context, r *Room, s *deskpb.Setting) error {
		if err := r.html(&s.GetSnippet().Html, "html"); err != nil {
			return err
		}
		return r.teams(s.GetSnippet().Teams)
	},
}

// Macro is several steps on a ticket in one.
type Macro struct {
	Head
	Name       string   `json:"name" maxLength:"200"`
	Owner      string   `json:"owner" required:"false" maxLength:"64" doc:"One's own: one's id; empty: everybody's"`
	Teams      []string `json:"teams" required:"false" maxItems:"100" doc:"Only for these; none: for all"`
	ReplyText  string   `json:"reply_text" required:"false" maxLength:"65536"`
	ReplyHTML  string   `json:"reply_html" required:"false" maxLength:"65536" doc:"Sanitised"`
	Note       string   `json:"note" required:"false" maxLength:"65536"`
	AddTags    []string `json:"add_tags" required:"false" maxItems:"100"`
	RemoveTags []string `json:"remove_tags" required:"false" maxItems:"100"`
	Status     string   `json:"status" required:"false" enum:",new,waiting_on_us,waiting_on_contact,closed" doc:"Empty: stays"`
	Pipeline   string   `json:"pipeline" required:"false" maxLength:"64" doc:"With stage; empty: stays"`
	Stage      string   `json:"stage" required:"false" maxLength:"64"`
	Assign     string   `json:"assign" required:"false" maxLength:"64" doc:"me, nobody or an agent; empty: stays"`
	Team       string   `json:"team" required:"false" maxLength:"64" doc:"none or a team; empty: stays"`
	Priority   string   `json:"priority" required:"false" enum:",low,normal,high,urgent" doc:"Empty: stays"`
}

// Macros is the kind of macros.
var Macros = Kind[Macro]{
	Name: desk.SettingMacro, Prefix: "mc_", Head: func(m *Macro) *Head { return &m.Head }, Mine: true,
	Shape: func(s *deskpb.Setting) Macro {
		m := s.GetMacro()
		return Macro{
			Name: m.GetName(), Owner: m.GetOwner(), Teams: list(m.GetTeams()), ReplyText: m.GetReplyText(), ReplyHTML: m.GetReplyHtml(),
			Note: m.GetNote(), AddTags: list(m.GetAddTags()), RemoveTags: list(m.GetRemoveTags()), Status: word(m.GetStatus(), "TICKET_STATUS_"),
			Pipeline: m.GetPipeline(), Stage: m.GetStage(), Assign: m.GetAssign(), Team: m.GetTeam(), Priority: word(m.GetPriority(), "PRIORITY_"),
		}
	},
	Setting: func(m Macro) *deskpb.Setting {
		return &deskpb.Setting{Value: &deskpb.Setting_Macro{Macro: &deskpb.Macro{
			Name: m.Name, Owner: m.Owner, Teams: m.Teams, ReplyText: m.ReplyText, ReplyHtml: m.ReplyHTML, Note: m.Note,
			AddTags: m.AddTags, RemoveTags: m.RemoveTags, Pipeline: m.Pipeline, Stage: m.Stage, Assign: m.Assign, Team: m.Team,
			Status:   deskpb.TicketStatus(number(deskpb.TicketStatus_value, "TICKET_STATUS_", m.Status)),
			Priority: deskpb.Priority(number(deskpb.Priority_value, "PRIORITY_", m.Priority)),
		}}}
	},
	Check: checkMacro,
}

// checkMacro: what it names is there.
func checkMacro(_ context.Context, r *Room, s *deskpb.Setting) error {
	m := s.GetMacro()
	if err := r.html(&m.ReplyHtml, "reply_html"); err != nil {
		return err
	}
	if err := r.teams(m.Teams); err != nil {
		return err
	}
	if err := r.named(desk.SettingTag, "add_tags[]", m.AddTags...); err != nil {
		return err
	}
	if err := r.named(desk.SettingTag, "remove_tags[]", m.RemoveTags...); err != nil {
		return err
	}
	if err := r.named(desk.SettingPipeline, "pipeline", m.Pipeline); err != nil {
		return err
	}
	if m.Assign != "" && m.Assign != "me" && m.Assign != "nobody" {
		if row, err := r.opt.People.Agent(desk.AgentID(m.Assign)); err != nil {
			return fmt.Errorf("read agent %s: %w", m.Assign, err)
		} else if row == nil || row.Deactivated {
			return desk.Refuse(desk.Invalid, "assign", "there is no such agent")
		}
	}
	if m.Team != "" && m.Team != "none" {
		if row, err := r.opt.People.Team(desk.TeamID(m.Team)); err != nil {
			return fmt.Errorf("read team %s: %w", m.Team, err)
		} else if row == nil || row.Removed {
			return desk.Refuse(desk.Invalid, "team", "there is no such team; it may have been removed")
		}
	}
	return nil
}
