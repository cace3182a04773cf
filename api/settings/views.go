package settings

import (
	"context"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// View is a saved list.
type View struct {
	Head
	Name    string   `json:"name" maxLength:"100"`
	Icon    string   `json:"icon" required:"false" maxLength:"32" doc:"An emoji"`
	Filter  string   `json:"filter" required:"false" maxLength:"8192" doc:"JSON, as GET /tickets takes it"`
	Sort    string   `json:"sort" required:"false" maxLength:"20" doc:"updated, opened, waiting, priority or number; with a - in front the largest first"`
	Layout  string   `json:"layout" required:"false" doc:"split, table or board"`
	Group   string   `json:"group" required:"false" doc:"The columns of a board: status, stage, priority, owner or team"`
	Columns []string `json:"columns" required:"false" maxItems:"12" doc:"Of a table"`
	Order   int32    `json:"order" required:"false" minimum:"0" maximum:"100000" doc:"Smaller ones are shown first"`
	Owner   string   `json:"owner" required:"false" maxLength:"64" doc:"Whose own it is; empty for a shared one"`
	Teams   []string `json:"teams" required:"false" maxItems:"100" doc:"With which it is shared; none: with everybody"`
}

// Views is the kind of saved lists. Agents keep their own; shared ones are kept by supervisors, too.
var Views = Kind[View]{
	Name: desk.SettingView, Prefix: "vw_", Head: func(v *View) *Head { return &v.Head }, Mine: true, Supervised: true,
	Shape: func(s *deskpb.Setting) View {
		v := s.GetView()
		return View{
			Name: v.GetName(), Icon: v.GetIcon(), Filter: v.GetFilter(), Sort: v.GetSort(), Layout: v.GetLayout(), Group: v.GetGroup(),
			Columns: list(v.GetColumns()), Order: v.GetOrder(), Owner: v.GetOwner(), Teams: list(v.GetTeams()),
		}
	},
	Setting: func(v View) *deskpb.Setting {
		return &deskpb.Setting{Value: &deskpb.Setting_View{View: &deskpb.View{
			Name: v.Name, Icon: v.Icon, Filter: v.Filter, Sort: v.Sort, Layout: v.Layout, Group: v.Group, Columns: v.Columns, Order: v.Order,
			Owner: v.Owner, Teams: v.Teams,
		}}}
	},
	Check: func(_ context.Context, r *Room, s *deskpb.Setting) error { return r.teams(s.GetView().Teams) },
}
