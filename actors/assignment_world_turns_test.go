package actors_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// turns witnesses rotas: in a round nobody gets more than their weight, and a round ends only when everybody had as many who could have been given a
// ticket all the while. In the order of the journal; what changed in the very instant in which the next round began is left aside,
// because what was decided then may have been decided before it.
type turns struct {
	rounds map[turnKey]*round
	latest map[string]uint64 // the round each rule is in
	open   []opening
	people map[string]standing // of agents
	things map[string]int64    // when a channel's rules, or a team, were last set
	judged int                 // people who had what was theirs when a round ended
}

type turnKey struct {
	of     string
	number uint64
}

// round is one of a rule. What is promised by several agents at once may be written in another order than it was decided in.
type round struct {
	number uint64
	began  int64
	had    map[string]int32
	moved  map[string]int64 // when somebody's turns last changed
}

// opening is a round that begins: whoever has not had what was theirs in the one before is a fault, unless something changes for them in this instant.
type opening struct {
	r      desk.Record
	of     string
	rule   *deskpb.RoutingRule
	ticket *judged
	before *round
	left   []string
}

// standing is what makes somebody able to take tickets, and since when it is so.
type standing struct {
	is    string
	since int64
}

func newTurns() *turns {
	return &turns{rounds: map[turnKey]*round{}, latest: map[string]uint64{}, people: map[string]standing{}, things: map[string]int64{}}
}

func (w *turns) read(j *judge, r desk.Record) {
	if len(w.open) > 0 && r.AtMs > w.open[0].r.AtMs {
		for _, o := range w.open {
			w.settle(j, o)
		}
		w.open = nil
	}
	id := desk.StreamID(r.Stream).ID()
	switch desk.StreamID(r.Stream).Kind() {
	case desk.KindTeam, desk.KindChannel, desk.KindSetting:
		w.things[id] = r.AtMs
	case desk.KindAgent:
		if e := r.Event.GetPlaceReserved(); e.GetTurn() != nil {
			w.taken(j, r, id, e)
		}
		if e := r.Event.GetPlaceFreed(); e.GetTurn() != nil {
			if back := w.rounds[turnKey{e.Turn.Of, e.Turn.Round}]; back != nil {
				back.had[id]--
				back.moved[id] = r.AtMs
			}
		}
	}
}

// followed is asked after the judge's picture followed the record.
func (w *turns) followed(j *judge, r desk.Record) {
	if desk.StreamID(r.Stream).Kind() != desk.KindAgent {
		return
	}
	id := desk.StreamID(r.Stream).ID()
	a := j.agents[id]
	is := fmt.Sprint(a.Available, a.Connected, a.Seat, a.Deactivated, strings.Join(a.Skills, " "))
	for group := range int32(len(deskpb.CapacityGroup_name)) { // whether there is room for one more of each kind and weight
		for weight := range int32(4) {
			is += fmt.Sprint(" ", group, weight, room(a, desk.Size{Group: deskpb.CapacityGroup(group), Weight: weight}))
		}
	}
	if was, known := w.people[id]; !known || was.is != is {
		w.people[id] = standing{is, r.AtMs}
	}
}

// taken: a turn of a rule's round is promised to somebody.
func (w *turns) taken(j *judge, r desk.Record, agent string, e *deskpb.PlaceReserved) {
	of, key := e.Turn.Of, turnKey{e.Turn.Of, e.Turn.Round}
	t := j.tickets[e.Conversation]
	rule := j.ruleOfTurns(of, t)
	now := w.rounds[key]
	if now == nil {
		now = &round{number: e.Turn.Round, began: r.AtMs, had: map[string]int32{}, moved: map[string]int64{}}
		w.rounds[key] = now
	}
	if last := w.latest[of]; e.Turn.Round > last {
		if before := w.rounds[turnKey{of, last}]; before != nil && rule != nil {
			w.begins(j, r, of, rule, t, before)
		}
		w.latest[of] = e.Turn.Round
	}
	now.had[agent]++
	now.moved[agent] = r.AtMs
	if most := weightIn(rule, agent); rule != nil && t.team == "" && w.things[t.channel] < now.began && now.had[agent] > most {
		j.t.Errorf("position %d: %s has %d turns in round %d of %s, and is due %d", r.Position, agent, now.had[agent], now.number, of, most)
		j.story(agent, t.channel)
	}
}

