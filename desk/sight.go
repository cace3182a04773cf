package desk

import "github.com/centralita/centralita/proto/deskpb"

// Viewer is who looks: what an agent may see of the tickets follows from it and the row alone. nil sees everything, as the
// desk itself does.
type Viewer struct {
	Agent  AgentID
	Access deskpb.Access // as it holds: all, team or own
	Teams  map[string]bool
	Mates  map[string]bool // agents in these teams
}

// ViewerOf makes the viewer that an agent is. teams are all teams; they are read only for who is limited to theirs.
func ViewerOf(a Agent, teams []Team) *Viewer {
	v := &Viewer{Agent: AgentID(a.GetAgent()), Access: AccessOf(a)}
	if v.Access != deskpb.Access_ACCESS_TEAM {
		return v
	}
	v.Teams, v.Mates = map[string]bool{}, map[string]bool{}
	for _, t := range teams {
		if !hasMember(t, a.GetAgent()) {
			continue
		}
		v.Teams[t.Team] = true
		for _, m := range t.Members {
			v.Mates[m.Agent] = true
		}
	}
	return v
}

func hasMember(t Team, agent string) bool {
	for _, m := range t.GetMembers() {
		if m.Agent == agent {
			return true
		}
	}
	return false
}

// AccessOf is the access that holds: administrators and supervisors see everything, whatever is written beside them.
func AccessOf(a Agent) deskpb.Access {
	if a == nil {
		return deskpb.Access_ACCESS_OWN // nobody owns nothing
	}
	limited := a.GetAccess() == deskpb.Access_ACCESS_TEAM || a.GetAccess() == deskpb.Access_ACCESS_OWN
	if a.Role == deskpb.Role_ROLE_ADMINISTRATOR || a.Role == deskpb.Role_ROLE_SUPERVISOR || !limited {
		return deskpb.Access_ACCESS_ALL
	}
	return a.Access
}

// SeesAll reports whether nothing is hidden from the viewer.
func (v *Viewer) SeesAll() bool { return v == nil || v.Access == deskpb.Access_ACCESS_ALL }

// Same reports whether two viewers see the same tickets.
func (v *Viewer) Same(o *Viewer) bool {
	if v.SeesAll() || o.SeesAll() {
		return v.SeesAll() == o.SeesAll()
	}
	return v.Agent == o.Agent && v.Access == o.Access && sameSet(v.Teams, o.Teams) && sameSet(v.Mates, o.Mates)
}

func sameSet(a, b map[string]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return len(a) == len(b)
}

// MaySee is the one rule of who sees which ticket, in lists, counts, search, sockets and commands.
//
// What was purged nobody sees. Own: who owns it, follows it, or is mentioned in it. Team: one's own, those of one's teams, those a colleague in one of
// them owns, and those without owner that their channel's rule gives to one of them.
func MaySee(v *Viewer, t Ticket) bool {
	if t.GetPurged() {
		return false
	}
	if v.SeesAll() {
		return true
	}
	return v.sees(t.GetOwner(), t.GetTeam(), t.GetFollowers(), t.GetMentioned(), TeamsOf(t))
}

func (v *Viewer) sees(owner, team string, followers, mentioned, ruleTeams []string) bool {
	me := string(v.Agent)
	switch {
	case me == "":
		return false
	case owner == me, contains(followers, me), contains(mentioned, me):
		return true
	case v.Access != deskpb.Access_ACCESS_TEAM:
		return false
	case owner != "" && v.Mates[owner], team != "" && v.Teams[team]:
		return true
	}
	return owner == "" && team == "" && v.anyTeam(ruleTeams)
}

func (v *Viewer) anyTeam(teams []string) bool {
	for _, t := range teams {
		if v.Teams[t] {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// MovesSight reports whether an event of a conversation may change who sees it. What is said in it does not; whatever is
// not known here may.
func MovesSight(ev Event) bool {
	if m := ev.GetAssignmentDeferred(); m != nil {
		return len(m.Reason.GetTeams()) > 0 // it may be offered to other teams than before
	}
	switch ev.GetKind().(type) {
	case *deskpb.Event_MessageReceived, *deskpb.Event_ReplyRequested, *deskpb.Event_ReplyImported, *deskpb.Event_DeliveryStarted, *deskpb.Event_DeliverySettled,
		*deskpb.Event_TicketStatusChanged, *deskpb.Event_TicketPriorityChanged, *deskpb.Event_TicketSubjectChanged,
		*deskpb.Event_TicketDueChanged, *deskpb.Event_TicketHeld, *deskpb.Event_OwnerTold, *deskpb.Event_AssignmentWidened, *deskpb.Event_LetterStarted, *deskpb.Event_LetterSettled,
		*deskpb.Event_ChatEntered, *deskpb.Event_BotHeard, *deskpb.Event_BotStepped,
		*deskpb.Event_UnreadNotMailed, *deskpb.Event_VisitorAddressGiven, *deskpb.Event_ConversationRated, *deskpb.Event_ChatEnded:
		return false
	}
	return true
}
