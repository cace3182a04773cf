package actors

import (
	"context"
	"fmt"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What the assignment actor asks a channel's rules, for a ticket in line or for one that somebody wants to know about.

// compiled are a channel's rules, made ready once.
type compiled struct {
	of    *deskpb.RoutingRule
	rules *desk.Rules
	any   *deskpb.RoutingRule // everybody whom any of them names
}

// textsKept bounds the first messages that are remembered, for rules that look at what is said.
const textsKept = 2048

// looked is what a choice was made by, besides people: an assignment is written only while it stands.
type looked struct {
	rules  []*deskpb.RuleVersion
	ticket uint64 // TicketSummary.routing_version; 0: no rule looked at it
}

// route asks who gets a ticket.
func (a *assignment) route(t desk.Ticket, declined map[desk.AgentID]string) (desk.Choice, looked) {
	rules := a.rulesOf(t)
	about := desk.About{Ticket: t}
	by := looked{}
	if rules.NeedsContact {
		row, err := a.sys.index.Contact(desk.ContactID(t.Contact))
		if err != nil {
			a.sys.log.Error("read a contact", "contact", t.Contact, "err", err)
		}
		about.Contact = row
		by.rules = append(by.rules, &deskpb.RuleVersion{Stream: string(desk.ContactID(t.Contact).Stream()), Version: row.GetRoutingVersion()})
	}
	if rules.NeedsContact || rules.Steps() {
		by.ticket = t.RoutingVersion
	}
	if rules.NeedsText {
		about.Text = a.text(desk.ConversationID(t.Conversation))
	}
	q := a.question(&about, declined)
	if rules.NeedsLast {
		q.LastAgent = a.lastAgent(t)
	}
	choice := desk.Route(q, rules, &about, a.roster, nowMs())
	by.rules = append(by.rules, a.restsOn(t, choice.Rule)...)
	return choice, by
}

func (a *assignment) question(about *desk.About, declined map[desk.AgentID]string) desk.Question {
	q := desk.Question{Recognised: about.Ticket.ContactRecognised, Declined: declined, ContactOwner: desk.AgentID(about.Contact.GetOwner()), Seed: about.Ticket.Conversation,
		Size: a.weighing.Asks(about.Ticket), Turns: turnsOf(about.Ticket, a.rule(about.Ticket))}
	if team := a.roster.Teams[desk.TeamID(about.Ticket.Team)]; team.GetRemoved() {
		q.TeamRemoved = team.Name
	}
	return q
}

// rulesOf are the rules that count for a ticket: its channel's, or its team alone.
func (a *assignment) rulesOf(t desk.Ticket) *desk.Rules {
	rule := a.rule(t)
	id := desk.ChannelID(t.Channel)
	if rule != a.rules[id] {
		return desk.ReadRules(rule)
	}
	c := a.compiled[id]
	if c.rules == nil || c.of != rule {
		c = compiled{of: rule, rules: desk.ReadRules(rule), any: desk.AnyOf(rule)}
		a.compiled[id] = c
	}
	return c.rules
}

// text is what a conversation's first message says.
func (a *assignment) text(conv desk.ConversationID) string {
	if said, known := a.texts.Get(conv); known {
		return said
	}
	for r, err := range a.sys.store.Load(a.sys.ctx, conv.Stream(), 0) {
		if err != nil {
			a.sys.log.Error("read a first message", "conversation", string(conv), "err", err)
			return ""
		}
		if m := r.Event.GetMessageReceived(); m != nil {
			said := desk.RuleText(m.Body)
			a.texts.Put(conv, said)
			return said
		}
	}
	return ""
}

// explain asks the rules without doing anything.
type explain struct {
	trial desk.RoutingTrial
	reply chan desk.Choice
}

func (a *assignment) explain(m *explain) {
	t := m.trial
	var rules *desk.Rules
	if t.Rule != nil {
		rules = desk.ReadRules(desk.RuleOf(t.About.Ticket, a.roster.Teams[desk.TeamID(t.About.Ticket.GetTeam())], t.Rule))
	} else {
		rules = a.rulesOf(t.About.Ticket)
	}
	q := a.question(&t.About, nil)
	q.Explain = true
	if rules.NeedsLast && t.About.Ticket.GetContact() != "" {
		q.LastAgent = a.lastAgent(t.About.Ticket)
	}
	choice := desk.Route(q, rules, &t.About, a.roster, nowMs())
	if opens, shut := a.shut(t.About.Ticket); shut && t.Rule == nil && t.About.Ticket.GetConversation() != "" { // rules that are tried out are asked for what they say
		choice.Agent, choice.Waiting, choice.Reason = "", true, desk.OutsideHours(opens)
	}
	m.reply <- choice
}

// TryRouting says who would get a ticket now, and why: nothing is done by it. The rules are those given, or the channel's.
func (s *System) TryRouting(ctx context.Context, trial desk.RoutingTrial) (desk.Choice, error) {
	if trial.About.Ticket == nil {
		return desk.Choice{}, desk.Refuse(desk.Invalid, "ticket", "name a ticket, real or made up")
	}
	if trial.About.Text == "" && trial.About.Ticket.Conversation != "" {
		for r, err := range s.store.Load(ctx, desk.ConversationID(trial.About.Ticket.Conversation).Stream(), 0) {
			if err != nil {
				return desk.Choice{}, fmt.Errorf("read a first message: %w", err)
			}
			if m := r.Event.GetMessageReceived(); m != nil {
				trial.About.Text = desk.RuleText(m.Body)
				break
			}
		}
	}
	m := &explain{trial: trial, reply: make(chan desk.Choice, 1)}
	s.root.Send(s.assignment, m)
	select {
	case c := <-m.reply:
		return c, nil
	case <-ctx.Done():
		return desk.Choice{}, fmt.Errorf("ask the rules: %w", ctx.Err())
	}
}

// classByRules is the class of a ticket of a channel with several rules: nobody knows before they are asked which is for it, so it waits
// for all whom any of them names, and behind nobody.
func (a *assignment) classByRules(t desk.Ticket, rules *desk.Rules) desk.Class {
	c := desk.Class{Rule: a.compiled[desk.ChannelID(t.Channel)].any, Turns: t.Channel + "#" + t.Conversation, Live: desk.Live(t.ChannelKind), Size: a.weighing.Asks(t)}
	if c.Rule == nil {
		c.Rule = a.rule(t)
	}
	if t.ContactRecognised && rules.NeedsContact {
		if row, err := a.sys.index.Contact(desk.ContactID(t.Contact)); err == nil && row != nil {
			c.Owner = desk.AgentID(row.Owner)
		}
	}
	return c
}
