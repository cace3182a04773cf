package api

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type openInput struct {
	Body struct {
		RequestID string `json:"request_id" minLength:"1" maxLength:"64" pattern:"^[0-9a-z_-]+$" doc:"Made by the client: sent again, it is the same ticket"`
		Channel   string `json:"channel" minLength:"1" maxLength:"64" pattern:"^[0-9a-z_-]+$" doc:"By which the contact is answered"`
		Contact   struct {
			ID    string `json:"id,omitempty" maxLength:"64" pattern:"^[0-9a-z_-]*$" doc:"One that is known; else one of the addresses"`
			Email string `json:"email,omitempty" maxLength:"254"`
			Phone string `json:"phone,omitempty" maxLength:"32" doc:"With its country: +34 600 000 000"`
			Name  string `json:"name,omitempty" maxLength:"200"`
		} `json:"contact"`
		Subject  string   `json:"subject" minLength:"1" maxLength:"998"`
		Priority string   `json:"priority,omitempty" enum:"low,normal,high,urgent" doc:"Left out: normal"`
		Owner    string   `json:"owner,omitempty" maxLength:"64" doc:"An agent; empty: whom the rules choose, or oneself for who does not see every ticket"`
		Team     string   `json:"team,omitempty" maxLength:"64"`
		Tags     []string `json:"tags,omitempty" maxItems:"50"`
		Message  *struct {
			Kind string `json:"kind" enum:"note,reply" doc:"reply: sent to the contact"`
			Sent
		} `json:"message,omitempty" doc:"The first one"`
	}
}

// openTicket makes a ticket that no message opened.
func (s *Server) openTicket(ctx context.Context, in *openInput) (*mergeOutput, error) {
	b := &in.Body
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
	contact, err := s.contactFor(ctx, in)
	if err != nil {
		return nil, err
	}
	hidden := s.visibleContact(ctx, contact) != nil
	reply, to := b.Message != nil && b.Message.Kind == "reply", emailOf(contact)
	if reply && (ch.Kind != deskpb.ChannelKind_CHANNEL_KIND_EMAIL || to == "") {
		return nil, fault("body.message.kind", "only a mail can be the first message to a contact: choose a mail channel and a contact with an address, or write a note")
	}
	priority := priorityOf(b.Priority)
	if priority == deskpb.Priority_PRIORITY_UNSPECIFIED {
		priority = deskpb.Priority_PRIORITY_NORMAL
	}
	ask.Opening = &deskpb.ConversationOpened{
		Channel: ch.Channel, ChannelKind: ch.Kind, Contact: contact.Contact, ContactName: nameOf(contact), Subject: strings.Join(strings.Fields(b.Subject), " "),
		Priority: priority, ContactRecognised: true, Routing: ch.Routing, Source: "by_hand",
	}
	if reply && ask.Owner == "" && ask.Team == "" { // who writes first has it: nobody else is to be chosen in between
		ask.Owner, ask.OwnerName = me(ctx).row.Agent, me(ctx).row.Name
	}
	who := me(ctx)
	if err := s.keepInSight(who.row, ask); err != nil {
		return nil, err
	}
	id := desk.ConversationID(desk.DeriveID("cv_", "by_hand", string(who.Agent), b.RequestID))
	if _, err := s.do(ctx, id.Stream(), deskpb.NewCommand(ask), live.AuthorOf(who.row)); err != nil {
		return nil, err
	}
	if b.Message != nil {
		var cmd desk.Command
		if reply {
			cmd = deskpb.NewCommand(&deskpb.RequestReply{
				Message: b.Message.MessageID, Body: b.Message.body(), To: []*deskpb.Address{{Name: contact.Name, Address: to}},
			})
		} else {
			cmd = deskpb.NewCommand(&deskpb.AddNote{Message: b.Message.MessageID, Body: b.Message.body()})
		}
		if _, err := s.commands.DoUnseen(ctx, who.Agent, id.Stream(), cmd); err != nil {
			return nil, err
		}
	}
	out, err := s.ticketOutput(string(id))
	if err == nil && hidden { // until now they knew of the contact what they typed
		out.Body.Ticket.Contact.Name = cmp.Or(b.Contact.Name, b.Contact.Email, b.Contact.Phone)
	}
	return out, err
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

// contactFor finds the contact, or makes one.
func (s *Server) contactFor(ctx context.Context, in *openInput) (desk.Contact, error) {
	c := &in.Body.Contact
	id := desk.ContactID(c.ID)
	if id == "" {
		identity := &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL}
		var err error
		switch {
		case c.Email != "":
			if identity.Value, err = desk.CleanEmail(c.Email); err != nil {
				return nil, fault("body.contact.email", "must be an address such as ana@example.com")
			}
		case c.Phone != "":
			identity.Kind = deskpb.IdentityKind_IDENTITY_KIND_PHONE
			var ok bool
			if identity.Value, ok = desk.CleanPhone(c.Phone); !ok {
				return nil, fault("body.contact.phone", "must be a number with its country, such as +34 600 000 000")
			}
		default:
			return nil, fault("body.contact", "name a contact by id, email or phone")
		}
		if id, err = s.opt.Finder.ContactByIdentity(identity); err != nil {
			return nil, fmt.Errorf("find a contact: %w", err)
		}
		if id == "" {
			id = desk.ContactIDFor(int32(identity.Kind), identity.Value)
			cmd := deskpb.NewCommand(&deskpb.EnsureContact{Identity: identity, Name: c.Name})
			if _, err := s.do(ctx, id.Stream(), cmd, live.AuthorOf(me(ctx).row)); err != nil {
				return nil, err
			}
		}
	} else if err := s.touchContact(ctx, id); err != nil {
		return nil, err
	}
	row, err := s.opt.People.Contact(id)
	if err != nil {
		return nil, fmt.Errorf("read contact %s: %w", id, err)
	}
	if row == nil {
		return nil, fault("body.contact.id", "there is no such contact")
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
