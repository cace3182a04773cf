package chat

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/chat/flow"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// wireFlow is what a widget is told of the flow that is for its page: what it shows and asks, and nothing of the rules by which it was
// chosen.
type wireFlow struct {
	ID       string        `json:"id"`
	Kind     string        `json:"kind"`
	Language string        `json:"language,omitempty"`
	Trigger  flow.Trigger  `json:"trigger"`
	Small    *flow.Trigger `json:"small,omitempty"`
	Heading  *wireHeading  `json:"heading,omitempty"`
	Welcome  string        `json:"welcome,omitempty"`
	Form     *wireForm     `json:"form,omitempty"`
	Consent  *wireConsent  `json:"consent,omitempty"`
	Bot      *wireBot      `json:"bot,omitempty"`
}

type wireHeading struct {
	Name   string   `json:"name,omitempty"`
	Avatar string   `json:"avatar,omitempty"`
	People []string `json:"people,omitempty"` // first names, at most three
}

type wireForm struct {
	Title  string      `json:"title,omitempty"`
	Fields []wireField `json:"fields"`
}

type wireField struct {
	ID       string   `json:"id"`
	Label    string   `json:"label"`
	Kind     string   `json:"kind"`
	Required bool     `json:"required,omitempty"`
	Choices  []string `json:"choices,omitempty"`
}

type wireConsent struct {
	Kind    string `json:"kind"`
	Text    string `json:"text"`
	Version string `json:"version"`
	Link    string `json:"link,omitempty"`
}

// wireBot is what a bot says before anybody has said anything; nothing of it is kept until the visitor answers.
type wireBot struct {
	Name    string   `json:"name"`
	Avatar  string   `json:"avatar,omitempty"`
	Step    string   `json:"step,omitempty"` // the question that waits for an answer, sent back with it
	Says    []string `json:"says"`
	Choices []string `json:"choices,omitempty"`
}

// chosen is the answer to where a widget is: a flow, or that no chat is shown there, or neither: then it is as without flows.
type chosen struct {
	Flow   *wireFlow `json:"flow,omitempty"`
	Hidden bool      `json:"hidden,omitempty"`
}

