package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What an agent is told of. The list is an index of the journal, so a screen that was away reads what happened meanwhile; the socket
// only says that it is another. What is loud and what is not is the screen's to know: it is the one that sounds.

// Notice is something one was told of.
type Notice struct {
	Position     uint64 `json:"position" doc:"Names it, and orders it"`
	Kind         string `json:"kind" doc:"assigned, unassigned, reply, colleague, mention, followed_reply, followed_change, woken, undelivered, availability or channel_failed"`
	At           string `json:"at" format:"date-time"`
	Unseen       bool   `json:"unseen"`
	Conversation string `json:"conversation" doc:"Empty: of no ticket"`
	Number       uint64 `json:"number"`
	Title        string `json:"title" doc:"The ticket's subject as it is now, or the channel's name"`
	Channel      string `json:"channel"`
	Who          string `json:"who" doc:"The name of who did it; empty: the desk itself"`
	Text         string `json:"text" doc:"The start of what was said, the reason, or the new owner's name"`
	Detail       string `json:"detail" doc:"contact, reply, note, closed, reopened, owner, offer (it is theirs if they take it in time), available, away, not_taken (of unassigned: an offer was not taken in time; of availability: away because of it) or empty"`
}

type noticesInput struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type noticesOutput struct {
	Body struct {
		Notifications []Notice `json:"notifications"`
		Unseen        int      `json:"unseen" doc:"How many are new, also beyond the limit"`
		More          bool     `json:"more"`
	}
}

// told is one of an agent's list, with the ticket as it is now.
type told struct {
	*deskpb.Notification
	ticket desk.Ticket
}

func (s *Server) listNotifications(ctx context.Context, in *noticesInput) (*noticesOutput, error) {
	who := me(ctx)
	all, err := s.toldTo(who)
	if err != nil {
		return nil, err
	}
	marks, err := s.opt.Notices.SeenMarks(who.Agent)
	if err != nil {
		return nil, fmt.Errorf("read what %s has seen: %w", who.Agent, err)
	}
	out := &noticesOutput{}
	b := &out.Body
	b.Notifications = []Notice{}
	for _, n := range all {
		unseen := desk.Unseen(marks, n.Notification)
		if unseen {
			b.Unseen++
		}
		if len(b.Notifications) == in.Limit {
			b.More = true
			continue
		}
		v := Notice{
			Position: n.Position, Kind: n.Kind, At: timeOf(n.AtMs), Unseen: unseen, Conversation: n.Conversation, Number: n.ticket.GetNumber(),
			Title: n.Title, Channel: n.Channel, Who: n.Who, Text: n.Text, Detail: n.Detail,
		}
		if n.ticket != nil {
			v.Title = n.ticket.Subject
		}
		b.Notifications = append(b.Notifications, v)
	}
	return out, nil
}

// toldTo is an agent's list, and the administrators' for one of them, without what is muted and what one may not see any more.
func (s *Server) toldTo(who *signedInAgent) ([]told, error) {
	all, err := s.opt.Notices.Notifications(string(who.Agent))
	if err == nil && who.row.Role == deskpb.Role_ROLE_ADMINISTRATOR {
		var ours []*deskpb.Notification
		ours, err = s.opt.Notices.Notifications(desk.Administrators)
		all = append(all, ours...)
	}
	if err != nil {
		return nil, fmt.Errorf("read the notifications of %s: %w", who.Agent, err)
	}
	slices.SortStableFunc(all, func(a, b *deskpb.Notification) int { return cmp.Compare(b.Position, a.Position) })
	p, err := s.preferences(who.Agent)
	if err != nil {
		return nil, err
	}
	v, err := s.viewer(who.row)
	if err != nil {
		return nil, err
	}
	tickets := map[string]desk.Ticket{} // several are of one
	out := make([]told, 0, len(all))
	for _, n := range all {
		if isMuted(p.GetNotifications(), n) {
			continue
		}
		if n.Conversation == "" {
			out = append(out, told{n, nil})
			continue
		}
		t, read := tickets[n.Conversation]
		if !read {
			if t, err = s.opt.Tickets.Ticket(desk.ConversationID(n.Conversation)); err != nil {
				return nil, fmt.Errorf("read ticket %s: %w", n.Conversation, err)
			}
			tickets[n.Conversation] = t
		}
		if t != nil && desk.MaySee(v, t) {
			out = append(out, told{n, t})
		}
	}
	return out, nil
}

func isMuted(rules *deskpb.NotificationRules, n *deskpb.Notification) bool {
	return slices.Contains(rules.GetMuted(), n.Kind) || n.Conversation != "" && slices.Contains(rules.GetMutedTickets(), n.Conversation) ||
		n.Channel != "" && slices.Contains(rules.GetMutedChannels(), n.Channel)
}

type seeInput struct {
	Body struct {
		Position     uint64 `json:"position" minimum:"1" doc:"Of the last one seen"`
		Conversation string `json:"conversation,omitempty" maxLength:"64" doc:"Only those of this ticket; empty: all"`
	}
}

type seeOutput struct {
	Body struct {
		Unseen int `json:"unseen" doc:"How many are new still"`
	}
}

// seeNotifications marks what was seen. A position that is ahead of the journal would hide what is still to come.
func (s *Server) seeNotifications(ctx context.Context, in *seeInput) (*seeOutput, error) {
	who := me(ctx)
	if _, head := s.opt.Engine.Head(); in.Body.Position > uint64(head) {
		return nil, fault("body.position", "must be that of a notification: the last record there is has position %d", head)
	}
	cmd := deskpb.NewCommand(&deskpb.SeeNotifications{Position: in.Body.Position, Conversation: in.Body.Conversation})
	if _, err := s.do(ctx, who.Agent.Stream(), cmd, live.AuthorOf(who.row)); err != nil {
		return nil, err
	}
	list, err := s.listNotifications(ctx, &noticesInput{Limit: 1})
	if err != nil {
		return nil, err
	}
	out := &seeOutput{}
	out.Body.Unseen = list.Body.Unseen
	return out, nil
}
