package desk

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// Roster is what routing knows of people: rows of the index, refreshed by the assignment actor.
type Roster struct {
	Agents map[AgentID]Agent
	Teams  map[TeamID]Team
	// Promised is what reservations count that were asked for and not answered yet.
	Promised map[AgentID]ByGroup
	under    underway
}

// Question is one routing decision to make.
type Question struct {
	Rule         *deskpb.RoutingRule
	ContactOwner AgentID
	Recognised   bool
	Declined     map[AgentID]string // agents whose actor refused, and why
	Live         bool               // it is talked in right now: whoever gets it is connected
	Explain      bool               // all candidates are named, and what each rule said
	WaitedMs     int64              // how long the ticket stands in line
	TeamRemoved  string             // the name of the ticket's team if it was removed: the reason says so
	LastAgent    AgentID            // who had the contact's last ticket, for a sticky rule
	Turns        string             // whose rule it is, a channel's or a team's id: rounds are counted for each
	Seed         string             // for a draw: the ticket's id
	Size         Size               // what it counts: there has to be room for it
}

// Choice is a decision with its reason. Agent is "" when nobody was chosen; Waiting: it is worth trying again later.
type Choice struct {
	Agent   AgentID
	Reason  *deskpb.AssignmentReason
	Waiting bool
	Turn    *deskpb.Turn // that the agent takes with it, of a rule that gives turns
	Size    Size         // what the ticket counts
	// OwnerAway is the contact's owner who would have it and is away: he is told that it came.
	OwnerAway AgentID
	// Rule is the one that decided, with the teams that have joined.
	Rule *deskpb.RoutingRule
	// Tried is what each rule said, in their order, of a choice that is explained.
	Tried []Tried

	lacks  bool  // somebody was passed over for a language that he speaks
	widens int64 // after how long in line the next team joins; 0: none does
}

// maxExplained bounds the candidates stored with a reason.
const maxExplained = 20

// mostExplained bounds those that are named to who asks.
const mostExplained = 500

// Choose applies a channel's rule: the contact's owner if the rule says so, else who is first of the eligible agents by the rule's
// policy (choose.go). It looks at everybody; Pools chooses the same without.
func Choose(q Question, r *Roster) Choice { return chooseBy(q, r, (*voting).walk) }

// chooseBy: rank says who comes first of those the rule names.
func chooseBy(q Question, r *Roster, rank func(*voting) outcome) Choice {
	offered, widens := widened(q.Rule, q.WaitedMs)
	q.Rule = offered
	c := choose(&voting{q: q, r: r}, rank)
	if c.Agent == "" && c.lacks { // a language is spoken by somebody, if not as the main one
		if second := choose(&voting{q: q, r: r, second: true}, (*voting).walk); second.Agent != "" {
			c = second
		}
	}
	c.widens, c.Rule, c.Size = widens, q.Rule, q.Size.known()
	if c.Agent == "" && chooses(q.Rule) {
		c.Reason.Teams = q.Rule.GetTeams()
	}
	if c.Reason.Owner == "owner_offline" {
		c.OwnerAway = q.ContactOwner
	}
	if q.TeamRemoved != "" {
		c.Reason.Text = fmt.Sprintf("Its team %s was removed, so its channel's rule counts. %s", q.TeamRemoved, c.Reason.Text)
	}
	return c
}

func choose(v *voting, rank func(*voting) outcome) Choice {
	if !chooses(v.q.Rule) {
		return Choice{Reason: noRule()}
	}
	if v.q.Rule.Mode == deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER {
		if c, done := v.owner(); done {
			return c
		}
	}
	return v.tell(rank(v))
}

// RuleOf is the rule that chooses a ticket's owner: a team set by hand counts before its channel's rule, unless it was removed.
func RuleOf(t Ticket, team Team, channel *deskpb.RoutingRule) *deskpb.RoutingRule {
	if t.GetTeam() == "" || team.GetRemoved() {
		return RuleFor(t, channel)
	}
	return &deskpb.RoutingRule{
		Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Teams: []string{t.Team}, IgnoreAvailability: channel.GetIgnoreAvailability(),
		Policy: channel.GetPolicy(), Sticky: channel.GetSticky(), Weights: channel.GetWeights(),
	}
}

func noRule() *deskpb.AssignmentReason {
	return reason("no_rule", "This channel leaves tickets for people to take.")
}

