package api

import (
	"fmt"
	"slices"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// A channel's rules, as they are read and written.

// Routing is what a channel says of who gets its tickets: its rules in their order, and what counts when none of them decides.
type Routing struct {
	Target
	Rules    *[]RoutingStep  `json:"rules,omitempty" maxItems:"50" doc:"Asked in their order, before the rest of this, which is the default. Left out: they stay"`
	Defaults *TicketDefaults `json:"defaults,omitempty" doc:"What a ticket has from its beginning. Left out: it stays"`
	Owners   *Owners         `json:"owners,omitempty" doc:"What becomes of tickets whose owner is not there. Left out: it stays"`
	Version  string          `json:"version,omitempty" maxLength:"64" doc:"Of the rules as they were read. Given back with a change, the change is refused (409, reason changed_since) when they are others by now; left out: it is written over whatever they are"`
	Flaws    []RoutingFlaw   `json:"flaws" required:"false" doc:"Who or what is named in vain: passed over until the rule is mended"`
}

// Target is whom a rule names.
type Target struct {
	Mode          string            `json:"mode" enum:"nobody,users_and_teams,contact_owner"`
	Agents        []string          `json:"agents" required:"false" maxItems:"1000"`
	Teams         []string          `json:"teams" required:"false" maxItems:"1000"`
	OnlyAvailable *bool             `json:"only_available,omitempty" doc:"True if left out"`
	Skills        []string          `json:"skills,omitempty" maxItems:"20" doc:"Ids: whoever gets the ticket has them all; of languages, those who speak them as their main one come first"`
	Overflow      []RoutingOverflow `json:"overflow,omitempty" maxItems:"10" doc:"Teams that join while the ticket stands in line"`
	RoutingPolicy
}

// RoutingOverflow is a team that joins.
type RoutingOverflow struct {
	Team  string `json:"team" maxLength:"64"`
	After int64  `json:"after" minimum:"60" maximum:"604800" doc:"Seconds in line"`
}

// RoutingStep is a rule.
type RoutingStep struct {
	ID   string     `json:"id" maxLength:"64" doc:"Unique in its channel; made by the client"`
	Name string     `json:"name" maxLength:"100"`
	Off  bool       `json:"off,omitempty"`
	When *Condition `json:"when,omitempty" doc:"All of it has to hold; left out: every ticket"`
	Stay bool       `json:"stay,omitempty" doc:"When nobody can take it, it waits for these. Else the next rule that is for it is asked"`
	Target
}

// Condition says for which tickets a rule is.
type Condition struct {
	Ticket      *desk.Filter          `json:"ticket,omitempty" doc:"As lists take it, of: channel, kind, status, pipeline, stage, priority, team, tags, properties, text"`
	Contact     []desk.PropertyFilter `json:"contact,omitempty" maxItems:"20" doc:"Of the contact's properties"`
	Words       []string              `json:"words,omitempty" maxItems:"50" doc:"One of them is in the subject or in the first message, as whole words"`
	SubjectOnly bool                  `json:"subject_only,omitempty" doc:"Words are looked for in the subject alone"`
	Languages   []string              `json:"languages,omitempty" maxItems:"9" doc:"It is written in one of them: en, es, fr, de, pt, it, nl, ca, pl"`
}

// TicketDefaults are what a channel's tickets have from their beginning.
type TicketDefaults struct {
	Priority            string            `json:"priority,omitempty" enum:",low,normal,high,urgent"`
	Tags                []string          `json:"tags,omitempty" maxItems:"50"`
	Team                string            `json:"team,omitempty" maxLength:"64"`
	Pipeline            string            `json:"pipeline,omitempty" maxLength:"64"`
	Stage               string            `json:"stage,omitempty" maxLength:"64"`
	Properties          map[string]string `json:"properties,omitempty" doc:"By the property's id, as its kind writes them"`
	AnswerWithinMinutes int32             `json:"answer_within_minutes,omitempty" minimum:"0" maximum:"527040" doc:"A first answer is due so long after the ticket was opened; 0: by no time"`
}

// RoutingFlaw is something that a rule names in vain.
type RoutingFlaw struct {
	Rule string `json:"rule" doc:"Its id; empty: the default"`
	Kind string `json:"kind" enum:"agent,team"`
	ID   string `json:"id"`
	Why  string `json:"why" enum:"no_seat,deactivated,gone,removed,no_main_member"`
}

// roster is what rules know of people.
func (s *Server) roster() (*desk.Roster, error) {
	agents, err := s.opt.People.Agents()
	if err != nil {
		return nil, fmt.Errorf("read the agents: %w", err)
	}
	teams, err := s.opt.People.Teams()
	if err != nil {
		return nil, fmt.Errorf("read the teams: %w", err)
	}
	r := &desk.Roster{Agents: map[desk.AgentID]desk.Agent{}, Teams: map[desk.TeamID]desk.Team{}}
	for _, a := range agents {
		r.Agents[desk.AgentID(a.Agent)] = a
	}
	for _, t := range teams {
		r.Teams[desk.TeamID(t.Team)] = t
	}
	return r, nil
}

// routing checks a channel's rules: those they name exist, and can get tickets. What they named before may stay. None given: nobody is
// chosen.
func (s *Server) routing(r *Routing, was *deskpb.RoutingRule) (*deskpb.RoutingRule, error) {
	if r == nil {
		return &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_NOBODY}, nil
	}
	const at = "body.routing"
	c := &ruleCheck{s: s}
	var err error
	if c.roster, err = s.roster(); err != nil {
		return nil, err
	}
	c.agents, c.teams, c.skills = desk.RuleNames(was)
	c.conditions = conditionProperties(was)
	rule, err := c.target(r.Target, at)
	if err != nil {
		return nil, err
	}
	rule.Steps, rule.Defaults, rule.Owners = was.GetSteps(), was.GetDefaults(), was.GetOwners()
	if r.Owners != nil {
		rule.Owners = ownersOf(r.Owners)
	}
	if r.Skills == nil { // a client that does not know of these leaves them as they are
		rule.Skills = was.GetSkills()
	}
	if r.Overflow == nil {
		rule.Overflow = was.GetOverflow()
	}
	if r.Rules != nil {
		rule.Steps = nil
		for i, step := range *r.Rules {
			one, err := c.step(step, fmt.Sprintf("%s.rules[%d]", at, i))
			if err != nil {
				return nil, err
			}
			rule.Steps = append(rule.Steps, one)
		}
	}
	if r.Defaults != nil {
		if rule.Defaults, err = c.defaults(r.Defaults, at+".defaults"); err != nil {
			return nil, err
		}
	}
	return rule, nil
}

