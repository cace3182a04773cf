package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// Pools choose what Choose chooses, in the time of a heap instead of a walk over everybody: for each rule in use those in the
// running are kept in the order of its policy, and facts about an agent move him in the few rules that name him. All changes
// of the roster go through here.
type Pools struct {
	r   *Roster
	all map[poolKey]*pool
	of  map[AgentID][]*pool
	gen int // how often all was forgotten
}

// poolKey is what those in the running depend on. Rules are told apart by their address: who makes rules keeps them.
type poolKey struct {
	rule  *deskpb.RoutingRule
	turns string
	live  bool
	size  Size
}

// NewPools takes over a roster.
func NewPools(r *Roster) *Pools {
	return &Pools{r: r, all: map[poolKey]*pool{}, of: map[AgentID][]*pool{}}
}

// Agent gives an agent's row, nil for none.
func (p *Pools) Agent(id AgentID) Agent { return p.r.Agents[id] }

// Team gives a team's row, nil for none.
func (p *Pools) Team(id TeamID) Team { return p.r.Teams[id] }

// SetAgent takes a new row of an agent.
func (p *Pools) SetAgent(row Agent) {
	id := AgentID(row.Agent)
	p.r.Agents[id] = row
	p.touch(id)
}

// SetTeam takes a new row of a team. Rules may name others now.
func (p *Pools) SetTeam(row Team) {
	p.r.Teams[TeamID(row.Team)] = row
	p.Forget()
}

// Forget drops what is kept of rules; it is built again when it is asked for.
func (p *Pools) Forget() {
	clear(p.all)
	clear(p.of)
	p.gen++
}

// Promise and Settle are the roster's.
func (p *Pools) Promise(c Choice, atMs int64) {
	p.r.Promise(c, atMs)
	p.touch(c.Agent)
}

// Settle ends a promise.
func (p *Pools) Settle(c Choice) {
	p.r.Settle(c)
	p.touch(c.Agent)
}

func (p *Pools) touch(id AgentID) {
	for _, pl := range p.of[id] {
		pl.touch(p.r, id)
	}
}

// Choose is desk.Choose.
func (p *Pools) Choose(q Question) Choice {
	return chooseBy(q, p.r, func(v *voting) outcome { return p.pool(q).outcome(v) })
}

// Free says whether a rule has anybody in the running for a ticket of a size.
func (p *Pools) Free(rule *deskpb.RoutingRule, turns string, size Size) bool {
	return len(p.pool(Question{Rule: rule, Turns: turns, Size: size}).heap) > 0
}

func (p *Pools) pool(q Question) *pool {
	key := poolKey{q.Rule, q.Turns, q.Live, q.Size.known()}
	if pl := p.all[key]; pl != nil {
		return pl
	}
	pl := newPool(q, p.r)
	p.all[key] = pl
	for _, e := range pl.order {
		p.of[e.id] = append(p.of[e.id], pl)
	}
	return pl
}

// pool is what is kept of a rule.
type pool struct {
	ranking
	key     poolKey
	base    Question // without what is of one ticket alone
	weights map[string]int32
	order   []*member // as the rule names them
	by      map[AgentID]*member
	heap    []*member // those in the running, the first of them at 0
	there   places    // the same by their place in the rule, for a draw
	counts  map[string]int
}

type member struct {
	entrant
	in int // in the heap; -1: he is not
}

func newPool(q Question, r *Roster) *pool {
	base := Question{Rule: q.Rule, Turns: q.Turns, Live: q.Live, Size: q.Size.known()}
	p := &pool{
		ranking: ranking{policy: q.Rule.GetPolicy(), round: 1}, key: poolKey{q.Rule, q.Turns, q.Live, q.Size.known()}, base: base, weights: weightsOf(q.Rule),
		by: map[AgentID]*member{}, counts: map[string]int{},
	}
	ids := namedBy(q.Rule, r.Teams)
	p.there = newPlaces(len(ids))
	v := voting{q: base, r: r}
	for i, id := range ids {
		m := &member{entrant: v.entrant(id, i, p.weights), in: -1}
		p.order = append(p.order, m)
		p.by[id] = m
		p.round, p.most = max(p.round, m.round), max(p.most, m.limit)
		p.enter(m)
	}
	p.rebuild()
	return p
}

// enter counts a member under its verdict; those in the running stand at the end of the heap, which is put in order afterwards.
func (p *pool) enter(m *member) {
	if m.verdict != "" {
		p.counts[m.verdict]++
		return
	}
	m.in = len(p.heap)
	p.heap = append(p.heap, m)
	p.there.add(m.at, 1)
}

func (p *pool) leave(m *member) {
	if m.verdict != "" {
		p.counts[m.verdict]--
		return
	}
	p.there.add(m.at, -1)
	i, last := m.in, len(p.heap)-1
	p.swap(i, last)
	p.heap, m.in = p.heap[:last], -1
	if i < last {
		p.fix(i)
	}
}

// touch reads again what is known of somebody.
func (p *pool) touch(r *Roster, id AgentID) {
	m := p.by[id]
	v := voting{q: p.base, r: r}
	now := v.entrant(id, m.at, p.weights)
	before := m.entrant
	if now == before {
		return
	}
	stays := now.verdict == before.verdict // and only his rank is another one
	if !stays {
		p.leave(m)
	}
	m.entrant = now
	if !stays {
		p.enter(m)
	}
	round, most := max(p.round, now.round), max(p.most, now.limit)
	if before.limit == p.most && now.limit < p.most {
		most = 0
		for _, o := range p.order {
			most = max(most, o.limit)
		}
	}
	if round != p.round && p.turns() || most != p.most && p.policy == deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_SHARE {
		p.round, p.most = round, most
		p.rebuild() // once a round, or when the largest limit is another one
		return
	}
	p.round, p.most = round, most
	if m.in >= 0 {
		p.fix(m.in)
	}
}

