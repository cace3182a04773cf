package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type openInput struct {
	Body struct {
		RequestID string   `json:"request_id" minLength:"1" maxLength:"64" pattern:"^[0-9a-z_-]+$" doc:"Made by the client: sent again, it is the same ticket"`
		Channel   string   `json:"channel,omitempty" maxLength:"64" pattern:"^[0-9a-z_-]*$" doc:"By which the contact is answered; left out: the reply channel of its team, or of one's own"`
		Contact   Whom     `json:"contact"`
		Subject   string   `json:"subject" minLength:"1" maxLength:"998"`
		Priority  string   `json:"priority,omitempty" enum:"low,normal,high,urgent" doc:"Left out: normal"`
		Owner     string   `json:"owner,omitempty" maxLength:"64" doc:"An agent; empty: whom the rules choose, or oneself for who does not see every ticket"`
		Team      string   `json:"team,omitempty" maxLength:"64"`
		Tags      []string `json:"tags,omitempty" maxItems:"50"`
		Message   *struct {
			Kind string `json:"kind" enum:"note,reply" doc:"reply: sent to the contact"`
			Sent
			Cc  []Address `json:"cc" required:"false" maxItems:"100" doc:"Of a reply"`
			Bcc []Address `json:"bcc" required:"false" maxItems:"100" doc:"Of a reply: they get it and no other recipient is told"`
		} `json:"message,omitempty" doc:"The first one"`
	}
}

// openTicket makes a ticket that no message opened. Everything is checked before anything is written: what is refused leaves
// neither a ticket nor a contact.
func (s *Server) openTicket(ctx context.Context, in *openInput) (*mergeOutput, error) {
	b, who := &in.Body, me(ctx)
	if b.Channel == "" {
		var err error
		if b.Channel, err = s.openingChannel(who.Agent, b.Team); err != nil {
			return nil, err
		}
	}
	ch, err := s.opt.ChannelRows.Channel(desk.ChannelID(b.Channel))
	if err != nil {
		return nil, fmt.Errorf("read channel %s: %w", b.Channel, err)
	}
	if ch == nil {
		return nil, fault("body.channel", "there is no such channel")
	}
	ask := &deskpb.OpenConversation{Tags: b.Tags}
	if err := s.startWith(ctx, ask, b.Owner, b.Team); err != nil {
		return nil, err
	}
	contact, unknown, err := s.contactNamed(ctx, &in.Body.Contact)
	if err != nil {
		return nil, err
	}
	hidden := s.visibleContact(ctx, contact) != nil
	first, err := in.first(ch, contact)
	if err != nil {
		return nil, err
	}
	if first.GetRequestReply() != nil && ask.Owner == "" && ask.Team == "" { // who writes first has it: nobody else is to be chosen in between
		ask.Owner, ask.OwnerName = who.row.Agent, who.row.Name
	}
	if err := s.keepInSight(who.row, ask); err != nil {
		return nil, err
	}
	ask.Opening = in.opening(ch, contact)
	o := &live.Opening{ID: desk.ConversationID(desk.DeriveID("cv_", "by_hand", string(who.Agent), b.RequestID)), Open: ask, Say: first}
	if err := s.commands.CheckOpening(ctx, who.row, o); err != nil {
		return nil, inMessage(err)
	}
	if unknown != nil {
		if contact, err = s.makeContact(ctx, contact, unknown); err != nil {
			return nil, err
		}
		ask.Opening.ContactName = nameOf(contact)
	}
	if _, err := s.commands.Open(ctx, who.row, o); err != nil {
		return nil, inMessage(err)
	}
	out, err := s.ticketOutput(ctx, string(o.ID))
	if err == nil && hidden { // until now they knew of the contact what they typed
		out.Body.Ticket.Contact.Name = cmp.Or(b.Contact.Name, b.Contact.Email, b.Contact.Phone)
	}
	return out, err
}

func (in *openInput) opening(ch desk.Channel, contact desk.Contact) *deskpb.ConversationOpened {
	priority := priorityOf(in.Body.Priority)
	if priority == deskpb.Priority_PRIORITY_UNSPECIFIED {
		priority = deskpb.Priority_PRIORITY_NORMAL
	}
	return &deskpb.ConversationOpened{
		Channel: ch.Channel, ChannelKind: ch.Kind, Contact: contact.Contact, ContactName: nameOf(contact), Subject: strings.Join(strings.Fields(in.Body.Subject), " "),
		Priority: priority, ContactRecognised: true, Routing: desk.RuleAtOpening(ch.Routing), Source: "by_hand",
	}
}

// first is what is said first in it; nil for nothing.
func (in *openInput) first(ch desk.Channel, contact desk.Contact) (desk.Command, error) {
	m, to := in.Body.Message, emailOf(contact)
	switch {
	case m == nil:
		return nil, nil
	case m.Kind != "reply":
		return deskpb.NewCommand(&deskpb.AddNote{Message: m.MessageID, Body: m.body()}), nil
	case ch.Kind != deskpb.ChannelKind_CHANNEL_KIND_EMAIL || to == "":
		return nil, fault("body.message.kind", "only a mail can be the first message to a contact: choose a mail channel and a contact with an address, or write a note")
	}
	return deskpb.NewCommand(&deskpb.RequestReply{
		Message: m.MessageID, Body: m.body(), To: []*deskpb.Address{{Name: contact.Name, Address: to}},
		Cc: addresses(m.Cc), Bcc: addresses(m.Bcc),
	}), nil
}