// ruleCheck holds what rules are checked against; agents, teams and skills are those that were named before.
type ruleCheck struct {
	s                     *Server
	roster                *desk.Roster
	agents, teams, skills []string
	conditions            map[string]bool // the properties that were looked at before
}

var flawFixes = map[string]string{
	"gone": "there is no such %s", "deactivated": "this %s is deactivated: activate the account first, or choose another", "removed": "this %s was removed: choose another",
	"no_seat": "this %s has no seat: give a seat first (Settings → Agents), or choose another", "no_main_member": "no main member of this %s has a seat: make one a main member, or give one a seat, first",
}

func (c *ruleCheck) target(t Target, at string) (*deskpb.RoutingRule, error) {
	for i, id := range t.Agents {
		if why := desk.UnfitAgent(c.roster.Agents[desk.AgentID(id)]); why != "" && !slices.Contains(c.agents, id) {
			return nil, fault(fmt.Sprintf("%s.agents[%d]", at, i), flawFixes[why], "agent")
		}
	}
	weights, err := c.s.weights(t.Weights, at)
	if err != nil {
		return nil, err
	}
	rule := &deskpb.RoutingRule{
		Policy: policyOf(t.Policy), Sticky: t.Sticky, Weights: weights,
		Mode: modeOf(t.Mode), Agents: t.Agents, Teams: t.Teams, Skills: t.Skills, IgnoreAvailability: t.OnlyAvailable != nil && !*t.OnlyAvailable}
	for i, id := range t.Teams {
		if err := c.team(id, fmt.Sprintf("%s.teams[%d]", at, i)); err != nil {
			return nil, err
		}
	}
	for i, o := range t.Overflow {
		if err := c.team(o.Team, fmt.Sprintf("%s.overflow[%d].team", at, i)); err != nil {
			return nil, err
		}
		rule.Overflow = append(rule.Overflow, &deskpb.RoutingOverflow{Team: o.Team, AfterSeconds: o.After})
	}
	for i, id := range t.Skills {
		if row, err := c.s.opt.Settings.Setting(desk.SettingID(id)); err != nil {
			return nil, fmt.Errorf("read setting %s: %w", id, err)
		} else if (row == nil || row.Removed || row.Kind != desk.SettingSkill) && !slices.Contains(c.skills, id) {
			return nil, fault(fmt.Sprintf("%s.skills[%d]", at, i), "there is no such skill; it may have been removed")
		}
	}
	return rule, nil
}

