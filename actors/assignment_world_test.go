package actors_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// The whole protocol of assignment, at random: the actors of assignment, agents, teams, channels and conversations over the journal in
// memory, with arrivals, closes, people who come and go, rules and teams that change, tickets given by hand, actors that
// panic, sleep and wake, and desks that stop or die and start again. Each life is judged by its journal alone (see judge),
// and whenever the desk is at rest: nobody waits while somebody who may take it has room.
//
// A fault prints its seed; the seed repeats it except for the order in which goroutines ran.
func TestAssignmentWorld(t *testing.T) {
	const worlds, steps = 20, 5000 // 100,000
	for seed := range uint64(worlds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newAssignmentWorld(t, seed)
				for i := 0; i < steps && !t.Failed(); i++ {
					w.step()
				}
				w.rest()
				w.stop()
				w.judge.follow(w.store.Store)
				if n := w.judge.automatic; n < steps/50 {
					t.Errorf("only %d tickets were given away: this shows nothing", n)
				}
			})
		})
	}
}

type assignmentWorld struct {
	t      *testing.T
	rng    *rand.Rand
	store  *roughStore
	l      *life
	wires  []*wire
	agents []desk.AgentID
	teams  []desk.TeamID
	chans  []desk.ChannelID
	mails  int
	judge  *judge
	begun  int // lives
}

func newAssignmentWorld(t *testing.T, seed uint64) *assignmentWorld {
	w := &assignmentWorld{t: t, rng: rand.New(rand.NewPCG(seed, 7)), store: &roughStore{Store: memory.New()}}
	w.judge = newJudge(t)
	w.start()
	for i := range 8 {
		w.agents = append(w.agents, w.l.agent(fmt.Sprint("a", i), int32(w.rng.IntN(4)), w.rng.IntN(2) == 0))
	}
	w.l.do(desk.AgentID("guest").Stream(), deskpb.NewCommand(&deskpb.AddAgent{Agent: &deskpb.AgentAdded{Email: "guest@desk.example", Name: "guest", Role: deskpb.Role_ROLE_AGENT}}))
	w.l.available("guest", true)
	w.agents = append(w.agents, "guest")
	for i := range 3 {
		id := desk.TeamID(fmt.Sprint("t", i))
		w.teams = append(w.teams, id)
		w.l.do(id.Stream(), deskpb.NewCommand(&deskpb.AddTeam{Team: w.team(i)}))
	}
	for i := range 4 {
		id, wire := w.l.channel(fmt.Sprintf("ch%d@desk.example", i), w.rule())
		w.chans, w.wires = append(w.chans, id), append(w.wires, wire)
	}
	return w
}

func (w *assignmentWorld) start() {
	w.store.dead.Store(false)
	w.l = start(w.t, w.store, actors.Tuning{SleepAfter: 20 * time.Second, ReservationTTL: 10 * time.Second, RestartMin: time.Millisecond}, w.wires...)
	synctest.Wait()
}

func (w *assignmentWorld) team(i int) *deskpb.TeamAdded {
	m := &deskpb.TeamAdded{Name: fmt.Sprint("team ", i)}
	for _, a := range w.agents {
		if w.rng.IntN(3) == 0 {
			m.Members = append(m.Members, &deskpb.TeamMember{Agent: string(a), Main: w.rng.IntN(3) > 0})
		}
	}
	return m
}

func (w *assignmentWorld) rule() *deskpb.RoutingRule {
	r := &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, IgnoreAvailability: w.rng.IntN(8) == 0}
	for len(r.Agents)+len(r.Teams) == 0 {
		for _, a := range w.agents {
			if w.rng.IntN(4) == 0 {
				r.Agents = append(r.Agents, string(a))
			}
		}
		for _, t := range w.teams {
			if w.rng.IntN(4) == 0 {
				r.Teams = append(r.Teams, string(t))
			}
		}
	}
	return r
}

// tell gives a command and does not wait: what happens at the same time is the point.
func (w *assignmentWorld) tell(stream desk.StreamID, m proto.Message) {
	sys := w.l.sys
	go func() { _, _ = sys.Do(context.Background(), stream, deskpb.NewCommand(m)) }()
}

func (w *assignmentWorld) someTicket(view desk.View) (desk.ConversationID, bool) {
	page, err := w.store.Index().Tickets(desk.TicketQuery{View: view, Limit: 60})
	if err != nil {
		w.t.Fatal(err)
	}
	if len(page.Tickets) == 0 {
		return "", false
	}
	return desk.ConversationID(page.Tickets[w.rng.IntN(len(page.Tickets))].Conversation), true
}

