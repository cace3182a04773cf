package actors_test

import (
	"fmt"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// promised: an agent promises no place that he does not have.
func promised(j *judge, r desk.Record) {
	if r.Event.GetPlaceReserved() == nil {
		return
	}
	id := desk.StreamID(r.Stream).ID()
	if a := j.agents[id]; !room(a, desk.SizeOf(r.Event.GetPlaceReserved().Size)) {
		j.t.Errorf("position %d: %s promised %v with %v of %d, %v", r.Position, id, r.Event, a.Places, a.Capacity, a.Limits)
	}
}

// given judges an automatic assignment by what the journal says up to it.
func given(j *judge, r desk.Record) {
	e := r.Event.GetConversationAssigned()
	if e.GetReservation() == "" {
		return
	}
	j.automatic++
	id := desk.StreamID(r.Stream).ID()
	t := j.tickets[id]
	a, rule := j.agents[e.Agent], j.gave(t, e)
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
	case !room(a, desk.Size{Group: place.Size.Group}):
		j.fault(r, id, e, "%v of %d, %v", a.Places, a.Capacity, a.Limits)
	}
}

// gave is the rule that gave a ticket away; whether it may is byRule's to judge.
func (j *judge) gave(t *judged, e *deskpb.ConversationAssigned) *deskpb.RoutingRule {
	for _, s := range j.offered(t) {
		if s.Id == e.Reason.GetRule() {
			return s.Then
		}
	}
	return nil
}

func (j *judge) fault(r desk.Record, id string, e *deskpb.ConversationAssigned, format string, args ...any) {
	j.t.Errorf("position %d: %s was given to %s: %s", r.Position, id, e.Agent, fmt.Sprintf(format, args...))
}

// restless: at rest nobody waits while somebody who may take it has room.
func restless(j *judge) {
	for id, t := range j.tickets {
		active := !t.closed && !t.snoozed
		rule := j.rule(t)
		if !active || t.owner != "" || t.left || !desk.Routes(rule) || t.team == "" && !desk.Routes(t.routing) {
			continue
		}
		for _, s := range j.offered(t) {
			for name, a := range j.agents {
				if a.Seat && !a.Deactivated && (a.Available || s.Then.IgnoreAvailability) && room(a, j.weighing().Asks(t.row())) && desk.Routes(s.Then) && j.named(s.Then, t, name) && j.hears(t, a, s.Then) {
					j.t.Errorf("position %d: %s waits although %s has %v of %d, %v, by the rule %q", j.at, id, name, a.Places, a.Capacity, a.Limits, s.Id)
					j.story(id, name, t.channel, t.team, t.contact)
				}
			}
		}
	}
}

// placesAreOwned: at rest an agent's places are what he owns.
func placesAreOwned(j *judge) {
	owned := map[string]int{}
	for _, t := range j.tickets {
		if !t.closed && !t.snoozed && t.owner != "" {
			owned[t.owner]++
		}
	}
	for name, a := range j.agents {
		if len(a.Places) != owned[name] {
			j.t.Errorf("position %d: %s has %d places and owns %d", j.at, name, len(a.Places), owned[name])
		}
	}
}