func (c *ruleCheck) team(id, at string) error {
	why := desk.UnfitTeam(c.roster.Teams[desk.TeamID(id)], func(a string) desk.Agent { return c.roster.Agents[desk.AgentID(a)] })
	if why == "" || slices.Contains(c.teams, id) {
		return nil
	}
	return fault(at, flawFixes[why], "team")
}

func (c *ruleCheck) step(step RoutingStep, at string) (*deskpb.RoutingStep, error) {
	then, err := c.target(step.Target, at)
	if err != nil {
		return nil, err
	}
	out := &deskpb.RoutingStep{Id: step.ID, Name: step.Name, Off: step.Off, Stay: step.Stay, Then: then}
	if w := step.When; w != nil {
		if err := c.condition(w, at+".when"); err != nil {
			return nil, err
		}
		out.When = &deskpb.RoutingConditions{Words: w.Words, SubjectOnly: w.SubjectOnly, Languages: w.Languages}
		if w.Ticket != nil {
			if out.When.Ticket = w.Ticket.String(); out.When.Ticket == "{}" {
				out.When.Ticket = ""
			}
		}
		if len(w.Contact) > 0 {
			out.When.Contact = desk.ContactConditions(w.Contact)
		}
	}
	return out, nil
}

func (c *ruleCheck) defaults(d *TicketDefaults, at string) (*deskpb.TicketDefaults, error) {
	out := &deskpb.TicketDefaults{Tags: d.Tags, Team: d.Team, Pipeline: d.Pipeline, Stage: d.Stage, AnswerWithinMinutes: d.AnswerWithinMinutes}
	if d.Priority != "" {
		out.Priority = priorityOf(d.Priority)
	}
	if d.Team != "" {
		team := c.roster.Teams[desk.TeamID(d.Team)]
		if team == nil || team.Removed {
			return nil, fault(at+".team", "there is no such team; it may have been removed")
		}
		out.TeamName = team.Name
	}
	for i, id := range d.Tags {
		if err := c.s.isSetting(desk.SettingID(id), desk.SettingTag); err != nil {
			return nil, fault(fmt.Sprintf("%s.tags[%d]", at, i), "there is no such tag")
		}
	}
	if d.Stage == "" && d.Pipeline != "" {
		return nil, fault(at+".stage", "choose the status of the pipeline in which tickets begin")
	}
	if d.Stage != "" {
		row, err := c.s.opt.Settings.Setting(desk.SettingID(d.Pipeline))
		if err != nil {
			return nil, fmt.Errorf("read setting %s: %w", d.Pipeline, err)
		}
		at := slices.IndexFunc(row.GetValue().GetPipeline().GetStages(), func(st *deskpb.Stage) bool { return st.Id == d.Stage })
		if row == nil || row.Removed || at < 0 {
			return nil, fault("body.routing.defaults.stage", "the pipeline has no such status")
		}
		stage := row.Value.GetPipeline().Stages[at]
		out.StageName, out.StageStatus = stage.Name, stage.Status
	}
	for _, id := range sortedKeys(d.Properties) {
		row, err := c.s.opt.Settings.Setting(desk.SettingID(id))
		if err != nil {
			return nil, fmt.Errorf("read setting %s: %w", id, err)
		}
		p := row.GetValue().GetProperty()
		if p == nil || row.Removed || p.Of != deskpb.PropertyOf_PROPERTY_OF_TICKET {
			return nil, fault(at+".properties."+id, "%s is no property of tickets", id)
		}
		value, err := desk.PropertyValue(p, d.Properties[id])
		if err != nil {
			return nil, fault(at+".properties."+id, "%s", refusalText(err))
		}
		if value != "" {
			out.Properties = append(out.Properties, &deskpb.PropertyDefault{Property: id, Value: value})
		}
	}
	return out, nil
}