func (w *assignmentWorld) agent() desk.AgentID { return w.agents[w.rng.IntN(len(w.agents))] }

func (w *assignmentWorld) step() {
	switch n := w.rng.IntN(1000); {
	case n < 260:
		w.arrive()
	case n < 480:
		if c, ok := w.someTicket(desk.ViewOpen); ok {
			w.tell(c.Stream(), &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})
		}
	case n < 500:
		if c, ok := w.someTicket(desk.ViewClosed); ok {
			w.tell(c.Stream(), &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US})
		}
	case n < 700:
		w.tell(w.agent().Stream(), &deskpb.SetAvailability{Available: w.rng.IntN(3) > 0})
	case n < 800:
		w.work()
	case n < 860:
		w.staff()
	case n < 985:
		w.pass(time.Duration(w.rng.IntN(4000)) * time.Microsecond)
	case n < 990:
		w.store.fault.Store(true)
	case n < 993:
		w.pass(30 * time.Second) // everybody falls asleep
	case n < 994:
		w.restart()
	default:
		w.rest()
	}
}

// pass lets fake time go by, in which what is under way goes on.
func (w *assignmentWorld) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *assignmentWorld) arrive() {
	w.mails++
	id, wire := fmt.Sprint("m", w.mails), w.wires[w.rng.IntN(len(w.wires))]
	wire.mu.Lock()
	in := wire.in
	wire.mu.Unlock()
	in.Deliver(context.Background(), mail(id, fmt.Sprintf("c%d@shop.example", w.rng.IntN(50)), "help"))
}

// work is what people do to tickets by hand.
func (w *assignmentWorld) work() {
	c, ok := w.someTicket([]desk.View{desk.ViewOpen, desk.ViewUnassigned}[w.rng.IntN(2)])
	if !ok {
		return
	}
	switch w.rng.IntN(6) {
	case 0, 1:
		a := w.agent()
		w.tell(c.Stream(), &deskpb.AssignConversation{Agent: string(a), AgentName: string(a)})
	case 2:
		w.tell(c.Stream(), &deskpb.UnassignConversation{})
	case 3:
		w.tell(c.Stream(), &deskpb.TransferToTeam{Team: string(w.teams[w.rng.IntN(len(w.teams))]), TeamName: "team", Unassign: w.rng.IntN(2) == 0})
	case 4:
		w.tell(c.Stream(), &deskpb.SetTicketPriority{Priority: deskpb.Priority(1 + w.rng.IntN(4))})
	case 5:
		w.tell(c.Stream(), &deskpb.SnoozeTicket{UntilMs: time.Now().Add(time.Duration(1+w.rng.IntN(60)) * time.Second).UnixMilli()})
	}
}

// staff is what administrators change.
func (w *assignmentWorld) staff() {
	switch w.rng.IntN(4) {
	case 0, 1:
		a := w.agent()
		w.tell(a.Stream(), &deskpb.ChangeAgent{Agent: &deskpb.AgentChanged{
			Name: string(a), Role: deskpb.Role_ROLE_AGENT, Seat: w.rng.IntN(5) > 0, Capacity: int32(w.rng.IntN(5)), Deactivated: w.rng.IntN(12) == 0,
		}})
	case 2:
		i := w.rng.IntN(len(w.teams))
		to := w.team(i)
		w.tell(w.teams[i].Stream(), &deskpb.ChangeTeam{Team: &deskpb.TeamChanged{Name: to.Name, Members: to.Members}})
	case 3:
		i := w.rng.IntN(len(w.chans))
		rule, sys := w.rule(), w.l.sys
		if rule.IgnoreAvailability && w.rng.IntN(2) == 0 {
			rule = &deskpb.RoutingRule{} // nobody
		}
		go func() {
			_ = sys.ReconfigureChannel(context.Background(), w.chans[i], desk.NewChannel{Kind: "wire", Name: "c", Config: []byte(fmt.Sprintf("%q", w.wires[i].address)), Routing: rule}, nil)
		}()
	}
}

// restart ends a life, in order or as a kill would: nothing that is on its way to the journal arrives.
func (w *assignmentWorld) restart() {
	w.store.dead.Store(w.rng.IntN(2) == 0)
	w.stop()
	w.judge.follow(w.store.Store)
	w.begun++
	w.start()
	w.waitUp()
}

