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
	if a.trying[conv] != nil || a.failures[conv] >= mostFailures {
		return true
	}
	return a.choose(self, &trial{ticket: t})
}

func (a *assignment) choose(self *actor.PID, tr *trial) bool {
	t := tr.ticket
	conv := desk.ConversationID(t.Conversation)
	rule := a.rule(t)
	q := desk.Question{Rule: rule, Recognised: t.ContactRecognised, Declined: tr.declined, Turns: turnsOf(t, rule), Seed: t.Conversation}
	if rule.GetSticky() {
		q.LastAgent = a.lastAgent(t)
	}
	if team := a.roster.Teams[desk.TeamID(t.Team)]; team.GetRemoved() {
		q.TeamRemoved = team.Name
	}
	if rule.GetMode() == deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER {
		if row, err := a.sys.index.Contact(desk.ContactID(t.Contact)); err == nil && row != nil {
			q.ContactOwner = desk.AgentID(row.Owner)
		}
	}
	tr.choice, tr.rests = desk.Choose(q, &a.roster), a.restsOn(t, rule)
	if tr.choice.OwnerAway != "" {
		a.tellOwner(t, tr.choice.OwnerAway)
	}
	if tr.choice.Agent == "" {
		delete(a.trying, conv)
		a.sys.ask(conv.Stream(), deskpb.NewCommand(&deskpb.DeferAssignment{Reason: tr.choice.Reason, Waiting: tr.choice.Waiting}), a.logged("store a reason"))
		return false
	}
	a.trying[conv] = tr
	now := time.Now()
	a.roster.Promise(tr.choice, now.UnixMilli())
	tr.until = now.Add(a.sys.tune.ReservationTTL).UnixMilli()
	tr.id = string(conv) + "/" + strconv.FormatInt(tr.until, 36)
	root := a.sys.root
	a.sys.ask(tr.choice.Agent.Stream(), deskpb.NewCommand(&deskpb.ReservePlace{
		Reservation: tr.id, Conversation: string(conv), UntilMs: tr.until, IgnoreAvailability: rule.IgnoreAvailability,
		Turn: tr.choice.Turn,
	}), func(_ desk.Done, err error) { root.Send(self, &reserved{t: tr, err: err}) })
	return true
}

// turnsOf names the rule whose rounds count: a team's, or the channel's.
func turnsOf(t desk.Ticket, rule *deskpb.RoutingRule) string {
	if len(rule.GetTeams()) == 1 && len(rule.GetAgents()) == 0 && rule.Teams[0] == t.Team {
		return t.Team
	}
	return t.Channel
}

// lastAgent is who has, or had, the ticket of this contact that was last talked in.
func (a *assignment) lastAgent(t desk.Ticket) desk.AgentID {
	const enough = 20
	rows, err := a.sys.index.TicketsOfContact(desk.ContactID(t.Contact), enough)
	if err != nil {
		a.sys.log.Error("read a contact's tickets", "contact", t.Contact, "err", err)
		return ""
	}
	for _, row := range rows {
		if row.Owner != "" && row.Conversation != t.Conversation {
			return desk.AgentID(row.Owner)
		}
	}
	return ""
}

// rule is by whom a ticket may be taken now.
func (a *assignment) rule(t desk.Ticket) *deskpb.RoutingRule {
	rule, known := a.rules[desk.ChannelID(t.Channel)]
	if !known {
		rule = t.Routing
	}
	return desk.RuleOf(t, a.roster.Teams[desk.TeamID(t.Team)], rule)
}

// reserved: the agent's actor has granted a place, or declined. Declined, the next best is asked.
func (a *assignment) reserved(self *actor.PID, m *reserved) {
	tr := m.t
	agent := tr.choice.Agent
	if a.trying[desk.ConversationID(tr.ticket.Conversation)] != tr { // asked before it started over: its promises were withdrawn
		return
	}
	before := a.given(agent)
	a.roster.Settle(tr.choice)
	a.refreshed(agent)
	a.due = a.due || a.given(agent) < before // the row knew of the promise already, and it counted twice
	if m.err != nil {
		conv := desk.ConversationID(tr.ticket.Conversation)
		a.failed(self, conv)
		if desk.CodeOf(m.err) == desk.Unavailable { // too much waits to be written
			delete(a.trying, conv)
			a.failures[conv] = mostFailures
			a.later(self)
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
	a.sys.ask(desk.ConversationID(tr.ticket.Conversation).Stream(), deskpb.NewCommand(&deskpb.AssignConversation{
		Agent: string(agent), AgentName: a.roster.Agents[agent].GetName(), Reservation: tr.id, ReservationUntilMs: tr.until, Reason: tr.choice.Reason,
		Team: tr.ticket.Team, RestsOn: tr.rests,
	}), func(_ desk.Done, err error) { root.Send(self, &assigned{t: tr, err: err}) })
}

// assigned: the ticket is his, or it was closed or taken by hand meanwhile and the promise goes back.
func (a *assignment) assigned(self *actor.PID, m *assigned) {
	tr := m.t
	conv := desk.ConversationID(tr.ticket.Conversation)
	if a.trying[conv] != tr {
		return
	}
	delete(a.trying, conv)
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
		for _, r := range tr.rests { // the feed may be behind what refused it
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
		a.later(self)
	}
	a.due = true
}

func (a *assignment) later(self *actor.PID) {
	root := a.sys.root
	time.AfterFunc(time.Second, func() { root.Send(self, &lookAgain{}) })
}

// restsOn names by which channel's rule and which teams a ticket is given away now.
func (a *assignment) restsOn(t desk.Ticket, rule *deskpb.RoutingRule) []*deskpb.RuleVersion {
	ch := desk.ChannelID(t.Channel)
	all := []*deskpb.RuleVersion{{Stream: string(ch.Stream()), Version: a.ruled[ch]}}
	if _, known := a.rules[ch]; !known {
		all = nil // the ticket's own copy counts
	}
	for _, id := range rule.GetTeams() {
		if row := a.roster.Teams[desk.TeamID(id)]; row != nil {
			all = append(all, &deskpb.RuleVersion{Stream: string(desk.TeamID(id).Stream()), Version: row.Version})
		}
	}
	return all
}

// reread brings a channel's rule or a team up to date.
func (a *assignment) reread(stream desk.StreamID) {
	switch id := stream.ID(); stream.Kind() {
	case desk.KindTeam:
		if row, err := a.sys.index.Team(desk.TeamID(id)); err == nil && row != nil {
			a.roster.Teams[desk.TeamID(id)] = row
		}
	case desk.KindChannel:
		if row, err := a.sys.index.Channel(desk.ChannelID(id)); err == nil && row != nil {
			a.rules[desk.ChannelID(id)], a.ruled[desk.ChannelID(id)] = row.Routing, row.RoutingVersion
		}
	}
}

// drain gives waiting tickets to whoever can take them: priority before age, over all channels and teams. A channel or team
// whose first ticket finds nobody is passed over, unless its rule looks at each contact's owner.
func (a *assignment) drain(self *actor.PID) {
	type queue struct{ channel, team string }
	blocked := map[queue]bool{}
	for t := range a.line.all() {
		q := queue{channel: t.Channel, team: t.Team}
		if blocked[q] || a.trying[desk.ConversationID(t.Conversation)] != nil {
			continue
		}
		if !a.try(self, t) && a.rule(t).GetMode() != deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER {
			blocked[q] = true
			if len(blocked) == len(a.rules)*(1+len(a.roster.Teams)) {
				return
			}
		}
	}
}
