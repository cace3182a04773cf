package actors_test

import (
	"context"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Owners who are not there: channels take tickets back from them, and give what is not taken to the next. So that this happens, time goes
// by in larger steps now and then; and so that it is hindered, owners do something at any moment.
var absenceMoves = []move{
	{"minutes go by", 3, func(w *assignmentWorld) { w.pass(70 * time.Second) }},
	{"an owner does something", 40, func(w *assignmentWorld) {
		c, ok := w.someTicket(desk.ViewOpen)
		if !ok {
			return
		}
		owner, sys := w.l.ticket(c).Owner, w.l.sys
		if w.rng.IntN(2) == 0 {
			sys.Presence(desk.PresenceSign{Conversation: c, Who: owner, Name: owner})
			return
		}
		cmd := deskpb.NewCommand(&deskpb.SetTicketPriority{Priority: deskpb.Priority(1 + w.rng.IntN(4))})
		cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: owner, Name: owner}
		go func() { _, _ = sys.Do(context.Background(), c.Stream(), cmd) }()
	}},
}

// owners is a policy at random.
func (w *assignmentWorld) owners() *deskpb.OwnerPolicy {
	p := &deskpb.OwnerPolicy{Reopened: deskpb.OwnerReopened(w.rng.IntN(4))}
	switch w.rng.IntN(5) {
	case 0:
		p.Away, p.AfterSeconds = deskpb.OwnerAway_OWNER_AWAY_REQUEUE, int64(60+w.rng.IntN(2)*30)
	case 1:
		p.OfferSeconds, p.MostMissed = 10, int32(w.rng.IntN(4))
	}
	return p
}

// tenure is what the journal says of an owner's time with a ticket.
type tenure struct {
	given   uint64 // position
	takeBy  int64
	actedMs int64 // by its owner
	waits   bool  // for us
	closed  bool
	laid    bool // snoozed
	owner   string
	channel string
}

type absence struct {
	tenures  map[string]*tenure
	since    map[string]int64  // away
	gone     map[string]uint64 // position of it
	seatLost map[string]uint64
	lost     map[string]uint64 // the connection
}

// absences judge that a ticket is taken only from who is not there, by the policy of its channel, in the order of the journal; and that at
// rest nobody has a ticket that should have gone back.
func absences() witness {
	a := &absence{tenures: map[string]*tenure{}, since: map[string]int64{}, gone: map[string]uint64{}, seatLost: map[string]uint64{}, lost: map[string]uint64{}}
	return witness{read: a.read, rest: a.rest}
}

func (a *absence) read(j *judge, r desk.Record) {
	id := desk.StreamID(r.Stream).ID()
	switch desk.StreamID(r.Stream).Kind() {
	case desk.KindAgent:
		a.agent(j.agents[id], id, r)
	case desk.KindConversation:
		t := a.tenures[id]
		if t == nil {
			t = &tenure{waits: true}
			a.tenures[id] = t
		}
		a.ticket(j, id, t, r)
	}
}

func (a *absence) agent(before *desk.Member, id string, r desk.Record) {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_AgentAdded:
		a.since[id], a.gone[id] = r.AtMs, r.Position
	case *deskpb.Event_PresenceChanged:
		if !e.PresenceChanged.Connected {
			a.lost[id] = r.Position
		}
	case *deskpb.Event_AvailabilityChanged:
		if !e.AvailabilityChanged.Available && before.Available {
			a.since[id], a.gone[id] = r.AtMs, r.Position
		}
	case *deskpb.Event_AgentChanged:
		if e.AgentChanged.Seat {
			a.seatLost[id] = 0
		} else if before.Seat {
			a.seatLost[id] = r.Position
		}
	}
}

