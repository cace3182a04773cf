package actors_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
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
	var asked atomic.Int64         // people: whether they had their turn when a round ended
	t.Cleanup(func() {
		if n := asked.Load(); n < 5*worlds && !t.Failed() {
			t.Errorf("only %d people were asked whether they had their turn: this shows nothing", n)
		}
	})
	for seed := range uint64(worlds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newAssignmentWorld(t, seed)
				for i := 0; i < steps && !t.Failed(); i++ {
					w.step()
				}
				w.quiet()
				w.rest()
				w.stop()
				w.judge.follow(w.store.Store)
				if n := w.judge.automatic; n < steps/50 {
					t.Errorf("only %d tickets were given away: this shows nothing", n)
				}
				asked.Add(int64(w.judge.turns.judged))
			})
		})
	}
}

// movements are all that can happen in a world. One more concern is one more file with its moves and its witness (see judge), and a line here and there.
var movements = [][]move{ticketMoves, staffMoves, presenceMoves, ruleMoves, capacityMoves, absenceMoves, timeMoves}

// move is something that happens, as often as its weight says, compared with the weights of all others.
type move struct {
	name   string
	weight int
	do     func(*assignmentWorld)
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
	kinds  []string             // of the channels
	open   map[desk.AgentID]int // workspaces
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
	for i := range 5 {
		kind, rule := []string{"wire", "chat", "email", "call"}[i%4], w.rules()
		if i == 4 { // a rota that nobody changes: its rounds come to an end
			rule = &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Policy: deskpb.RoutingPolicy_ROUTING_POLICY_ROUND_ROBIN}
			for _, a := range w.agents {
				rule.Agents = append(rule.Agents, string(a))
			}
		}
		id, wire := w.l.channelOf(kind, fmt.Sprintf("ch%d@desk.example", i), rule)
		w.chans, w.wires, w.kinds = append(w.chans, id), append(w.wires, wire), append(w.kinds, kind)
	}
	return w
}

func (w *assignmentWorld) start() {
	w.store.dead.Store(false)
	w.l = start(w.t, w.store, actors.Tuning{SleepAfter: 20 * time.Second, ReservationTTL: 10 * time.Second, PresenceGrace: 5 * time.Millisecond, RestartMin: time.Millisecond}, w.wires...)
	synctest.Wait()
	w.comeBack()
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

// step does one of the movements.
func (w *assignmentWorld) step() {
	sum := 0
	for _, moves := range movements {
		for _, m := range moves {
			sum += m.weight
		}
	}
	n := w.rng.IntN(sum)
	for _, moves := range movements {
		for _, m := range moves {
			if n -= m.weight; n < 0 {
				m.do(w)
				return
			}
		}
	}
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

// pass lets fake time go by, in which what is under way goes on.
func (w *assignmentWorld) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
