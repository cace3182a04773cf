package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

// tell makes a choice of an outcome: its reason in words, and whom it lists.
func (v *voting) tell(o outcome) Choice {
	c := Choice{Waiting: true, lacks: o.counts["second_language"] > 0}
	switch {
	case o.best != nil:
		c.Agent, c.Waiting = o.best.id, false
		c.Reason = reason(o.code(), v.chosenText(&o))
		if o.turns() && !o.pinned && v.q.Turns != "" {
			c.Turn = &deskpb.Turn{Of: v.q.Turns, Round: o.ranking.next(o.best)}
		}
	case o.total == 0 || o.counts["gone"]+o.counts["no_seat"]+o.counts["deactivated"]+o.counts["no_skill"] == o.total:
		c.Reason = reason("no_eligible_agent", v.waitingText(&o, "nobody in the rule can be assigned tickets"))
	case o.full() == 0:
		c.Reason = reason("no_available_agent", v.waitingText(&o, "nobody is available"))
	case o.full() == o.total:
		c.Reason = reason("all_at_capacity", v.waitingText(&o, "everybody is at capacity"))
	default:
		c.Reason = reason("all_at_capacity", v.waitingText(&o, "everybody who is available is at capacity"))
	}
	c.Reason.Candidates, c.Reason.Considered, c.Reason.Owner = v.candidates(&o), int32(o.total), v.ownerCode
	return c
}

// candidates: the contact's owner if he was passed over, the chosen one, who came next, and who was out.
func (v *voting) candidates(o *outcome) []*deskpb.Candidate {
	n := min(v.most(), len(v.list)+o.total)
	rows := make([]deskpb.Candidate, n) // one allocation for all
	list := append(make([]*deskpb.Candidate, 0, n), v.list...)
	add := func(e *entrant, verdict string) {
		if len(list) < n && e.row != nil && !noted(v.list, e.id) {
			row := &rows[len(list)]
			row.Agent, row.Verdict = string(e.id), verdict
			row.Load, row.Capacity = e.against(verdict, o.policy)
			list = append(list, row)
		}
	}
	if o.best != nil {
		add(o.best, "chosen")
	}
	for _, e := range o.next {
		add(e, o.verdict(e, o.best, o.pinned))
	}
	for _, e := range o.out {
		add(e, e.verdict)
	}
	return list
}

// against is what of somebody's load mattered, and the limit it was held against: that which is full, or by which shares are measured.
func (e *entrant) against(verdict string, policy deskpb.RoutingPolicy) (load, limit int32) {
	if policy == deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_SHARE && !slices.Contains(fullVerdicts, verdict) {
		return e.share, e.limit
	}
	limits := LimitsOf(e.row)
	return limits.against(verdict, e.has)
}

// full is how many are at one of their limits.
func (o *outcome) full() (n int) {
	for _, v := range fullVerdicts {
		n += o.counts[v]
	}
	return n
}

func noted(list []*deskpb.Candidate, id AgentID) bool {
	for _, c := range list {
		if c.Agent == string(id) {
			return true
		}
	}
	return false
}

// code is the reason's, by the policy that decided.
func (o *outcome) code() string {
	if o.pinned {
		return "assigned_last_agent"
	}
	switch o.policy {
	case deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_SHARE:
		return "assigned_least_share"
	case deskpb.RoutingPolicy_ROUTING_POLICY_ROUND_ROBIN:
		return "assigned_round_robin"
	case deskpb.RoutingPolicy_ROUTING_POLICY_WEIGHTED:
		return "assigned_weighted"
	case deskpb.RoutingPolicy_ROUTING_POLICY_LONGEST_IDLE:
		return "assigned_longest_idle"
	case deskpb.RoutingPolicy_ROUTING_POLICY_RANDOM:
		return "assigned_random"
	default:
		return "assigned_least_loaded"
	}
}

func (v *voting) chosenText(o *outcome) string {
	text := o.why()
	if v.ownerIs != "" {
		text += " (" + upperFirst(v.ownerIs) + ".)"
	}
	if o.lastIs != "" {
		text += " (" + upperFirst(o.lastIs) + ".)"
	}
	return text
}

func (o *outcome) why() string {
	name := o.best.row.Name
	switch {
	case o.pinned:
		return name + " had this contact's last ticket."
	case o.free == 1 && o.counts[NotTaken] > 0:
		return name + " was the only one available who had not let it pass."
	case o.free == 1:
		return name + " was the only one available."
	}
	switch o.policy {
	case deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_SHARE:
		if o.best.limit > 0 {
			return fmt.Sprintf("%s has %d of at most %d open, the smallest share of %d available.", name, o.best.share, o.best.limit, o.free)
		}
		return fmt.Sprintf("%s has %d open and no limit, the smallest share of %d available.", name, o.best.load, o.free)
	case deskpb.RoutingPolicy_ROUTING_POLICY_ROUND_ROBIN:
		return fmt.Sprintf("It was %s's turn: each of %d available gets one before anyone gets a second.", name, o.free)
	case deskpb.RoutingPolicy_ROUTING_POLICY_WEIGHTED:
		had := uint32(0) // of a new round
		if o.due(o.best) {
			had = o.had(o.best)
		}
		return fmt.Sprintf("It was %s's turn: number %d of %d in this round, with %d available.", name, had+1, o.best.weight, o.free)
	case deskpb.RoutingPolicy_ROUTING_POLICY_LONGEST_IDLE:
		return fmt.Sprintf("%s has been the longest without a new ticket of %d available.", name, o.free)
	case deskpb.RoutingPolicy_ROUTING_POLICY_RANDOM:
		return fmt.Sprintf("%s was drawn at random from %d available.", name, o.free)
	default:
		return fmt.Sprintf("%s has %d open, the fewest of %d available.", name, o.best.load, o.free)
	}
}

var verdictOrder = []string{"away", "not_connected", "at_capacity", "at_capacity_calls", "at_capacity_messaging", "at_capacity_email", "no_seat", "deactivated", "gone", "no_skill", "second_language"}

func wordOf(verdict string) string { return nameOr(verdictWords[verdict], verdict) }

func (v *voting) waitingText(o *outcome, why string) string {
	var parts []string
	for _, k := range verdictOrder {
		if n := o.counts[k]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, verdictWords[k]))
		}
	}
	s := "Waiting: " + why
	if len(parts) > 0 {
		s += " (" + strings.Join(parts, ", ") + ")"
	}
	for _, is := range []string{v.ownerIs, o.lastIs} {
		if is != "" {
			s += "; " + is
		}
	}
	return s + "."
}

// OutsideHours is why nobody is given a ticket now: its channel is closed, whoever is there. opens is in the zone of its hours.
func OutsideHours(opens time.Time) *deskpb.AssignmentReason {
	if opens.IsZero() {
		return reason("outside_hours", "Waiting: the channel is closed, and its working hours name no time at which it opens.")
	}
	r := reason("outside_hours", "Waiting: the channel is closed until "+opens.Format("Mon 2 Jan 15:04 MST")+".")
	r.UntilMs = opens.UnixMilli()
	return r
}
