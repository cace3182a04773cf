package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type agentList struct {
	Body struct {
		Agents []Agent `json:"agents"`
		Place
	}
}

func (s *Server) listAgents(ctx context.Context, _ *nothing) (*agentList, error) {
	out := &agentList{}
	out.Body.Place = s.here()
	all, err := s.opt.People.Agents()
	if err != nil {
		return nil, fmt.Errorf("read the agents: %w", err)
	}
	viewer := me(ctx).row
	out.Body.Agents = each(all, func(a desk.Agent) Agent { return agentFor(viewer, a) })
	return out, nil
}

type addAgentInput struct {
	Body struct {
		Email        string   `json:"email" maxLength:"254"`
		Name         string   `json:"name" minLength:"1" maxLength:"200"`
		Role         string   `json:"role" enum:"agent,supervisor,administrator" default:"agent"`
		Access       string   `json:"access,omitempty" enum:"all,team,own" doc:"Which tickets an agent sees: all if left out, those of the own teams, or the own ones"`
		Seat         *bool    `json:"seat,omitempty" doc:"True if left out"`
		Capacity     int32    `json:"capacity,omitempty" minimum:"0" maximum:"10000" doc:"What open tickets may count in all, for one more to be assigned automatically; 0: no limit"`
		Limits       *Limits  `json:"limits,omitempty" doc:"The same for each group of kinds of channel"`
		Skills       []string `json:"skills" required:"false" maxItems:"100" doc:"Ids of skills"`
		SecondSkills []string `json:"second_skills,omitempty" maxItems:"100" doc:"Of the skills: languages that are not the main ones"`
		Password     string   `json:"password" minLength:"10" maxLength:"256" doc:"10 to 256 characters"`
	}
}

type oneAgent struct {
	Body struct {
		Agent Agent `json:"agent"`
	}
}

func (s *Server) addAgent(ctx context.Context, in *addAgentInput) (*oneAgent, error) {
	b := &in.Body
	if err := s.skills(b.Skills, nil); err != nil {
		return nil, err
	}
	id, err := s.newAgent(ctx, deskpb.NewCommand(&deskpb.AddAgent{Agent: &deskpb.AgentAdded{
		Email: b.Email, Name: b.Name, Role: roleOf(b.Role), Seat: b.Seat == nil || *b.Seat, Capacity: b.Capacity, Limits: b.Limits.over(nil),
		Access: accessOf(b.Access), Skills: b.Skills, SecondSkills: b.SecondSkills,
	}}), b.Password, live.AuthorOf(me(ctx).row))
	if err != nil {
		return nil, err
	}
	return s.oneAgent(ctx, id)
}

// newAgent makes an agent who can sign in. The id follows from the address, so that two administrators who add the same
// colleague at once meet the same stream and one of them is refused. An agent whose adding broke off before the password
// was set is completed.
func (s *Server) newAgent(ctx context.Context, add desk.Command, password string, by *deskpb.Author) (desk.AgentID, error) {
	email, err := desk.CleanEmail(add.GetAddAgent().GetAgent().GetEmail())
	if err != nil {
		return "", err
	}
	channel, err := s.opt.ChannelRows.ChannelByAddress(deskpb.ChannelKind_CHANNEL_KIND_EMAIL, email)
	if err != nil {
		return "", fmt.Errorf("look for a channel: %w", err)
	}
	if channel != "" {
		return "", &desk.Error{Code: desk.Conflict, Field: "email", Reason: "exists", Message: email + " is the address of a channel: an agent needs an address of their own"}
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return "", err
	}
	id := desk.AgentID(desk.DeriveID("ag_", email))
	if _, err := s.do(ctx, id.Stream(), add, by); err != nil {
		if !s.halfAdded(err, id) {
			return "", err
		}
	}
	if _, err := s.do(ctx, id.Stream(), deskpb.NewCommand(&deskpb.SetAgentPassword{Hash: hash}), by); err != nil {
		return "", fmt.Errorf("set the password of %s: %w", id, err)
	}
	return id, nil
}

