package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/centralita/centralita/desk"
)

// Sections change a part of a channel's configuration and leave the rest of it as it is.
type Sections struct {
	Sections map[string]any `json:"sections,omitempty" maxProperties:"50" doc:"Parts of the configuration by their names: each takes the place of what was there, null takes it out, the others stay"`
	Were     map[string]any `json:"sections_were,omitempty" maxProperties:"50" doc:"The same parts as they were read, null for one that was not there. When one is another by now the change is refused (409, reason changed_since); one that is left out is written over whatever it is"`
}

// mostRetries is how often a change of sections is tried again when somebody else changed other ones in that moment.
const mostRetries = 5

// changeSections changes some sections of what the configuration is by now.
func (s *Server) changeSections(ctx context.Context, in *changeChannelInput) (*oneChannel, error) {
	if in.Body.Config != nil {
		return nil, fault("body.sections", "give the whole configuration as config, or parts of it as sections, not both")
	}
	id := desk.ChannelID(in.ID)
	var err error
	for range mostRetries {
		row, e := s.channelRow(id)
		if e != nil {
			return nil, e
		}
		config, e := in.Body.Sections.over(row.Config)
		if e != nil {
			return nil, e
		}
		if err = s.rewriteChannel(ctx, row, in, config); err == nil {
			return s.oneChannel(id)
		}
		if e, is := errors.AsType[*desk.Error](err); !is || e.Reason != "changed_since" || in.Body.Routing != nil && e.Field == desk.RulesChanged().Field {
			break
		}
	}
	return nil, err
}

// over gives a configuration with the sections changed, if they are what they were.
func (p *Sections) over(config []byte) ([]byte, error) {
	now := map[string]json.RawMessage{}
	if err := json.Unmarshal(config, &now); err != nil && len(bytes.TrimSpace(config)) > 0 {
		return nil, fault("body.sections", "this channel's configuration has no sections")
	}
	for name, was := range p.Were {
		want, err := json.Marshal(was)
		if err != nil {
			return nil, fmt.Errorf("encode a section: %w", err)
		}
		if !sameJSON(now[name], want) {
			return nil, desk.ConfigChanged(name)
		}
	}
	for name, value := range p.Sections {
		if value == nil {
			delete(now, name)
			continue
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("encode a section: %w", err)
		}
		now[name] = raw
	}
	out, err := json.Marshal(now)
	if err != nil {
		return nil, fmt.Errorf("encode the configuration: %w", err)
	}
	return out, nil
}

// sameJSON compares what two texts mean; one that is missing is null.
func sameJSON(a, b []byte) bool {
	mean := func(raw []byte) string {
		var v any
		if json.Unmarshal(raw, &v) != nil || v == nil {
			return "null"
		}
		plain, err := json.Marshal(v) // keys in order, numbers in one form
		if err != nil {
			return string(raw)
		}
		return string(plain)
	}
	return mean(a) == mean(b)
}
