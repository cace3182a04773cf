package desk

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// Limits of a channel's rules.
const (
	MaxRules        = 50
	maxOverflow     = 10
	maxRuleWords    = 50
	maxRuleSkills   = 20
	maxOverflowTime = 7 * 24 * 3600 // seconds
)

// CheckRules gives a channel's rules in the form in which they are kept, or says which field is at fault.
func CheckRules(rule *deskpb.RoutingRule) (*deskpb.RoutingRule, error) {
	if rule == nil {
		return nil, nil
	}
	rule = proto.CloneOf(rule)
	if err := checkRule(rule, "routing"); err != nil {
		return nil, err
	}
	if len(rule.Steps) > MaxRules {
		return nil, Refuse(Limit, "routing.rules", "at most %d rules a channel", MaxRules)
	}
	ids, names := map[string]bool{}, map[string]bool{}
	for i, s := range rule.Steps {
		at := fmt.Sprintf("routing.rules[%d]", i)
		if !ValidID(s.GetId()) || ids[s.Id] {
			return nil, Refuse(Invalid, at+".id", "must be an id of its own: 1 to 64 of a-z, 0-9, _ and -")
		}
		ids[s.Id] = true
		if err := clean(&s.Name, at+".name"); err != nil {
			return nil, err
		}
		if len(s.Name) > 100 || names[fold(s.Name)] {
			return nil, Refuse(Invalid, at+".name", "must be at most 100 bytes and not the name of another rule of this channel")
		}
		names[fold(s.Name)] = true
		if s.Then == nil {
			return nil, Refuse(Invalid, at+".mode", "must be nobody, users_and_teams or contact_owner")
		}
		if len(s.Then.Steps) > 0 || s.Then.Defaults != nil || s.Then.Owners != nil {
			return nil, Refuse(Invalid, at, "a rule holds no other rules, no values of tickets and nothing of their owners")
		}
		if err := checkRule(s.Then, at); err != nil {
			return nil, err
		}
		if err := checkConditions(s.When, at+".when"); err != nil {
			return nil, err
		}
	}
	if err := checkOwners(rule.Owners); err != nil {
		return nil, err
	}
	return rule, checkDefaults(rule.Defaults)
}

func checkRule(rule *deskpb.RoutingRule, at string) error {
	if _, known := deskpb.RoutingMode_name[int32(rule.GetMode())]; !known {
		return Refuse(Invalid, at+".mode", "must be nobody, users_and_teams or contact_owner")
	}
	if len(rule.Agents) > 1000 || len(rule.Teams) > 100 {
		return Refuse(Invalid, at, "at most 1000 agents and 100 teams")
	}
	if rule.Mode == deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS && len(rule.Agents)+len(rule.Teams) == 0 {
		return Refuse(Invalid, at, "name at least one agent or team, or choose nobody")
	}
	if len(rule.Skills) > maxRuleSkills {
		return Refuse(Invalid, at+".skills", "at most %d", maxRuleSkills)
	}
	if err := checkIDs(rule.Skills, at+".skills"); err != nil {
		return err
	}
	if len(rule.Overflow) > maxOverflow {
		return Refuse(Invalid, at+".overflow", "at most %d teams", maxOverflow)
	}
	if err := checkPolicy(rule, at); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, o := range rule.Overflow {
		field := fmt.Sprintf("%s.overflow[%d]", at, i)
		switch {
		case !ValidID(o.GetTeam()) || seen[o.Team]:
			return Refuse(Invalid, field+".team", "name a team, each once")
		case o.AfterSeconds < 60 || o.AfterSeconds > maxOverflowTime:
			return Refuse(Invalid, field+".after", "must be 1 minute to 7 days")
		}
		seen[o.Team] = true
	}
	slices.SortStableFunc(rule.Overflow, byAfter)
	return nil
}

func checkConditions(when *deskpb.RoutingConditions, at string) error {
	f, err := ParseFilter(when.GetTicket(), at+".ticket")
	if err != nil {
		return err
	}
	if f.Personal() || f.Following || f.Mentioned || len(f.Owner) > 0 || f.Waiting != nil || f.Opened != nil || f.Updated != nil || f.Closed != nil || f.Due != nil || f.Snoozed != nil || f.Spam {
		return Refuse(Invalid, at+".ticket", "a rule looks at channel, kind, status, pipeline, stage, priority, team, tags, properties and text alone")
	}
	if _, err := ParseContactConditions(when.GetContact()); err != nil {
		return Refuse(Invalid, at+".contact", "%s", messageOf(err))
	}
	if len(when.GetWords()) > maxRuleWords {
		return Refuse(Invalid, at+".words", "at most %d", maxRuleWords)
	}
	for i, w := range when.GetWords() {
		w = strings.TrimSpace(w)
		if w == "" || len(w) > 100 || !utf8.ValidString(w) || strings.ContainsAny(w, "\r\n\x00") {
			return Refuse(Invalid, fmt.Sprintf("%s.words[%d]", at, i), "must be 1 to 100 bytes of one line")
		}
		when.Words[i] = w
	}
	for i, l := range when.GetLanguages() {
		if !slices.Contains(Languages, l) {
			return Refuse(Invalid, fmt.Sprintf("%s.languages[%d]", at, i), "must be one of %s", strings.Join(Languages, ", "))
		}
	}
	return nil
}

func messageOf(err error) string {
	if e, is := err.(*Error); is { //nolint:errorlint // it was made here
		return e.Message
	}
	return err.Error()
}

func checkDefaults(d *deskpb.TicketDefaults) error {
	const at = "routing.defaults"
	if d == nil {
		return nil
	}
	if _, known := deskpb.Priority_name[int32(d.Priority)]; !known {
		return Refuse(Invalid, at+".priority", "must be low, normal, high or urgent")
	}
	if len(d.Tags) > MaxTags {
		return Refuse(Limit, at+".tags", "a ticket has at most %d tags", MaxTags)
	}
	if err := checkIDs(d.Tags, at+".tags"); err != nil {
		return err
	}
	if d.AnswerWithinMinutes < 0 || d.AnswerWithinMinutes > MaxAnswerMinutes {
		return Refuse(Invalid, at+".answer_within_minutes", "must be 1 to %d, or 0 for no time", MaxAnswerMinutes)
	}
	if len(d.Properties) > 50 {
		return Refuse(Invalid, at+".properties", "at most 50")
	}
	seen := map[string]bool{}
	for _, p := range d.Properties {
		if !ValidID(p.GetProperty()) || seen[p.Property] || p.Value == "" || len(p.Value) > MaxPropertyBytes {
			return Refuse(Invalid, at+".properties", "each needs a property, once, and a value of at most %d bytes", MaxPropertyBytes)
		}
		seen[p.Property] = true
	}
	for field, id := range map[string]string{"team": d.Team, "pipeline": d.Pipeline, "stage": d.Stage} {
		if id != "" && !ValidID(id) {
			return Refuse(Invalid, at+"."+field, "must be an id")
		}
	}
	if d.Stage != "" && d.StageStatus == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
		return Refuse(Invalid, at+".stage", "a ticket is not opened closed; choose an open stage")
	}
	return nil
}