// halfAdded: the agent is there and has never had a password.
func (s *Server) halfAdded(err error, id desk.AgentID) bool {
	if desk.CodeOf(err) != desk.Conflict {
		return false
	}
	hash, lookup := s.opt.Secrets.PasswordHash(id)
	return lookup == nil && hash == ""
}

func (s *Server) oneAgent(ctx context.Context, id desk.AgentID) (*oneAgent, error) {
	row, err := s.opt.People.Agent(id)
	if err != nil {
		return nil, fmt.Errorf("read agent %s: %w", id, err)
	}
	if row == nil {
		return nil, notFound("agent")
	}
	out := &oneAgent{}
	out.Body.Agent = agentFor(me(ctx).row, row)
	return out, nil
}

type changeAgentInput struct {
	ByID
	Body struct {
		Name         *string  `json:"name,omitempty" minLength:"1" maxLength:"200"`
		Role         *string  `json:"role,omitempty" enum:"agent,supervisor,administrator"`
		Access       *string  `json:"access,omitempty" enum:"all,team,own"`
		Seat         *bool    `json:"seat,omitempty"`
		Capacity     *int32   `json:"capacity,omitempty" minimum:"0" maximum:"10000"`
		Limits       *Limits  `json:"limits,omitempty" doc:"Those that are left out stay as they are"`
		Deactivated  *bool    `json:"deactivated,omitempty"`
		SecondSkills []string `json:"second_skills,omitempty" maxItems:"100" doc:"Of the skills: languages that are not the main ones"`
		Skills       []string `json:"skills,omitempty" maxItems:"100" doc:"Ids of skills; an empty list takes them all away"`

		WorkingHours *string `json:"working_hours,omitempty" maxLength:"64" doc:"The id of working hours; empty: none"`
		Holidays     *string `json:"holidays,omitempty" maxLength:"64" doc:"The id of holidays; empty: none"`
	}
}