func (a *absence) ticket(j *judge, id string, t *tenure, r desk.Record) {
	if t.owner != "" && r.By.GetId() == t.owner {
		t.actedMs = r.AtMs
	}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		t.channel = e.ConversationOpened.Channel
	case *deskpb.Event_ConversationAssigned:
		t.owner, t.given, t.takeBy, t.actedMs = e.ConversationAssigned.Agent, r.Position, e.ConversationAssigned.TakeByMs, 0
	case *deskpb.Event_OfferEnded:
		t.takeBy = 0
	case *deskpb.Event_TicketStatusChanged:
		to := e.TicketStatusChanged.To
		t.closed = to == deskpb.TicketStatus_TICKET_STATUS_CLOSED
		t.waits = to == deskpb.TicketStatus_TICKET_STATUS_NEW || to == deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US
	case *deskpb.Event_TicketSnoozed:
		t.laid = true
	case *deskpb.Event_TicketWoken:
		t.laid = false
	case *deskpb.Event_ConversationUnassigned:
		a.taken(j, id, t, r, e.ConversationUnassigned)
		t.owner = ""
	}
}

func (a *absence) taken(j *judge, id string, t *tenure, r desk.Record, e *deskpb.ConversationUnassigned) {
	fault := func(what string) {
		j.t.Errorf("position %d: %s was taken from %s (%s): %s", r.Position, id, e.Agent, e.Reason.GetCode(), what)
		j.story(id, e.Agent)
	}
	owner, p := j.agents[e.Agent], j.rules[t.channel].GetOwners()
	code := e.Reason.GetCode()
	switch code {
	case desk.TakenBackAway, desk.TakenBackReopened, desk.TakenBackDeactivated, desk.TakenBackNoSeat, desk.NotTaken:
	default:
		return // by hand, or with the message that opened it again
	}
	if t.owner != e.Agent || t.closed || t.laid {
		fault("it is not theirs, or not open")
	}
	switch code {
	case desk.TakenBackDeactivated:
		if !owner.Deactivated {
			fault("the account is active")
		}
		return
	case desk.TakenBackNoSeat:
		if owner.Seat || a.seatLost[e.Agent] < t.given {
			fault("there is a seat, or was none when it was given")
		}
		return
	case desk.NotTaken:
		left := !owner.Available && a.gone[e.Agent] > t.given || a.lost[e.Agent] > t.given
		if t.takeBy == 0 || r.AtMs < t.takeBy && !left || !t.waits || t.actedMs != 0 {
			fault("it was no offer, its time was not over and its agent there, or it was taken")
		}
		return
	}
	switch {
	case owner.Available || !t.waits:
		fault("the owner is there, or it does not wait for us")
	case code == desk.TakenBackReopened && p.GetReopened() != deskpb.OwnerReopened_OWNER_REOPENED_IF_AVAILABLE:
		fault("the policy is another")
	case code == desk.TakenBackAway && (p.GetAway() != deskpb.OwnerAway_OWNER_AWAY_REQUEUE || t.given > a.gone[e.Agent] || r.AtMs < max(a.since[e.Agent], t.actedMs)+p.AfterSeconds*1000):
		fault("by no policy, too early, or it was given to who was away")
	}
}

func (a *absence) rest(j *judge) {
	now := time.Now().UnixMilli()
	for id, t := range a.tenures {
		owner := j.agents[t.owner]
		if owner == nil || t.closed || t.laid {
			continue
		}
		p := j.rules[t.channel].GetOwners()
		overdue := p.GetAway() == deskpb.OwnerAway_OWNER_AWAY_REQUEUE && t.waits && !owner.Available && t.given < a.gone[t.owner] &&
			max(a.since[t.owner], t.actedMs)+p.AfterSeconds*1000 < now-1000
		const grace = 60_000 // each start gives offers some time
		unended := t.takeBy != 0 && t.waits && t.takeBy < now-grace
		if owner.Deactivated || a.seatLost[t.owner] > t.given || overdue || unended {
			j.t.Errorf("position %d: %s is still with %s: deactivated %v, seat %v, available %v, %v", j.at, id, t.owner, owner.Deactivated, owner.Seat, owner.Available, p)
			j.story(id, t.owner)
		}
	}
}
