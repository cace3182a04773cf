package desk

import (
	"cmp"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// Tried is what one rule said of a ticket. Failed: the condition that does not hold, nobody when nobody could take it, "" when it gave
// the ticket to somebody.
type Tried struct {
	Rule, Name string // "" of the default
	Failed     string
	Reason     *deskpb.AssignmentReason // nil when it is not for the ticket
}

// RoutingTrial is a ticket, real or made up, for which the rules are asked. Rule: those of its channel as somebody is writing them; nil: as
// they are.
type RoutingTrial struct {
	About About
	Rule  *deskpb.RoutingRule
}

// RuleText is what rules look at of a first message.
func RuleText(b *deskpb.Body) string {
	s := b.GetText()
	if n := int(b.GetFreshTextBytes()); n > 0 && n <= len(s) {
		s = s[:n]
	}
	return clip(s, maxRuleText)
}

// Route asks a channel's rules, in their order, who gets a ticket. The first that is for it and finds somebody decides. One that is
// for it and finds nobody lets the next one try, unless it is to stay; the default is the last. When nobody is found at all, the
// ticket waits for those of the first rule that was for it. q.Rule is not looked at.
func Route(q Question, rules *Rules, about *About, r *Roster, nowMs int64) Choice {
	if q.WaitedMs = 0; about.Ticket.GetInLine() {
		q.WaitedMs = max(nowMs-about.Ticket.InLineSinceMs, 0)
	}
	q.Live = Live(about.Ticket.GetChannelKind())
	k := asking{q: q, r: r, now: nowMs}
	row := RowOf(about.Ticket, nil)
	var first *Choice
	for i := range rules.steps {
		s := &rules.steps[i]
		if why := s.fails(about, &row); why != "" {
			k.miss(s.of, why)
			if q.Explain {
				k.tried = append(k.tried, Tried{Rule: s.of.Id, Name: s.of.Name, Failed: why})
			}
			continue
		}
		c := k.ask(s.of.Then, s.of)
		if c.Agent != "" || s.of.Stay || !Routes(s.of.Then) {
			return k.end(c)
		}
		if first == nil {
			first = &c
		}
		k.miss(s.of, "nobody")
	}
	c := k.ask(rules.Default, nil)
	if c.Agent != "" || first == nil {
		return k.end(c)
	}
	first.Waiting = first.Waiting || c.Waiting
	return k.end(*first)
}

// asking is one question to the rules under way.
type asking struct {
	q         Question
	r         *Roster
	now       int64
	missed    []*deskpb.RuleMiss
	tried     []Tried
	widens    int64 // the first of all times at which a team joins; 0: none does
	ownerAway AgentID
}

func (k *asking) miss(s *deskpb.RoutingStep, why string) {
	if len(k.missed) < maxExplained {
		k.missed = append(k.missed, &deskpb.RuleMiss{Rule: s.Id, Name: s.Name, Failed: why})
	}
}

// ask asks one rule; s is nil of the default.
func (k *asking) ask(rule *deskpb.RoutingRule, s *deskpb.RoutingStep) Choice {
	q := k.q
	q.Rule = rule
	if s != nil && q.Turns != "" {
		q.Turns += "/" + s.Id // each rule has rounds of its own
	}
	c := Choose(q, k.r)
	if c.widens > 0 && (k.widens == 0 || c.widens < k.widens) {
		k.widens = c.widens
	}
	k.ownerAway = AgentID(nameOr(string(k.ownerAway), string(c.OwnerAway)))
	if s != nil {
		c.Reason.Rule, c.Reason.RuleName = s.Id, s.Name
		c.Reason.Text = fmt.Sprintf("Rule “%s”: %s", s.Name, c.Reason.Text)
	}
	c.Reason.Missed = slices.Clone(k.missed)
	if q.Explain {
		one := Tried{Rule: c.Reason.Rule, Name: c.Reason.RuleName, Reason: c.Reason}
		if c.Agent == "" {
			one.Failed = "nobody"
		}
		k.tried = append(k.tried, one)
	}
	return c
}

func (k *asking) end(c Choice) Choice {
	c.OwnerAway, c.Tried = k.ownerAway, k.tried
	if c.Agent == "" && c.Waiting && k.widens > 0 {
		c.Reason.WidensAtMs = k.now - k.q.WaitedMs + k.widens
	}
	return c
}

// widened is a rule with the teams that have joined after the ticket waited for so long, and after how long the next one does (0: none).
func widened(rule *deskpb.RoutingRule, waitedMs int64) (*deskpb.RoutingRule, int64) {
	var joined []string
	next := int64(0)
	for _, o := range rule.GetOverflow() {
		if after := o.AfterSeconds * 1000; after <= waitedMs {
			joined = append(joined, o.Team)
		} else if next == 0 || after < next {
			next = after
		}
	}
	if len(joined) == 0 {
		return rule, next
	}
	wide := proto.CloneOf(rule)
	for _, t := range joined {
		if !slices.Contains(wide.Teams, t) {
			wide.Teams = append(wide.Teams, t)
		}
	}
	return wide, next
}

// TeamsOf are the teams to which a ticket is given by rule as it stands: those it was last offered to, or those of its channel's default.
func TeamsOf(t Ticket) []string {
	if teams := t.GetReason().GetTeams(); len(teams) > 0 && t.GetOwner() == "" {
		return teams
	}
	return RuleFor(t, t.GetRouting()).GetTeams()
}

// RuleNames gives whom a rule names anywhere: agents, teams and skills.
func RuleNames(rule *deskpb.RoutingRule) (agents, teams, skills []string) {
	all := []*deskpb.RoutingRule{rule}
	for _, s := range rule.GetSteps() {
		all = append(all, s.GetThen())
	}
	for _, r := range all {
		agents = append(agents, r.GetAgents()...)
		teams = append(teams, r.GetTeams()...)
		skills = append(skills, r.GetSkills()...)
		for _, o := range r.GetOverflow() {
			teams = append(teams, o.Team)
		}
	}
	if d := rule.GetDefaults(); d.GetTeam() != "" {
		teams = append(teams, d.Team)
	}
	return unique(agents), unique(teams), unique(skills)
}

// Flaw is something of a rule that lets nobody through, though it once did, and who keeps the rules should mend.
type Flaw struct {
	Step string // the rule's id, "" the default
	Kind string // agent or team
	ID   string
	Why  string // no_seat, deactivated, gone, removed, no_main_member
}

// Flaws finds who or what a rule names in vain. They stay in the rule and are passed over.
func Flaws(rule *deskpb.RoutingRule, r *Roster) (all []Flaw) {
	look := func(step string, rule *deskpb.RoutingRule) {
		if !Routes(rule) {
			return
		}
		for _, id := range rule.GetAgents() {
			if why := UnfitAgent(r.Agents[AgentID(id)]); why != "" {
				all = append(all, Flaw{step, "agent", id, why})
			}
		}
		teams := slices.Clone(rule.GetTeams())
		for _, o := range rule.GetOverflow() {
			teams = append(teams, o.Team)
		}
		for _, id := range teams {
			if why := UnfitTeam(r.Teams[TeamID(id)], func(a string) Agent { return r.Agents[AgentID(a)] }); why != "" {
				all = append(all, Flaw{step, "team", id, why})
			}
		}
	}
	for _, s := range rule.GetSteps() {
		look(s.Id, s.Then)
	}
	plain := rule
	if len(rule.GetSteps()) > 0 {
		plain = proto.CloneOf(rule)
		plain.Steps = nil
	}
	look("", plain)
	return all
}

// UnfitAgent is why an agent can be in no rule, "" when he can.
func UnfitAgent(a Agent) string {
	switch {
	case a == nil:
		return "gone"
	case a.Deactivated:
		return "deactivated"
	case !a.Seat:
		return "no_seat"
	}
	return ""
}

// UnfitTeam is why a team can be in no rule: only its main members get tickets, and one of them needs a seat.
func UnfitTeam(t Team, agent func(string) Agent) string {
	switch {
	case t == nil:
		return "gone"
	case t.Removed:
		return "removed"
	}
	if !slices.ContainsFunc(t.Members, func(m *deskpb.TeamMember) bool { return m.Main && UnfitAgent(agent(m.Agent)) == "" }) {
		return "no_main_member"
	}
	return ""
}

// byAfter puts overflow in the order in which it comes.
func byAfter(a, b *deskpb.RoutingOverflow) int { return cmp.Compare(a.AfterSeconds, b.AfterSeconds) }

// OwnedBy is a contact as it would be if an agent owned it; nil is one of whom nothing is known.
func OwnedBy(c Contact, agent string) Contact {
	owned := &deskpb.ContactSummary{}
	if c != nil {
		owned = proto.CloneOf(c)
	}
	owned.Owner = agent
	return owned
}

// AnyOf is a rule that names everybody whom a channel's rules name anywhere, available or not.
func AnyOf(rule *deskpb.RoutingRule) *deskpb.RoutingRule {
	agents, teams, _ := RuleNames(rule)
	return &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Agents: agents, Teams: teams, IgnoreAvailability: true}
}
