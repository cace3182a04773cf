package settings

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Tag is a word put on tickets.
type Tag struct {
	Head
	Name   string `json:"name" maxLength:"60"`
	Colour string `json:"colour" required:"false" doc:"grey, red, orange, yellow, green, teal, blue, violet or pink"`
}

// Tags is the kind of tags.
var Tags = Kind[Tag]{
	Name: desk.SettingTag, Prefix: "tg_", Head: func(t *Tag) *Head { return &t.Head },
	Shape: func(s *deskpb.Setting) Tag { return Tag{Name: s.GetTag().GetName(), Colour: s.GetTag().GetColour()} },
	Setting: func(t Tag) *deskpb.Setting {
		return &deskpb.Setting{Value: &deskpb.Setting_Tag{Tag: &deskpb.Tag{Name: t.Name, Colour: t.Colour}}}
	},
}

// Pipeline is a way of work.
type Pipeline struct {
	Head
	Name    string  `json:"name" maxLength:"200"`
	Default bool    `json:"default" required:"false" doc:"Of tickets that name none; there is one at most"`
	Stages  []Stage `json:"stages" maxItems:"30" doc:"In the order in which they are shown"`
}

// Stage is a status of one's own, with what the engine takes it for.
type Stage struct {
	ID     string `json:"id" maxLength:"64" doc:"Unique in its pipeline"`
	Name   string `json:"name" maxLength:"200"`
	Status string `json:"status" enum:"new,waiting_on_us,waiting_on_contact,closed"`
}

// Pipelines is the kind of pipelines.
var Pipelines = Kind[Pipeline]{
	Name: desk.SettingPipeline, Prefix: "pl_", Head: func(p *Pipeline) *Head { return &p.Head },
	Shape: func(s *deskpb.Setting) Pipeline {
		p := s.GetPipeline()
		return Pipeline{Name: p.GetName(), Default: p.GetDefault(), Stages: each(p.GetStages(), func(st *deskpb.Stage) Stage {
			return Stage{st.Id, st.Name, word(st.Status, "TICKET_STATUS_")}
		})}
	},
	Setting: func(p Pipeline) *deskpb.Setting {
		return &deskpb.Setting{Value: &deskpb.Setting_Pipeline{Pipeline: &deskpb.Pipeline{
			Name: p.Name, Default: p.Default, Stages: each(p.Stages, func(st Stage) *deskpb.Stage {
				return &deskpb.Stage{Id: st.ID, Name: st.Name, Status: deskpb.TicketStatus(number(deskpb.TicketStatus_value, "TICKET_STATUS_", st.Status))}
			}),
		}}}
	},
	Saved: oneDefault,
}

// oneDefault takes the word from every other pipeline when one becomes the default.
func oneDefault(ctx context.Context, r *Room, id desk.SettingID, s *deskpb.Setting) error {
	if !s.GetPipeline().GetDefault() {
		return nil
	}
	rows, err := r.opt.Rows.Settings(desk.SettingPipeline)
	if err != nil {
		return fmt.Errorf("read the pipelines: %w", err)
	}
	for _, row := range rows {
		if row.Removed || row.Setting == string(id) || !row.Value.GetPipeline().GetDefault() {
			continue
		}
		other := proto.CloneOf(row.Value)
		other.GetPipeline().Default = false
		cmd := deskpb.NewCommand(&deskpb.SaveSetting{Setting: other})
		if err := r.opt.Do(ctx, desk.SettingID(row.Setting).Stream(), cmd); err != nil {
			return fmt.Errorf("pipeline %s is the default no more: %w", row.Setting, err)
		}
	}
	return nil
}

// Property is a field of one's own.
type Property struct {
	Head
	Name            string   `json:"name" maxLength:"60" doc:"For programs: a-z, 0-9 and _"`
	Label           string   `json:"label" maxLength:"200" doc:"For people"`
	Of              string   `json:"of" enum:"ticket,contact"`
	Kind            string   `json:"kind" enum:"text,long_text,number,date,choice,multi_choice,checkbox,url,email,phone"`
	Choices         []Choice `json:"choices" required:"false" maxItems:"200"`
	RequiredToClose bool     `json:"required_to_close" required:"false" doc:"A ticket without it cannot be closed by hand"`
	Order           int32    `json:"order" required:"false" minimum:"0" maximum:"100000" doc:"Smaller ones are shown first"`
	Help            string   `json:"help" required:"false" maxLength:"500"`
}

