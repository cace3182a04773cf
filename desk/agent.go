package desk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// Member is the state of an agent's stream: who he is, whether he is available, and the places he has given away.
type Member struct {
	Added        bool
	Email, Name  string
	Role         deskpb.Role
	Seat         bool
	Deactivated  bool
	Capacity     int32   // what tickets may count in all, for one more to be given by itself; 0: no limit
	Limits       ByGroup // the same of each group
	Skills       []string
	SecondSkills []string `json:",omitempty"`
	Access       deskpb.Access
	Available    bool
	AwayReason   string
	AwayCause    string                      `json:",omitempty"` // "": by hand
	ByHand       bool                        `json:",omitempty"` // somebody said what holds now, not a schedule
	Connected    bool                        `json:",omitempty"` // presence.go
	Hours        string                      `json:",omitempty"` // ids of settings
	Holidays     string                      `json:",omitempty"`
	Out          OutOfOffice                 `json:",omitzero"`
	Plan         *deskpb.AvailabilityPlanned `json:",omitempty"`
	Seen         *deskpb.NotificationMarks   `json:",omitempty"` // of notifications
	Places       map[ConversationID]Place
	Has          ByGroup                  // what the places count
	Sessions     map[string]Session       // by token hash
	TwoFactor    *TwoFactor               `json:",omitempty"`
	Preferences  *deskpb.AgentPreferences `json:",omitempty"`
	BackDue      int64                    `json:",omitempty"` // while away: when a ticket is to be taken back next
	Missed       uint32                   `json:",omitempty"` // absences in a row in which offers were not taken
	MissedMs     int64                    `json:",omitempty"` // when the last one was counted
}

// Place is a ticket that counts against an agent's capacity, or the promise of one.
type Place struct {
	Reservation string       // "" once it is taken
	UntilMs     int64        // of the promise
	Version     uint64       // of the conversation, of the news it rests on
	Size        Size         // what it counts
	EvenAway    bool         `json:",omitempty"` // the promise holds though the agent goes away: its rule ignores availability
	Live        bool         `json:",omitempty"` // it is of a chat or a call: the promise needs the connection, too
	Turn        *deskpb.Turn `json:",omitempty"` // of the promise
}

// AgentFormat is the version of Member's snapshots.
const AgentFormat = 6

// Agents is the decider of agent streams.
var Agents = Decider[*Member]{
	Initial: func() *Member {
		return &Member{Places: map[ConversationID]Place{}, Sessions: map[string]Session{}}
	},
	Decide: decideAgent,
	Evolve: evolveAgent,
}

func decideAgent(a *Member, cmd Command) ([]Event, error) {
	if m, ok := cmd.Kind.(*deskpb.Command_AddAgent); ok {
		return addAgent(a, m.AddAgent.GetAgent())
	}
	if !a.Added {
		return nil, Refuse(NotFound, "agent", "there is no such agent")
	}
	if out, err, known := decideAccount(a, cmd); known {
		return out, err
	}
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_ChangeAgent:
		return changeAgent(a, m.ChangeAgent.GetAgent())
	case *deskpb.Command_SetAvailability:
		return setAvailability(a, cmd, m.SetAvailability)
	case *deskpb.Command_SetOutOfOffice:
		return setOutOfOffice(a, m.SetOutOfOffice, cmd.AtMs)
	case *deskpb.Command_SeeNotifications:
		return seeNotifications(a, m.SeeNotifications)
	case *deskpb.Command_FollowSchedule:
		return followSchedule(a, m.FollowSchedule.GetPlan(), cmd.AtMs)
	case *deskpb.Command_NotePresence:
		return notePresence(a, m.NotePresence)
	case *deskpb.Command_ReservePlace:
		return reservePlace(a, m.ReservePlace)
	case *deskpb.Command_TakePlace:
		return takePlace(a, m.TakePlace)
	case *deskpb.Command_FreePlace:
		return freePlace(a, m.FreePlace)
	case *deskpb.Command_LapseReservations:
		return lapseReservations(a, cmd.AtMs)
	case *deskpb.Command_WeighPlaces:
		return weighPlaces(a, m.WeighPlaces.Tickets)
	case *deskpb.Command_PlanAbsence:
		return planAbsence(a, m.PlanAbsence)
	case *deskpb.Command_CountOffer:
		return countOffer(a, m.CountOffer, cmd.AtMs)
	case *deskpb.Command_ReconcilePlaces:
		return reconcilePlaces(a, m.ReconcilePlaces)
	}
	return nil, unknownCommand(cmd, KindAgent)
}

func addAgent(a *Member, m *deskpb.AgentAdded) ([]Event, error) {
	if a.Added {
		return nil, &Error{Code: Conflict, Field: "email", Reason: "exists", Message: "there is an agent with this address already"}
	}
	email, err := CleanEmail(m.GetEmail())
	if err != nil {
		return nil, err
	}
	if err := checkAgent(m.Name, m.Role, m.Capacity, m.Limits); err != nil {
		return nil, err
	}
	if err := checkAccess(m.Access); err != nil {
		return nil, err
	}
	if err := checkSkills(m.Skills, m.SecondSkills); err != nil {
		return nil, err
	}
	name, _ := cleanName(m.Name, "name")
	return events(deskpb.NewEvent(&deskpb.AgentAdded{Email: email, Name: name, Role: m.Role, Seat: m.Seat, Capacity: m.Capacity, Limits: m.Limits, Access: m.Access, Skills: m.Skills, SecondSkills: m.SecondSkills})), nil
}

