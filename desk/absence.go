package desk

import (
	"fmt"
	"slices"
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

// What becomes of tickets whose owner is not there for them. When a ticket goes back is a function of its row, the owner's row and the
// channel's policy, so that a restart knows it as well as whoever was there; that it does is decided in the conversation, and written
// only while the owner stands as they did when it was asked.

// HandOverGrace is how long after the end of hours a ticket stays: whoever comes back at once to finish it is not robbed of it.
const HandOverGrace = time.Minute

// Limits of a channel's policy.
const (
	minOwnerAway, maxOwnerAway = 60, 7 * 24 * 3600 // seconds
	minOffer, maxOffer         = 10, 24 * 3600     // seconds
	maxMissed                  = 100
)

// Why a ticket goes back; codes of a reason.
const (
	TakenBackAway        = "taken_back_away"
	TakenBackOff         = "taken_back_off"
	TakenBackDeactivated = "taken_back_deactivated"
	TakenBackNoSeat      = "taken_back_no_seat"
	TakenBackReopened    = "taken_back_reopened"
	RequeuedReopened     = "requeued_reopened"
	NotTaken             = "not_taken"
)

// AwayNotTaken is the cause for which who took no offers is away.
const AwayNotTaken = "not_taken"

// Gone reports whether somebody may be missed by their tickets.
func Gone(a Agent) bool {
	return a != nil && (a.Deactivated || a.GetAbsence().GetSeatLost() != 0 || !a.Available)
}

// TakenBack says when a ticket goes back from its owner, and why; 0: it stays. A ticket given to somebody who was not there stays with
// them until they have been: whoever gave it knew.
func TakenBack(t Ticket, owner Agent, p *deskpb.OwnerPolicy) (atMs int64, why string) {
	if t.GetOwner() == "" || owner == nil || t.Owner != owner.Agent || !Active(t) {
		return 0, ""
	}
	gone, had := owner.GetAbsence(), t.GetTenure()
	switch {
	case owner.Deactivated:
		return 1, TakenBackDeactivated
	case gone.GetSeatLost() > had.GetPosition():
		return 1, TakenBackNoSeat
	case !WaitsOnUs(t.Status) || owner.Available:
		return 0, ""
	case had.GetTakeByMs() != 0 && had.GetPosition() < gone.GetPosition():
		return 1, NotTaken // an offer that they cannot take any more
	case p.GetReopened() == deskpb.OwnerReopened_OWNER_REOPENED_IF_AVAILABLE && had.GetReopened() > gone.GetPosition():
		return 1, TakenBackReopened
	case had.GetPosition() > gone.GetPosition():
		return 0, ""
	}
	switch p.GetAway() {
	case deskpb.OwnerAway_OWNER_AWAY_REQUEUE: // who works on it while away is there for it
		return max(gone.GetSinceMs(), had.GetActedMs()) + p.AfterSeconds*1000, TakenBackAway
	case deskpb.OwnerAway_OWNER_AWAY_HAND_OVER:
		if off := gone.GetOffMs(); off != 0 {
			return max(off, had.GetActedMs()) + HandOverGrace.Milliseconds(), TakenBackOff
		}
	}
	return 0, ""
}

// WaitsOnUs reports whether it is our turn to do something.
func WaitsOnUs(s deskpb.TicketStatus) bool {
	return s == deskpb.TicketStatus_TICKET_STATUS_NEW || s == deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US
}

// BackReason says in words why a ticket was taken back.
func BackReason(why string, owner Agent, nowMs int64) *deskpb.AssignmentReason {
	name, away := owner.GetName(), max(nowMs-owner.GetAbsence().GetSinceMs(), 0)
	r := &deskpb.AssignmentReason{Code: why, From: owner.GetAgent()}
	switch why {
	case TakenBackAway:
		r.AwayMs = away
		r.Text = fmt.Sprintf("Taken back from %s, away for %s.", name, inWords(away))
	case TakenBackReopened:
		r.Text = fmt.Sprintf("Opened again and taken back: %s is away.", name)
	case TakenBackOff:
		r.Text = fmt.Sprintf("Handed over: %s is off duty.", name)
	case NotTaken:
		r.Text = fmt.Sprintf("Not taken: %s is not there any more. It goes to the next.", name)
	case TakenBackDeactivated:
		r.Text = fmt.Sprintf("Taken back: the account of %s was deactivated.", name)
	default:
		r.Text = fmt.Sprintf("Taken back: %s has no seat any more.", name)
	}
	return r
}

func inWords(ms int64) string {
	switch m := ms / 60_000; {
	case m < 120:
		return fmt.Sprintf("%d min", max(m, 1))
	case m < 48*60:
		return fmt.Sprintf("%d h", m/60)
	default:
		return fmt.Sprintf("%d days", m/60/24)
	}
}

func checkOwners(p *deskpb.OwnerPolicy) error {
	const at = "routing.owners"
	if p == nil {
		return nil
	}
	_, away := deskpb.OwnerAway_name[int32(p.Away)]
	_, reopened := deskpb.OwnerReopened_name[int32(p.Reopened)]
	requeue := p.Away == deskpb.OwnerAway_OWNER_AWAY_REQUEUE
	switch {
	case !away:
		return Refuse(Invalid, at+".away", "must be keep, requeue or hand_over")
	case !reopened:
		return Refuse(Invalid, at+".reopened", "must be keep, if_available or requeue")
	case requeue && (p.AfterSeconds < minOwnerAway || p.AfterSeconds > maxOwnerAway):
		return Refuse(Invalid, at+".after", "must be 60 seconds to 7 days")
	case !requeue && p.AfterSeconds != 0:
		return Refuse(Invalid, at+".after", "belongs to requeue alone: leave it out, or set away to requeue")
	case p.OfferSeconds != 0 && (p.OfferSeconds < minOffer || p.OfferSeconds > maxOffer):
		return Refuse(Invalid, at+".offer", "must be 10 seconds to a day, or 0: an offer has no end")
	case p.MostMissed < 0 || p.MostMissed > maxMissed:
		return Refuse(Invalid, at+".most_missed", "must be 0 (never) to %d", maxMissed)
	case p.MostMissed != 0 && p.OfferSeconds == 0:
		return Refuse(Invalid, at+".most_missed", "needs a time in which an offer is taken: set offer, too")
	}
	return nil
}

// takeBack takes a ticket from its owner if all is as it was seen. That it still is so on the owner's side is seen to by the journal.
func takeBack(c *Conversation, cmd Command, m *deskpb.TakeBack) ([]Event, error) {
	if m.Offer {
		return c.endOffer(cmd.AtMs), nil
	}
	switch {
	case m.Agent == "" || m.Reason.GetCode() == "":
		return nil, Refuse(Invalid, "agent", "name whose it is, and the reason")
	case c.Owner != AgentID(m.Agent) || c.closed() || c.resting():
		return nil, nil
	case c.Version != m.SeenVersion:
		return nil, conflict("changed", "something happened to it meanwhile")
	}
	return events(deskpb.NewEvent(&deskpb.ConversationUnassigned{Agent: m.Agent, Reason: m.Reason})), nil
}

// backRestsOn: a ticket is taken only from who is still away, still deactivated or still without seat, by a policy that still holds.
func backRestsOn(m *deskpb.TakeBack) []Standing {
	all := []Standing{{Stream: AgentID(m.Agent).Stream(), Version: m.AgentVersion}}
	if m.Channel != nil {
		all = append(all, Standing{Stream: StreamID(m.Channel.Stream), Version: m.Channel.Version})
	}
	return all
}

// requeued takes a ticket that its contact opened again from its owner, where the channel says so.
func (c *Conversation) requeued() []Event {
	if c.Owner == "" {
		return nil
	}
	r := reason(RequeuedReopened, "Opened again: its channel gives such tickets to whoever is next.")
	r.From = string(c.Owner)
	return events(deskpb.NewEvent(&deskpb.ConversationUnassigned{Agent: r.From, Reason: r}))
}

// Offer is what was given by rule and waits for a sign of its owner, and who let it pass before.
type Offer struct {
	TakeByMs int64 // 0: it waits for none
	Missed   []AgentID
	Round    int32
}

// endOffer: its time is over. Whoever did not show a sign loses it, if it still waits for somebody.
func (c *Conversation) endOffer(atMs int64) []Event {
	if c.Offer.TakeByMs == 0 || atMs < c.Offer.TakeByMs {
		return nil
	}
	if c.Owner == "" || c.closed() || c.resting() || !WaitsOnUs(c.Status) {
		return events(deskpb.NewEvent(&deskpb.OfferEnded{Agent: string(c.Owner)}))
	}
	r := reason(NotTaken, "Not taken in time: it goes to the next.")
	r.From = string(c.Owner)
	return events(deskpb.NewEvent(&deskpb.ConversationUnassigned{Agent: r.From, Reason: r}))
}

// takeOffer: the owner has opened it.
func (c *Conversation) takeOffer(by *deskpb.Author) []Event {
	if !c.offeredTo(by) {
		return nil
	}
	return events(deskpb.NewEvent(&deskpb.OfferEnded{Agent: string(c.Owner), Taken: true}))
}

func (c *Conversation) offeredTo(by *deskpb.Author) bool {
	return c.Offer.TakeByMs != 0 && by.GetKind() == deskpb.Author_KIND_AGENT && by.Id == string(c.Owner)
}

// withSign adds to what an owner does that they took the offer by it.
func (c *Conversation) withSign(cmd Command, out []Event) []Event {
	if len(out) == 0 || cmd.GetTogether() != nil || cmd.GetTakeOffer() != nil || slices.ContainsFunc(out, movesOwner) {
		return out
	}
	return append(out, c.takeOffer(cmd.GetBy())...)
}

func movesOwner(ev Event) bool {
	return ev.GetConversationAssigned() != nil || ev.GetConversationUnassigned() != nil || ev.GetOfferEnded() != nil
}

func evolveOffer(c *Conversation, ev Event) {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ConversationAssigned:
		m := e.ConversationAssigned
		if m.Reservation == "" || m.TakeByMs == 0 || m.Round != c.Offer.Round {
			c.Offer.Missed = nil
		}
		c.Offer.TakeByMs, c.Offer.Round = m.TakeByMs, m.Round
	case *deskpb.Event_ConversationUnassigned:
		if e.ConversationUnassigned.Reason.GetCode() != NotTaken {
			c.Offer = Offer{}
			break
		}
		c.Offer.TakeByMs, c.Offer.Missed = 0, with(c.Offer.Missed, AgentID(e.ConversationUnassigned.Agent))
	case *deskpb.Event_OfferEnded:
		c.Offer = Offer{}
	}
}

