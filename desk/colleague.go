package desk

import "github.com/centralita/centralita/proto/deskpb"

// What agents see of each other. Whoever runs the desk (supervisors, administrators) sees an agent's whole row, and everybody
// their own; the others see a colleague: who it is, whether one may hand them something, and until when they are away. How
// much somebody has on the plate, when they were given something last, what they may see and how they sign in is not theirs.

// Leads reports whether an agent runs the desk.
func Leads(a Agent) bool {
	return a.GetRole() == deskpb.Role_ROLE_SUPERVISOR || a.GetRole() == deskpb.Role_ROLE_ADMINISTRATOR
}

// MayKnow reports whether one agent sees all of another's row.
func MayKnow(viewer Agent, a Agent) bool {
	return Leads(viewer) || viewer.GetAgent() != "" && viewer.GetAgent() == a.GetAgent()
}

// Colleague is what every agent may see of a row. Its version is that of the last change in it, so that nobody reads a
// colleague's work from how fast the number grows.
func Colleague(a Agent) Agent {
	if a == nil {
		return nil
	}
	shown := a.ShownEmail
	if shown == "" {
		shown = a.Email
	}
	return &deskpb.AgentSummary{
		Agent: a.Agent, Name: a.Name, ShownEmail: shown, Seat: a.Seat, Deactivated: a.Deactivated,
		Available: a.Available, Connected: a.Connected, AwayReason: a.AwayReason, AvailabilityCause: a.AvailabilityCause,
		ChangesAtMs: a.ChangesAtMs, ChangesCause: a.ChangesCause, Version: a.ShownVersion,
	}
}

// PlainChannel is what every agent may see of a channel: what a ticket of it shows, and whether it works. How it is connected, whom
// its rule names and how much came in broken is for who runs the desk.
func PlainChannel(c Channel) Channel {
	if c == nil {
		return nil
	}
	return &deskpb.ChannelSummary{
		Channel: c.Channel, Kind: c.Kind, CustomKind: c.CustomKind, Name: c.Name, Address: c.Address, On: c.On, Health: c.Health,
		HealthSinceMs: c.HealthSinceMs, Version: c.Version,
	}
}

// Why an owner was chosen, in words that count nobody's tickets. What is not here says nothing of that.
var plainReasons = map[string]string{
	"assigned_least_loaded": "Assigned to the one with the fewest open tickets of those available.",
	"assigned_least_share":  "Assigned to the one with the smallest share of their capacity taken, of those available.",
	"assigned_weighted":     "It was their turn in this round.",
	"assigned_round_robin":  "It was their turn: each of those available gets one before anyone gets a second.",
	"assigned_longest_idle": "Assigned to the one who has been the longest without a new ticket, of those available.",
	"assigned_random":       "Drawn at random from those available.",
	"no_eligible_agent":     "Waiting: nobody in the rule can be assigned tickets.",
	"no_available_agent":    "Waiting: nobody is available.",
	"all_at_capacity":       "Waiting: everybody who is available is at capacity.",
	"owner_away":            "Unassigned: the contact's owner cannot take it, and the channel names nobody else.",
	"owner_offline":         "Unassigned: the contact's owner is away, and the channel names nobody else.",
	"owner_no_seat":         "Unassigned: the contact's owner has no seat, and the channel names nobody else.",
	"owner_deactivated":     "Unassigned: the contact's owner is deactivated, and the channel names nobody else.",
	"owner_at_capacity":     "Unassigned: the contact's owner is at capacity, and the channel names nobody else.",
}

// PlainReason is what every agent may see of why an owner was chosen; the same one when there is nothing to leave out.
func PlainReason(r *deskpb.AssignmentReason) *deskpb.AssignmentReason {
	text, counts := plainReasons[r.GetCode()]
	if !counts {
		text = r.GetText()
	}
	if r == nil || len(r.Candidates) == 0 && text == r.Text {
		return r
	}
	return &deskpb.AssignmentReason{Code: r.Code, Text: text, Considered: r.Considered, Owner: r.Owner, AwayMs: r.AwayMs, From: r.From, UntilMs: r.UntilMs}
}

// PlainEvent is what agents see of an event that holds more than they need; the same one when there is nothing to leave out. What the
// mail to a contact's owner says, and to which address it went, is theirs.
func PlainEvent(ev Event) Event {
	if m := ev.GetOwnerTold(); m.GetChannel() != "" {
		return deskpb.NewEvent(&deskpb.OwnerTold{Letter: m.Letter, Agent: m.Agent, AgentName: m.AgentName, Channel: m.Channel, Withheld: m.Withheld})
	}
	return ev
}

// ReasonIn is the reason that an event gives for an owner, nil for none.
func ReasonIn(ev Event) *deskpb.AssignmentReason {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ConversationAssigned:
		return e.ConversationAssigned.GetReason()
	case *deskpb.Event_ConversationUnassigned:
		return e.ConversationUnassigned.GetReason()
	case *deskpb.Event_AssignmentDeferred:
		return e.AssignmentDeferred.GetReason()
	}
	return nil
}
