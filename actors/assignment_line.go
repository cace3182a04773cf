package actors

import (
	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Which rule a ticket goes by, with whom it stands in a queue, and who of the line is tried when.

// ruleKey is a channel and the team a ticket of it was handed to.
type ruleKey struct {
	channel desk.ChannelID
	team    desk.TeamID
	handed  string // or whom a bot gave it to
}

func handedKey(rule *deskpb.RoutingRule) string {
	if rule == nil {
		return ""
	}
	key, err := proto.MarshalOptions{Deterministic: true}.Marshal(rule)
	if err != nil {
		return rule.String() // it cannot be: the rule was read
	}
	return "+" + string(key)
}

// handedToNobody: all to whom a bot gave it are gone, and so it goes by its channel's rule.
func (a *assignment) handedToNobody(rule *deskpb.RoutingRule) bool {
	for _, id := range rule.GetTeams() {
		if row := a.roster.Teams[desk.TeamID(id)]; row != nil && !row.Removed {
			return false
		}
	}
	return rule.GetMode() == deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS && len(rule.Agents) == 0
}

// rule is by whom a ticket may be taken now. Until a channel or a team changes it is the same one for all tickets alike.
func (a *assignment) rule(t desk.Ticket) *deskpb.RoutingRule {
	rule, known := a.rules[desk.ChannelID(t.Channel)]
	if known && t.Team == "" && t.Handed == nil {
		return rule
	}
	key := ruleKey{desk.ChannelID(t.Channel), desk.TeamID(t.Team), handedKey(t.Handed)}
	if kept := a.kept[key]; kept != nil {
		return kept
	}
	if !known {
		rule = t.Routing
	}
	if t.Team != "" || !a.handedToNobody(t.Handed) {
		rule = desk.RuleOf(t, a.roster.Teams[desk.TeamID(t.Team)], rule)
	}
	a.kept[key] = rule
	return rule
}

// turnsOf names the rule whose rounds count: a team's, or the channel's.
func turnsOf(t desk.Ticket, rule *deskpb.RoutingRule) string {
	if len(rule.GetTeams()) == 1 && len(rule.GetAgents()) == 0 && rule.Teams[0] == t.Team {
		return t.Team
	}
	return t.Channel
}

// class is with whom a ticket waits for the same people.
func (a *assignment) class(t desk.Ticket) desk.Class {
	if rules := a.rulesOf(t); !rules.Alike {
		return a.classByRules(t, rules)
	}
	rule := a.rule(t)
	c := desk.Class{Rule: rule, Turns: turnsOf(t, rule), Live: desk.Live(t.ChannelKind), Size: a.weighing.Asks(t)}
	if t.ContactRecognised && rule.GetMode() == deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER {
		if row, err := a.sys.index.Contact(desk.ContactID(t.Contact)); err == nil && row != nil {
			c.Owner = desk.AgentID(row.Owner)
		}
	}
	return c
}

// reclass puts everybody in line where they stand by the rules of now.
func (a *assignment) reclass() {
	clear(a.kept)
	for _, t := range a.line.Tickets() {
		a.line.Put(t, a.class(t))
	}
}

// contactChanged: tickets of a contact may be somebody else's to take.
func (a *assignment) contactChanged(self *actor.PID, id desk.ContactID) {
	rows, err := a.sys.index.TicketsOfContact(id, 0)
	if err != nil {
		a.sys.log.Error("read a contact's tickets", "contact", string(id), "err", err)
		return
	}
	for _, t := range rows {
		if conv := desk.ConversationID(t.Conversation); t.InLine && a.line.Has(conv) {
			a.line.Put(t, a.class(t))
			a.drain(self, a.line.Of(conv))
		}
	}
}

// letGo ends a trial: its ticket stands in its queue again, if it still stands in line.
func (a *assignment) letGo(conv desk.ConversationID) {
	delete(a.trying, conv)
	a.line.Release(conv)
}

// retry looks again for owners of those for whom it was given up for a moment.
func (a *assignment) retry() {
	for conv := range a.failures {
		if a.trying[conv] == nil {
			a.line.Release(conv)
		}
	}
	clear(a.failures)
	a.dueAll = true
}

// drainDue looks through the queues of those who may take work now.
func (a *assignment) drainDue(self *actor.PID) {
	if a.reconsider {
		a.reconsider = false
		a.absentAll(self)
	}
	due, all := a.due, a.dueAll
	a.due, a.dueAll = nil, false
	if all {
		a.drain(self, a.line.All())
		return
	}
	for _, id := range due {
		a.drain(self, a.line.For(a.pools, id))
	}
}

// drain gives waiting tickets of some queues to whoever can take them, in the order of the line over all of them: priority before age. A queue whose first
// ticket finds nobody is left: those behind it wait for the same people. It tells which tickets were tried.
func (a *assignment) drain(self *actor.PID, queues []*desk.Queue) map[desk.ConversationID]bool {
	tried := map[desk.ConversationID]bool{}
	desk.Drain(queues, func(t desk.Ticket) bool {
		tried[desk.ConversationID(t.Conversation)] = true
		return a.try(self, t)
	})
	return tried
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
		if row, err := a.sys.index.Team(desk.TeamID(id)); err == nil && row != nil && a.roster.Teams[desk.TeamID(id)].GetVersion() != row.Version {
			a.pools.SetTeam(row)
			a.reclass()
		}
	case desk.KindChannel:
		row, err := a.sys.index.Channel(desk.ChannelID(id))
		if err != nil || row == nil {
			return
		}
		a.readGate(row)
		if a.rules[desk.ChannelID(id)] == nil || a.ruled[desk.ChannelID(id)] != row.RoutingVersion {
			a.reconsider = a.reconsider || !proto.Equal(a.rules[desk.ChannelID(id)].GetOwners(), row.Routing.GetOwners())
			a.rules[desk.ChannelID(id)], a.ruled[desk.ChannelID(id)] = row.Routing, row.RoutingVersion
			a.pools.Forget()
			a.reclass()
		}
	}
}