// inMessage names the place in the body for a fault of what is opened, or of what is said first in it.
func inMessage(err error) error {
	e, ok := errors.AsType[*desk.Error](err)
	if !ok {
		return err
	}
	if rest, of := strings.CutPrefix(e.Field, "commands[0]."); of {
		in := *e
		in.Field = rest
		return &in
	}
	return inBody(err, []string{"", "message"})
}

// keepInSight: who sees only part of the tickets sees the one they open. It is theirs, unless what they ask for is within their
// sight anyway.
func (s *Server) keepInSight(row desk.Agent, ask *deskpb.OpenConversation) error {
	v, err := s.viewer(row)
	if err != nil || v.SeesAll() {
		return err
	}
	sees := func() bool { return desk.MaySee(v, &deskpb.TicketSummary{Owner: ask.Owner, Team: ask.Team}) }
	if ask.Owner == "" && !sees() {
		ask.Owner, ask.OwnerName = row.Agent, row.Name
	}
	if !sees() {
		return fault("body.owner", "you would not see this ticket yourself: leave the owner out, or name one whose tickets you see")
	}
	return nil
}

// startWith fills in whose ticket it is from the start.
func (s *Server) startWith(ctx context.Context, ask *deskpb.OpenConversation, owner, team string) error {
	if owner != "" {
		row, err := s.opt.People.Agent(desk.AgentID(owner))
		if err != nil {
			return fmt.Errorf("read agent %s: %w", owner, err)
		}
		if row == nil || row.Deactivated {
			return fault("body.owner", "there is no such agent")
		}
		ask.Owner, ask.OwnerName = row.Agent, row.Name
	}
	if team != "" {
		row, err := s.opt.People.Team(desk.TeamID(team))
		if err != nil {
			return fmt.Errorf("read team %s: %w", team, err)
		}
		if row == nil || row.Removed {
			return fault("body.team", "there is no such team; it may have been removed")
		}
		ask.Team, ask.TeamName = row.Team, row.Name
	}
	return s.commands.CheckTags(ask.Tags)
}

// contactNamed finds the contact. One that is not there is given as it will be, with the command that makes it.
func (s *Server) contactNamed(ctx context.Context, c *Whom) (contact desk.Contact, unknown *deskpb.EnsureContact, err error) {
	id := desk.ContactID(c.ID)
	if id == "" {
		identity, err := c.identity()
		if err != nil {
			return nil, nil, err
		}
		if id, err = s.opt.Finder.ContactByIdentity(identity); err != nil {
			return nil, nil, fmt.Errorf("find a contact: %w", err)
		}
		if id == "" {
			id = desk.ContactIDFor(int32(identity.Kind), identity.Value)
			contact = &deskpb.ContactSummary{Contact: string(id), Name: c.Name, Identities: []*deskpb.Identity{identity}}
			return contact, &deskpb.EnsureContact{Identity: identity, Name: c.Name}, nil
		}
	} else if err := s.touchContact(ctx, id); err != nil {
		return nil, nil, err
	}
	if contact, err = s.opt.People.Contact(id); err != nil {
		return nil, nil, fmt.Errorf("read contact %s: %w", id, err)
	}
	if contact == nil {
		return nil, nil, fault("body.contact.id", "there is no such contact")
	}
	return contact, nil, nil
}

// identity is the address by which the contact is named.
func (c *Whom) identity() (*deskpb.Identity, error) {
	switch {
	case c.Email != "":
		value, err := desk.CleanEmail(c.Email)
		if err != nil {
			return nil, fault("body.contact.email", "must be an address such as ana@example.com")
		}
		return &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: value}, nil
	case c.Phone != "":
		value, ok := desk.CleanPhone(c.Phone)
		if !ok {
			return nil, fault("body.contact.phone", "must be a number with its country, such as +34 600 000 000")
		}
		return &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_PHONE, Value: value}, nil
	}
	return nil, fault("body.contact", "name a contact by id, email or phone")
}

func (s *Server) makeContact(ctx context.Context, contact desk.Contact, unknown *deskpb.EnsureContact) (desk.Contact, error) {
	id := desk.ContactID(contact.Contact)
	if _, err := s.do(ctx, id.Stream(), deskpb.NewCommand(unknown), live.AuthorOf(me(ctx).row)); err != nil {
		return nil, err
	}
	row, err := s.opt.People.Contact(id)
	if err != nil || row == nil {
		return nil, fmt.Errorf("read contact %s that was just made: %w", id, err)
	}
	return row, nil
}

func emailOf(c desk.Contact) string {
	for _, i := range c.Identities {
		if i.Kind == deskpb.IdentityKind_IDENTITY_KIND_EMAIL {
			return i.Value
		}
	}
	return ""
}

func nameOf(c desk.Contact) string {
	if c.Name != "" || len(c.Identities) == 0 {
		return c.Name
	}
	return desk.Anonymous(c.Identities[0])
}
