// Package simulate plays a desk's routing with random customers: the real rules (desk.Pools, desk.Line) under a clock of its own.
// It is what says how long people wait, before anybody waits.
package simulate

import (
	"errors"
	"fmt"
	"math"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Options are what is played. Times are in mean service times, unless they say otherwise.
type Options struct {
	Agents   int
	Capacity int     // tickets an agent works on at once
	Groups   []Group // instead of both, when people are not alike
	Load     float64 // of all places: 0.85 is 85 %
	Policy   deskpb.RoutingPolicy
	Service  string  // how long a ticket takes: exponential or lognormal
	Sigma    float64 // of the logarithm, for lognormal
	Patience float64 // mean of an exponential patience; 0: nobody gives up
	Tickets  int     // that are counted
	Warmup   int     // that come before
	Seed     uint64
	Every    float64 // assign only so often; 0: at once
	// Blind gives each ticket at once to somebody, busy or not, and there it waits: no capacity, no line.
	Blind bool
}

// Result is what came of it.
type Result struct {
	MeanWait    float64  `json:"mean_wait_service_times"`
	Interval    float64  `json:"mean_wait_interval_95"` // half of it
	P95Wait     float64  `json:"p95_wait_service_times"`
	Abandonment float64  `json:"abandonment"`
	Utilisation float64  `json:"utilisation"`
	Fairness    Fairness `json:"fairness"`
}

// Fairness is how evenly tickets were spread.
type Fairness struct {
	Gini     float64 `json:"gini"` // 0: all the same
	MaxToMin float64 `json:"max_to_min"`
}

// Group is agents who are alike.
type Group struct{ Agents, Capacity, Weight int }

// Share is what one of a group had.
type Share struct {
	Given       float64 // tickets of each, on average
	Utilisation float64 // of their places
}

// groups are the agents, whichever way they were named.
func (o Options) groups() []Group {
	if len(o.Groups) > 0 {
		return o.Groups
	}
	return []Group{{Agents: o.Agents, Capacity: o.Capacity, Weight: 1}}
}

// Check names what cannot be played.
func (o Options) Check() error {
	for _, g := range o.groups() {
		switch {
		case g.Agents < 1 || g.Agents > 10_000:
			return errors.New("agents: must be 1 to 10000")
		case g.Capacity < 1 || g.Capacity > 100:
			return errors.New("capacity: must be 1 to 100")
		case g.Weight < 1 || g.Weight > 100:
			return errors.New("weight: must be 1 to 100")
		}
	}
	switch {
	case math.IsNaN(o.Load) || o.Load <= 0 || o.Load > 2:
		return errors.New("load: must be more than 0 and at most 2, such as 0.85")
	case o.Load >= 1 && o.Patience == 0:
		return errors.New("load: with 1 or more the line grows for ever, unless people give up: set a patience")
	case o.Service != "exponential" && o.Service != "lognormal":
		return errors.New("service: must be exponential or lognormal")
	case math.IsNaN(o.Sigma) || o.Sigma < 0 || o.Sigma > 3:
		return errors.New("sigma: must be 0 to 3")
	case math.IsNaN(o.Patience) || o.Patience < 0 || o.Patience > 1e6:
		return errors.New("patience: must be 0 (nobody gives up) to 1000000 service times")
	case o.Tickets < batches*10 || o.Tickets > 100_000_000:
		return fmt.Errorf("tickets: must be %d to 100000000", batches*10)
	case o.Warmup < 0 || o.Warmup > o.Tickets:
		return errors.New("warmup: must be 0 to as many as are counted")
	case math.IsNaN(o.Every) || o.Every < 0 || o.Every > 1000:
		return errors.New("every: must be 0 (at once) to 1000 service times")
	}
	return nil
}

// servers are how many tickets are worked on at once when all are busy.
func (o Options) servers() (n int) {
	for _, g := range o.groups() {
		n += g.Agents * g.Capacity
	}
	return n
}

// rate is how many tickets come in a service time.
func (o Options) rate() float64 { return o.Load * float64(o.servers()) }

// Run plays it.
func Run(o Options) (Result, error) {
	r, _, err := RunGroups(o)
	return r, err
}

// RunGroups plays it, and says what each group had.
func RunGroups(o Options) (Result, []Share, error) {
	if err := o.Check(); err != nil {
		return Result{}, nil, err
	}
	d := newHall(o)
	d.play()
	return d.seen.result(d), d.seen.shares(d), nil
}

// scale makes whole numbers of times, fine enough that no two events fall together.
const scale = 1e9

// hall is the desk that is played.
type hall struct {
	o       Options
	chance  *chance
	now     float64
	agenda  agenda
	pools   *desk.Pools
	line    *desk.Line
	class   desk.Class
	agents  []*worker
	byID    map[desk.AgentID]*worker
	came    int
	tickets map[desk.ConversationID]*ticket // that wait, in the line or at an agent
	busy    []int                           // of each group
	seen    tally
}

type worker struct {
	row   *deskpb.AgentSummary
	group int
	room  int
	work  int       // that he works on
	desk  []*ticket // that were given to him and wait, with Blind
	given int
}

type ticket struct {
	n    int
	came float64
	need float64
	gone bool
}

func newHall(o Options) *hall {
	r := &desk.Roster{Agents: map[desk.AgentID]desk.Agent{}, Teams: map[desk.TeamID]desk.Team{}, Promised: map[desk.AgentID]desk.ByGroup{}}
	rule := &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Policy: o.Policy}
	d := &hall{
		o: o, chance: newChance(o.Seed), line: desk.NewLine(), class: desk.Class{Rule: rule, Turns: "ch"},
		byID: map[desk.AgentID]*worker{}, tickets: map[desk.ConversationID]*ticket{}, busy: make([]int, len(o.groups())), seen: newTally(o),
	}
	for n, g := range o.groups() {
		for range g.Agents {
			name := fmt.Sprintf("ag_%04d", len(d.agents))
			w := &worker{group: n, room: g.Capacity, row: &deskpb.AgentSummary{Agent: name, Name: "A", Seat: true, Available: true, Capacity: int32(g.Capacity)}}
			if o.Blind {
				w.row.Capacity = 0
			}
			rule.Agents = append(rule.Agents, name)
			rule.Weights = append(rule.Weights, &deskpb.RoutingWeight{Agent: name, Weight: int32(g.Weight)})
			r.Agents[desk.AgentID(name)], d.byID[desk.AgentID(name)] = w.row, w
			d.agents = append(d.agents, w)
		}
	}
	d.pools = desk.NewPools(r)
	return d
}

