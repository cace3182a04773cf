package search

import (
	"fmt"
	"strings"

	"github.com/centralita/centralita/desk"
)

// named finds what a filter means by a name: an id as it is, or whatever is called so.
func (p *planner) named(key, value string, v *desk.Viewer) (ids []string, err error) {
	index := p.index.store.Index()
	low := strings.ToLower(strings.TrimPrefix(value, "@"))
	match := func(id string, names ...string) {
		for _, n := range append(names, id) {
			if n != "" && (fold(strings.ToLower(n)) == fold(low)) {
				ids = append(ids, id)
				return
			}
		}
	}
	switch key {
	case "owner":
		switch low {
		case "none", "nobody":
			return []string{""}, nil
		case "me":
			if v != nil {
				return []string{string(v.Agent)}, nil
			}
		}
		agents, err := index.Agents()
		if err != nil {
			return nil, fmt.Errorf("read the agents: %w", err)
		}
		for _, a := range agents {
			first, _, _ := strings.Cut(a.Name, " ")
			match(a.Agent, a.Name, desk.Colleague(a).ShownEmail, first) // with what one signs in is nobody's to try
		}
	case "team":
		if low == "none" {
			return []string{""}, nil
		}
		teams, err := index.Teams()
		if err != nil {
			return nil, fmt.Errorf("read the teams: %w", err)
		}
		for _, t := range teams {
			match(t.Team, t.Name)
		}
	case "channel":
		channels, err := index.Channels()
		if err != nil {
			return nil, fmt.Errorf("read the channels: %w", err)
		}
		for _, c := range channels {
			kind := strings.ToLower(strings.TrimPrefix(c.Kind.String(), "CHANNEL_KIND_"))
			match(c.Channel, c.Name, c.Address, kind)
		}
	case "contact":
		return []string{value}, nil
	case "tag":
		settings, err := index.Settings(desk.SettingTag)
		if err != nil {
			return nil, fmt.Errorf("read the tags: %w", err)
		}
		for _, t := range settings {
			if !t.Removed {
				match(t.Setting, t.GetValue().GetTag().GetName())
			}
		}
		if len(ids) == 0 && strings.HasPrefix(value, "tg_") { // a removed one stays on its tickets
			return []string{value}, nil
		}
	}
	if len(ids) == 0 {
		return nil, desk.Refuse(desk.Invalid, "q", "there is no %s called %q", key, value)
	}
	return ids, nil
}