// planAbsence keeps when a ticket of the agent's is to be taken back next.
func planAbsence(a *Member, m *deskpb.PlanAbsence) ([]Event, error) {
	due := m.DueMs
	if a.Available {
		due = 0
	}
	if due == a.BackDue {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.AbsencePlanned{DueMs: due})), nil
}

// countOffer counts offers that were not taken. Who takes none is not there, whatever the screen says.
// Several that were open at once are missed by one absence, and count once.
func countOffer(a *Member, m *deskpb.CountOffer, atMs int64) ([]Event, error) {
	if m.Taken {
		if a.Missed == 0 {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.OffersMissed{})), nil
	}
	if !a.Available || m.GivenMs != 0 && m.GivenMs < a.MissedMs {
		return nil, nil
	}
	out := events(deskpb.NewEvent(&deskpb.OffersMissed{Missed: a.Missed + 1, AtMs: atMs}))
	if m.Most > 0 && a.Missed+1 >= uint32(m.Most) {
		out = append(out, deskpb.NewEvent(&deskpb.AvailabilityChanged{Cause: AwayNotTaken}))
		out = append(out, a.goneAway()...)
	}
	return out, nil
}

func evolveAbsence(a *Member, ev Event) {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_AvailabilityChanged:
		if e.AvailabilityChanged.Available {
			a.BackDue, a.Missed = 0, 0
		}
	case *deskpb.Event_AbsencePlanned:
		a.BackDue = e.AbsencePlanned.DueMs
	case *deskpb.Event_OffersMissed:
		a.Missed, a.MissedMs = e.OffersMissed.Missed, e.OffersMissed.AtMs
	}
}
