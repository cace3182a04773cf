package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Why a ticket went where it is, and where it would go now. Nothing is done by asking.

// RuleOutcome is what one rule says of a ticket.
type RuleOutcome struct {
	Rule   string  `json:"rule" doc:"Its id; empty: the channel's default, or the ticket's team"`
	Name   string  `json:"name"`
	Failed string  `json:"failed" doc:"The condition that does not hold: kind, status, pipeline, stage, priority, team, tags, property, subject, contact, words, language; off; nobody: it is for the ticket and nobody can take it; empty: it decides"`
	Reason *Reason `json:"reason" doc:"Of a rule that is for the ticket: who was looked at, and why each was, or was not, chosen"`
}

// WouldGet is who would get a ticket at this moment.
type WouldGet struct {
	Agent   string        `json:"agent" doc:"Empty: nobody"`
	Waiting bool          `json:"waiting" doc:"It would stand in line"`
	Team    string        `json:"team" doc:"The ticket's own team, which counts instead of the rules; empty: none"`
	Reason  *Reason       `json:"reason"`
	Rules   []RuleOutcome `json:"rules" doc:"In their order, up to the one that decides"`
}

type explainOutput struct {
	Body struct {
		Then   *Reason   `json:"then" doc:"The last decision on the ticket, as it was made; null: none yet"`
		Missed []Missed  `json:"missed" doc:"The rules before the one that decided then. For supervisors and administrators"`
		Line   *InLine   `json:"line" doc:"Where it stands in the waiting line. Null: it does not, or the asker may not see every ticket"`
		Now    *WouldGet `json:"now" doc:"Who would get it now, if it had no owner. Null for who does not run the desk: it counts colleagues' work"`
	}
}

// InLine is a place in the waiting line.
type InLine struct {
	Position int `json:"position" doc:"From 1: who stands before it are those whom some of the same people may take, and who come first"`
	Minutes  int `json:"minutes" doc:"Until it is given to somebody, about, as visitors of a chat are told it; 0: unknown, or more than two hours"`
}

// lineFor is a ticket's place, for who sees all tickets: it counts those of others.
func (s *Server) lineFor(ctx context.Context, row desk.Ticket) (*InLine, error) {
	v, err := s.viewer(me(ctx).row)
	if err != nil || !v.SeesAll() || !row.InLine {
		return nil, err
	}
	place, err := s.opt.Router.LinePlace(ctx, desk.ConversationID(row.Conversation))
	if err != nil || place.Position == 0 {
		return nil, err
	}
	return &InLine{place.Position, place.Minutes()}, nil
}

// Missed is a rule that did not decide.
type Missed struct {
	Rule   string `json:"rule"`
	Name   string `json:"name"`
	Failed string `json:"failed"`
}

func (s *Server) explainRouting(ctx context.Context, in *ByID) (*explainOutput, error) {
	row, err := s.visibleTicket(ctx, desk.ConversationID(in.ID))
	if err != nil {
		return nil, err
	}
	leads := desk.Leads(me(ctx).row)
	out := &explainOutput{}
	out.Body.Then, out.Body.Missed = reasonFor(leads, row.Reason), []Missed{}
	if out.Body.Line, err = s.lineFor(ctx, row); err != nil {
		return nil, err
	}
	if !leads {
		return out, nil
	}
	out.Body.Missed = each(row.Reason.GetMissed(), func(m *deskpb.RuleMiss) Missed { return Missed{m.Rule, m.Name, m.Failed} })
	contact, err := s.opt.People.Contact(desk.ContactID(row.Contact))
	if err != nil {
		return nil, fmt.Errorf("read contact %s: %w", row.Contact, err)
	}
	if out.Body.Now, err = s.wouldGet(ctx, desk.RoutingTrial{About: desk.About{Ticket: row, Contact: contact}}); err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Server) wouldGet(ctx context.Context, trial desk.RoutingTrial) (*WouldGet, error) {
	c, err := s.opt.Router.TryRouting(ctx, trial)
	if err != nil {
		return nil, err
	}
	now := &WouldGet{Agent: string(c.Agent), Waiting: c.Waiting, Team: trial.About.Ticket.Team, Reason: reasonFor(true, c.Reason)}
	now.Rules = each(c.Tried, func(t desk.Tried) RuleOutcome {
		return RuleOutcome{Rule: t.Rule, Name: t.Name, Failed: t.Failed, Reason: reasonFor(true, t.Reason)}
	})
	return now, nil
}

