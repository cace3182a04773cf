package desk_test

import (
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func TestWhatAViewMayHold(t *testing.T) {
	t.Parallel()
	view := func(change func(*deskpb.View)) *deskpb.Setting {
		v := &deskpb.View{Name: "Urgent", Filter: `{"priority":["urgent"]}`}
		change(v)
		return &deskpb.Setting{Value: &deskpb.Setting_View{View: v}}
	}
	for name, c := range map[string]struct {
		change func(*deskpb.View)
		field  string // at fault; "" means: fine
	}{
		"a view":              {func(*deskpb.View) {}, ""},
		"of everything":       {func(v *deskpb.View) { v.Filter = "" }, ""},
		"one's own":           {func(v *deskpb.View) { v.Owner = "ag_1" }, ""},
		"for teams":           {func(v *deskpb.View) { v.Teams = []string{"tm_1"} }, ""},
		"a board":             {func(v *deskpb.View) { v.Layout, v.Group, v.Sort = "board", "owner", "-priority" }, ""},
		"a table":             {func(v *deskpb.View) { v.Layout, v.Columns = "table", []string{"subject", "owner"} }, ""},
		"no name":             {func(v *deskpb.View) { v.Name = " " }, "name"},
		"no filter":           {func(v *deskpb.View) { v.Filter = "urgent" }, "filter"},
		"a wrong value":       {func(v *deskpb.View) { v.Filter = `{"status":["gone"]}` }, "filter.status"},
		"an order of its own": {func(v *deskpb.View) { v.Sort = "colour" }, "sort"},
		"a layout":            {func(v *deskpb.View) { v.Layout = "circle" }, "layout"},
		"a group":             {func(v *deskpb.View) { v.Group = "subject" }, "group"},
		"a column twice":      {func(v *deskpb.View) { v.Columns = []string{"subject", "subject"} }, "columns"},
		"a long icon":         {func(v *deskpb.View) { v.Icon = "much too long" }, "icon"},
		"own and shared":      {func(v *deskpb.View) { v.Owner, v.Teams = "ag_1", []string{"tm_1"} }, "teams"},
	} {
		_, err := desk.CheckSetting(view(c.change))
		refusal, _ := err.(*desk.Error)
		if c.field == "" && err != nil || c.field != "" && (refusal == nil || refusal.Field != c.field) {
			t.Errorf("%s: %v, want a refusal of %q", name, err, c.field)
		}
	}
}