func (d *hall) play() {
	d.agenda.add(event{at: d.chance.exponential(1 / d.o.rate()), kind: arrival})
	if d.o.Every > 0 {
		d.agenda.add(event{at: d.o.Every, kind: tick})
	}
	for d.came < d.o.Warmup+d.o.Tickets || len(d.tickets) > 0 {
		e := d.agenda.next()
		d.seen.pass(d, e.at)
		d.now = e.at
		switch e.kind {
		case arrival:
			d.arrive()
		case done:
			d.done(e.agent)
		case patience:
			d.leave(e.ticket)
		case tick:
			d.drain(d.line.All())
			d.agenda.add(event{at: d.now + d.o.Every, kind: tick})
		}
	}
}

func (d *hall) arrive() {
	if d.came >= d.o.Warmup+d.o.Tickets {
		return // the last ones are waited for; nobody comes any more
	}
	gap := d.chance.exponential(1 / d.o.rate())
	d.agenda.add(event{at: d.now + gap, kind: arrival})
	t := &ticket{n: d.came, came: d.now, need: d.chance.service(d.o)}
	d.seen.arrived(t, gap)
	d.came++
	row := &deskpb.TicketSummary{Conversation: fmt.Sprintf("cv_%d_%d", d.o.Seed, t.n), Number: uint64(t.n), InLineSinceMs: int64(d.now * scale)}
	conv := desk.ConversationID(row.Conversation)
	d.tickets[conv] = t
	d.line.Put(row, d.class)
	if d.o.Every == 0 {
		d.drain(d.line.Of(conv))
	}
	if d.o.Patience > 0 {
		d.agenda.add(event{at: d.now + d.chance.patience(d.o.Patience), kind: patience, ticket: conv})
	}
}

func (d *hall) drain(queues []*desk.Queue) {
	desk.Drain(queues, func(row desk.Ticket) bool {
		if !d.pools.Free(d.class.Rule, d.class.Turns, d.class.Size) {
			return false
		}
		c := d.pools.Choose(desk.Question{Rule: d.class.Rule, Turns: d.class.Turns, Seed: row.Conversation})
		conv := desk.ConversationID(row.Conversation)
		d.line.Remove(conv)
		d.give(conv, c)
		return true
	})
}

// give does what the actors do for a choice, at once: the place is promised and taken.
func (d *hall) give(conv desk.ConversationID, c desk.Choice) {
	w := d.byID[c.Agent]
	t := d.tickets[conv]
	d.pools.Promise(c, int64(d.now*scale))
	d.fact(w, deskpb.NewEvent(&deskpb.PlaceReserved{Conversation: string(conv), Turn: c.Turn}))
	d.pools.Settle(c)
	w.given++
	if w.work >= w.room {
		w.desk = append(w.desk, t)
		return
	}
	d.begin(w, conv, t)
}

func (d *hall) begin(w *worker, conv desk.ConversationID, t *ticket) {
	delete(d.tickets, conv)
	d.seen.served(t, d.now-t.came)
	w.work++
	d.busy[w.group]++
	d.agenda.add(event{at: d.now + t.need, kind: done, agent: w})
}

// fact folds an event as the index does. The row is changed in place: nobody else reads it.
func (d *hall) fact(w *worker, ev desk.Event) {
	w.row = desk.ProjectAgent(w.row, &deskpb.Record{Stream: string(desk.AgentID(w.row.Agent).Stream()), AtMs: int64(d.now * scale), Event: ev})
	d.pools.SetAgent(w.row)
}

func (d *hall) done(w *worker) {
	w.work--
	d.busy[w.group]--
	d.fact(w, deskpb.NewEvent(&deskpb.PlaceFreed{Cause: "closed"}))
	for len(w.desk) > 0 && w.work < w.room {
		t := w.desk[0]
		w.desk = w.desk[1:]
		if !t.gone {
			d.begin(w, conversation(d.o, t), t)
		}
	}
	if d.o.Every == 0 {
		d.drain(d.line.For(d.pools, desk.AgentID(w.row.Agent)))
	}
}

func conversation(o Options, t *ticket) desk.ConversationID {
	return desk.ConversationID(fmt.Sprintf("cv_%d_%d", o.Seed, t.n))
}

// leave: a customer whose ticket still waits gives up.
func (d *hall) leave(conv desk.ConversationID) {
	t := d.tickets[conv]
	if t == nil {
		return
	}
	t.gone = true
	delete(d.tickets, conv)
	d.line.Remove(conv)
	d.seen.gaveUp(t, d.now-t.came)
}
