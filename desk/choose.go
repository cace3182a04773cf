package desk

import (
	"fmt"
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// Who of those who may take a ticket gets it. Who may is routing.go's; this file ranks them by the rule's policy, and
// pool.go finds the first of them without looking at all.

// entrant is somebody a rule names, with what counts for his rank.
type entrant struct {
	id      AgentID
	row     Agent
	at      int    // his place in the rule
	verdict string // why he is out, "" if he is in the running
	has     ByGroup
	load    int32 // of all groups
	share   int32 // what counts against the limit that is nearer for tickets of this kind
	limit   int32 // that limit; 0: none
	last    int64 // when he got his last ticket
	weight  int32
	round   uint64 // the last one he had a turn in
	taken   uint32 // his turns in it
}

// ranking is the order a rule's policy puts those in the running in.
type ranking struct {
	policy deskpb.RoutingPolicy
	round  uint64 // the one the rule is in
	most   int32  // the largest limit among those the rule names
}

// before: a comes before b. It is a total order: ids decide last.
func (k *ranking) before(a, b *entrant) bool {
	switch k.policy {
	case deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_SHARE:
		if x, y := k.share(a, b), k.share(b, a); x != y {
			return x < y
		}
	case deskpb.RoutingPolicy_ROUTING_POLICY_ROUND_ROBIN, deskpb.RoutingPolicy_ROUTING_POLICY_WEIGHTED:
		if x, y := k.due(a), k.due(b); x != y {
			return x
		} else if x {
			if p, q := int64(k.had(a))*int64(b.weight), int64(k.had(b))*int64(a.weight); p != q {
				return p < q
			}
		}
	case deskpb.RoutingPolicy_ROUTING_POLICY_LONGEST_IDLE:
	default:
		if a.load != b.load {
			return a.load < b.load
		}
	}
	switch {
	case a.last != b.last:
		return a.last < b.last
	case a.load != b.load:
		return a.load < b.load
	}
	return a.id < b.id
}

// share is a's load for his limit, times both limits: fractions are compared without dividing. Who has no limit is
// measured by the largest one in the rule.
func (k *ranking) share(a, b *entrant) int64 { return int64(a.share) * int64(k.size(b)) }

func (k *ranking) size(e *entrant) int32 {
	if e.limit > 0 {
		return e.limit
	}
	return max(k.most, 1)
}

// had is how many turns somebody had in this round: none, if his last one was in a round before. So a newcomer, or somebody
// who comes back, gets his turns of the round that runs, and none of those he missed.
func (k *ranking) had(e *entrant) uint32 {
	if e.round < k.round {
		return 0
	}
	return e.taken
}

func (k *ranking) due(e *entrant) bool { return int64(k.had(e)) < int64(e.weight) }

// turns: the policy counts rounds.
func (k *ranking) turns() bool {
	return k.policy == deskpb.RoutingPolicy_ROUTING_POLICY_ROUND_ROBIN || k.policy == deskpb.RoutingPolicy_ROUTING_POLICY_WEIGHTED
}

// next is the round in which the first of all gets his ticket: a new one when nobody in the running has a turn left.
func (k *ranking) next(first *entrant) uint64 {
	if k.due(first) {
		return k.round
	}
	return k.round + 1
}

// verdict is what somebody in the running is against the chosen one.
func (k *ranking) verdict(e, best *entrant, pinned bool) string {
	switch {
	case pinned:
		return "passed_over"
	case k.policy == deskpb.RoutingPolicy_ROUTING_POLICY_RANDOM:
		return "not_drawn"
	case k.turns() && !k.due(e) && k.due(best):
		return "had_turn"
	case k.turns():
		return "later_turn"
	case k.policy == deskpb.RoutingPolicy_ROUTING_POLICY_LONGEST_IDLE:
		return "less_idle"
	case k.policy == deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_SHARE && k.share(e, best) > k.share(best, e):
		return "larger_share"
	case k.policy != deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_SHARE && e.load > best.load:
		return "more_loaded"
	}
	return "less_idle"
}

// outcome is who came first, who else is worth a line in the reason, and how many there were.
type outcome struct {
	ranking
	best   *entrant
	pinned bool       // he had the contact's last ticket, and that decided
	next   []*entrant // in the running after him, in order; no more than are explained
	out    []*entrant // as they stand in the rule; no more than are explained
	total  int
	free   int
	counts map[string]int // of those who are out, by verdict
	lastIs string         // why the contact's last agent did not get it
}

// entrant reads what is known of somebody now. He is out as "gone" without a row.
func (v *voting) entrant(id AgentID, at int, weights map[string]int32) entrant {
	a := v.r.Agents[id]
	if a == nil {
		return entrant{id: id, at: at, verdict: "gone"}
	}
	e := entrant{id: id, row: a, at: at, verdict: v.verdict(a), has: v.load(a), last: v.r.lastAssigned(a), weight: 1}
	limits := LimitsOf(a)
	e.load = e.has.Total()
	e.share, e.limit = limits.nearer(e.has, v.q.Size.known().Group)
	if w := weights[string(id)]; w > 0 {
		e.weight = w
	}
	if v.q.Turns != "" {
		e.round, e.taken = v.r.turns(a, v.q.Turns)
	}
	return e
}

// namedBy are the agents of a rule, each once, in the rule's order: those it names, then the main members of its teams.
func namedBy(rule *deskpb.RoutingRule, teams map[TeamID]Team) []AgentID {
	var ids []AgentID
	seen := map[AgentID]bool{}
	add := func(id AgentID) {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, id := range rule.GetAgents() {
		add(AgentID(id))
	}
	for _, t := range rule.GetTeams() {
		for _, m := range teams[TeamID(t)].GetMembers() {
			if m.Main {
				add(AgentID(m.Agent))
			}
		}
	}
	return ids
}

// weightsOf a rule; those of other policies mean nothing.
func weightsOf(rule *deskpb.RoutingRule) map[string]int32 {
	if rule.GetPolicy() != deskpb.RoutingPolicy_ROUTING_POLICY_WEIGHTED {
		return nil
	}
	m := make(map[string]int32, len(rule.Weights))
	for _, w := range rule.Weights {
		m[w.Agent] = w.Weight
	}
	return m
}

// walk looks at everybody the rule names.
func (v *voting) walk() outcome {
	o := outcome{ranking: ranking{policy: v.q.Rule.GetPolicy(), round: max(1, v.r.under.rounds[v.q.Turns])}, counts: map[string]int{}}
	weights := weightsOf(v.q.Rule)
	var in, out []*entrant
	var last *entrant
	for i, id := range namedBy(v.q.Rule, v.r.Teams) {
		found := v.entrant(id, i, weights)
		e := &found
		o.total++
		o.round, o.most = max(o.round, e.round), max(o.most, e.limit)
		if e.verdict == "" {
			in = append(in, e)
		} else {
			o.counts[e.verdict]++
			out = append(out, e)
		}
		if v.sticky() && id == v.q.LastAgent {
			last = e
		}
	}
	o.free = len(in)
	o.stick(v, last)
	if o.policy != deskpb.RoutingPolicy_ROUTING_POLICY_RANDOM {
		slices.SortFunc(in, func(a, b *entrant) int {
			if o.before(a, b) {
				return -1
			}
			return 1
		})
	}
	switch {
	case o.pinned || len(in) == 0:
	case o.policy == deskpb.RoutingPolicy_ROUTING_POLICY_RANDOM:
		o.best = in[draw(v.q.Seed, len(in))]
	default:
		o.best = in[0]
	}
	for _, e := range in {
		if e != o.best {
			o.next = append(o.next, e)
		}
	}
	o.next, o.out = o.next[:min(len(o.next), v.most())], out
	return o
}

func (v *voting) sticky() bool { return v.q.Rule.GetSticky() && v.q.LastAgent != "" }

// stick gives the ticket to the contact's last agent if he is in the running; else it says why not.
func (o *outcome) stick(v *voting, last *entrant) {
	switch {
	case !v.sticky():
	case last == nil:
		o.lastIs = "the contact's last agent " + nameOr(v.r.Agents[v.q.LastAgent].GetName(), string(v.q.LastAgent)) + " is not in the rule"
	case last.verdict == "":
		o.best, o.pinned = last, true
	default:
		o.lastIs = "the contact's last agent " + nameOr(last.row.GetName(), string(last.id)) + " is " + wordOf(last.verdict)
	}
}

// draw picks one of n by what is given, and nothing else: the same ticket draws the same one among as many.
func draw(seed string, n int) int {
	h := uint64(14695981039346656037) // FNV-1a, then its bits are mixed (the finisher of SplitMix64)
	for i := range len(seed) {
		h = (h ^ uint64(seed[i])) * 1099511628211
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return int((h ^ h>>31) % uint64(n))
}

// checkPolicy holds what a rule says of ranking.
func checkPolicy(rule *deskpb.RoutingRule, at string) error {
	if _, known := deskpb.RoutingPolicy_name[int32(rule.GetPolicy())]; !known {
		return Refuse(Invalid, at+".policy", "must be least_loaded, least_share, round_robin, weighted, longest_idle or random")
	}
	if len(rule.GetWeights()) > 1000 {
		return Refuse(Invalid, at+".weights", "at most 1000")
	}
	seen := map[string]bool{}
	for i, w := range rule.GetWeights() {
		field := fmt.Sprintf("%s.weights[%d]", at, i)
		switch {
		case !ValidID(w.GetAgent()):
			return Refuse(Invalid, field+".agent", "must be the id of an agent")
		case seen[w.Agent]:
			return Refuse(Invalid, field+".agent", "has a weight already; name each agent once")
		case w.Weight < 1 || w.Weight > 100:
			return Refuse(Invalid, field+".weight", "must be 1 to 100; whoever should get nothing is left out of the rule")
		}
		seen[w.Agent] = true
	}
	return nil
}
