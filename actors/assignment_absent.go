package actors

import (
	"maps"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Tickets whose owner is not there for them go back into the line, as their channel says. What goes back when is read from the rows
// (desk.TakenBack), never remembered: whenever a ticket, its owner or the policy changes, when a planned time comes, and at a start, it is
// asked anew. Whether it still is so is decided where it is written.

type (
	// absenceDue: a ticket of the agent's is to be taken back by now.
	absenceDue struct{ agent desk.AgentID }
	recalled   struct {
		conv  desk.ConversationID
		agent desk.AgentID
		err   error
	}
	recallAgain struct{ conv desk.ConversationID }
)

// mind looks whether a ticket stays with its owner. It tells when it will not, 0: it stays or is being taken back.
func (a *assignment) mind(self *actor.PID, t desk.Ticket) (laterMs int64) {
	at, why := desk.TakenBack(t, a.roster.Agents[desk.AgentID(t.Owner)], a.rules[desk.ChannelID(t.Channel)].GetOwners())
	switch now := nowMs(); {
	case at == 0:
		return 0
	case at > now:
		return at
	}
	a.takeBack(self, t, why)
	return 0
}

func (a *assignment) takeBack(self *actor.PID, t desk.Ticket, why string) {
	conv, owner, ch := desk.ConversationID(t.Conversation), a.roster.Agents[desk.AgentID(t.Owner)], desk.ChannelID(t.Channel)
	if a.recalling[conv] {
		return
	}
	a.recalling[conv] = true
	cmd := &deskpb.TakeBack{
		Agent: t.Owner, SeenVersion: t.Version, AgentVersion: owner.GetAbsence().GetVersion(), Reason: desk.BackReason(why, owner, nowMs()),
	}
	if why != desk.TakenBackDeactivated && why != desk.TakenBackNoSeat && why != desk.NotTaken {
		cmd.Channel = &deskpb.RuleVersion{Stream: string(ch.Stream()), Version: a.ruled[ch]}
	}
	root, done := a.sys.root, &recalled{conv: conv, agent: desk.AgentID(t.Owner)}
	a.sys.ask(conv.Stream(), deskpb.NewCommand(cmd), func(_ desk.Done, err error) {
		done.err = err
		root.Send(self, done)
	})
}

// recalled: it is nobody's now, or something was otherwise meanwhile and it is looked at again.
func (a *assignment) recalled(self *actor.PID, m *recalled) {
	delete(a.recalling, m.conv)
	if m.err == nil {
		delete(a.failures, m.conv)
		return
	}
	a.failures[m.conv]++
	if desk.CodeOf(m.err) == desk.Unavailable || a.failures[m.conv] >= mostFailures {
		delete(a.failures, m.conv)
		a.inASecond(self, &recallAgain{conv: m.conv})
		return
	}
	a.lookBack(self, m.conv, m.agent)
}

// lookBack reads a ticket, its owner and its channel, of which the feed may not have told yet, and asks again.
func (a *assignment) lookBack(self *actor.PID, conv desk.ConversationID, owner desk.AgentID) {
	t, err := a.sys.index.Ticket(conv)
	if err != nil || t == nil {
		a.sys.log.Error("read a ticket", "conversation", string(conv), "err", err)
		return
	}
	for _, id := range []desk.AgentID{owner, desk.AgentID(t.Owner)} {
		if a.roster.Agents[id] != nil {
			a.refreshed(id)
		}
	}
	a.reread(desk.ChannelID(t.Channel).Stream())
	a.plan(self, desk.AgentID(t.Owner), a.mind(self, t))
}

// plan has the agent woken at a time that comes before the one planned.
func (a *assignment) plan(self *actor.PID, id desk.AgentID, atMs int64) {
	if was := a.planned[id]; atMs != 0 && (was == 0 || atMs < was) {
		a.planTo(self, id, atMs)
	}
}

// planTo keeps in the agent's stream when a ticket of theirs is due next, so that a restart knows it.
func (a *assignment) planTo(self *actor.PID, id desk.AgentID, atMs int64) {
	a.planned[id] = atMs
	said := a.logged("plan an absence")
	a.sys.ask(id.Stream(), deskpb.NewCommand(&deskpb.PlanAbsence{DueMs: atMs}), func(d desk.Done, err error) {
		if said(d, err); err != nil && desk.CodeOf(err) != desk.NotFound {
			a.inASecond(self, &absenceDue{agent: id})
		}
	})
}

// absent goes through the tickets of somebody who is not there.
func (a *assignment) absent(self *actor.PID, id desk.AgentID) {
	row := a.roster.Agents[id]
	if !desk.Gone(row) {
		delete(a.planned, id)
		return
	}
	rows, err := a.ownedRows(id)
	if err != nil {
		a.sys.log.Error("read an agent's tickets", "agent", string(id), "err", err)
		a.inASecond(self, &absenceDue{agent: id})
		return
	}
	next := int64(0)
	for _, t := range rows {
		if later := a.mind(self, t); later != 0 && (next == 0 || later < next) {
			next = later
		}
	}
	if was, known := a.planned[id]; was != next || known && next == 0 {
		a.planTo(self, id, next)
	}
	if next == 0 {
		delete(a.planned, id)
	}
}

// goneOrBack looks at a record of an agent after which their tickets may stay or go.
func (a *assignment) goneOrBack(self *actor.PID, id desk.AgentID, r desk.Record) {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_AvailabilityChanged:
		if e.AvailabilityChanged.Available {
			delete(a.planned, id) // coming back ended the plan, though they may be away again by now
		}
		a.absent(self, id)
	case *deskpb.Event_AgentChanged:
		a.absent(self, id)
	case *deskpb.Event_PresenceChanged:
		if !e.PresenceChanged.Connected {
			a.unplugged(self, id, r.Position)
		}
	}
}