type tryRoutingInput struct {
	ByID
	Body struct {
		Conversation string            `json:"conversation,omitempty" maxLength:"64" doc:"A ticket of this channel; what else is given is put over it"`
		Subject      string            `json:"subject,omitempty" maxLength:"998"`
		Text         string            `json:"text,omitempty" maxLength:"16000" doc:"The first message"`
		Priority     string            `json:"priority,omitempty" enum:",low,normal,high,urgent"`
		Tags         []string          `json:"tags,omitempty" maxItems:"50"`
		Properties   map[string]string `json:"properties,omitempty"`
		Contact      string            `json:"contact,omitempty" maxLength:"64"`
		Owner        string            `json:"owner,omitempty" maxLength:"64" doc:"An agent: as if they owned the contact"`
		Routing      *Routing          `json:"routing,omitempty" doc:"The rules as they are being written; left out: as they are"`
	}
}

type tryRoutingOutput struct {
	Body struct {
		Now *WouldGet `json:"now"`
	}
}

// tryRouting asks a channel's rules of a ticket that is made up, or of one that is there.
func (s *Server) tryRouting(ctx context.Context, in *tryRoutingInput) (*tryRoutingOutput, error) {
	ch, err := s.channelRow(desk.ChannelID(in.ID))
	if err != nil {
		return nil, err
	}
	b := &in.Body
	trial := desk.RoutingTrial{About: desk.About{Text: b.Text}, Rule: ch.Routing}
	if b.Routing != nil {
		rule, err := s.routing(b.Routing, ch.Routing)
		if err != nil {
			return nil, err
		}
		if trial.Rule, err = desk.CheckRules(rule); err != nil {
			return nil, err
		}
	}
	d := trial.Rule.GetDefaults()
	t := &deskpb.TicketSummary{
		Channel: ch.Channel, ChannelKind: ch.Kind, Status: deskpb.TicketStatus_TICKET_STATUS_NEW, Priority: desk.PriorityAtOpening(d), Tags: slices.Clone(d.GetTags()),
		Team: d.GetTeam(), Pipeline: d.GetPipeline(), Stage: d.GetStage(), Properties: map[string]string{}, ContactRecognised: true,
	}
	for _, p := range d.GetProperties() {
		t.Properties[p.Property] = p.Value
	}
	if b.Conversation != "" {
		row, err := s.visibleTicket(ctx, desk.ConversationID(b.Conversation))
		if err != nil {
			return nil, err
		}
		t = desk.CloneTicket(row)
		t.Channel = ch.Channel
	}
	trial.About.Ticket = t
	if err := s.madeUp(&trial, in); err != nil {
		return nil, err
	}
	out := &tryRoutingOutput{}
	out.Body.Now, err = s.wouldGet(ctx, trial)
	return out, err
}

// madeUp puts what was made up over a ticket.
func (s *Server) madeUp(trial *desk.RoutingTrial, in *tryRoutingInput) error {
	t, b := trial.About.Ticket, &in.Body
	if b.Subject != "" {
		t.Subject = b.Subject
	}
	if b.Priority != "" {
		t.Priority = priorityOf(b.Priority)
	}
	for i, id := range b.Tags {
		if there, err := s.isLive(id, desk.SettingTag); err != nil {
			return err
		} else if !there {
			return fault(fmt.Sprintf("body.tags[%d]", i), "there is no such tag")
		}
	}
	t.Tags = append(t.Tags, b.Tags...)
	if t.Properties == nil {
		t.Properties = map[string]string{}
	}
	for _, id := range sortedKeys(b.Properties) {
		if there, err := s.isProperty(id, deskpb.PropertyOf_PROPERTY_OF_TICKET); err != nil {
			return err
		} else if !there {
			return fault("body.properties."+id, "%s is no property of tickets", id)
		}
		t.Properties[id] = b.Properties[id]
	}
	if b.Contact != "" {
		t.Contact = b.Contact
	}
	if t.Contact != "" {
		row, err := s.opt.People.Contact(desk.ContactID(t.Contact))
		if err != nil {
			return fmt.Errorf("read contact %s: %w", t.Contact, err)
		}
		if row == nil {
			return fault("body.contact", "there is no such contact")
		}
		trial.About.Contact = row
	}
	if b.Owner != "" {
		row, err := s.opt.People.Agent(desk.AgentID(b.Owner))
		if err != nil {
			return fmt.Errorf("read agent %s: %w", b.Owner, err)
		}
		if row == nil {
			return fault("body.owner", "there is no such agent")
		}
		trial.About.Contact = desk.OwnedBy(trial.About.Contact, b.Owner)
	}
	return nil
}

