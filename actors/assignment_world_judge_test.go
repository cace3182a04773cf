package actors_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// witness is one concern that a world is judged by. read sees each record, in the order of the journal, before the judge's
// picture follows it; rest is asked when the desk is at rest. Either may be nil.
type witness struct {
	read func(j *judge, r desk.Record)
	rest func(j *judge)
}

// witnesses are made anew for each judge: what one remembers is of its world alone.
func witnesses() []witness {
	return []witness{{read: promised}, {read: given}, {read: heard}, {read: byRule}, absences(), {rest: restless}, {rest: placesAreOwned}, {rest: placesAreWeighed}}
}

// judge reads the journal in its order and knows nothing else. It keeps a picture of who is there and of what, by which
// its witnesses judge.
type judge struct {
	t         *testing.T
	at        desk.Position
	agents    map[string]*desk.Member
	teams     map[string][]*deskpb.TeamMember
	rules     map[string]*deskpb.RoutingRule
	kinds     map[string]desk.ChannelKind // of channels
	tickets   map[string]*judged
	counting  *deskpb.CapacityRules
	records   []desk.Record
	witnesses []witness
	contacts  map[string]person
	turns     *turns
	ruled     map[string]int // how often somebody was chosen why
	automatic int
}

type judged struct {
	channel, team, owner string
	routing              *deskpb.RoutingRule
	kind                 desk.ChannelKind
	status               deskpb.TicketStatus
	closed, snoozed      bool
	contact              string
	recognised, tagged   bool
	priority             deskpb.Priority
	left                 bool            // to whoever takes it, because the rule named nobody
	missed               map[string]bool // who did not take it when it was offered
}

func newJudge(t *testing.T) *judge {
	return &judge{t: t, contacts: map[string]person{}, turns: newTurns(), ruled: map[string]int{}, witnesses: witnesses(), agents: map[string]*desk.Member{}, teams: map[string][]*deskpb.TeamMember{}, rules: map[string]*deskpb.RoutingRule{}, kinds: map[string]desk.ChannelKind{}, tickets: map[string]*judged{}}
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
	for _, w := range j.witnesses {
		if w.read != nil {
			w.read(j, r)
		}
	}
	j.turns.read(j, r)
	j.picture(r)
	j.turns.followed(j, r)
}

// picture takes in what a record says.
func (j *judge) picture(r desk.Record) {
	id := desk.StreamID(r.Stream).ID()
	switch desk.StreamID(r.Stream).Kind() {
	case desk.KindAgent:
		a := j.agents[id]
		if a == nil {
			a = desk.Agents.Initial()
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
			j.rules[id], j.kinds[id] = e.ChannelConnected.Routing, e.ChannelConnected.Kind
		case *deskpb.Event_ChannelChanged:
			j.rules[id] = e.ChannelChanged.Routing
		}
	case desk.KindContact:
		j.looksAt(id, r.Event)
	case desk.KindSetting:
		if e := r.Event.GetSettingSaved(); e != nil {
			j.counting = e.Setting.GetCapacity()
		}
	case desk.KindConversation:
		if j.tickets[id] == nil {
			j.tickets[id] = &judged{}
		}
		j.tickets[id].follow(r.Event)
	}
}

// follow is what becomes of a ticket.
func (t *judged) follow(event desk.Event) {
	if from := event.GetTicketStatusChanged().GetFrom(); from == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
		t.left = false
	}
	switch event.GetKind().(type) {
	case *deskpb.Event_ConversationUnassigned, *deskpb.Event_TicketTeamChanged, *deskpb.Event_TicketWoken:
		t.left = false
	}
	switch e := event.GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		m := e.ConversationOpened
		t.channel, t.routing, t.contact, t.recognised, t.priority = m.Channel, m.Routing, m.Contact, m.ContactRecognised, m.Priority
		t.kind, t.status = m.ChannelKind, deskpb.TicketStatus_TICKET_STATUS_NEW
	case *deskpb.Event_RequesterChanged:
		t.contact = e.RequesterChanged.Contact
	case *deskpb.Event_TicketPriorityChanged:
		t.priority = e.TicketPriorityChanged.Priority
	case *deskpb.Event_TicketTagsChanged:
		t.tagged = len(e.TicketTagsChanged.Added) > 0
	case *deskpb.Event_ConversationAssigned:
		t.owner = e.ConversationAssigned.Agent
	case *deskpb.Event_ConversationUnassigned:
		if u := e.ConversationUnassigned; u.Reason.GetCode() == desk.NotTaken {
			if t.missed == nil {
				t.missed = map[string]bool{}
			}
			t.missed[u.Agent] = true
		}
		t.owner = ""
	case *deskpb.Event_AssignmentDeferred:
		t.left = !e.AssignmentDeferred.Waiting
	case *deskpb.Event_TicketStatusChanged:
		t.status = e.TicketStatusChanged.To
		t.closed = e.TicketStatusChanged.To == deskpb.TicketStatus_TICKET_STATUS_CLOSED
	case *deskpb.Event_TicketTeamChanged:
		t.team = e.TicketTeamChanged.Team
	case *deskpb.Event_TicketSnoozed:
		t.snoozed = true
	case *deskpb.Event_TicketWoken:
		t.snoozed = false
	}
}

// rest: nothing is under way.
func (j *judge) rest() {
	for _, w := range j.witnesses {
		if w.rest != nil {
			w.rest(j)
		}
	}
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