func (w *assignmentWorld) stop() {
	w.store.fault.Store(false)
	synctest.Wait()
	w.l.obs.panics.Add(-w.store.faults.Swap(0))
	w.l.stop()
}

func (w *assignmentWorld) waitUp() {
	for _, wire := range w.wires {
		for len(wire.up) > 0 {
			<-wire.up
		}
	}
	synctest.Wait()
}

// rest lets everything come to an end, and asks whether anybody waits who need not.
func (w *assignmentWorld) rest() {
	synctest.Wait()
	time.Sleep(11 * time.Second) // promises without a taker lapse
	synctest.Wait()
	w.judge.follow(w.store.Store)
	w.judge.restless()
}

// roughStore is the journal in memory, where now and then somebody who asks the index panics, and which a kill cuts off.
type roughStore struct {
	*memory.Store
	dead   atomic.Bool
	fault  atomic.Bool
	faults atomic.Int64
}

func (s *roughStore) Append(e persistence.Entry, done func(desk.Position, error)) {
	if s.dead.Load() {
		go done(0, persistence.ErrClosed)
		return
	}
	s.Store.Append(e, done)
}

// Index panics for the assignment, once for each fault that is set.
func (s *roughStore) Index() *persistence.Index {
	inner := s.Store.Index()
	return persistence.NewIndex(func(f func(persistence.Reader) error) error {
		if s.fault.Load() && calledBy(").happened") && s.fault.CompareAndSwap(true, false) {
			s.faults.Add(1)
			panic("a fault on purpose")
		}
		return inner.View(f)
	})
}

func calledBy(name string) bool {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if strings.Contains(f.Function, "assignment"+name) {
			return true
		}
		if !more {
			return false
		}
	}
}

// judge reads the journal in its order and knows nothing else.
type judge struct {
	t         *testing.T
	at        desk.Position
	agents    map[string]*desk.Member
	teams     map[string][]*deskpb.TeamMember
	rules     map[string]*deskpb.RoutingRule
	tickets   map[string]*judged
	records   []desk.Record
	automatic int
}

type judged struct {
	channel, team, owner string
	routing              *deskpb.RoutingRule
	closed, snoozed      bool
	left                 bool // to whoever takes it, because the rule named nobody
}

func newJudge(t *testing.T) *judge {
	return &judge{t: t, agents: map[string]*desk.Member{}, teams: map[string][]*deskpb.TeamMember{}, rules: map[string]*deskpb.RoutingRule{}, tickets: map[string]*judged{}}
}

func (j *judge) follow(s *memory.Store) {
	j.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if s.Head() == j.at {
		return
	}
	head := s.Head()
	for r, err := range s.Tail(ctx, j.at) {
		must(j.t, err)
		j.read(r)
		if j.at = desk.Position(r.Position); j.at == head {
			return
		}
	}
}

func (j *judge) read(r desk.Record) {
	j.records = append(j.records, r)
	stream := desk.StreamID(r.Stream)
	id := stream.ID()
	switch stream.Kind() {
	case desk.KindAgent:
		a := j.agents[id]
		if a == nil {
			a = desk.Agents.Initial()
		}
		if r.Event.GetPlaceReserved() != nil && a.Capacity > 0 && len(a.Places) >= int(a.Capacity) {
			j.t.Errorf("position %d: %s promised a place with %d of %d", r.Position, id, len(a.Places), a.Capacity)
		}
		j.agents[id] = desk.Agents.Evolve(a, r.Event)
	case desk.KindTeam:
		switch e := r.Event.GetKind().(type) {
		case *deskpb.Event_TeamAdded:
			j.teams[id] = e.TeamAdded.Members
		case *deskpb.Event_TeamChanged:
			j.teams[id] = e.TeamChanged.Members
		}
	case desk.KindChannel:
		switch e := r.Event.GetKind().(type) {
		case *deskpb.Event_ChannelConnected:
			j.rules[id] = e.ChannelConnected.Routing
		case *deskpb.Event_ChannelChanged:
			j.rules[id] = e.ChannelChanged.Routing
		}
	case desk.KindConversation:
		j.ticket(id, r)
	}
}

