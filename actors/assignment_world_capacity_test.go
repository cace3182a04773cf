package actors_test

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What tickets count: kinds of channel that weigh differently, limits for each group of them, statuses that do not count, and
// rules of it that change under way.

var capacityMoves = []move{
	{"a ticket waits for its contact", 60, func(w *assignmentWorld) {
		w.status(desk.ViewOpen, deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT)
	}},
	{"a ticket waits for us", 40, func(w *assignmentWorld) {
		w.status(desk.ViewOpen, deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US)
	}},
	{"other rules of what counts", 6, (*assignmentWorld).recount},
}

func (w *assignmentWorld) recount() {
	r := &deskpb.CapacityRules{}
	for _, kind := range []string{"custom", "email", "chat", "call"} {
		if w.rng.IntN(2) == 0 {
			r.Weights = append(r.Weights, &deskpb.KindWeight{Kind: kind, Weight: 1 + int32(w.rng.IntN(3))})
		}
	}
	for _, s := range []deskpb.TicketStatus{deskpb.TicketStatus_TICKET_STATUS_NEW, deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT} {
		if w.rng.IntN(2) == 0 {
			r.ExcludedStatuses = append(r.ExcludedStatuses, s)
		}
	}
	w.tell(desk.CapacityID.Stream(), &deskpb.SaveSetting{Setting: &deskpb.Setting{Value: &deskpb.Setting_Capacity{Capacity: r}}})
}

func (w *assignmentWorld) limits() *deskpb.GroupLimits {
	return &deskpb.GroupLimits{Calls: int32(w.rng.IntN(3)), Messaging: int32(w.rng.IntN(4)), Email: int32(w.rng.IntN(5))}
}

func (j *judge) weighing() *desk.Weighing { return desk.ReadCapacity(j.counting, nil) }

// row is what rules of counting look at.
func (t *judged) row() desk.Ticket {
	return &deskpb.TicketSummary{ChannelKind: t.kind, Status: t.status}
}

// room says whether one more ticket is within all limits, adding up what the places count.
func room(a *desk.Member, more desk.Size) bool {
	total, of := more.Weight, map[desk.Group]int32{more.Group: more.Weight}
	for _, p := range a.Places {
		total += p.Size.Weight
		of[p.Size.Group] += p.Size.Weight
	}
	limit := map[desk.Group]int32{
		deskpb.CapacityGroup_CAPACITY_GROUP_CALLS: a.Limits.Calls, deskpb.CapacityGroup_CAPACITY_GROUP_MESSAGING: a.Limits.Messaging, deskpb.CapacityGroup_CAPACITY_GROUP_EMAIL: a.Limits.Email,
	}[more.Group]
	return (a.Capacity == 0 || total <= a.Capacity) && (limit == 0 || of[more.Group] <= limit)
}

// placesAreWeighed: at rest each place counts what its ticket does by the rules of now.
func placesAreWeighed(j *judge) {
	w := j.weighing()
	for name, a := range j.agents {
		for conv, p := range a.Places {
			if t := j.tickets[string(conv)]; t != nil && p.Size != w.Counts(t.row()) {
				j.t.Errorf("position %d: %s of %s counts %v, want %v", j.at, conv, name, p.Size, w.Counts(t.row()))
				j.story(string(conv), name, string(desk.CapacityID))
			}
		}
	}
}
