package desk

import (
	"fmt"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// Roster is what routing knows of people: rows of the index, refreshed by the assignment actor.
type Roster struct {
	Agents map[AgentID]Agent
	Teams  map[TeamID]Team
	// Promised counts reservations asked for and not answered yet.
	Promised map[AgentID]int32
}

// Question is one routing decision to make.
type Question struct {
	Rule         *deskpb.RoutingRule
	ContactOwner AgentID
	Recognised   bool
	Declined     map[AgentID]string // agents whose actor refused, and why
	TeamRemoved  string             // the name of the ticket's team if it was removed: the reason says so
}

// Choice is a decision with its reason. Agent is "" when nobody was chosen; Waiting: it is worth trying again later.
type Choice struct {
	Agent   AgentID
	Reason  *deskpb.AssignmentReason
	Waiting bool
	// OwnerAway is the contact's owner who would have it and is away: he is told that it came.
	OwnerAway AgentID
}

// maxExplained bounds the candidates stored with a reason.
const maxExplained = 20

// Choose applies a channel's rule: the contact's owner if the rule says so, else the least loaded eligible agent, ties by
// longest idle.
func Choose(q Question, r *Roster) Choice {
	c := choose(q, r)
	if c.Reason.Owner == "owner_offline" {
		c.OwnerAway = q.ContactOwner
	}
	if q.TeamRemoved != "" {
		c.Reason.Text = fmt.Sprintf("Its team %s was removed, so its channel's rule counts. %s", q.TeamRemoved, c.Reason.Text)
	}
	return c
}

func choose(q Question, r *Roster) Choice {
	if !Routes(q.Rule) {
		return Choice{Reason: noRule()}
	}
	v := voting{q: q, r: r}
	if q.Rule.Mode == deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER {
		if c, done := v.owner(); done {
			return c
		}
	}
	v.pool()
	return v.result()
}

// RuleOf is the rule that chooses a ticket's owner: a team set by hand counts before its channel's rule, unless it was removed.
func RuleOf(t Ticket, team Team, channel *deskpb.RoutingRule) *deskpb.RoutingRule {
	if t.GetTeam() == "" || team.GetRemoved() {
		return channel
	}
	return &deskpb.RoutingRule{
		Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Teams: []string{t.Team}, IgnoreAvailability: channel.GetIgnoreAvailability(),
	}
}

func noRule() *deskpb.AssignmentReason {
	return reason("no_rule", "This channel leaves tickets for people to take.")
}

// voting walks the candidates once.
type voting struct {
	q      Question
	r      *Roster
	best   Agent
	seen   map[AgentID]bool
	list   []*deskpb.Candidate
	counts map[string]int
	total  int
	free   int
	// ownerIs is why the contact's owner was passed over, in words; ownerCode the code of it.
	ownerIs, ownerCode string
}

// ownerCodes say why the contact's owner was passed over, by the verdict on him.
var ownerCodes = map[string]string{
	"away": "owner_offline", "at_capacity": "owner_at_capacity", "no_seat": "owner_no_seat", "deactivated": "owner_deactivated",
}

func (v *voting) owner() (Choice, bool) {
	a := v.r.Agents[v.q.ContactOwner]
	switch {
	case v.q.ContactOwner == "":
		v.ownerIs, v.ownerCode = "the contact has no owner", "owner_none"
	case !v.q.Recognised:
		v.ownerIs, v.ownerCode = "the contact was not recognised", "owner_unrecognised"
	case a == nil:
		v.ownerIs, v.ownerCode = "the contact's owner is gone", "owner_deactivated"
	default:
		if verdict := v.verdict(a); verdict != "" {
			v.ownerIs, v.ownerCode = fmt.Sprintf("the contact's owner %s is %s", a.Name, nameOr(verdictWords[verdict], "not able to take it")), nameOr(ownerCodes[verdict], "owner_offline")
			v.note(a, verdict)
			break
		}
		v.note(a, "chosen")
		c := Choice{Agent: v.q.ContactOwner, Reason: reason("assigned_contact_owner", a.Name+" owns this contact.")}
		c.Reason.Candidates, c.Reason.Considered = v.list, 1
		return c, true
	}
	if len(v.q.Rule.Agents)+len(v.q.Rule.Teams) == 0 {
		c := Choice{Reason: reason(v.ownerCode, "Unassigned: "+v.ownerIs+", and the channel names nobody else."), Waiting: v.q.ContactOwner != ""}
		c.Reason.Candidates, c.Reason.Considered, c.Reason.Owner = v.list, int32(len(v.list)), v.ownerCode
		return c, true
	}
	return Choice{}, false
}

func (v *voting) pool() {
	v.seen, v.counts = map[AgentID]bool{}, map[string]int{}
	for _, id := range v.q.Rule.Agents {
		v.consider(AgentID(id))
	}
	for _, t := range v.q.Rule.Teams {
		for _, m := range v.r.Teams[TeamID(t)].GetMembers() {
			if m.Main {
				v.consider(AgentID(m.Agent))
			}
		}
	}
}

func (v *voting) consider(id AgentID) {
	if v.seen[id] {
		return
	}
	v.seen[id] = true
	v.total++
	a := v.r.Agents[id]
	if a == nil {
		v.counts["gone"]++
		return
	}
	verdict := v.verdict(a)
	if verdict != "" {
		v.counts[verdict]++
		v.note(a, verdict)
		return
	}
	v.free++
	if v.best == nil || v.before(a, v.best) {
		v.best = a
	}
	v.note(a, "eligible")
}

// verdict is why an agent is out, "" if he is eligible.
func (v *voting) verdict(a Agent) string {
	declined, did := v.q.Declined[AgentID(a.Agent)]
	switch {
	case did:
		return declined
	case a.Deactivated:
		return "deactivated"
	case !a.Seat:
		return "no_seat"
	case !a.Available && !v.q.Rule.IgnoreAvailability:
		return "away"
	case a.Capacity > 0 && v.load(a) >= a.Capacity:
		return "at_capacity"
	}
	return ""
}

func (v *voting) load(a Agent) int32 { return a.Load + v.r.Promised[AgentID(a.Agent)] }

// before: fewer tickets first, then longest idle, then a fixed order.
func (v *voting) before(a, b Agent) bool {
	if la, lb := v.load(a), v.load(b); la != lb {
		return la < lb
	}
	if a.LastAssignedAtMs != b.LastAssignedAtMs {
		return a.LastAssignedAtMs < b.LastAssignedAtMs
	}
	return a.Agent < b.Agent
}

func (v *voting) note(a Agent, verdict string) {
	if len(v.list) < maxExplained {
		v.list = append(v.list, &deskpb.Candidate{Agent: a.Agent, Verdict: verdict, Load: v.load(a), Capacity: a.Capacity})
	}
}

func (v *voting) result() Choice {
	c := Choice{Waiting: true}
	switch {
	case v.best != nil:
		c.Agent, c.Waiting = AgentID(v.best.Agent), false
		c.Reason = reason("assigned_least_loaded", v.chosenText())
		v.settle()
	case v.total == 0 || v.counts["gone"]+v.counts["no_seat"]+v.counts["deactivated"] == v.total:
		c.Reason = reason("no_eligible_agent", v.text("nobody in the rule can be assigned tickets"))
	case v.counts["at_capacity"] == 0:
		c.Reason = reason("no_available_agent", v.text("nobody is available"))
	case v.counts["at_capacity"] == v.total:
		c.Reason = reason("all_at_capacity", v.text("everybody is at capacity"))
	default:
		c.Reason = reason("all_at_capacity", v.text("everybody who is available is at capacity"))
	}
	c.Reason.Candidates, c.Reason.Considered, c.Reason.Owner = v.list, int32(v.total), v.ownerCode
	return c
}

// settle turns "eligible" into what it was against the chosen one, and makes sure that he is in the list.
func (v *voting) settle() {
	there := false
	for _, c := range v.list {
		switch {
		case c.Agent == v.best.Agent:
			c.Verdict, there = "chosen", true
		case c.Verdict == "eligible" && c.Load > v.load(v.best):
			c.Verdict = "more_loaded"
		case c.Verdict == "eligible":
			c.Verdict = "less_idle"
		}
	}
	if !there {
		v.list[len(v.list)-1] = &deskpb.Candidate{Agent: v.best.Agent, Verdict: "chosen", Load: v.load(v.best), Capacity: v.best.Capacity}
	}
}

func (v *voting) chosenText() string {
	text := fmt.Sprintf("%s has %d open, the fewest of %d available.", v.best.Name, v.load(v.best), v.free)
	if v.free == 1 {
		text = fmt.Sprintf("%s was the only one available.", v.best.Name)
	}
	if v.ownerIs != "" {
		text += " (" + upperFirst(v.ownerIs) + ".)"
	}
	return text
}

var verdictWords = map[string]string{
	"away": "away", "at_capacity": "at capacity", "no_seat": "without a seat", "deactivated": "deactivated", "gone": "gone",
}

var verdictOrder = []string{"away", "at_capacity", "no_seat", "deactivated", "gone"}

func (v *voting) text(why string) string {
	var parts []string
	for _, k := range verdictOrder {
		if n := v.counts[k]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, verdictWords[k]))
		}
	}
	s := "Waiting: " + why
	if len(parts) > 0 {
		s += " (" + strings.Join(parts, ", ") + ")"
	}
	if v.ownerIs != "" {
		s += "; " + v.ownerIs
	}
	return s + "."
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func reason(code, text string) *deskpb.AssignmentReason {
	return &deskpb.AssignmentReason{Code: code, Text: text}
}

// CountAvailable says how many of those a rule routes to are available; with a rule that routes to nobody, how many
// agents with a seat are.
func CountAvailable(rule *deskpb.RoutingRule, agents []Agent, teams []Team) int {
	inRule := map[string]bool{}
	for _, id := range rule.GetAgents() {
		inRule[id] = true
	}
	for _, t := range teams {
		for _, id := range rule.GetTeams() {
			if id == t.Team {
				for _, m := range t.Members {
					inRule[m.Agent] = inRule[m.Agent] || m.Main
				}
			}
		}
	}
	n := 0
	for _, a := range agents {
		if a.Available && a.Seat && !a.Deactivated && (inRule[a.Agent] || !Routes(rule)) {
			n++
		}
	}
	return n
}
