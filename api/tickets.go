package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type listTicketsInput struct {
	View   string `query:"view" default:"open" enum:"open,unassigned,mine,owned,closed,mentions,following,waiting,snoozed,set_aside,spam" doc:"Not looked at when there is a filter"`
	Owner  string `query:"owner" maxLength:"64" doc:"For view=owned: the agent"`
	Filter string `query:"filter" maxLength:"8192" doc:"JSON, such as {\"status\":[\"open\"],\"owner\":[\"me\"]}: see Filter"`
	Sort   string `query:"sort" default:"updated" enum:"updated,opened,waiting,priority,number,due"`
	Order  string `query:"order" default:"desc" enum:"asc,desc"`
	Cursor string `query:"cursor" maxLength:"500" doc:"next of the page before"`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

type ticketPage struct {
	Body struct {
		Tickets []Ticket `json:"tickets"`
		Next    string   `json:"next" doc:"Cursor of the next page; empty on the last one. A page of old closed tickets may be short and have a next one all the same"`
		Place
	}
}

func (s *Server) listTickets(ctx context.Context, in *listTicketsInput) (*ticketPage, error) {
	if in.View == "owned" && in.Filter == "" && !desk.ValidID(in.Owner) {
		return nil, fault("query.owner", "view=owned needs the id of an agent")
	}
	out := &ticketPage{}
	out.Body.Place = s.here()
	page, err := s.page(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	out.Body.Tickets, out.Body.Next = each(page.Tickets, ticketFor(ctx)), page.Next
	_ = s.opt.Lists.Ready() // whoever reads a list will ask for another: its rows are read meanwhile
	return out, nil
}

// kept are the lists that the index keeps in order.
var kept = map[string]desk.View{"open": desk.ViewOpen, "unassigned": desk.ViewUnassigned, "mine": desk.ViewOwned, "owned": desk.ViewOwned, "closed": desk.ViewClosed, "snoozed": desk.ViewSnoozed, "spam": desk.ViewSpam}

// page reads a list from where it stands: in the index, for who sees everything in it, in the order in which it is kept there;
// else from the rows in memory.
func (s *Server) page(ctx context.Context, in *listTicketsInput) (desk.TicketPage, error) {
	q, err := s.listQuery(ctx, desk.BuiltIn[desk.View(in.View)])
	if err != nil {
		return desk.TicketPage{}, err
	}
	owner := desk.AgentID(in.Owner)
	if in.View == "mine" {
		owner = me(ctx).Agent
	}
	view, inIndex := kept[in.View]
	if inIndex && in.Filter == "" && in.Sort == "updated" && in.Order == "desc" && q.Viewer.SeesAll() {
		return s.opt.Tickets.Tickets(desk.TicketQuery{View: view, Owner: owner, Cursor: in.Cursor, Limit: in.Limit})
	}
	if in.View == "owned" {
		q.Filter = desk.Filter{Status: []string{"open"}, Owner: []string{in.Owner}}
	}
	if in.Filter != "" {
		if q.Filter, err = desk.ParseFilter(in.Filter, "query.filter"); err != nil {
			return desk.TicketPage{}, err
		}
	}
	q.Sort, q.Ascending, q.Cursor, q.Limit = desk.Sort(in.Sort), in.Order == "asc", in.Cursor, in.Limit
	return s.opt.Lists.List(ctx, q)
}

// listQuery asks in the name of the agent.
func (s *Server) listQuery(ctx context.Context, f desk.Filter) (q desk.ListQuery, err error) {
	if q.Viewer, err = s.viewer(me(ctx).row); err != nil {
		return q, err
	}
	q.Filter, q.Teams = f, q.Viewer.Teams
	if q.Teams == nil {
		q.Teams, err = s.teamsOf(me(ctx).Agent)
	}
	return q, err
}

// teamsOf are the teams an agent is in.
func (s *Server) teamsOf(agent desk.AgentID) (map[string]bool, error) {
	teams, err := s.opt.People.Teams()
	if err != nil {
		return nil, fmt.Errorf("read the teams: %w", err)
	}
	in := map[string]bool{}
	for _, t := range teams {
		if slices.ContainsFunc(t.Members, func(m *deskpb.TeamMember) bool { return m.Agent == string(agent) }) {
			in[t.Team] = true
		}
	}
	return in, nil
}

type ticketCounts struct {
	Body struct {
		Open       int `json:"open"`
		Unassigned int `json:"unassigned"`
		Closed     int `json:"closed"`
		Mine       int `json:"mine"`
		Mentions   int `json:"mentions"`
		Following  int `json:"following"`
		Waiting    int `json:"waiting" doc:"On us"`
		Snoozed    int `json:"snoozed"`
		SetAside   int `json:"set_aside" doc:"Of machines, closed when they came; long ago they are not counted"`
		Spam       int `json:"spam"`
		Place
	}
}

func (s *Server) countTickets(ctx context.Context, _ *nothing) (*ticketCounts, error) {
	out := &ticketCounts{}
	out.Body.Place = s.here()
	b := &out.Body
	into := map[desk.View]*int{
		desk.ViewOpen: &b.Open, desk.ViewUnassigned: &b.Unassigned, desk.ViewClosed: &b.Closed, desk.ViewMine: &b.Mine, desk.ViewMentions: &b.Mentions,
		desk.ViewFollowing: &b.Following, desk.ViewWaiting: &b.Waiting, desk.ViewSnoozed: &b.Snoozed, desk.ViewSetAside: &b.SetAside, desk.ViewSpam: &b.Spam,
	}
	var filters []desk.Filter
	var fields []*int
	for view, field := range into {
		filters, fields = append(filters, desk.BuiltIn[view]), append(fields, field)
	}
	counts, err := s.count(ctx, filters)
	if err != nil {
		return nil, err
	}
	for i, c := range counts {
		*fields[i] = c.N
	}
	if desk.AccessOf(me(ctx).row) != deskpb.Access_ACCESS_ALL {
		return out, nil
	}
	c, err := s.opt.Tickets.Counts() // of the closed ones there are more than are kept in memory
	if err != nil {
		return nil, fmt.Errorf("count tickets: %w", err)
	}
	b.Closed = c.Closed
	return out, nil
}

func (s *Server) count(ctx context.Context, filters []desk.Filter) ([]desk.ListCount, error) {
	q, err := s.listQuery(ctx, desk.Filter{})
	if err != nil {
		return nil, err
	}
	queries := make([]desk.ListQuery, len(filters))
	for i, f := range filters {
		queries[i] = q
		queries[i].Filter = f
	}
	counts, err := s.opt.Lists.Count(ctx, queries)
	if err != nil {
		return nil, fmt.Errorf("count tickets: %w", err)
	}
	return counts, nil
}

type countFiltersInput struct {
	Body struct {
		Filters []desk.Filter `json:"filters" minItems:"1" maxItems:"100"`
	}
}

// ListSize is how many tickets a filter finds.
type ListSize struct {
	Count int  `json:"count"`
	More  bool `json:"more" doc:"Closed tickets of long ago may match, too, and were not counted"`
}

type listSizes struct {
	Body struct {
		Counts []ListSize `json:"counts" doc:"In the order of the filters"`
		Place
	}
}

func (s *Server) countFilters(ctx context.Context, in *countFiltersInput) (*listSizes, error) {
	for i, f := range in.Body.Filters {
		if err := f.Check(fmt.Sprintf("body.filters[%d]", i)); err != nil {
			return nil, err
		}
	}
	out := &listSizes{}
	out.Body.Place = s.here()
	counts, err := s.count(ctx, in.Body.Filters)
	if err != nil {
		return nil, err
	}
	out.Body.Counts = each(counts, func(c desk.ListCount) ListSize { return ListSize{c.N, c.More} })
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
	view := ticketFor(ctx)
	for t, err := range s.opt.Tickets.Line() {
		if err != nil {
			return nil, fmt.Errorf("read the waiting line: %w", err)
		}
		if len(out.Body.Tickets) == maxLine {
			break
		}
		if desk.MaySee(v, t) {
			out.Body.Tickets = append(out.Body.Tickets, view(t))
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
		Ticket    Ticket     `json:"ticket"`
		Contact   Contact    `json:"contact"`
		Timeline  []Item     `json:"timeline"`
		Version   uint64     `json:"version" doc:"Of the last record folded in; apply records after it"`
		ReplyFrom *ReplyFrom `json:"reply_from" doc:"From which a mail that answers leaves; null where it is no matter of addresses"`
		Place
	}
}

func (s *Server) readConversation(ctx context.Context, in *ByID) (*conversation, error) {
	id := desk.ConversationID(in.ID)
	out := &conversation{}
	out.Body.Place = s.here()
	fold, err := s.timelineOf(ctx, desk.Leads(me(ctx).row), id)
	if err != nil {
		return nil, err
	}
	row, err := s.visibleTicket(ctx, id) // after the records: never older than they are
	if err != nil {
		return nil, err
	}
	out.Body.Ticket, out.Body.Timeline, out.Body.Version = ticketFor(ctx)(row), fold.shown(), fold.version
	if err := s.hideMerged(ctx, out.Body.Timeline); err != nil {
		return nil, err
	}
	contact, err := s.opt.People.Contact(desk.ContactID(row.Contact))
	if err != nil {
		return nil, fmt.Errorf("read contact %s: %w", row.Contact, err)
	}
	if contact == nil {
		contact = &deskpb.ContactSummary{Contact: row.Contact, Name: row.ContactName}
	}
	out.Body.Contact = contactView(contact)
	out.Body.ReplyFrom, err = s.replyFrom(row)
	return out, err
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

func addresses(in []Address) []*deskpb.Address {
	return each(in, func(a Address) *deskpb.Address { return &deskpb.Address{Name: a.Name, Address: a.Address} })
}

type ownerInput struct {
	ByID
	Body struct {
		Agent *string `json:"agent" maxLength:"64" doc:"An agent's id; null for nobody"`
	}
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

type numberInput struct {
	Number uint64 `path:"number" minimum:"1" doc:"The number that people call it by"`
}

// ticketByNumber finds a ticket as people name it. One that the agent may not see is answered as one that is not there.
func (s *Server) ticketByNumber(ctx context.Context, in *numberInput) (*mergeOutput, error) {
	row, err := s.opt.Finder.TicketByNumber(in.Number)
	if err != nil {
		return nil, fmt.Errorf("find ticket %d: %w", in.Number, err)
	}
	if row == nil {
		return nil, notFound("conversation")
	}
	if row, err = s.visibleTicket(ctx, desk.ConversationID(row.Conversation)); err != nil {
		return nil, err
	}
	out := &mergeOutput{}
	out.Body.Ticket = ticketFor(ctx)(row)
	return out, nil
}