func (w *turns) begins(j *judge, r desk.Record, of string, rule *deskpb.RoutingRule, t *judged, before *round) {
	o := opening{r: r, of: of, rule: rule, ticket: t, before: before}
	for name := range j.agents {
		if w.couldTake(j, o, name) {
			o.left = append(o.left, name)
		}
	}
	slices.Sort(o.left)
	w.open = append(w.open, o)
}

// couldTake: all through the round that ends somebody could have been given this ticket, and nothing of it changed in this instant.
func (w *turns) couldTake(j *judge, o opening, name string) bool {
	a := j.agents[name]
	if o.ticket.missed[name] { // others come first
		return false
	}
	if a.Deactivated || !a.Seat || !room(a, j.weighing().Asks(o.ticket.row())) || !j.named(o.rule, o.ticket, name) || !j.inRule(o.rule, name) {
		return false
	}
	if strict := o.ticket.team != ""; strict && !(a.Available && a.Connected) { // its tickets come through channels that ask for more or less
		return false
	}
	if !o.rule.IgnoreAvailability && (!a.Available || desk.Live(j.kinds[o.ticket.channel]) && !a.Connected) {
		return false
	}
	began := o.before.began
	if w.people[name].since >= began || w.things[o.ticket.channel] >= began || w.things[desk.CapacityID.Stream().ID()] >= began || o.before.moved[name] >= o.r.AtMs {
		return false
	}
	return !slices.ContainsFunc(append(slices.Clone(o.rule.Teams), o.ticket.team), func(team string) bool { return w.things[team] >= began })
}

// settle: the instant is over in which the round began.
func (w *turns) settle(j *judge, o opening) {
	for _, name := range o.left {
		if !w.couldTake(j, o, name) {
			continue
		}
		w.judged++
		if had, due := o.before.had[name], weightIn(o.rule, name); had < due {
			j.t.Errorf("position %d: a round of %s begins after round %d, in which %s had %d turns of %d", o.r.Position, o.of, o.before.number, name, had, due)
			j.story(name, o.ticket.channel)
		}
	}
}

func weightIn(rule *deskpb.RoutingRule, agent string) int32 {
	if rule.GetPolicy() == deskpb.RoutingPolicy_ROUTING_POLICY_WEIGHTED {
		for _, w := range rule.Weights {
			if w.Agent == agent {
				return w.Weight
			}
		}
	}
	return 1
}

// ruleOfTurns is the rule whose rounds are counted under a name, nil when it is not there any more, or no rota.
func (j *judge) ruleOfTurns(of string, t *judged) (rule *deskpb.RoutingRule) {
	switch channel, step, _ := strings.Cut(of, "/"); {
	case of == t.team:
		rule = j.rule(t)
		if rule.Policy == deskpb.RoutingPolicy_ROUTING_POLICY_WEIGHTED {
			return nil // weights are a channel's, and these rounds are of several
		}
	case channel != t.channel || t.team != "":
		return nil
	case step == "":
		rule = j.rules[channel]
	default:
		at := slices.IndexFunc(j.rules[channel].GetSteps(), func(s *deskpb.RoutingStep) bool { return s.Id == step })
		if at < 0 {
			return nil
		}
		rule = j.rules[channel].Steps[at].Then
	}
	if p := rule.GetPolicy(); p != deskpb.RoutingPolicy_ROUTING_POLICY_ROUND_ROBIN && p != deskpb.RoutingPolicy_ROUTING_POLICY_WEIGHTED {
		return nil
	}
	return rule
}

// quiet is the end of a world: everybody is there and has room, nothing else changes, and mail comes to the rota one by one until one round
// that began so has ended. So people are asked in each run whether they had their turn, in whatever order goroutines ran before.
func (w *assignmentWorld) quiet() {
	w.store.fault.Store(false)
	staff := w.agents[:8] // the guest has no seat
	for _, a := range staff {
		w.l.do(a.Stream(), deskpb.NewCommand(&deskpb.ChangeAgent{Agent: &deskpb.AgentChanged{Name: string(a), Role: deskpb.Role_ROLE_AGENT, Seat: true}}))
		w.l.available(a, true)
	}
	w.pass(11 * time.Second) // what waited is given, and promises without a taker lapse
	for _, a := range staff {
		w.l.available(a, true) // who took no offers meanwhile is back
	}
	w.pass(time.Second)
	for i := range 2*len(staff) + 1 {
		w.arriveAt(w.wires[len(w.wires)-1], fmt.Sprintf("quiet%d@shop.example", i))
		w.pass(time.Millisecond)
	}
}
