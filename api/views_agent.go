package api

import (
	"cmp"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Agent is a colleague, as every agent sees them. Supervisors, administrators and the agent in question get the rest, too.
type Agent struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	ShownEmail  string `json:"shown_email" doc:"The address colleagues are shown"`
	Seat        bool   `json:"seat" doc:"Tickets are assigned to agents with a seat only"`
	Deactivated bool   `json:"deactivated"`
	Available   bool   `json:"available"`
	AwayReason  string `json:"away_reason"`
	Connected   bool   `json:"connected" doc:"A workspace is open somewhere, or was a minute ago. Chats and calls go only to who is connected; mail does not ask"`

	AvailabilityCause string  `json:"availability_cause" enum:",hours,holiday,out_of_office,not_taken" doc:"Empty: by hand; not_taken: too many offers in a row were not taken"`
	ChangesAt         *string `json:"changes_at" format:"date-time" doc:"When availability will change by itself"`
	ChangesCause      string  `json:"changes_cause" enum:",hours,holiday,out_of_office"`

	Version uint64 `json:"version" doc:"The larger one is the newer row"`
	Partial bool   `json:"partial" doc:"What only supervisors, administrators and the agent see is left out: the fields from email on"`
	*AgentWork
}

// AgentWork is what of an agent is not every colleague's to see.
type AgentWork struct {
	Email          string       `json:"email" required:"false" doc:"To sign in with"`
	Role           string       `json:"role" required:"false" enum:"agent,supervisor,administrator"`
	Access         string       `json:"access" required:"false" enum:"all,team,own" doc:"Which tickets are shown; administrators and supervisors see all"`
	Capacity       int32        `json:"capacity" required:"false" doc:"What open tickets may count in all, for one more to be assigned automatically; 0: no limit"`
	Limits         ByGroup      `json:"limits" required:"false" doc:"The same for each group of kinds of channel; 0: no limit"`
	Load           int32        `json:"load" required:"false" doc:"What open tickets count, promised ones included (GET /capacity)"`
	Loads          ByGroup      `json:"loads" required:"false" doc:"That of each group"`
	LastAssignedAt *string      `json:"last_assigned_at" required:"false" format:"date-time"`
	Skills         []string     `json:"skills" required:"false" doc:"Ids of skills"`
	SecondSkills   []string     `json:"second_skills" required:"false" doc:"Of these: languages that are not the main ones"`
	TwoFactor      bool         `json:"two_factor" required:"false" doc:"A code is needed to sign in"`
	AvailableSince *string      `json:"availability_since" required:"false" format:"date-time" doc:"Since when they are there, or away"`
	Schedule       string       `json:"schedule" required:"false" enum:",available,away" doc:"What their working hours and absences say of now; empty: they have none"`
	ConnectedSince *string      `json:"connected_since" required:"false" format:"date-time" doc:"Since when it is so, or is not; null: never was"`
	AvailabilityBy string       `json:"availability_by" required:"false" doc:"The agent who did it by hand"`
	WorkingHours   string       `json:"working_hours" required:"false" doc:"The id of a setting"`
	Holidays       string       `json:"holidays" required:"false" doc:"The id of a setting"`
	OutOfOffice    *OutOfOffice `json:"out_of_office" required:"false"`
}

// ByGroup are numbers of each group of kinds of channel.
type ByGroup struct {
	Calls     int32 `json:"calls"`
	Messaging int32 `json:"messaging" doc:"Chat, Messenger and WhatsApp"`
	Email     int32 `json:"email" doc:"And whatever is neither a call nor a message: forms, kinds of one's own"`
}

// OutOfOffice is an absence.
type OutOfOffice struct {
	From    string `json:"from" format:"date-time"`
	To      string `json:"to" format:"date-time"`
	Message string `json:"message"`
}

// agentFor shapes an agent as the viewer may know them.
func agentFor(viewer, a desk.Agent) Agent {
	if desk.MayKnow(viewer, a) {
		return agentView(a)
	}
	v := colleagueView(desk.Colleague(a))
	v.Partial = true
	return v
}

func colleagueView(a desk.Agent) Agent {
	return Agent{
		ID: a.Agent, Name: a.Name, ShownEmail: cmp.Or(a.ShownEmail, a.Email), Seat: a.Seat, Deactivated: a.Deactivated, Available: a.Available,
		AwayReason: a.AwayReason, Connected: a.Connected, AvailabilityCause: a.AvailabilityCause, ChangesAt: optionalTime(a.ChangesAtMs), ChangesCause: a.ChangesCause, Version: a.Version,
	}
}

// agentView is the whole of an agent: only for who may know it.
func agentView(a desk.Agent) Agent {
	v := colleagueView(a)
	v.AgentWork = &AgentWork{
		Email: a.Email, Role: roleWord(a.Role), Access: accessWord(a.Access), Capacity: a.Capacity, Limits: ByGroup(desk.LimitsOf(a).By), Load: a.Load, Loads: ByGroup(desk.LoadOf(a)), LastAssignedAt: optionalTime(a.LastAssignedAtMs),
		Skills: each(a.Skills, func(id string) string { return id }), SecondSkills: notNull(a.SecondSkills), TwoFactor: a.TwoFactor, ConnectedSince: optionalTime(a.ConnectedSinceMs), AvailabilityBy: a.AvailabilityBy, WorkingHours: a.WorkingHours,
		Holidays: a.Holidays, OutOfOffice: outOfOffice(a), AvailableSince: optionalTime(a.AvailabilitySinceMs), Schedule: scheduleWord(a.Plan),
	}
	return v
}

func scheduleWord(p *deskpb.AvailabilityPlanned) string {
	switch {
	case !p.GetScheduled():
		return ""
	case p.Available:
		return "available"
	}
	return "away"
}

func outOfOffice(a desk.Agent) *OutOfOffice {
	if a.OutToMs == 0 {
		return nil
	}
	return &OutOfOffice{timeOf(a.OutFromMs), timeOf(a.OutToMs), a.OutMessage}
}