func (j *judge) ticket(id string, r desk.Record) {
	t := j.tickets[id]
	if t == nil {
		t = &judged{}
		j.tickets[id] = t
	}
	switch r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationUnassigned, *deskpb.Event_TicketStatusChanged, *deskpb.Event_TicketTeamChanged, *deskpb.Event_TicketWoken:
		t.left = false
	}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		t.channel, t.routing = e.ConversationOpened.Channel, e.ConversationOpened.Routing
	case *deskpb.Event_ConversationAssigned:
		if e.ConversationAssigned.Reservation != "" {
			j.assigned(id, t, r, e.ConversationAssigned)
		}
		t.owner = e.ConversationAssigned.Agent
	case *deskpb.Event_ConversationUnassigned:
		t.owner = ""
	case *deskpb.Event_AssignmentDeferred:
		t.left = !e.AssignmentDeferred.Waiting
	case *deskpb.Event_TicketStatusChanged:
		t.closed = e.TicketStatusChanged.To == deskpb.TicketStatus_TICKET_STATUS_CLOSED
	case *deskpb.Event_TicketTeamChanged:
		t.team = e.TicketTeamChanged.Team
	case *deskpb.Event_TicketSnoozed:
		t.snoozed = true
	case *deskpb.Event_TicketWoken:
		t.snoozed = false
	}
}

// assigned judges an automatic assignment by what the journal says up to it.
func (j *judge) assigned(id string, t *judged, r desk.Record, e *deskpb.ConversationAssigned) {
	j.automatic++
	a, rule := j.agents[e.Agent], j.rule(t)
	place, promised := a.Places[desk.ConversationID(id)]
	switch {
	case t.owner != "":
		j.fault(r, id, e, "%s has it", t.owner)
	case t.closed || t.snoozed:
		j.fault(r, id, e, "it is closed or snoozed")
	case !a.Seat || a.Deactivated:
		j.fault(r, id, e, "seat %v, deactivated %v", a.Seat, a.Deactivated)
	case !a.Available && !rule.GetIgnoreAvailability():
		j.fault(r, id, e, "away")
	case !promised || place.Reservation == "":
		j.fault(r, id, e, "no promise stands")
	case a.Capacity > 0 && len(a.Places) > int(a.Capacity):
		j.fault(r, id, e, "%d of %d", len(a.Places), a.Capacity)
	case !j.inRule(rule, e.Agent):
		j.fault(r, id, e, "outside the rule %v", rule)
	}
}

func (j *judge) fault(r desk.Record, id string, e *deskpb.ConversationAssigned, format string, args ...any) {
	j.t.Errorf("position %d: %s was given to %s: %s", r.Position, id, e.Agent, fmt.Sprintf(format, args...))
}

func (j *judge) rule(t *judged) *deskpb.RoutingRule {
	return desk.RuleOf(&deskpb.TicketSummary{Team: t.team}, &deskpb.TeamSummary{}, j.rules[t.channel])
}

func (j *judge) inRule(rule *deskpb.RoutingRule, agent string) bool {
	for _, a := range rule.GetAgents() {
		if a == agent {
			return true
		}
	}
	for _, t := range rule.GetTeams() {
		for _, m := range j.teams[t] {
			if m.Agent == agent && m.Main {
				return true
			}
		}
	}
	return false
}

// story shows the last that was heard of some streams.
func (j *judge) story(ids ...string) {
	var lines []string
	for _, r := range slices.Backward(j.records) {
		if len(lines) < 60 && slices.Contains(ids, desk.StreamID(r.Stream).ID()) {
			lines = append(lines, fmt.Sprintf("%d %d %s %.300v", r.Position, r.AtMs, r.Stream, r.Event))
		}
	}
	slices.Reverse(lines)
	j.t.Log(strings.Join(lines, "\n"))
}

// restless: at rest nobody waits while somebody who may take it has room, and places are what the agents own.
func (j *judge) restless() {
	owned := map[string]int{}
	for id, t := range j.tickets {
		active := !t.closed && !t.snoozed
		if active && t.owner != "" {
			owned[t.owner]++
		}
		rule := j.rule(t)
		if !active || t.owner != "" || t.left || !desk.Routes(rule) || t.team == "" && !desk.Routes(t.routing) {
			continue
		}
		for name, a := range j.agents {
			if a.Seat && !a.Deactivated && (a.Available || rule.IgnoreAvailability) && (a.Capacity == 0 || len(a.Places) < int(a.Capacity)) && j.inRule(rule, name) {
				j.t.Errorf("position %d: %s waits although %s has %d of %d", j.at, id, name, len(a.Places), a.Capacity)
				j.story(id, name, t.channel, t.team)
			}
		}
	}
	for name, a := range j.agents {
		if len(a.Places) != owned[name] {
			j.t.Errorf("position %d: %s has %d places and owns %d", j.at, name, len(a.Places), owned[name])
		}
	}
}
