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
	case slices.ContainsFunc(m.Skills, func(s string) bool { return !slices.Contains(a.Skills, s) }):
		return nil, conflict("no_skill", "the agent has not the skill")
	}
	size, limits := SizeOf(m.Size), a.limits()
	if full := limits.full(a.Has, size); full != "" {
		load, limit := limits.against(full, a.Has)
		return nil, conflict(full, "there is no room (%s): a ticket that counts %d does not fit into %d of %d", wordOf(full), size.Weight, load, limit)
	}
	return events(deskpb.NewEvent(&deskpb.PlaceReserved{
		Reservation: m.Reservation, Conversation: m.Conversation, UntilMs: m.UntilMs, IgnoreAvailability: m.IgnoreAvailability, Turn: m.Turn, Live: m.Live, Size: size.Proto(),
	})), nil
}

func (a *Member) limits() Limits { return Limits{a.Capacity, a.Limits} }

// withdraw takes promises back that are not taken yet. What they were for is assigned to somebody else: an assignment is written only
// while its promise stands.
func (a *Member) withdraw(cause string, which func(ConversationID, Place) bool) (out []Event) {
	for _, id := range a.sortedPlaces() {
		if p := a.Places[id]; p.Reservation != "" && which(id, p) {
			out = append(out, freed(id, p, cause, 0))
		}
	}
	return out
}

// withdrawOver takes promises back until what the agent has, promises included, is within his limits, as far as promises can bring it there.
// taken is one that is being taken: it stays.
func (a *Member) withdrawOver(limits Limits, has ByGroup, taken ConversationID) []Event {
	if !limits.over(has, groupCalls) && !limits.over(has, groupMessaging) && !limits.over(has, groupEmail) {
		return nil
	}
	return a.withdraw("at_capacity", func(id ConversationID, p Place) bool {
		over := id != taken && limits.over(has, p.Size.known().Group)
		if over {
			has = has.Minus(p.Size)
		}
		return over
	})
}

// goneAway withdraws the promises that counted on the agent's being there.
func (a *Member) goneAway() []Event {
	return a.withdraw("away", func(_ ConversationID, p Place) bool { return !p.EvenAway })
}

func freed(id ConversationID, p Place, cause string, version uint64) Event {
	return deskpb.NewEvent(&deskpb.PlaceFreed{
		Conversation: string(id), Reservation: p.Reservation, Cause: cause, ConversationVersion: version, Turn: p.Turn, Size: p.Size.Proto(),
	})
}

// takePlace: the conversation was assigned. By hand it may exceed the limits; then what was promised for the same room is not given, too.
func takePlace(a *Member, m *deskpb.TakePlace) ([]Event, error) {
	p, has := a.Places[ConversationID(m.Conversation)]
	if has && p.Reservation == "" {
		return nil, nil
	}
	ev, now := a.taken(m.Conversation, m.ConversationVersion, SizeOf(m.Size))
	return append(events(ev), a.withdrawOver(a.limits(), now, ConversationID(m.Conversation))...), nil
}

// taken makes a place of a promise, or of nothing, and says what the agent has with it.
func (a *Member) taken(conversation string, version uint64, size Size) (Event, ByGroup) {
	p, has := a.Places[ConversationID(conversation)]
	ev := &deskpb.PlaceTaken{Conversation: conversation, Reservation: p.Reservation, ConversationVersion: version, Size: size.Proto()}
	now := a.Has.Plus(size)
	if has {
		ev.Was, now = p.Size.Proto(), now.Minus(p.Size)
	}
	return deskpb.NewEvent(ev), now
}

// weighPlaces: tickets count something else now. It is never refused: over his limits nobody is given more by itself.
func weighPlaces(a *Member, tickets []*deskpb.OwnedTicket) ([]Event, error) {
	var out []Event
	now := a.Has
	for _, t := range tickets {
		p, has := a.Places[ConversationID(t.Conversation)]
		size := SizeOf(t.Size)
		if !has || p.Reservation != "" || t.Version < p.Version || p.Size.known() == size {
			continue
		}
		now = now.Minus(p.Size).Plus(size)
		out = append(out, deskpb.NewEvent(&deskpb.PlaceWeighed{Conversation: t.Conversation, ConversationVersion: t.Version, Size: size.Proto(), Was: p.Size.Proto()}))
	}
	if len(out) == 0 {
		return nil, nil
	}
	return append(out, a.withdrawOver(a.limits(), now, "")...), nil
}

// freePlace: the ticket was closed or given to somebody else, or the promise is withdrawn (with its reservation).
func freePlace(a *Member, m *deskpb.FreePlace) ([]Event, error) {
	p, has := a.Places[ConversationID(m.Conversation)]
	if !has || m.Reservation != "" && p.Reservation != m.Reservation || m.Reservation == "" && m.ConversationVersion < p.Version {
		return nil, nil
	}
	return events(freed(ConversationID(m.Conversation), p, m.Cause, m.ConversationVersion)), nil
}

// lapseReservations frees promises whose time has passed, in a fixed order.
func lapseReservations(a *Member, atMs int64) ([]Event, error) {
	return a.withdraw("lapsed", func(_ ConversationID, p Place) bool { return p.UntilMs <= atMs }), nil
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
			out = append(out, freed(id, a.Places[id], "reconciled", 0))
		}
	}
	for _, t := range m.Tickets {
		if p, has := a.Places[ConversationID(t.Conversation)]; !has || p.Reservation != "" {
			ev, _ := a.taken(t.Conversation, t.Version, SizeOf(t.Size))
			out = append(out, ev)
		}
	}
	weighed, err := weighPlaces(a, m.Tickets) // no promise is left to be withdrawn
	return append(out, slices.DeleteFunc(weighed, func(ev Event) bool { return ev.GetPlaceWeighed() == nil })...), err
}

func (a *Member) sortedPlaces() []ConversationID {
	ids := make([]ConversationID, 0, len(a.Places))
	for id := range a.Places {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y ConversationID) int { return strings.Compare(string(x), string(y)) })
	return ids
}

// evolvePlaces folds the facts of this file; it reports whether it knows the fact.
func evolvePlaces(a *Member, ev Event) bool {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_PlaceReserved:
		m := e.PlaceReserved
		a.place(m.Conversation, Place{Reservation: m.Reservation, UntilMs: m.UntilMs, EvenAway: m.IgnoreAvailability, Live: m.Live, Turn: m.Turn, Size: SizeOf(m.Size)})
	case *deskpb.Event_PlaceTaken:
		a.place(e.PlaceTaken.Conversation, Place{Version: e.PlaceTaken.ConversationVersion, Size: SizeOf(e.PlaceTaken.Size)})
	case *deskpb.Event_PlaceWeighed:
		p := a.Places[ConversationID(e.PlaceWeighed.Conversation)]
		p.Version, p.Size = e.PlaceWeighed.ConversationVersion, SizeOf(e.PlaceWeighed.Size)
		a.place(e.PlaceWeighed.Conversation, p)
	case *deskpb.Event_PlaceFreed:
		a.free(ConversationID(e.PlaceFreed.Conversation))
	default:
		return false
	}
	return true
}

func (a *Member) place(conversation string, p Place) {
	id := ConversationID(conversation)
	a.free(id)
	a.Places[id], a.Has = p, a.Has.Plus(p.Size)
}

func (a *Member) free(id ConversationID) {
	if p, has := a.Places[id]; has {
		a.Has = a.Has.Minus(p.Size)
		delete(a.Places, id)
	}
}