func changeAgent(a *Member, m *deskpb.AgentChanged) ([]Event, error) {
	if err := checkAgent(m.GetName(), m.GetRole(), m.GetCapacity(), m.GetLimits()); err != nil {
		return nil, err
	}
	if err := checkAccess(m.GetAccess()); err != nil {
		return nil, err
	}
	if err := checkSkills(m.Skills, m.SecondSkills); err != nil {
		return nil, err
	}
	for field, id := range map[string]string{"working_hours": m.WorkingHours, "holidays": m.Holidays} {
		if id != "" && !ValidID(id) {
			return nil, Refuse(Invalid, field, "must be the id of a setting")
		}
	}
	name, _ := cleanName(m.Name, "name")
	if a.Name == name && a.Role == m.Role && a.Seat == m.Seat && a.Capacity == m.Capacity && a.Limits == groupLimits(m.Limits) && a.Deactivated == m.Deactivated && a.Access == m.Access &&
		slices.Equal(a.Skills, m.Skills) && slices.Equal(a.SecondSkills, m.SecondSkills) && a.Hours == m.WorkingHours && a.Holidays == m.Holidays {
		return nil, nil
	}
	out := events(deskpb.NewEvent(&deskpb.AgentChanged{Name: name, Role: m.Role, Seat: m.Seat, Capacity: m.Capacity, Limits: m.Limits, Deactivated: m.Deactivated, Access: m.Access, Skills: m.Skills, SecondSkills: m.SecondSkills,
		WorkingHours: m.WorkingHours, Holidays: m.Holidays}))
	if m.Deactivated || !m.Seat {
		return append(out, a.withdraw("no_seat", func(ConversationID, Place) bool { return true })...), nil
	}
	if slices.ContainsFunc(a.Skills, func(s string) bool { return !slices.Contains(m.Skills, s) }) { // what was promised may have counted on it
		return append(out, a.withdraw("no_skill", func(ConversationID, Place) bool { return true })...), nil
	}
	return append(out, a.withdrawOver(Limits{m.Capacity, groupLimits(m.Limits)}, a.Has, "")...), nil
}

func checkAgent(name string, role deskpb.Role, capacity int32, limits *deskpb.GroupLimits) error {
	if _, err := cleanName(name, "name"); err != nil {
		return err
	}
	if role < deskpb.Role_ROLE_AGENT || role > deskpb.Role_ROLE_SUPERVISOR {
		return Refuse(Invalid, "role", "must be agent, supervisor or administrator")
	}
	return checkLimits(capacity, limits)
}

func checkAccess(a deskpb.Access) error {
	if a < deskpb.Access_ACCESS_UNSPECIFIED || a > deskpb.Access_ACCESS_OWN {
		return Refuse(Invalid, "access", "must be all, team or own")
	}
	return nil
}

// CleanEmail brings a mail address to the form it is compared in: trimmed, lower case, one @ with something on both sides.
func CleanEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || domain == "" || strings.ContainsAny(s, " \t\r\n<>,;\"") || strings.Contains(domain, "@") || len(s) > 254 {
		return "", Refuse(Invalid, "email", "must be a mail address such as ana@example.com")
	}
	return s, nil
}

func evolveAgent(a *Member, ev Event) *Member {
	evolveAbsence(a, ev)
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_AgentAdded:
		m := e.AgentAdded
		a.Added, a.Email, a.Name, a.Role, a.Seat, a.Capacity, a.Limits = true, m.Email, m.Name, m.Role, m.Seat, m.Capacity, groupLimits(m.Limits)
		a.Skills, a.SecondSkills = m.Skills, m.SecondSkills
		a.Access = m.Access
	case *deskpb.Event_AgentChanged:
		m := e.AgentChanged
		a.Name, a.Role, a.Seat, a.Capacity, a.Limits, a.Deactivated = m.Name, m.Role, m.Seat, m.Capacity, groupLimits(m.Limits), m.Deactivated
		a.Skills, a.SecondSkills = m.Skills, m.SecondSkills
		a.Access, a.Hours, a.Holidays = m.Access, m.WorkingHours, m.Holidays
		if m.Deactivated {
			clear(a.Sessions)
		}
	case *deskpb.Event_AvailabilityChanged:
		a.Available, a.AwayReason, a.AwayCause = e.AvailabilityChanged.Available, e.AvailabilityChanged.Reason, e.AvailabilityChanged.Cause
		a.ByHand = a.AwayCause == ""
	case *deskpb.Event_PresenceChanged:
		a.Connected = e.PresenceChanged.Connected
	case *deskpb.Event_OutOfOfficeSet:
		a.Out = OutOfOffice{e.OutOfOfficeSet.FromMs, e.OutOfOfficeSet.ToMs, e.OutOfOfficeSet.Message}
	case *deskpb.Event_NotificationsSeen:
		a.Seen = ProjectSeen(a.Seen, e.NotificationsSeen)
	case *deskpb.Event_AvailabilityPlanned:
		a.Plan = e.AvailabilityPlanned
	default:
		if !evolvePlaces(a, ev) {
			evolveAccount(a, ev)
		}
	}
	return a
}

// checkSkills: what is spoken second is spoken.
func checkSkills(skills, second []string) error {
	if err := checkIDs(skills, "skills"); err != nil {
		return err
	}
	for i, s := range second {
		if !slices.Contains(skills, s) {
			return Refuse(Invalid, fmt.Sprintf("second_skills[%d]", i), "must be one of the agent's skills")
		}
	}
	return nil
}
