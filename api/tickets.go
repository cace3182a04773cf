package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type listTicketsInput struct {
	View   string `query:"view" default:"open" enum:"open,unassigned,mine,owned,closed,snoozed,spam"`
	Owner  string `query:"owner" maxLength:"64" doc:"For view=owned: the agent"`
	Cursor string `query:"cursor" maxLength:"500" doc:"next of the page before"`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

type ticketPage struct {
	Body struct {
		Tickets []Ticket `json:"tickets"`
		Next    string   `json:"next" doc:"Cursor of the next page; empty on the last one"`
		Place
	}
}

func (s *Server) listTickets(ctx context.Context, in *listTicketsInput) (*ticketPage, error) {
	q := desk.TicketQuery{View: desk.View(in.View), Owner: desk.AgentID(in.Owner), Cursor: in.Cursor, Limit: in.Limit}
	switch in.View {
	case "mine":
		q.View, q.Owner = desk.ViewOwned, me(ctx).Agent
	case "owned":
		if !desk.ValidID(in.Owner) {
			return nil, fault("query.owner", "view=owned needs the id of an agent")
		}
	}
	out := &ticketPage{}
	out.Body.Place = s.here()
	page, err := s.visiblePage(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	out.Body.Tickets, out.Body.Next = each(page.Tickets, ticketView), page.Next
	return out, nil
}

// visiblePage is a page of what the agent may see. Who is limited gets full pages, too: it reads on past the tickets of others.
func (s *Server) visiblePage(ctx context.Context, q desk.TicketQuery) (desk.TicketPage, error) {
	v, err := s.viewer(me(ctx).row)
	if err != nil {
		return desk.TicketPage{}, err
	}
	if v.SeesAll() {
		return s.opt.Tickets.Tickets(q)
	}
	var out desk.TicketPage
	for {
		page, err := s.opt.Tickets.Tickets(desk.TicketQuery{View: q.View, Owner: q.Owner, Cursor: q.Cursor, Limit: q.Limit - len(out.Tickets)})
		if err != nil {
			return desk.TicketPage{}, err
		}
		for _, t := range page.Tickets {
			if desk.MaySee(v, t) {
				out.Tickets = append(out.Tickets, t)
			}
		}
		if out.Next = page.Next; page.Next == "" || len(out.Tickets) == q.Limit || ctx.Err() != nil {
			return out, ctx.Err()
		}
		q.Cursor = page.Next
	}
}

// visibleCounts counts what the agent may see.
func (s *Server) visibleCounts(ctx context.Context) (desk.TicketCounts, error) {
	v, err := s.viewer(me(ctx).row)
	if err != nil {
		return desk.TicketCounts{}, err
	}
	if v.SeesAll() {
		return s.opt.Tickets.Counts()
	}
	c := desk.TicketCounts{Owned: map[desk.AgentID]int{}}
	for _, view := range [...]desk.View{desk.ViewOpen, desk.ViewClosed} {
		for q := (desk.TicketQuery{View: view, Limit: 200}); ; {
			page, err := s.opt.Tickets.Tickets(q)
			if err != nil || ctx.Err() != nil {
				return c, errors.Join(err, ctx.Err())
			}
			for _, t := range page.Tickets {
				if desk.MaySee(v, t) {
					c.Add(t)
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	return c, nil
}

type ticketCounts struct {
	Body struct {
		Open       int `json:"open"`
		Unassigned int `json:"unassigned"`
		Closed     int `json:"closed"`
		Mine       int `json:"mine"`
		Place
	}
}

func (s *Server) countTickets(ctx context.Context, _ *nothing) (*ticketCounts, error) {
	out := &ticketCounts{}
	out.Body.Place = s.here()
	c, err := s.visibleCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("count tickets: %w", err)
	}
	out.Body.Open, out.Body.Unassigned, out.Body.Closed, out.Body.Mine = c.Open, c.Unassigned, c.Closed, c.Owned[me(ctx).Agent]
	return out, nil
}

type ticketList struct {
	Body struct {
		Tickets []Ticket `json:"tickets"`
		Place
	}
}

// maxLine bounds the waiting line as shown.
const maxLine = 500

func (s *Server) waitingLine(ctx context.Context, _ *nothing) (*ticketList, error) {
	out := &ticketList{}
	out.Body.Place = s.here()
	out.Body.Tickets = []Ticket{}
	v, err := s.viewer(me(ctx).row)
	if err != nil {
		return nil, err
	}
	for t, err := range s.opt.Tickets.Line() {
		if err != nil {
			return nil, fmt.Errorf("read the waiting line: %w", err)
		}
		if len(out.Body.Tickets) == maxLine {
			break
		}
		if desk.MaySee(v, t) {
			out.Body.Tickets = append(out.Body.Tickets, ticketView(t))
		}
	}
	return out, nil
}

// ByID is the path of a thing.
type ByID struct {
	ID string `path:"id" maxLength:"64" pattern:"^[0-9a-z_-]+$"`
}

type conversation struct {
	Body struct {
		Ticket   Ticket  `json:"ticket"`
		Contact  Contact `json:"contact"`
		Timeline []Item  `json:"timeline"`
		Version  uint64  `json:"version" doc:"Of the last record folded in; apply records after it"`
		Place
	}
}

func (s *Server) readConversation(ctx context.Context, in *ByID) (*conversation, error) {
	id := desk.ConversationID(in.ID)
	out := &conversation{}
	out.Body.Place = s.here()
	fold, err := s.timelineOf(ctx, id)
	if err != nil {
		return nil, err
	}
	row, err := s.visibleTicket(ctx, id) // after the records: never older than they are
	if err != nil {
		return nil, err
	}
	out.Body.Ticket, out.Body.Timeline, out.Body.Version = ticketView(row), fold.shown(), fold.version
	contact, err := s.opt.People.Contact(desk.ContactID(row.Contact))
	if err != nil {
		return nil, fmt.Errorf("read contact %s: %w", row.Contact, err)
	}
	if contact == nil {
		contact = &deskpb.ContactSummary{Contact: row.Contact, Name: row.ContactName}
	}
	out.Body.Contact = contactView(contact)
	return out, nil
}

// Sent is what an author of a message hands in.
type Sent struct {
	MessageID   string       `json:"message_id" minLength:"1" maxLength:"64" pattern:"^[0-9a-z_-]+$" doc:"Made by the client: sent again, it is the same message"`
	Text        string       `json:"text" required:"false"`
	HTML        string       `json:"html" required:"false"`
	Attachments []Attachment `json:"attachments" required:"false" maxItems:"50" doc:"As the uploads returned them"`
}

func (m *Sent) body() *deskpb.Body {
	b := &deskpb.Body{Text: m.Text, Html: m.HTML}
	for _, a := range m.Attachments {
		b.Attachments = append(b.Attachments, &deskpb.Attachment{
			Blob: a.Blob, Name: a.Name, MediaType: a.MediaType, Size: a.Size, Inline: a.Inline, ContentId: a.ContentID,
		})
	}
	return b
}

type replyInput struct {
	ByID
	Body struct {
		Sent
		To    []Address `json:"to" required:"false" maxItems:"100" doc:"Left out: who wrote last"`
		Cc    []Address `json:"cc" required:"false" maxItems:"100"`
		Close bool      `json:"close" required:"false" doc:"Close the ticket with this reply"`
	}
}

// done is the answer to a change: it is durable.
type done struct {
	Body struct {
		Version  uint64 `json:"version" doc:"Of the stream"`
		Position uint64 `json:"position" doc:"In the journal"`
	}
}

func doneView(d desk.Done, err error) (*done, error) {
	if err != nil {
		return nil, err
	}
	out := &done{}
	out.Body.Version, out.Body.Position = d.Version, uint64(d.Position)
	return out, nil
}

// ask sends a conversation's command through the gate for agents.
func (s *Server) ask(ctx context.Context, id string, cmd desk.Command) (*done, error) {
	return doneView(s.commands.Do(ctx, me(ctx).Agent, desk.ConversationID(id).Stream(), cmd))
}

func (s *Server) reply(ctx context.Context, in *replyInput) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.RequestReply{
		Message: in.Body.MessageID, Body: in.Body.body(), To: addresses(in.Body.To), Cc: addresses(in.Body.Cc), Close: in.Body.Close,
	}))
}

func addresses(in []Address) []*deskpb.Address {
	return each(in, func(a Address) *deskpb.Address { return &deskpb.Address{Name: a.Name, Address: a.Address} })
}

type noteInput struct {
	ByID
	Body struct {
		Sent
		Mentions []string `json:"mentions,omitempty" maxItems:"50" doc:"Agents it calls"`
	}
}

func (s *Server) addNote(ctx context.Context, in *noteInput) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.AddNote{Message: in.Body.MessageID, Body: in.Body.body(), Mentions: in.Body.Mentions}))
}