// Choice is one of a choice's choices.
type Choice struct {
	ID    string `json:"id" maxLength:"64" doc:"Values are kept by it"`
	Label string `json:"label" maxLength:"200"`
}

// Properties is the kind of properties.
var Properties = Kind[Property]{
	Name: desk.SettingProperty, Prefix: "pr_", Head: func(p *Property) *Head { return &p.Head },
	Shape: func(s *deskpb.Setting) Property {
		p := s.GetProperty()
		return Property{
			Name: p.GetName(), Label: p.GetLabel(), Of: word(p.GetOf(), "PROPERTY_OF_"), Kind: word(p.GetKind(), "PROPERTY_KIND_"),
			Choices:         each(p.GetChoices(), func(c *deskpb.Choice) Choice { return Choice{c.Id, c.Label} }),
			RequiredToClose: p.GetRequiredToClose(), Order: p.GetOrder(), Help: p.GetHelp(),
		}
	},
	Setting: func(p Property) *deskpb.Setting {
		return &deskpb.Setting{Value: &deskpb.Setting_Property{Property: &deskpb.Property{
			Name: p.Name, Label: p.Label, Of: deskpb.PropertyOf(number(deskpb.PropertyOf_value, "PROPERTY_OF_", p.Of)),
			Kind:            deskpb.PropertyKind(number(deskpb.PropertyKind_value, "PROPERTY_KIND_", p.Kind)),
			Choices:         each(p.Choices, func(c Choice) *deskpb.Choice { return &deskpb.Choice{Id: c.ID, Label: c.Label} }),
			RequiredToClose: p.RequiredToClose, Order: p.Order, Help: p.Help,
		}}}
	},
}

// Skill is something an agent is good at.
type Skill struct {
	Head
	Name     string `json:"name" maxLength:"200"`
	Category string `json:"category" required:"false" maxLength:"100"`
	Kind     string `json:"kind" required:"false" enum:"topic,language" default:"topic"`
}

// Skills is the kind of skills.
var Skills = Kind[Skill]{
	Name: desk.SettingSkill, Prefix: "sk_", Head: func(s *Skill) *Head { return &s.Head },
	Shape: func(s *deskpb.Setting) Skill {
		v := s.GetSkill()
		return Skill{Name: v.GetName(), Category: v.GetCategory(), Kind: word(v.GetKind(), "SKILL_KIND_")}
	},
	Setting: func(s Skill) *deskpb.Setting {
		return &deskpb.Setting{Value: &deskpb.Setting_Skill{Skill: &deskpb.Skill{
			Name: s.Name, Category: s.Category, Kind: deskpb.SkillKind(number(deskpb.SkillKind_value, "SKILL_KIND_", s.Kind)),
		}}}
	},
}

// each shapes a list; it is never null.
func each[In, Out any](in []In, view func(In) Out) []Out {
	out := make([]Out, len(in))
	for i, v := range in {
		out[i] = view(v)
	}
	return out
}

// list is a list that is never null.
func list(in []string) []string { return each(in, func(s string) string { return s }) }

// word is an enum's name outside: without its prefix, in lower case; "" when it says nothing.
func word(e protoreflect.Enum, prefix string) string {
	v := e.Descriptor().Values().ByNumber(e.Number())
	if v == nil || e.Number() == 0 {
		return ""
	}
	return strings.ToLower(strings.TrimPrefix(string(v.Name()), prefix))
}

// number finds a word's number: 0 for none, -1 for one that is unknown.
func number(values map[string]int32, prefix, word string) int32 {
	if word == "" {
		return 0
	}
	n, known := values[prefix+strings.ToUpper(word)]
	if !known {
		return -1
	}
	return n
}
