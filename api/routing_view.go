package api

import (
	"errors"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func routingView(r *deskpb.RoutingRule) Routing {
	steps := each(r.GetSteps(), func(s *deskpb.RoutingStep) RoutingStep {
		return RoutingStep{ID: s.Id, Name: s.Name, Off: s.Off, Stay: s.Stay, When: conditionView(s.When), Target: targetView(s.Then)}
	})
	v := Routing{Target: targetView(r), Rules: &steps, Owners: ownersView(r.GetOwners()), Version: rulesVersion(r), Flaws: []RoutingFlaw{}}
	if d := r.GetDefaults(); d != nil {
		v.Defaults = &TicketDefaults{Tags: d.Tags, Team: d.Team, Pipeline: d.Pipeline, Stage: d.Stage, AnswerWithinMinutes: d.AnswerWithinMinutes}
		if d.Priority != 0 {
			v.Defaults.Priority = priorityWord(d.Priority)
		}
		if len(d.Properties) > 0 {
			v.Defaults.Properties = map[string]string{}
			for _, p := range d.Properties {
				v.Defaults.Properties[p.Property] = p.Value
			}
		}
	}
	return v
}

// rulesVersion is another one when the rules are others. A channel's own version moves with its secrets and its name, too.
func rulesVersion(r *deskpb.RoutingRule) string {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(r)
	if err != nil { // texts and numbers alone
		return ""
	}
	return desk.DeriveID("rv_", string(b))
}

func targetView(r *deskpb.RoutingRule) Target {
	only := !r.GetIgnoreAvailability()
	return Target{
		RoutingPolicy: policyView(r),
		Mode:          modeWord(r.GetMode()), Agents: notNull(r.GetAgents()), Teams: notNull(r.GetTeams()), OnlyAvailable: &only, Skills: r.GetSkills(),
		Overflow: each(r.GetOverflow(), func(o *deskpb.RoutingOverflow) RoutingOverflow { return RoutingOverflow{o.Team, o.AfterSeconds} }),
	}
}

func conditionView(w *deskpb.RoutingConditions) *Condition {
	if w == nil {
		return nil
	}
	c := &Condition{Words: w.Words, SubjectOnly: w.SubjectOnly, Languages: w.Languages}
	if f, err := desk.ParseFilter(w.Ticket, ""); err == nil && w.Ticket != "" {
		c.Ticket = &f
	}
	if people, err := desk.ParseContactConditions(w.Contact); err == nil {
		c.Contact = people
	}
	return c
}

// flawed adds to a channel what its rules name in vain; r may be nil.
func flawed(v Channel, rule *deskpb.RoutingRule, r *desk.Roster) Channel {
	if r == nil || v.ChannelWork == nil {
		return v
	}
	v.Routing.Flaws = each(desk.Flaws(rule, r), func(f desk.Flaw) RoutingFlaw { return RoutingFlaw{f.Step, f.Kind, f.ID, f.Why} })
	return v
}

// refusalText is what a refusal says, without its code and field.
func refusalText(err error) string {
	if e, ok := errors.AsType[*desk.Error](err); ok {
		return e.Message
	}
	return err.Error()
}