type usesOutput struct {
	Body struct {
		Agents   []string   `json:"agents" doc:"Who has it: ids"`
		Channels []SkillUse `json:"channels" doc:"Whose rules ask for it"`
	}
}

// SkillUse is a channel whose rules ask for a skill.
type SkillUse struct {
	Channel string   `json:"channel"`
	Name    string   `json:"name"`
	Rules   []string `json:"rules" doc:"Their names; an empty one is the default"`
}

// skillUses lists who has a skill, and which rules ask for it.
func (s *Server) skillUses(_ context.Context, in *ByID) (*usesOutput, error) {
	row, err := s.opt.Settings.Setting(desk.SettingID(in.ID))
	if err != nil {
		return nil, fmt.Errorf("read setting %s: %w", in.ID, err)
	}
	if row == nil || row.Kind != desk.SettingSkill {
		return nil, notFound("skill")
	}
	return s.usesOf(in.ID)
}

func (s *Server) usesOf(skill string) (*usesOutput, error) {
	out := &usesOutput{}
	out.Body.Agents, out.Body.Channels = []string{}, []SkillUse{}
	people, err := s.opt.People.Agents()
	if err != nil {
		return nil, fmt.Errorf("read the agents: %w", err)
	}
	for _, a := range people {
		if slices.Contains(a.Skills, skill) {
			out.Body.Agents = append(out.Body.Agents, a.Agent)
		}
	}
	channels, err := s.opt.ChannelRows.Channels()
	if err != nil {
		return nil, fmt.Errorf("read the channels: %w", err)
	}
	for _, c := range channels {
		use := SkillUse{Channel: c.Channel, Name: c.Name}
		for _, step := range c.Routing.GetSteps() {
			if slices.Contains(step.GetThen().GetSkills(), skill) {
				use.Rules = append(use.Rules, step.Name)
			}
		}
		if slices.Contains(c.Routing.GetSkills(), skill) {
			use.Rules = append(use.Rules, "")
		}
		if len(use.Rules) > 0 {
			out.Body.Channels = append(out.Body.Channels, use)
		}
	}
	return out, nil
}

// inUse says why a setting cannot be removed, "" when it can.
func (s *Server) inUse(kind string, id desk.SettingID) (string, error) {
	if kind != desk.SettingSkill {
		return "", nil
	}
	uses, err := s.usesOf(string(id))
	if err != nil || len(uses.Body.Agents)+len(uses.Body.Channels) == 0 {
		return "", err
	}
	return fmt.Sprintf("this skill is in use by %s and by the rules of %s. Take it away from them first, or rename it (GET /skills/%s/uses lists them)",
		counted(len(uses.Body.Agents), "agent"), counted(len(uses.Body.Channels), "channel"), id), nil
}

func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprint(n, " ", noun)
}

// routingRoutes is the part of the door for who gets a ticket, and why.
func (s *Server) routingRoutes() []route {
	return []route{
		{http.MethodGet, "/conversations/{id}/routing", agents, "explain-routing", "Why the ticket is whose it is, and who would get it now. Nothing is done by it", typed(s.explainRouting, 200)},
		{http.MethodPost, "/channels/{id}/routing/try", administrators, "try-routing", "Who would get a ticket now, by the channel's rules or those being written. Nothing is done by it", typed(s.tryRouting, 200)},
		{http.MethodGet, "/skills/{id}/uses", supervisors, "skill-uses", "Who has a skill, and which rules ask for it", typed(s.skillUses, 200)},
	}
}
