package bench

import (
	"fmt"
	"math"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// dispatch measures the assignment's rules by themselves, in memory and on one core: somebody closes a ticket, and the first one in line
// that they may take is decided and promised. Teams have 20 people, each team has a queue, and as many tickets wait whoever there is;
// the limit is a walk over the same people that only looks for the least loaded.
func (r *run) dispatch() error {
	var base, first float64
	for i, agents := range []int{r.Crowd / 10, r.Crowd / 3, r.Crowd, r.Crowd * 3, r.Crowd * 10} {
		teams := max(1, agents/20)
		d := newDispatch(agents, teams, r.Tickets)
		per := r.count(d.one)
		if d.stuck {
			return fmt.Errorf("nobody was found for a ticket among %d agents", agents)
		}
		if base == 0 {
			base, first = 1e9/per, math.Log(float64(agents))
		}
		r.out.alone(fmt.Sprintf("time_per_decision_%d_agents", agents), 1e9/per, "ns")
		if i == 2 {
			r.out.against(fmt.Sprintf("decisions_per_second_%d_agents_%d_teams_%d_waiting", agents, teams, r.Tickets), per, "1/s", r.count(d.walk), 0)
		}
		if i == 4 { // 1: as the logarithm of the number of agents; less: more slowly
			r.out.alone("growth_of_time_to_growth_of_logarithm", 1e9/per/base/(math.Log(float64(agents))/first), "")
		}
	}
	return nil
}

type dispatch struct {
	pools *desk.Pools
	line  *desk.Line
	rows  []*deskpb.AgentSummary
	class []desk.Class
	by    map[desk.AgentID]int
	next  int
	n     uint64
	at    int64
	stuck bool
	least int32
}

func newDispatch(agents, teams, waiting int) *dispatch {
	roster := &desk.Roster{Agents: map[desk.AgentID]desk.Agent{}, Teams: map[desk.TeamID]desk.Team{}, Promised: map[desk.AgentID]desk.ByGroup{}}
	d := &dispatch{line: desk.NewLine(), by: map[desk.AgentID]int{}, at: time.Now().UnixMilli()}
	members := make([][]*deskpb.TeamMember, teams)
	for i := range agents {
		id := agentID(i)
		row := &deskpb.AgentSummary{Agent: string(id), Name: "Somebody", Seat: true, Available: true, Load: 5, Capacity: 5, LastAssignedAtMs: int64(i)}
		roster.Agents[id], d.by[id] = row, i
		d.rows = append(d.rows, row)
		members[i%teams] = append(members[i%teams], &deskpb.TeamMember{Agent: string(id), Main: true})
	}
	for t := range teams {
		id := fmt.Sprintf("tm_%d", t)
		roster.Teams[desk.TeamID(id)] = &deskpb.TeamSummary{Team: id, Members: members[t]}
		rule := &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Teams: []string{id}}
		d.class = append(d.class, desk.Class{Rule: rule, Turns: id})
	}
	d.pools = desk.NewPools(roster)
	for i := range waiting {
		d.put(i % teams)
	}
	return d
}

func (d *dispatch) put(class int) {
	d.n++
	d.line.Put(&deskpb.TicketSummary{
		Conversation: fmt.Sprintf("cv_%d", d.n), Number: d.n, Priority: deskpb.Priority(1 + d.n%4), InLineSinceMs: int64(d.n),
	}, d.class[class])
}

// one is a decision with all that belongs to it: a place is freed, a ticket decided, promised and taken, and another one joins the line.
func (d *dispatch) one() {
	i := d.next % len(d.rows)
	d.next++
	d.at++
	row := d.rows[i]
	row.Load--
	d.pools.SetAgent(row)
	found := false
	desk.Drain(d.line.For(d.pools, desk.AgentID(row.Agent)), func(t desk.Ticket) bool {
		class := d.class[i%len(d.class)]
		if !d.pools.Free(class.Rule, class.Turns, class.Size) {
			return false
		}
		c := d.pools.Choose(desk.Question{Rule: class.Rule, Turns: class.Turns, Seed: t.Conversation})
		if c.Agent == "" {
			return false
		}
		d.pools.Promise(c, d.at)
		d.line.Remove(desk.ConversationID(t.Conversation))
		got := d.rows[d.by[c.Agent]]
		got.Load++
		got.LastAssignedAtMs = d.at
		d.pools.Settle(c)
		d.pools.SetAgent(got)
		found = true
		return true
	})
	d.stuck = d.stuck || !found
	d.put(i % len(d.class))
}

// walk looks for the least loaded of all.
func (d *dispatch) walk() {
	best := d.rows[0]
	for _, row := range d.rows {
		if row.Load < best.Load {
			best = row
		}
	}
	d.least = best.Load
}
