package desk

import (
	"slices"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// The reservation protocol: reserve → (the conversation is assigned) → take, or lapse. Only the agent's own stream knows what it
// has promised, so two tickets can never take the last place.

// reservePlace promises a place for an automatic assignment.
func reservePlace(a *Member, m *deskpb.ReservePlace) ([]Event, error) {
	if !ValidID(m.Conversation) || m.Reservation == "" {
		return nil, Refuse(Invalid, "conversation", "name the conversation and the reservation")
	}
	if p, has := a.Places[ConversationID(m.Conversation)]; has {
		if p.Reservation == m.Reservation {
			return nil, nil
		}
		return nil, conflict("already", "the conversation has a place with this agent already")
	}
	switch {
	case a.Deactivated:
		return nil, conflict("deactivated", "the account is deactivated")
	case !a.Seat:
		return nil, conflict("no_seat", "the agent has no seat")
	case !a.Available && !m.IgnoreAvailability:
		return nil, conflict("away", "the agent is away")
	case m.Live && !a.Connected && !m.IgnoreAvailability:
		return nil, conflict("not_connected", "the agent has no workspace open")
	case a.Capacity > 0 && int32(len(a.Places)) >= a.Capacity:
		return nil, conflict("at_capacity", "the agent has %d of %d tickets", len(a.Places), a.Capacity)
	}
	return events(deskpb.NewEvent(&deskpb.PlaceReserved{Reservation: m.Reservation, Conversation: m.Conversation, UntilMs: m.UntilMs, IgnoreAvailability: m.IgnoreAvailability, Turn: m.Turn, Live: m.Live})), nil
}

// withdraw takes back promises that are not taken yet, until no more than left places are given away. What they were for is
// assigned to somebody else: an assignment is written only while its promise stands.
func (a *Member) withdraw(left int, cause string, which func(Place) bool) (out []Event) {
	over := len(a.Places) - left
	for _, id := range a.sortedPlaces() {
		if p := a.Places[id]; over > 0 && p.Reservation != "" && which(p) {
			out = append(out, deskpb.NewEvent(&deskpb.PlaceFreed{Conversation: string(id), Reservation: p.Reservation, Cause: cause, Turn: p.Turn}))
			over--
		}
	}
	return out
}

// goneAway withdraws the promises that counted on the agent's being there.
func (a *Member) goneAway() []Event {
	return a.withdraw(0, "away", func(p Place) bool { return !p.EvenAway })
}

// takePlace: the conversation was assigned. By hand it may exceed the capacity.
func takePlace(a *Member, m *deskpb.TakePlace) ([]Event, error) {
	p, has := a.Places[ConversationID(m.Conversation)]
	if has && p.Reservation == "" {
		return nil, nil
	}
	out := events(deskpb.NewEvent(&deskpb.PlaceTaken{
		Conversation: m.Conversation, Reservation: p.Reservation, ConversationVersion: m.ConversationVersion,
	}))
	if !has && a.Capacity > 0 { // given by hand: what was promised for the same room is not given, too
		out = append(out, a.withdraw(int(a.Capacity)-1, "at_capacity", func(Place) bool { return true })...)
	}
	return out, nil
}

// freePlace: the ticket was closed or given to somebody else, or the promise is withdrawn (with its reservation).
func freePlace(a *Member, m *deskpb.FreePlace) ([]Event, error) {
	p, has := a.Places[ConversationID(m.Conversation)]
	if !has || m.Reservation != "" && p.Reservation != m.Reservation || m.Reservation == "" && m.ConversationVersion < p.Version {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.PlaceFreed{
		Conversation: m.Conversation, Reservation: p.Reservation, Cause: m.Cause, ConversationVersion: m.ConversationVersion,
		Turn: p.Turn,
	})), nil
}

// lapseReservations frees promises whose time has passed, in a fixed order.
func lapseReservations(a *Member, atMs int64) ([]Event, error) {
	var out []Event
	for _, id := range a.sortedPlaces() {
		if p := a.Places[id]; p.Reservation != "" && p.UntilMs <= atMs {
			out = append(out, deskpb.NewEvent(&deskpb.PlaceFreed{Conversation: string(id), Reservation: p.Reservation, Cause: "lapsed", Turn: p.Turn}))
		}
	}
	return out, nil
}

// reconcilePlaces brings the places into line with the tickets the agent owns. Promises are withdrawn: whoever asked
// for them is gone.
func reconcilePlaces(a *Member, m *deskpb.ReconcilePlaces) ([]Event, error) {
	owned := make(map[ConversationID]uint64, len(m.Tickets))
	for _, t := range m.Tickets {
		owned[ConversationID(t.Conversation)] = t.Version
	}
	var out []Event
	for _, id := range a.sortedPlaces() {
		if _, still := owned[id]; !still {
			p := a.Places[id]
			out = append(out, deskpb.NewEvent(&deskpb.PlaceFreed{Conversation: string(id), Reservation: p.Reservation, Cause: "reconciled", Turn: p.Turn}))
		}
	}
	for _, t := range m.Tickets {
		if p, has := a.Places[ConversationID(t.Conversation)]; !has || p.Reservation != "" {
			out = append(out, deskpb.NewEvent(&deskpb.PlaceTaken{Conversation: t.Conversation, Reservation: p.Reservation, ConversationVersion: t.Version}))
		}
	}
	return out, nil
}

func (a *Member) sortedPlaces() []ConversationID {
	ids := make([]ConversationID, 0, len(a.Places))
	for id := range a.Places {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y ConversationID) int { return strings.Compare(string(x), string(y)) })
	return ids
}
