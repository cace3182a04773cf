package api

import (
	"context"
	"strings"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Whom is how a contact is named: by id, or by an address, which makes one if it is not known.
type Whom struct {
	ID    string `json:"id,omitempty" maxLength:"64" pattern:"^[0-9a-z_-]*$" doc:"One that is known; else one of the addresses"`
	Email string `json:"email,omitempty" maxLength:"254"`
	Phone string `json:"phone,omitempty" maxLength:"32" doc:"With its country: +34 600 000 000"`
	Name  string `json:"name,omitempty" maxLength:"200"`
}

type requesterInput struct {
	ByID
	Body struct {
		Contact Whom `json:"contact" doc:"Whose ticket it is from now on"`
	}
}

// changeRequester makes a ticket somebody else's: replies go to them, and it stands among their tickets.
func (s *Server) changeRequester(ctx context.Context, in *requesterInput) (*mergeOutput, error) {
	row, err := s.visibleTicket(ctx, desk.ConversationID(in.ID))
	if err != nil {
		return nil, err
	}
	contact, unknown, err := s.contactNamed(ctx, &in.Body.Contact)
	if err == nil && unknown != nil {
		contact, err = s.makeContact(ctx, contact, unknown)
	}
	if err != nil {
		return nil, err
	}
	address := emailOf(contact)
	if in.Body.Contact.Email != "" {
		address, _ = desk.CleanEmail(in.Body.Contact.Email) // it was clean enough to find the contact
	}
	_, err = s.do(ctx, desk.ConversationID(row.Conversation).Stream(), deskpb.NewCommand(&deskpb.ChangeRequester{
		Contact: contact.Contact, ContactName: nameOf(contact), Address: address,
	}), live.AuthorOf(me(ctx).row))
	if err != nil {
		return nil, err
	}
	return s.ticketOutput(ctx, row.Conversation)
}

type participantInput struct {
	ByID
	Body struct {
		Address string `json:"address" minLength:"3" maxLength:"254" doc:"Of somebody whose message is shown as unconfirmed"`
	}
}

// confirmParticipant says that somebody takes part whose message only named the conversation.
func (s *Server) confirmParticipant(ctx context.Context, in *participantInput) (*done, error) {
	if _, err := s.visibleTicket(ctx, desk.ConversationID(in.ID)); err != nil {
		return nil, err
	}
	return doneView(s.do(ctx, desk.ConversationID(in.ID).Stream(),
		deskpb.NewCommand(&deskpb.ConfirmParticipant{Address: in.Body.Address}), live.AuthorOf(me(ctx).row)))
}

// whoActivity is the line of a timeline for whose ticket it is and what belongs to it.
func whoActivity(ev desk.Event) *Activity {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_RequesterChanged:
		m := e.RequesterChanged
		return &Activity{Code: "requester", From: m.FromName, To: m.ContactName, Field: m.Address}
	case *deskpb.Event_ParticipantConfirmed:
		return &Activity{Code: "participant", To: e.ParticipantConfirmed.Address}
	case *deskpb.Event_ConversationLinked:
		m := e.ConversationLinked
		return &Activity{Code: "linked", Conversation: m.Conversation, Number: m.Number, To: m.Subject, Cause: m.Cause}
	}
	return nil
}

// confirmed takes the doubt from what somebody wrote before.
func (t *timeline) confirmed(address string) {
	for i := range t.items {
		if from := t.items[i].From; from != nil && strings.EqualFold(from.Address, address) {
			t.items[i].Unconfirmed = false
		}
	}
}
