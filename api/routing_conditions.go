package api

import (
	"fmt"
	"slices"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What a rule looks at has to be there: one on what does not exist never holds, and nobody would see why.

// condition refuses what can never hold. Properties that the rules looked at before may stay.
func (c *ruleCheck) condition(w *Condition, at string) error {
	if w.Ticket != nil {
		if err := c.properties(w.Ticket.Properties, deskpb.PropertyOf_PROPERTY_OF_TICKET, at+".ticket.properties", "tickets"); err != nil {
			return err
		}
	}
	return c.properties(w.Contact, deskpb.PropertyOf_PROPERTY_OF_CONTACT, at+".contact", "contacts")
}

func (c *ruleCheck) properties(all []desk.PropertyFilter, of deskpb.PropertyOf, at, whose string) error {
	for i, p := range all {
		if c.conditions[p.Property] {
			continue
		}
		there, err := c.s.isProperty(p.Property, of)
		if err != nil {
			return err
		}
		if !there {
			return fault(fmt.Sprintf("%s[%d].property", at, i), "%q is no property of %s: choose one that is, or take the condition away", p.Property, whose)
		}
	}
	return nil
}

// conditionProperties are those that rules look at.
func conditionProperties(rule *deskpb.RoutingRule) map[string]bool {
	all := map[string]bool{}
	for _, step := range rule.GetSteps() {
		ticket, _ := desk.ParseFilter(step.GetWhen().GetTicket(), "") // it was checked when it was written
		contact, _ := desk.ParseContactConditions(step.GetWhen().GetContact())
		for _, p := range slices.Concat(ticket.Properties, contact) {
			all[p.Property] = true
		}
	}
	return all
}

// isProperty says whether there is such a property of tickets, or of contacts.
func (s *Server) isProperty(id string, of deskpb.PropertyOf) (bool, error) {
	row, err := s.opt.Settings.Setting(desk.SettingID(id))
	if err != nil {
		return false, fmt.Errorf("read setting %s: %w", id, err)
	}
	p := row.GetValue().GetProperty()
	return p != nil && !row.Removed && p.Of == of, nil
}

// isLive says whether there is such a setting of the kind.
func (s *Server) isLive(id, kind string) (bool, error) {
	row, err := s.opt.Settings.Setting(desk.SettingID(id))
	if err != nil {
		return false, fmt.Errorf("read setting %s: %w", id, err)
	}
	return row != nil && !row.Removed && row.Kind == kind, nil
}
