package api

import (
	"context"
	"fmt"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type blockInput struct {
	ByID
	Body struct {
		Blocked bool `json:"blocked"`
	}
}

type blockOutput struct {
	Body struct {
		Tickets int `json:"tickets" doc:"How many tickets were set aside, or restored; of those one may see"`
	}
}

type blockedInput struct {
	Cursor string `query:"cursor" maxLength:"64" pattern:"^[0-9a-z_-]*$" doc:"Of the answer before"`
}

type blockedOutput struct {
	Body struct {
		Contacts []Contact `json:"contacts"`
		Next     string    `json:"next" doc:"The cursor to go on with; empty at the end. A page may be empty and not the last one"`
	}
}

func (s *Server) listBlocked(_ context.Context, in *blockedInput) (*blockedOutput, error) {
	all, next, err := s.opt.Finder.BlockedContacts(desk.ContactID(in.Cursor), 100)
	if err != nil {
		return nil, fmt.Errorf("read the blocked contacts: %w", err)
	}
	out := &blockedOutput{}
	out.Body.Contacts, out.Body.Next = notNil(each(all, contactView)), string(next)
	return out, nil
}

// maxBlocked is how many of a contact's tickets a block sets aside: the newest ones.
const maxBlocked = 200

// block keeps what a contact writes as spam from now on, and sets their open tickets aside; unblocking restores these, and not
// what was marked by hand.
func (s *Server) block(ctx context.Context, in *blockInput) (*blockOutput, error) {
	id := desk.ContactID(in.ID)
	if err := s.touchContact(ctx, id); err != nil {
		return nil, err
	}
	by := live.AuthorOf(me(ctx).row)
	cmd := deskpb.NewCommand(&deskpb.UnblockContact{})
	if in.Body.Blocked {
		cmd = deskpb.NewCommand(&deskpb.BlockContact{})
	}
	if _, err := s.do(ctx, id.Stream(), cmd, by); err != nil {
		return nil, err
	}
	tickets, err := s.opt.Tickets.TicketsOfContact(id, maxBlocked)
	if err != nil {
		return nil, fmt.Errorf("read the tickets of %s: %w", id, err)
	}
	v, err := s.viewer(me(ctx).row)
	if err != nil {
		return nil, err
	}
	out := &blockOutput{}
	for _, t := range tickets {
		var cmd desk.Command
		switch {
		case in.Body.Blocked && !t.Spam && t.MergedInto == "" && t.Status != deskpb.TicketStatus_TICKET_STATUS_CLOSED:
			cmd = deskpb.NewCommand(&deskpb.MarkSpam{Cause: desk.CauseBlockedSender})
		case !in.Body.Blocked && t.Spam:
			cmd = deskpb.NewCommand(&deskpb.UnmarkSpam{Cause: desk.CauseSenderUnblocked})
		default:
			continue
		}
		done, err := s.do(ctx, desk.ConversationID(t.Conversation).Stream(), cmd, by)
		if err != nil {
			return nil, fmt.Errorf("set %s aside: %w", t.Conversation, err)
		}
		if done.Changed && desk.MaySee(v, t) {
			out.Body.Tickets++
		}
	}
	return out, nil
}

func (s *Server) setContactProperty(ctx context.Context, in *propertyInput) (*done, error) {
	id := desk.ContactID(in.ID)
	if err := s.touchContact(ctx, id); err != nil {
		return nil, err
	}
	value, err := s.commands.PropertyValue(deskpb.PropertyOf_PROPERTY_OF_CONTACT, in.Property, in.Body.Value)
	if err != nil {
		return nil, err
	}
	cmd := deskpb.NewCommand(&deskpb.SetContactProperty{Property: in.Property, Value: value})
	return doneView(s.do(ctx, id.Stream(), cmd, live.AuthorOf(me(ctx).row)))
}

// allowAnswers lets automatic answers go to a contact again to whom they were stopped.
func (s *Server) allowAnswers(ctx context.Context, in *ByID) (*nothing, error) {
	id := desk.ContactID(in.ID)
	if err := s.touchContact(ctx, id); err != nil {
		return nil, err
	}
	_, err := s.do(ctx, id.Stream(), deskpb.NewCommand(&deskpb.AllowAutomaticAnswers{}), live.AuthorOf(me(ctx).row))
	return nil, err
}
