package desk

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/centralita/centralita/proto/deskpb"
)

// What a view may be shown as.
var (
	viewLayouts = []string{"", "split", "table", "board"}
	viewGroups  = []string{"", "status", "stage", "priority", "owner", "team"}
)

// ViewColumns are the columns that a table may have.
var ViewColumns = []string{"number", "contact", "subject", "status", "priority", "owner", "team", "channel", "tags", "opened", "updated", "waiting", "due"}

func checkView(v *deskpb.View) error {
	if err := clean(&v.Name, "name"); err != nil {
		return err
	}
	if len(v.Name) > 100 {
		return Refuse(Invalid, "name", "at most 100 bytes")
	}
	v.Icon = strings.TrimSpace(v.Icon)
	if len(v.Icon) > 32 || utf8.RuneCountInString(v.Icon) > 8 { // one emoji may be several characters
		return Refuse(Invalid, "icon", "must be one emoji")
	}
	f, err := ParseFilter(v.Filter, "filter")
	if err != nil {
		return err
	}
	v.Filter = f.String()
	if by := Sort(strings.TrimPrefix(v.Sort, "-")); v.Sort != "" && !slices.Contains(Sorts, by) {
		return Refuse(Invalid, "sort", "must be one of %v, with a - in front for the largest first", Sorts)
	}
	if !slices.Contains(viewLayouts, v.Layout) {
		return Refuse(Invalid, "layout", "must be split, table or board")
	}
	if !slices.Contains(viewGroups, v.Group) {
		return Refuse(Invalid, "group", "must be status, stage, priority, owner or team")
	}
	if err := checkColumns(v.Columns); err != nil {
		return err
	}
	if v.Order < 0 || v.Order > 100_000 {
		return Refuse(Invalid, "order", "must be 0 to 100000")
	}
	return checkAudience(v.Owner, v.Teams)
}

func checkColumns(columns []string) error {
	for i, c := range columns {
		if !slices.Contains(ViewColumns, c) || slices.Contains(columns[:i], c) {
			return Refuse(Invalid, "columns", "must be some of %s, each once", strings.Join(ViewColumns, ", "))
		}
	}
	return nil
}