func (p *pool) swap(i, j int) {
	p.heap[i], p.heap[j] = p.heap[j], p.heap[i]
	p.heap[i].in, p.heap[j].in = i, j
}

func (p *pool) less(i, j int) bool { return p.before(&p.heap[i].entrant, &p.heap[j].entrant) }

func (p *pool) up(i int) bool {
	moved := false
	for i > 0 && p.less(i, (i-1)/2) {
		p.swap(i, (i-1)/2)
		i, moved = (i-1)/2, true
	}
	return moved
}

func (p *pool) down(i int) {
	for {
		least := i
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < len(p.heap) && p.less(c, least) {
				least = c
			}
		}
		if least == i {
			return
		}
		p.swap(i, least)
		i = least
	}
}

func (p *pool) fix(i int) {
	if !p.up(i) {
		p.down(i)
	}
}

func (p *pool) rebuild() {
	for i := len(p.heap)/2 - 1; i >= 0; i-- {
		p.down(i)
	}
}

// outcome is that of a walk over everybody.
func (p *pool) outcome(v *voting) outcome {
	o := outcome{ranking: p.ranking, total: len(p.order), counts: p.counts, free: len(p.heap)}
	if r := v.r.under.rounds[v.q.Turns]; r > o.round { // opened by a promise that is settled, and kept by nobody's row
		p.round, o.round = r, r
		if p.turns() {
			p.rebuild()
		}
	}
	p.decline(&o, v.q.Declined)
	if v.sticky() {
		var last *entrant
		if m := p.by[v.q.LastAgent]; m != nil {
			last = p.seen(m, v.q.Declined)
		}
		o.stick(v, last)
	}
	if o.policy == deskpb.RoutingPolicy_ROUTING_POLICY_RANDOM {
		p.drawn(&o, v.q)
	} else {
		p.first(&o, v.q.Declined)
	}
	if len(o.next) < maxExplained {
		for _, m := range p.order {
			if e := p.seen(m, v.q.Declined); e.verdict != "" && e.row != nil {
				if o.out = append(o.out, e); len(o.out) > maxExplained {
					break
				}
			}
		}
	}
	return o
}

// seen is a member as one ticket sees him: who declined it is out for it.
func (p *pool) seen(m *member, declined map[AgentID]string) *entrant {
	verdict, did := declined[m.id]
	if !did || m.row == nil {
		return &m.entrant
	}
	e := m.entrant
	e.verdict = verdict
	return &e
}

// decline takes those who declined out of the counts.
func (p *pool) decline(o *outcome, declined map[AgentID]string) {
	if len(declined) == 0 {
		return
	}
	o.counts = map[string]int{}
	for k, n := range p.counts {
		o.counts[k] = n
	}
	for id, verdict := range declined {
		m := p.by[id]
		switch {
		case m == nil || m.row == nil:
			continue
		case m.verdict == "":
			o.free--
		default:
			o.counts[m.verdict]--
		}
		o.counts[verdict]++
	}
}

// first finds those who come first, in order: as many as are explained.
func (p *pool) first(o *outcome, declined map[AgentID]string) {
	var frontier [64]int // whose parents were taken: the next one is among them
	open := frontier[:0]
	if len(p.heap) > 0 {
		open = append(open, 0)
	}
	for len(open) > 0 && len(o.next) < maxExplained {
		at := 0
		for i := range open {
			if p.less(open[i], open[at]) {
				at = i
			}
		}
		i := open[at]
		open[at] = open[len(open)-1]
		open = open[:len(open)-1]
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < len(p.heap) {
				open = append(open, c)
			}
		}
		e := &p.heap[i].entrant
		if _, did := declined[e.id]; did {
			continue
		}
		switch {
		case o.best == nil:
			o.best = e
		case e.id != o.best.id:
			o.next = append(o.next, e)
		}
	}
}

// drawn draws one of those in the running; the others follow as the rule names them.
func (p *pool) drawn(o *outcome, q Question) {
	var out []int // ranks of those who declined, among those in the running
	for id := range q.Declined {
		if m := p.by[id]; m != nil && m.in >= 0 {
			out = append(out, p.there.before(m.at))
		}
	}
	slices.Sort(out)
	nth := func(k int) *entrant {
		for _, r := range out {
			if r <= k {
				k++
			}
		}
		return &p.order[p.there.at(k)].entrant
	}
	if !o.pinned && o.free > 0 {
		o.best = nth(draw(q.Seed, o.free))
	}
	for k := 0; k < o.free && len(o.next) < maxExplained; k++ {
		if e := nth(k); e.id != o.best.id {
			o.next = append(o.next, e)
		}
	}
}

// places counts who of an order is there (a binary indexed tree), so that the nth of them is found in the logarithm of all.
type places []int32

func newPlaces(n int) places { return make(places, n+1) }

func (t places) add(i int, d int32) {
	for i++; i < len(t); i += i & -i {
		t[i] += d
	}
}

// before is how many are there before the place i.
func (t places) before(i int) int {
	n := int32(0)
	for ; i > 0; i -= i & -i {
		n += t[i]
	}
	return int(n)
}

// at is the place of the one with n before him.
func (t places) at(n int) int {
	step := 1
	for step*2 < len(t) {
		step *= 2
	}
	i := 0
	for left := int32(n); step > 0; step /= 2 {
		if i+step < len(t) && t[i+step] <= left {
			i += step
			left -= t[i]
		}
	}
	return i
}