type ownerInput struct {
	ByID
	Body struct {
		Agent *string `json:"agent" maxLength:"64" doc:"An agent's id; null for nobody"`
	}
}

func (s *Server) setOwner(ctx context.Context, in *ownerInput) (*done, error) {
	if in.Body.Agent == nil || *in.Body.Agent == "" {
		return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.UnassignConversation{}))
	}
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.AssignConversation{Agent: *in.Body.Agent}))
}

type statusInput struct {
	ByID
	Body struct {
		Status string `json:"status" enum:"new,waiting_on_us,waiting_on_contact,closed"`
	}
}

func (s *Server) setStatus(ctx context.Context, in *statusInput) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.SetTicketStatus{Status: statusOf(in.Body.Status)}))
}

type priorityInput struct {
	ByID
	Body struct {
		Priority string `json:"priority" enum:"low,normal,high,urgent"`
	}
}

func (s *Server) setPriority(ctx context.Context, in *priorityInput) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.SetTicketPriority{Priority: priorityOf(in.Body.Priority)}))
}

type subjectInput struct {
	ByID
	Body struct {
		Subject string `json:"subject" minLength:"1" maxLength:"998"`
	}
}

func (s *Server) setSubject(ctx context.Context, in *subjectInput) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.SetTicketSubject{Subject: in.Body.Subject}))
}