func (s *Server) changeAgent(ctx context.Context, in *changeAgentInput) (*changedAgent, error) {
	// One change of a role at a time: two administrators who demote each other would leave nobody.
	s.roles.Lock()
	defer s.roles.Unlock()
	id := desk.AgentID(in.ID)
	row, err := s.opt.People.Agent(id)
	if err != nil {
		return nil, fmt.Errorf("read agent %s: %w", id, err)
	}
	if row == nil {
		return nil, notFound("agent")
	}
	to := changedOf(row)
	set(&to.Name, in.Body.Name)
	set(&to.Seat, in.Body.Seat)
	set(&to.Capacity, in.Body.Capacity)
	to.Limits = in.Body.Limits.over(row.Limits)
	set(&to.Deactivated, in.Body.Deactivated)
	set(&to.WorkingHours, in.Body.WorkingHours)
	set(&to.Holidays, in.Body.Holidays)
	for kind, id := range map[string]*string{"working_hours": in.Body.WorkingHours, "holidays": in.Body.Holidays} {
		if id != nil && *id != "" && s.isSetting(desk.SettingID(*id), kind) != nil {
			return nil, fault("body."+kind, "there is no such setting")
		}
	}
	if in.Body.Skills != nil {
		to.Skills = in.Body.Skills
		to.SecondSkills = slices.DeleteFunc(slices.Clone(to.SecondSkills), func(id string) bool { return !slices.Contains(to.Skills, id) })
	}
	if in.Body.SecondSkills != nil {
		to.SecondSkills = in.Body.SecondSkills
	}
	if err := s.skills(to.Skills, row.Skills); err != nil {
		return nil, err
	}
	if in.Body.Role != nil {
		to.Role = roleOf(*in.Body.Role)
	}
	if in.Body.Access != nil {
		to.Access = accessOf(*in.Body.Access)
	}
	if isAdministrator(row.Role, row.Deactivated) && !isAdministrator(to.Role, to.Deactivated) {
		blame := "role"
		if to.Deactivated {
			blame = "deactivated"
		}
		if err := s.anotherAdministrator(id, blame); err != nil {
			return nil, err
		}
	}
	left, err := s.leavesBehind(row, to)
	if err != nil {
		return nil, err
	}
	if _, err := s.do(ctx, id.Stream(), deskpb.NewCommand(&deskpb.ChangeAgent{Agent: to}), live.AuthorOf(me(ctx).row)); err != nil {
		return nil, err
	}
	one, err := s.oneAgent(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &changedAgent{}
	out.Body.Agent, out.Body.TakenBack = one.Body.Agent, left
	return out, nil
}

// changedOf is an agent as the row says: an AgentChanged replaces every field, so each change begins with it.
func changedOf(row desk.Agent) *deskpb.AgentChanged {
	return &deskpb.AgentChanged{Name: row.Name, Role: row.Role, Seat: row.Seat, Capacity: row.Capacity, Limits: row.Limits, Deactivated: row.Deactivated, Access: row.Access, Skills: row.Skills, SecondSkills: row.SecondSkills,
		WorkingHours: row.WorkingHours, Holidays: row.Holidays}
}

// skills checks that all are skills there are; one that somebody has already may have been removed since.
func (s *Server) skills(ids, had []string) error {
	for i, id := range ids {
		row, err := s.opt.Settings.Setting(desk.SettingID(id))
		if err != nil {
			return fmt.Errorf("read setting %s: %w", id, err)
		}
		if (row == nil || row.Removed || row.Kind != desk.SettingSkill) && !slices.Contains(had, id) {
			return fault(fmt.Sprintf("body.skills[%d]", i), "there is no such skill")
		}
	}
	return nil
}

func set[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

func isAdministrator(role deskpb.Role, deactivated bool) bool {
	return role == deskpb.Role_ROLE_ADMINISTRATOR && !deactivated
}

func (s *Server) anotherAdministrator(than desk.AgentID, field string) error {
	all, err := s.opt.People.Agents()
	if err != nil {
		return fmt.Errorf("read the agents: %w", err)
	}
	for _, a := range all {
		if isAdministrator(a.Role, a.Deactivated) && a.Agent != string(than) {
			return nil
		}
	}
	return desk.Refuse(desk.Conflict, field, "this is the last administrator: make another one first")
}

type availabilityInput struct {
	ByID
	Body struct {
		Available bool   `json:"available"`
		Reason    string `json:"reason,omitempty" maxLength:"80" doc:"For away: break, training, …"`
		// Who comes back early is asked.
		EndOutOfOffice bool `json:"end_out_of_office,omitempty" doc:"Coming back early ends the absence, too"`
	}
}

func (s *Server) setAvailability(ctx context.Context, in *availabilityInput) (*done, error) {
	cmd := deskpb.NewCommand(&deskpb.SetAvailability{Available: in.Body.Available, Reason: in.Body.Reason, EndOutOfOffice: in.Body.EndOutOfOffice})
	return doneView(s.commands.Do(ctx, me(ctx).Agent, desk.AgentID(in.ID).Stream(), cmd))
}

type passwordInput struct {
	request
	ByID
	Body struct {
		Password string `json:"password" minLength:"10" maxLength:"256" doc:"10 to 256 characters"`
		Current  string `json:"current,omitempty" maxLength:"256" doc:"The password as it is: needed for one's own"`
	}
}

// setPassword signs the agent out everywhere, except here.
func (s *Server) setPassword(ctx context.Context, in *passwordInput) (*Cookies, error) {
	who, id := me(ctx), desk.AgentID(in.ID)
	own := id == who.Agent
	if !own && who.row.Role != deskpb.Role_ROLE_ADMINISTRATOR {
		return nil, desk.Refuse(desk.Denied, "", "only an administrator may set somebody else's password")
	}
	if own {
		if in.Body.Current == "" {
			return nil, fault("body.current", "the current password is required to set your own")
		}
		if err := s.checkPassword(ctx, in.r, in.Body.Current, "current"); err != nil {
			return nil, err
		}
	}
	hash, err := s.passwords.hash(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	if _, err := s.do(ctx, id.Stream(), deskpb.NewCommand(&deskpb.SetAgentPassword{Hash: hash}), live.AuthorOf(who.row)); err != nil {
		return nil, err
	}
	if !own {
		return &Cookies{}, nil
	}
	fresh, err := s.openSession(ctx, in.r, id)
	return &Cookies{fresh}, err
}

// checkPassword: who found a screen open does not take over the account. A guess counts as one at the sign-in does.
func (s *Server) checkPassword(ctx context.Context, r *http.Request, password, field string) error {
	who := me(ctx)
	attempt, err := s.attempt(s.opt.ClientIP(r), who.row.Email)
	if err != nil {
		return err
	}
	hash, err := s.opt.Secrets.PasswordHash(who.Agent)
	if err != nil {
		return fmt.Errorf("read the password of %s: %w", who.Agent, err)
	}
	fits, err := s.passwords.matches(ctx, password, hash)
	if err != nil {
		return err
	}
	if !fits {
		return desk.Refuse(desk.Denied, field, "this is not the current password")
	}
	attempt.succeeded()
	return nil
}

type contactOutput struct {
	Body struct {
		Contact Contact  `json:"contact"`
		Tickets []Ticket `json:"tickets" doc:"The newest 100"`
		Place
	}
}

func (s *Server) readContact(ctx context.Context, in *ByID) (*contactOutput, error) {
	id := desk.ContactID(in.ID)
	out := &contactOutput{}
	out.Body.Place = s.here()
	row, err := s.opt.People.Contact(id)
	if err != nil {
		return nil, fmt.Errorf("read contact %s: %w", id, err)
	}
	if row == nil {
		return nil, notFound("contact")
	}
	if err := s.visibleContact(ctx, row); err != nil {
		return nil, err
	}
	tickets, err := s.ticketsOfContact(ctx, id, 100)
	if err != nil {
		return nil, err
	}
	out.Body.Contact, out.Body.Tickets = contactView(row), each(tickets, ticketFor(ctx))
	return out, nil
}

// ticketsOfContact gives the newest tickets of a contact that the agent may see.
func (s *Server) ticketsOfContact(ctx context.Context, id desk.ContactID, limit int) ([]desk.Ticket, error) {
	read := limit
	if desk.AccessOf(me(ctx).row) != deskpb.Access_ACCESS_ALL {
		read = 0 // those of others are among the newest, too
	}
	tickets, err := s.opt.Tickets.TicketsOfContact(id, read)
	if err != nil {
		return nil, fmt.Errorf("read the tickets of %s: %w", id, err)
	}
	tickets, err = s.visible(ctx, tickets)
	return tickets[:min(limit, len(tickets))], err
}

// touchContact refuses to change a contact the agent may not see, in the words for one that is not there.
func (s *Server) touchContact(ctx context.Context, id desk.ContactID) error {
	if desk.AccessOf(me(ctx).row) == deskpb.Access_ACCESS_ALL {
		return nil
	}
	row, err := s.opt.People.Contact(id)
	if err != nil {
		return fmt.Errorf("read contact %s: %w", id, err)
	}
	if row == nil {
		return notFound("contact")
	}
	return s.visibleContact(ctx, row)
}

type nameContactInput struct {
	ByID
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"200"`
	}
}

func (s *Server) nameContact(ctx context.Context, in *nameContactInput) (*done, error) {
	if err := s.touchContact(ctx, desk.ContactID(in.ID)); err != nil {
		return nil, err
	}
	cmd := deskpb.NewCommand(&deskpb.NameContact{Name: in.Body.Name})
	return doneView(s.do(ctx, desk.ContactID(in.ID).Stream(), cmd, live.AuthorOf(me(ctx).row)))
}

func (s *Server) ownContact(ctx context.Context, in *ownerInput) (*done, error) {
	if err := s.touchContact(ctx, desk.ContactID(in.ID)); err != nil {
		return nil, err
	}
	owner := ""
	if in.Body.Agent != nil {
		owner = *in.Body.Agent
	}
	if owner != "" {
		row, err := s.opt.People.Agent(desk.AgentID(owner))
		if err != nil {
			return nil, fmt.Errorf("read agent %s: %w", owner, err)
		}
		if row == nil || row.Deactivated {
			return nil, fault("body.agent", "there is no such agent")
		}
	}
	cmd := deskpb.NewCommand(&deskpb.SetContactOwner{Agent: owner})
	return doneView(s.do(ctx, desk.ContactID(in.ID).Stream(), cmd, live.AuthorOf(me(ctx).row)))
}