// postFlow answers a page that changed without being loaded.
func (c *connector) postFlow(w http.ResponseWriter, r *http.Request) error {
	who, err := c.visitor(r)
	if err != nil {
		return err
	}
	if err := c.perHost.check(address(r)); err != nil {
		return err
	}
	if err := c.perGuest.check("flow/" + who.thread); err != nil {
		return err
	}
	var in struct {
		Page string `json:"page"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	return writeJSON(w, c.choose(r.Context(), who.thread, in.Page))
}

// choose finds the flow for a visitor on a page.
func (c *connector) choose(ctx context.Context, visitor, page string) chosen {
	if len(c.settings.Flows) == 0 {
		return chosen{}
	}
	contact := c.contact(visitor)
	f := flow.Choose(c.settings.Flows, page, personOf(contact))
	if f == nil {
		return chosen{Hidden: flow.Hidden(c.settings.Flows, f)}
	}
	return chosen{Flow: c.shown(ctx, f, visitor, contact)}
}

func (c *connector) shown(ctx context.Context, f *flow.Flow, visitor string, contact desk.Contact) *wireFlow {
	out := &wireFlow{ID: f.ID, Kind: flow.Live, Language: f.Language, Small: f.Small, Welcome: f.Welcome, Heading: c.heading(f.Heading, visitor, contact)}
	out.Trigger = flow.Trigger{On: "load"}
	if f.Trigger != nil {
		out.Trigger = *f.Trigger
	}
	if f.Consent != nil {
		out.Consent = &wireConsent{Kind: f.Consent.Kind, Text: f.Consent.Text, Version: f.Consent.Of(), Link: f.Consent.Link}
	}
	if f.Form != nil {
		out.Form = &wireForm{Title: f.Form.Title}
		for _, q := range f.Form.Fields {
			out.Form.Fields = append(out.Form.Fields, wireField{q.ID, q.Label, q.Kind, q.Required, flow.Labels(q.Choices)})
		}
	}
	w := c.world(ctx, contact)
	if f.Talks(w) {
		t := f.Bot.Begin(w, f.Language)
		out.Kind = flow.Robot
		out.Bot = &wireBot{Name: f.Bot.Name, Avatar: f.Bot.Avatar, Step: t.Next.Step, Says: t.Says, Choices: flow.Labels(t.Choices)}
	}
	return out
}

// heading shows first names alone; whose owner is meant is known of who was recognised.
func (c *connector) heading(h *flow.Heading, visitor string, contact desk.Contact) *wireHeading {
	if h == nil {
		return nil
	}
	if h.Show == "own" {
		return &wireHeading{Name: h.Name, Avatar: h.Avatar}
	}
	if c.env.Around.Faces == nil {
		return nil
	}
	agents, teams, owner := h.Agents, h.Teams, ""
	if h.Show == "owner" && contact.GetOwner() != "" {
		agents, teams, owner = nil, nil, contact.GetOwner()
	}
	faces, err := c.env.Around.Faces(agents, teams, owner)
	if err != nil {
		c.env.Logger.Warn("cannot tell who is shown above a chat", "err", err)
	}
	var names []string
	for _, f := range faces {
		if name := firstName(f.Name); name != "" {
			names = append(names, name)
		}
	}
	return &wireHeading{People: flow.Draw(names, visitor)}
}

// contact is who a visitor is, nil when nobody knows.
func (c *connector) contact(visitor string) desk.Contact {
	if c.env.Around.Person == nil {
		return nil
	}
	contact, err := c.env.Around.Person(c.identity(visitor))
	if err != nil {
		c.env.Logger.Warn("cannot tell who a visitor is", "err", err)
	}
	return contact
}

func (c *connector) identity(visitor string) *deskpb.Identity {
	return &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_VISITOR, Value: string(c.env.Channel) + "/" + visitor}
}

// personOf is what a contact means to flows and bots.
func personOf(contact desk.Contact) flow.Person {
	p := flow.Person{Properties: contact.GetProperties()}
	for _, i := range contact.GetIdentities() {
		p.Known = p.Known || i.GetKind() != deskpb.IdentityKind_IDENTITY_KIND_VISITOR
	}
	return p
}

// world is what a bot may look at now.
func (c *connector) world(ctx context.Context, contact desk.Contact) flow.World {
	w := flow.World{Person: personOf(contact)}
	if hours := c.env.Around.Hours; hours != nil {
		w.Open = func(id, holidays string) bool { open, _ := hours(id, holidays); return open }
	}
	if c.env.Around.Available != nil {
		w.Available = func(to flow.To) bool {
			there, err := c.env.Around.Available(ctx, to.Rule(), contact)
			if err != nil {
				c.env.Logger.Warn("cannot tell who is available", "err", err)
			}
			return there || to.Who == "nobody"
		}
	}
	return w
}

// starts reads what a visitor answered before the first message, and puts what they said of themselves into it. Of a conversation that
// is there already it is nil.
func (c *connector) starts(ctx context.Context, l *life, who caller, p *post) (*desk.ChatStart, error) {
	if len(c.settings.Flows) == 0 {
		return nil, nil
	}
	if first, err := l.first(ctx, who.room()); err != nil || !first {
		return nil, err
	}
	contact := c.contact(who.thread)
	f := flow.Find(c.settings.Flows, p.Flow)
	if f == nil {
		f = flow.Choose(c.settings.Flows, p.Page, personOf(contact))
	}
	if f == nil {
		return nil, nil
	}
	entered := &deskpb.ChatEntered{Flow: f.ID, FlowName: f.Name, Page: flow.CleanPage(p.Page)}
	if f.Consent != nil {
		if f.Consent.Kind == "explicit" && p.Consent != f.Consent.Of() {
			return nil, &desk.Error{Code: desk.Invalid, Field: "consent", Reason: "consent", Message: "accept first that what you write is kept: send the version of the text that was shown"}
		}
		entered.Consent, entered.ConsentText, entered.ConsentVersion, entered.ConsentAtMs = f.Consent.Kind, f.Consent.Text, f.Consent.Of(), time.Now().UnixMilli()
	}
	filled, err := f.Form.Fill(p.Form)
	if err != nil {
		return nil, err
	}
	if filled.Name != "" {
		p.Name = filled.Name
	}
	if filled.Email != "" {
		p.Email = filled.Email
	}
	for _, a := range filled.Answers {
		entered.Answers = append(entered.Answers, &deskpb.FormAnswer{Id: a.ID, Label: a.Label, Value: a.Value})
	}
	start := &desk.ChatStart{Entered: entered, Team: filled.Team}
	start.Ticket, start.Contact = properties(filled.Sets)
	if w := c.world(ctx, contact); f.Talks(w) {
		t := f.Bot.Begin(w, f.Language)
		if t.Next.Step != p.Step {
			if seen, ok := f.Bot.From(p.Step); ok {
				t = seen
			}
		}
		start.Bot = &deskpb.BotOpening{
			Started: &deskpb.BotStarted{Flow: f.ID, FlowName: f.Name, Bot: f.Bot.Name, Avatar: f.Bot.Avatar, Stands: stateOf(t.Next)},
			Says:    saysOf(t),
		}
	}
	return start, nil
}

// first reports whether nothing was said yet.
func (l *life) first(ctx context.Context, visitor string) (bool, error) {
	room, err := l.room(visitor)
	if err != nil {
		return false, err
	}
	defer room.leave()
	if err := room.settle(ctx, 0); err != nil {
		return false, err
	}
	room.mu.Lock()
	defer room.mu.Unlock()
	return room.story.version == 0 && !room.spoke, nil
}

// botOf is channels.BotOf.
func botOf(config json.RawMessage) channels.Bot {
	s, err := readSettings(config)
	if err != nil || !slices.ContainsFunc(s.Flows, func(f flow.Flow) bool { return f.Bot != nil }) {
		return nil
	}
	return func(sees channels.BotSees) *deskpb.TakeBotTurn {
		c := &connector{env: channels.Env{Channel: sees.Channel, Around: sees.Around, Logger: slog.New(slog.DiscardHandler)}, settings: s}
		w := c.world(context.Background(), sees.Contact)
		f := flow.Find(s.Flows, sees.Flow)
		if f == nil || f.Bot == nil {
			f = &flow.Flow{Language: s.Locale, Bot: &flow.Bot{}} // it was taken away meanwhile: it asks for a person
		}
		language := f.Language
		if language == "" {
			language = s.Locale
		}
		stands := flow.State{
			Step: sees.Stands.GetStep(), Tries: int(sees.Stands.GetTries()), Asked: int(sees.Stands.GetAsked()), Answers: sees.Stands.GetAnswers(),
		}
		return turnOf(f.Bot.Hear(stands, sees.Said, w, language))
	}
}

func turnOf(t flow.Turn) *deskpb.TakeBotTurn {
	cmd := &deskpb.TakeBotTurn{Says: saysOf(t), Stands: stateOf(t.Next), Email: t.Email, Name: t.Name}
	cmd.Ticket, cmd.Contact = properties(t.Sets)
	if t.Over != nil {
		cmd.Over, cmd.Close = &deskpb.BotEnded{Cause: t.Over.Cause, Away: t.Over.Away}, t.Over.Close
		if t.Over.Cause != "ended" {
			cmd.Over.Rule = t.Over.To.Rule()
		}
	}
	return cmd
}

func stateOf(s flow.State) *deskpb.BotState {
	return &deskpb.BotState{Step: s.Step, Tries: uint32(s.Tries), Asked: uint32(s.Asked), Answers: s.Answers}
}

// saysOf are the texts of a turn; the last one has the choices.
func saysOf(t flow.Turn) (out []*deskpb.BotSaid) {
	for _, text := range t.Says {
		if strings.TrimSpace(text) == "" {
			continue // all of it was an answer that nobody gave
		}
		out = append(out, &deskpb.BotSaid{Text: text})
	}
	if n := len(out); n > 0 {
		out[n-1].Choices = flow.Labels(t.Choices)
	}
	return out
}

func properties(sets []flow.Set) (ticket, contact []*deskpb.PropertyDefault) {
	for _, s := range sets {
		p := &deskpb.PropertyDefault{Property: s.Property, Value: s.Value}
		if s.Of == "contact" {
			contact = append(contact, p)
		} else {
			ticket = append(ticket, p)
		}
	}
	return ticket, contact
}