// unplugged ends the offers of what is talked in right now to somebody who lost the connection since: they cannot be seen at it. Where the
// desk stopped in this moment, the offers end in their time.
func (a *assignment) unplugged(self *actor.PID, id desk.AgentID, position uint64) {
	if row := a.roster.Agents[id]; row == nil || row.Connected {
		return
	}
	rows, err := a.ownedRows(id)
	if err != nil {
		a.sys.log.Error("read an agent's tickets", "agent", string(id), "err", err)
		return
	}
	for _, t := range rows {
		if desk.Live(t.ChannelKind) && t.GetTenure().GetTakeByMs() != 0 && t.Tenure.Position < position && desk.WaitsOnUs(t.Status) {
			a.takeBack(self, t, desk.NotTaken)
		}
	}
}

// absentAll: tickets of all who are away may go by another policy now.
func (a *assignment) absentAll(self *actor.PID) {
	for id := range a.roster.Agents {
		if desk.Gone(a.roster.Agents[id]) {
			a.absent(self, id)
		}
	}
}

// offer makes an automatic assignment one that is to be taken in time, where the channel says so: each round gives twice the time.
func (a *assignment) offer(tr *trial, m *deskpb.AssignConversation) {
	seconds := a.rules[desk.ChannelID(tr.ticket.Channel)].GetOwners().GetOfferSeconds()
	if seconds == 0 {
		return
	}
	const mostDoubled = 6
	m.Round = tr.round
	m.TakeByMs = time.Now().Add(time.Duration(seconds) * time.Second << min(m.Round, mostDoubled)).UnixMilli()
}

// routeOffer asks who gets a ticket: nobody who let it pass in this round, while there is anybody else. When there is not, a new round begins.
func (a *assignment) routeOffer(t desk.Ticket, declined map[desk.AgentID]string) (desk.Choice, looked, int32) {
	round, missed := t.GetTenure().GetRound(), t.GetTenure().GetMissed()
	if len(missed) == 0 {
		choice, by := a.route(t, declined)
		return choice, by, round
	}
	passed := maps.Clone(declined)
	if passed == nil {
		passed = map[desk.AgentID]string{}
	}
	for _, id := range missed {
		passed[desk.AgentID(id)] = desk.NotTaken
	}
	if choice, by := a.route(t, passed); choice.Agent != "" {
		return choice, by, round
	}
	choice, by := a.route(t, declined)
	return choice, by, round + 1
}

// offered counts what was not taken, and forgets it when something was.
func (a *assignment) offered(r desk.Record) {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationUnassigned:
		if e.ConversationUnassigned.Reason.GetCode() != desk.NotTaken {
			return
		}
		count := &deskpb.CountOffer{}
		if t, err := a.sys.index.Ticket(desk.ConversationID(desk.StreamID(r.Stream).ID())); err == nil && t != nil {
			count.Most, count.GivenMs = a.rules[desk.ChannelID(t.Channel)].GetOwners().GetMostMissed(), t.GetTenure().GetPassedGivenMs()
		}
		a.countOffer(desk.AgentID(e.ConversationUnassigned.Agent), count)
	case *deskpb.Event_OfferEnded:
		if id := desk.AgentID(e.OfferEnded.Agent); e.OfferEnded.Taken && a.roster.Agents[id].GetAbsence().GetMissed() > 0 {
			a.countOffer(id, &deskpb.CountOffer{Taken: true})
		}
	}
}

func (a *assignment) countOffer(id desk.AgentID, m *deskpb.CountOffer) {
	a.sys.ask(id.Stream(), deskpb.NewCommand(m), a.logged("count an offer"))
}
