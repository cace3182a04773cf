package actors

import (
	"strconv"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// try looks for an owner for a ticket in line. It reports whether somebody was asked.
func (a *assignment) try(self *actor.PID, t desk.Ticket) bool {
	conv := desk.ConversationID(t.Conversation)
	if a.failures[conv] >= mostFailures {
		a.line.Hold(conv) // until retry: it must not hold up those behind it
		return true
	}
	if a.trying[conv] != nil {
		return true
	}
	return a.choose(self, &trial{ticket: t})
}

func (a *assignment) choose(self *actor.PID, tr *trial) bool {
	t := tr.ticket
	conv := desk.ConversationID(t.Conversation)
	if opens, shut := a.shut(t); shut {
		a.rest(self, conv, opens)
		return true // it does not hold up those behind it
	}
	tr.choice, tr.by, tr.round = a.routeOffer(t, tr.declined)
	if tr.choice.OwnerAway != "" {
		a.tellOwner(t, tr.choice.OwnerAway)
	}
	if tr.choice.Agent == "" {
		a.letGo(conv)
		a.line.Waits(conv, nowMs())
		a.sys.ask(conv.Stream(), deskpb.NewCommand(&deskpb.DeferAssignment{Reason: tr.choice.Reason, Waiting: tr.choice.Waiting}), a.logged("store a reason"))
		return false
	}
	a.trying[conv] = tr
	a.line.Hold(conv)
	now := time.Now()
	a.pools.Promise(tr.choice, now.UnixMilli())
	tr.until = now.Add(a.sys.tune.ReservationTTL).UnixMilli()
	tr.id = string(conv) + "/" + strconv.FormatInt(tr.until, 36)
	root := a.sys.root
	a.sys.ask(tr.choice.Agent.Stream(), deskpb.NewCommand(&deskpb.ReservePlace{
		Reservation: tr.id, Conversation: string(conv), UntilMs: tr.until, IgnoreAvailability: tr.choice.Rule.GetIgnoreAvailability(),
		Turn: tr.choice.Turn, Live: desk.Live(t.ChannelKind), Size: tr.choice.Size.Proto(), Skills: tr.choice.Rule.GetSkills(),
	}), func(_ desk.Done, err error) { root.Send(self, &reserved{t: tr, err: err}) })
	return true
}

// reserved: the agent's actor has granted a place, or declined. Declined, the next best is asked.
func (a *assignment) reserved(self *actor.PID, m *reserved) {
	tr := m.t
	agent := tr.choice.Agent
	if a.trying[desk.ConversationID(tr.ticket.Conversation)] != tr { // asked before it started over: its promises were withdrawn
		return
	}
	before := a.given(agent)
	a.pools.Settle(tr.choice)
	a.refreshed(agent)
	if a.given(agent) < before { // the row knew of the promise already, and it counted twice
		a.due = append(a.due, agent)
	}
	if m.err != nil {
		conv := desk.ConversationID(tr.ticket.Conversation)
		a.failed(self, conv)
		if desk.CodeOf(m.err) == desk.Unavailable { // too much waits to be written
			a.letGo(conv)
			a.failures[conv] = mostFailures
			a.inASecond(self, &lookAgain{})
			return
		}
		if tr.declined == nil {
			tr.declined = map[desk.AgentID]string{}
		}
		tr.declined[agent] = nameOr(desk.ReasonOf(m.err), "declined")
		a.choose(self, tr)
		return
	}
	root := a.sys.root
	cmd := &deskpb.AssignConversation{
		Agent: string(agent), AgentName: a.roster.Agents[agent].GetName(), Reservation: tr.id, ReservationUntilMs: tr.until, Reason: tr.choice.Reason,
		Team: tr.ticket.Team, RestsOn: tr.by.rules, TicketVersion: tr.by.ticket,
	}
	a.offer(tr, cmd)
	a.sys.ask(desk.ConversationID(tr.ticket.Conversation).Stream(), deskpb.NewCommand(cmd), func(_ desk.Done, err error) { root.Send(self, &assigned{t: tr, err: err}) })
}

// assigned: the ticket is his, or it was closed or taken by hand meanwhile and the promise goes back.
func (a *assignment) assigned(self *actor.PID, m *assigned) {
	tr := m.t
	conv := desk.ConversationID(tr.ticket.Conversation)
	if a.trying[conv] != tr {
		return
	}
	a.letGo(conv)
	if m.err == nil {
		delete(a.failures, conv)
		a.sys.obs.ObserveAssignmentWait(time.Duration(nowMs()-tr.ticket.InLineSinceMs) * time.Millisecond)
		a.ticket(self, conv)
		return
	}
	a.sys.ask(tr.choice.Agent.Stream(), deskpb.NewCommand(&deskpb.FreePlace{
		Conversation: string(conv), Reservation: tr.id, Cause: "withdrawn",
	}), a.logged("withdraw a promise"))
	a.failed(self, conv)
	if desk.ReasonOf(m.err) == desk.ReasonWithdrawn {
		for _, r := range tr.by.rules { // the feed may be behind what refused it
			a.reread(desk.StreamID(r.Stream))
		}
		a.refreshed(tr.choice.Agent)
	}
	a.ticket(self, conv)
}

// mostFailures is how often in a row an owner is looked for in vain at once. Whatever makes it fail, the desk does not spin.
const mostFailures = 5

// failed notes that somebody was chosen for a ticket in vain. Who found everybody full meanwhile, because of this promise, is looked
// at again.
func (a *assignment) failed(self *actor.PID, conv desk.ConversationID) {
	a.failures[conv]++
	if a.failures[conv] == mostFailures {
		a.inASecond(self, &lookAgain{})
	}
	a.dueAll = true
}
