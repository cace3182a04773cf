package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// SideRows answers for side conversations.
type SideRows interface {
	Side(desk.ConversationID) (desk.SideRow, error)
	SidesOf(desk.ConversationID) ([]desk.SideRow, error)
}

// Side is what is said with somebody else because of a ticket: never shown to its contact.
type Side struct {
	ID           string   `json:"id"`
	Conversation string   `json:"conversation" doc:"The ticket it belongs to"`
	Channel      string   `json:"channel" doc:"By which it is sent"`
	Subject      string   `json:"subject"`
	Status       string   `json:"status" enum:"waiting,answered,done,not_sent" doc:"not_sent: what was written was taken back"`
	With         string   `json:"with" doc:"Who was asked: name or address"`
	Addresses    []string `json:"addresses" doc:"All who were written to"`
	Messages     uint32   `json:"messages"`
	Preview      string   `json:"preview" doc:"The start of the last message"`
	LastAuthor   string   `json:"last_author" enum:"contact,agent" doc:"contact: who was asked"`
	Undelivered  uint32   `json:"undelivered" doc:"Mails of it that failed, or nobody knows"`
	Agent        string   `json:"agent" doc:"Who began it"`
	OpenedAt     string   `json:"opened_at" format:"date-time"`
	UpdatedAt    string   `json:"updated_at" format:"date-time"`
}

var sideWords = map[deskpb.TicketStatus]string{
	deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT: "waiting", deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US: "answered",
	deskpb.TicketStatus_TICKET_STATUS_CLOSED: "done",
}

func sideView(s desk.SideRow) Side {
	return Side{
		ID: s.Side, Conversation: s.Conversation, Channel: s.Channel, Subject: s.Subject, Status: cmp.Or(sideWords[s.Status], "not_sent"), With: s.With,
		Addresses: notNull(s.Addresses), Messages: s.Messages, Preview: s.Preview, LastAuthor: cmp.Or(s.LastAuthor, "agent"), Undelivered: s.Undelivered,
		Agent: s.Agent, OpenedAt: timeOf(s.OpenedAtMs), UpdatedAt: timeOf(s.UpdatedAtMs),
	}
}

type sidesOutput struct {
	Body struct {
		Sides []Side `json:"sides" doc:"The newest first; those of what was merged into the ticket among them"`
	}
}

func (s *Server) listSides(ctx context.Context, in *ByID) (*sidesOutput, error) {
	row, err := s.visibleTicket(ctx, desk.ConversationID(in.ID))
	if err != nil {
		return nil, err
	}
	all, err := s.sidesOf(row)
	if err != nil {
		return nil, err
	}
	out := &sidesOutput{}
	out.Body.Sides = each(all, sideView)
	return out, nil
}

// sidesOf reads the side conversations that a ticket shows.
func (s *Server) sidesOf(row desk.Ticket) ([]desk.SideRow, error) {
	all, err := s.opt.Sides.SidesOf(desk.ConversationID(row.Conversation))
	if err != nil {
		return nil, fmt.Errorf("read the side conversations of %s: %w", row.Conversation, err)
	}
	for _, m := range row.Sides {
		if m.From == "" {
			continue
		}
		side, err := s.opt.Sides.Side(desk.ConversationID(m.Side))
		if err != nil {
			return nil, fmt.Errorf("read side conversation %s: %w", m.Side, err)
		}
		if side != nil {
			all = append(all, side)
		}
	}
	slices.SortStableFunc(all, func(a, b desk.SideRow) int { return cmp.Compare(b.UpdatedAtMs, a.UpdatedAtMs) })
	return all, nil
}

// BySide is the path of a side conversation.
type BySide struct {
	ByID
	Side string `path:"side" maxLength:"64" pattern:"^sd_[0-9a-z_-]+$"`
}

// side reads one that the agent may see: of a ticket that they may see, and that shows it.
func (s *Server) side(ctx context.Context, in *BySide) (desk.SideRow, error) {
	ticket, err := s.visibleTicket(ctx, desk.ConversationID(in.ID))
	if err != nil {
		return nil, err
	}
	row, err := s.opt.Sides.Side(desk.ConversationID(in.Side))
	if err != nil {
		return nil, fmt.Errorf("read side conversation %s: %w", in.Side, err)
	}
	shown := func(m *deskpb.SideMark) bool { return m.Side == in.Side }
	if row == nil || row.Conversation != ticket.Conversation && !slices.ContainsFunc(ticket.Sides, shown) {
		return nil, desk.Refuse(desk.NotFound, "side", "there is no such side conversation")
	}
	return row, nil
}

type sideOutput struct {
	Body struct {
		Side     Side   `json:"side"`
		Timeline []Item `json:"timeline" doc:"inbound: of those who were asked"`
		Version  uint64 `json:"version"`
	}
}

func (s *Server) readSide(ctx context.Context, in *BySide) (*sideOutput, error) {
	if _, err := s.side(ctx, in); err != nil {
		return nil, err
	}
	fold, err := s.ownTimeline(ctx, desk.Leads(me(ctx).row), desk.ConversationID(in.Side))
	if err != nil {
		return nil, err
	}
	row, err := s.side(ctx, in) // after the records: never older than they are
	if err != nil {
		return nil, err
	}
	out := &sideOutput{}
	out.Body.Side, out.Body.Timeline, out.Body.Version = sideView(row), fold.items, fold.version
	return out, nil
}