// voting is one decision under way.
type voting struct {
	q      Question
	r      *Roster
	list   []*deskpb.Candidate
	second bool // languages that are not the main ones do
	// ownerIs is why the contact's owner was passed over, in words; ownerCode the code of it.
	ownerIs, ownerCode string
}

// ownerCodes say why the contact's owner was passed over, by the verdict on him.
var ownerCodes = map[string]string{
	"away": "owner_offline", "at_capacity": "owner_at_capacity", "at_capacity_calls": "owner_at_capacity", "at_capacity_messaging": "owner_at_capacity",
	"at_capacity_email": "owner_at_capacity", "no_seat": "owner_no_seat", "deactivated": "owner_deactivated",
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
	case !v.skilled(a):
		return "no_skill"
	case !v.second && v.speaksSecond(a):
		return "second_language"
	case !a.Available && !v.q.Rule.IgnoreAvailability:
		return "away"
	case v.q.Live && !a.Connected && !v.q.Rule.IgnoreAvailability:
		return "not_connected"
	}
	limits := LimitsOf(a)
	return limits.full(v.load(a), v.q.Size)
}

// skilled: whoever gets the ticket has every skill that the rule asks for.
func (v *voting) skilled(a Agent) bool {
	return !slices.ContainsFunc(v.q.Rule.Skills, func(s string) bool { return !slices.Contains(a.Skills, s) })
}

// speaksSecond: one of these is a language that is not his main one; whoever has it as the main one comes first.
func (v *voting) speaksSecond(a Agent) bool {
	return slices.ContainsFunc(v.q.Rule.Skills, func(s string) bool { return slices.Contains(a.SecondSkills, s) })
}

// most is how many candidates are named.
func (v *voting) most() int {
	if v.q.Explain {
		return mostExplained
	}
	return maxExplained
}

// load is what somebody has, promised ones included.
func (v *voting) load(a Agent) ByGroup {
	if len(v.r.Promised) == 0 {
		return LoadOf(a)
	}
	return LoadOf(a).with(v.r.Promised[AgentID(a.Agent)])
}

func (v *voting) note(a Agent, verdict string) {
	limits := LimitsOf(a)
	load, limit := limits.against(verdict, v.load(a))
	v.list = append(v.list, &deskpb.Candidate{Agent: a.Agent, Verdict: verdict, Load: load, Capacity: limit})
}

var verdictWords = map[string]string{
	"away": "away", "not_connected": "not connected", "at_capacity": "at capacity", "at_capacity_calls": "at the limit for calls", "at_capacity_messaging": "at the limit for messages",
	"at_capacity_email": "at the limit for email", "no_seat": "without a seat", "deactivated": "deactivated", "gone": "gone",
	"no_skill": "without the skill", "second_language": "speaking it as a second language",
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

// CountAvailable says how many of those a rule routes to are there: available and, where people talk right now, connected. With a rule
// that routes to nobody, how many agents with a seat are.
func CountAvailable(live bool, rule *deskpb.RoutingRule, agents []Agent, teams []Team) int {
	n := 0
	for a := range routedTo(rule, agents, teams) {
		if a.Available && (a.Connected || !live) {
			n++
		}
	}
	return n
}

// BackAt is when the schedule of one of those a rule routes to makes them available next; 0: no schedule does.
func BackAt(rule *deskpb.RoutingRule, agents []Agent, teams []Team, nowMs int64) (backMs int64) {
	for a := range routedTo(rule, agents, teams) {
		for _, e := range a.GetPlan().GetEdges() {
			if e.Available && e.AtMs > nowMs && (backMs == 0 || e.AtMs < backMs) {
				backMs = e.AtMs
			}
		}
	}
	return backMs
}

// routedTo are those a rule names who can be given anything; with a rule that routes to nobody, everybody who can.
func routedTo(rule *deskpb.RoutingRule, agents []Agent, teams []Team) iter.Seq[Agent] {
	inRule := map[string]bool{}
	agentsNamed, teamsNamed, _ := RuleNames(rule)
	for _, id := range agentsNamed {
		inRule[id] = true
	}
	for _, t := range teams {
		for _, id := range teamsNamed {
			if id == t.Team {
				for _, m := range t.Members {
					inRule[m.Agent] = inRule[m.Agent] || m.Main
				}
			}
		}
	}
	return func(yield func(Agent) bool) {
		for _, a := range agents {
			if a.Seat && !a.Deactivated && (inRule[a.Agent] || !Routes(rule)) && !yield(a) {
				return
			}
		}
	}
}