// aside asks a side conversation for a change.
func (s *Server) aside(ctx context.Context, in *BySide, cmd desk.Command) (*done, error) {
	row, err := s.side(ctx, in)
	if err != nil {
		return nil, err
	}
	return doneView(s.commands.Aside(ctx, me(ctx).row, desk.ConversationID(row.Side), desk.ConversationID(in.ID), cmd))
}

type sideReplyInput struct {
	BySide
	Body struct {
		Sent
		To          []Address  `json:"to" required:"false" maxItems:"100" doc:"Left out: who answered last"`
		Cc          []Address  `json:"cc" required:"false" maxItems:"100"`
		Bcc         []Address  `json:"bcc" required:"false" maxItems:"100"`
		SendAt      *time.Time `json:"send_at,omitempty"`
		UndoSeconds uint32     `json:"undo_seconds,omitempty" maximum:"60"`
	}
}

func (s *Server) replyAside(ctx context.Context, in *sideReplyInput) (*done, error) {
	b := &in.Body
	r := Reply{Sent: b.Sent, To: b.To, Cc: b.Cc, Bcc: b.Bcc, SendAt: b.SendAt, UndoSeconds: b.UndoSeconds}
	return s.aside(ctx, &in.BySide, r.command())
}

type sideDoneInput struct {
	BySide
	Body struct {
		Done bool `json:"done"`
	}
}

// finishSide says that nothing more is expected of a side conversation, or that something is.
func (s *Server) finishSide(ctx context.Context, in *sideDoneInput) (*done, error) {
	to := deskpb.TicketStatus_TICKET_STATUS_CLOSED
	if !in.Body.Done {
		row, err := s.side(ctx, &in.BySide)
		if err != nil {
			return nil, err
		}
		to = deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT
		if row.LastAuthor == "contact" {
			to = deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US
		}
	}
	return s.aside(ctx, &in.BySide, deskpb.NewCommand(&deskpb.SetTicketStatus{Status: to}))
}

type sideParticipantInput struct {
	BySide
	Body struct {
		Address string `json:"address" minLength:"1" maxLength:"254"`
	}
}

func (s *Server) confirmAside(ctx context.Context, in *sideParticipantInput) (*done, error) {
	return s.aside(ctx, &in.BySide, deskpb.NewCommand(&deskpb.ConfirmParticipant{Address: strings.ToLower(strings.TrimSpace(in.Body.Address))}))
}

// BySideMessage is the path of a message of a side conversation.
type BySideMessage struct {
	BySide
	Message string `path:"message" maxLength:"64" pattern:"^[0-9a-z_-]+$"`
}

func (s *Server) cancelAside(ctx context.Context, in *BySideMessage) (*done, error) {
	return s.aside(ctx, &in.BySide, deskpb.NewCommand(&deskpb.CancelReply{Message: in.Message}))
}

type retryAsideInput struct {
	BySideMessage
	Attempts uint32 `query:"attempts" doc:"As delivery.attempts says"`
}

func (s *Server) retryAside(ctx context.Context, in *retryAsideInput) (*done, error) {
	return s.aside(ctx, &in.BySide, deskpb.NewCommand(&deskpb.RetryReply{Message: in.Message, Attempts: in.Attempts}))
}

// sideRoutes is the part of the door for side conversations.
func (s *Server) sideRoutes() []route {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	return []route{
		{get, "/conversations/{id}/sides", agents, "list-sides", "Side conversations of a ticket: with somebody else, never shown to its contact", typed(s.listSides, 200)},
		{post, "/conversations/{id}/sides", agents, "start-side", "Forward a ticket to somebody else, or ask them something; the same message_id again is the same side conversation", large(s.startSide, 201)},
		{post, "/conversations/{id}/sides/preview", agents, "preview-side", "What would be sent, and nothing is", large(s.previewSide, 200)},
		{get, "/conversations/{id}/sides/{side}", agents, "read-side", "A side conversation with its timeline", typed(s.readSide, 200)},
		{post, "/conversations/{id}/sides/{side}/replies", agents, "reply-side", "Write in a side conversation", large(s.replyAside, 200)},
		{del, "/conversations/{id}/sides/{side}/replies/{message}", agents, "cancel-side-reply", "Take back a mail of a side conversation that has not left", typed(s.cancelAside, 200)},
		{post, "/conversations/{id}/sides/{side}/replies/{message}/retry", agents, "retry-side-reply", "Try a mail of a side conversation again: it may arrive twice", typed(s.retryAside, 200)},
		{put, "/conversations/{id}/sides/{side}/done", agents, "finish-side", "Mark a side conversation as done, or open it again", typed(s.finishSide, 200)},
		{post, "/conversations/{id}/sides/{side}/participants", agents, "confirm-side-participant", "Let somebody take part who only knew what names the side conversation", typed(s.confirmAside, 200)},
	}
}
