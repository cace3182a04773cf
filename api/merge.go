package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Origin says in which conversation's stream a message is, when it is shown in another one.
type Origin struct {
	ID      string `json:"id"`
	Number  uint64 `json:"number"`
	Subject string `json:"subject"`
}

// maxNested bounds how deep conversations are shown in each other.
const maxNested = 16

// timelineOf folds a conversation's records, with the messages it shows out of the streams of others. Versions are its own
// stream's. A message that is shown elsewhere is in items too, and marked.
func (s *Server) timelineOf(ctx context.Context, leads bool, id desk.ConversationID, above ...desk.ConversationID) (*timeline, error) {
	fold, err := s.ownTimeline(ctx, leads, id)
	if err != nil || len(fold.from) == 0 {
		return fold, err
	}
	above = append(slices.Clone(above), id)
	for _, f := range fold.from {
		other := desk.ConversationID(f.origin.ID)
		var sub *timeline
		switch circle := slices.Contains(above, other); {
		case len(above) > maxNested || circle && f.only == nil:
			continue
		case circle: // what was split off it came back to it
			sub, err = s.ownTimeline(ctx, leads, other)
		default:
			sub, err = s.timelineOf(ctx, leads, other, above...)
		}
		if err != nil {
			return nil, err
		}
		for _, i := range sub.items {
			if i.Kind == "activity" || f.only != nil && !f.only[i.ID] || f.only == nil && sub.gone[i.ID] {
				continue
			}
			if i.Origin == nil || i.Origin.ID == string(id) {
				i.Origin = &f.origin
			}
			fold.items = append(fold.items, i)
		}
	}
	slices.SortStableFunc(fold.items, func(a, b Item) int { return strings.Compare(a.At, b.At) })
	return fold, nil
}

// ownTimeline folds what a conversation's own stream says.
func (s *Server) ownTimeline(ctx context.Context, leads bool, id desk.ConversationID) (*timeline, error) {
	fold := newTimeline(leads)
	for r, err := range s.opt.Engine.Records(ctx, id.Stream(), 0) {
		if err != nil {
			return nil, fmt.Errorf("read conversation %s: %w", id, err)
		}
		fold.add(r)
	}
	return fold, nil
}

// hideMerged takes the subject of the conversation into which this one was merged out of its timeline, for who may not see that one.
func (s *Server) hideMerged(ctx context.Context, items []Item) error {
	v, err := s.viewer(me(ctx).row)
	if err != nil || v.SeesAll() {
		return err
	}
	for _, i := range items {
		if i.Activity == nil || i.Activity.Code != "merged" {
			continue
		}
		into, err := s.opt.Tickets.Ticket(desk.ConversationID(i.Activity.Conversation))
		if err != nil {
			return fmt.Errorf("read ticket %s: %w", i.Activity.Conversation, err)
		}
		if into == nil || !desk.MaySee(v, into) {
			i.Activity.To = ""
		}
	}
	return nil
}

// shown are the items without the messages that are shown elsewhere now.
func (t *timeline) shown() []Item {
	if len(t.gone) == 0 {
		return t.items
	}
	return slices.DeleteFunc(t.items, func(i Item) bool { return t.gone[i.ID] && i.Origin == nil })
}

// elsewhere is a conversation whose messages are shown in this one.
type elsewhere struct {
	origin Origin
	only   map[string]bool // nil: all
}

// around folds what a record says of where messages are shown.
func (t *timeline) around(ev desk.Event) {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ConversationTookIn:
		m := e.ConversationTookIn
		t.letGo(m.Conversation)
		t.from = append(t.from, elsewhere{origin: Origin{m.Conversation, m.Number, m.Subject}})
	case *deskpb.Event_ConversationLetGo:
		t.letGo(e.ConversationLetGo.Conversation)
	case *deskpb.Event_ConversationSplitFrom:
		m := e.ConversationSplitFrom
		only := map[string]bool{}
		for _, s := range m.Messages {
			only[s.Message] = true
		}
		t.from = append(t.from, elsewhere{origin: Origin{ID: m.Conversation, Number: m.Number}, only: only})
	case *deskpb.Event_MessagesSplitOff:
		if t.gone == nil {
			t.gone = map[string]bool{}
		}
		for _, s := range e.MessagesSplitOff.Messages {
			t.gone[s.Message] = true
		}
	}
}

func (t *timeline) letGo(conv string) {
	t.from = slices.DeleteFunc(t.from, func(f elsewhere) bool { return f.only == nil && f.origin.ID == conv })
}

type mergeInput struct {
	ByID
	Body struct {
		Into string `json:"into" minLength:"1" maxLength:"64" pattern:"^[0-9a-z_-]+$" doc:"The conversation that will show this one"`
	}
}

type mergeOutput struct {
	Body struct {
		Ticket Ticket `json:"ticket" doc:"The one that shows both"`
	}
}

// merge lets one conversation be shown in another. One at a time: two that are merged into each other would be shown nowhere.
func (s *Server) merge(ctx context.Context, in *mergeInput) (*mergeOutput, error) {
	s.merges.Lock()
	defer s.merges.Unlock()
	from, err := s.visibleTicket(ctx, desk.ConversationID(in.ID))
	if err != nil {
		return nil, err
	}
	into, err := s.visibleTicket(ctx, desk.ConversationID(in.Body.Into))
	if err != nil {
		return nil, fault("body.into", "there is no such conversation")
	}
	for range maxNested { // where the other one is shown itself
		if into.MergedInto == "" {
			break
		}
		if into, err = s.visibleTicket(ctx, desk.ConversationID(into.MergedInto)); err != nil {
			return nil, fault("body.into", "it was merged into a conversation you may not see")
		}
	}
	if err := mergeable(from, into); err != nil {
		return nil, err
	}
	by := live.AuthorOf(me(ctx).row)
	_, err = s.do(ctx, desk.ConversationID(from.Conversation).Stream(), deskpb.NewCommand(&deskpb.MergeConversation{
		Into: into.Conversation, IntoNumber: into.Number, IntoSubject: into.Subject,
	}), by)
	if err != nil {
		return nil, err
	}
	_, err = s.do(ctx, desk.ConversationID(into.Conversation).Stream(), deskpb.NewCommand(&deskpb.TakeInConversation{
		Conversation: from.Conversation, Number: from.Number, Subject: from.Subject, ContactName: from.ContactName, WaitingSinceMs: from.WaitingSinceMs, Sides: from.Sides,
	}), by)
	if err != nil {
		return nil, err
	}
	return s.ticketOutput(ctx, into.Conversation)
}

func mergeable(from, into desk.Ticket) error {
	switch {
	case from.Conversation == into.Conversation:
		return desk.Refuse(desk.Invalid, "body.into", "it is this conversation: choose another one")
	case into.Spam:
		return desk.Refuse(desk.Conflict, "body.into", "the other ticket is spam: restore it first")
	case into.ChannelKind != from.ChannelKind:
		return desk.Refuse(desk.Conflict, "body.into", "only conversations of one kind of channel can be merged: what is answered goes out by the other one's channel")
	case into.Thread != "":
		return desk.Refuse(desk.Conflict, "body.into", "a conversation that its contact watches live stays their own")
	}
	return nil
}

func (s *Server) ticketOutput(ctx context.Context, conv string) (*mergeOutput, error) {
	row, err := s.opt.Tickets.Ticket(desk.ConversationID(conv))
	if err != nil {
		return nil, fmt.Errorf("read ticket %s: %w", conv, err)
	}
	if row == nil {
		return nil, notFound("conversation")
	}
	out := &mergeOutput{}
	out.Body.Ticket = ticketFor(ctx)(row)
	return out, nil
}

// undoMerge gives a merged conversation back what it had. What came meanwhile stays where it came.
func (s *Server) undoMerge(ctx context.Context, in *ByID) (*mergeOutput, error) {
	s.merges.Lock()
	defer s.merges.Unlock()
	from, err := s.visibleTicket(ctx, desk.ConversationID(in.ID))
	if err != nil {
		return nil, err
	}
	if from.MergedInto == "" {
		return s.ticketOutput(ctx, from.Conversation)
	}
	if _, err := s.visibleTicket(ctx, desk.ConversationID(from.MergedInto)); err != nil {
		return nil, desk.Refuse(desk.Denied, "", "it was merged into a conversation you may not see: ask somebody who sees it")
	}
	by := live.AuthorOf(me(ctx).row)
	if _, err := s.do(ctx, desk.ConversationID(from.Conversation).Stream(), deskpb.NewCommand(&deskpb.UndoMerge{}), by); err != nil {
		return nil, err
	}
	_, err = s.do(ctx, desk.ConversationID(from.MergedInto).Stream(), deskpb.NewCommand(&deskpb.LetGoConversation{
		Conversation: from.Conversation, Number: from.Number, WaitingSinceMs: from.WaitingSinceMs,
	}), by)
	if err != nil {
		return nil, err
	}
	return s.ticketOutput(ctx, from.Conversation)
}

type candidatesInput struct {
	ByID
	Query string `query:"q" maxLength:"200" doc:"A number, or words of subject or contact; left out: the contact's other tickets"`
}

type candidatesOutput struct {
	Body struct {
		Tickets []Ticket `json:"tickets" doc:"At most 20: the contact's own first"`
		Refused string   `json:"refused" enum:",threaded,kind" doc:"Why there is none: threaded, this one is watched live by its contact and stays their own; kind, the number is of a ticket of another kind of channel, or of one that is watched live"`
	}
}

const (
	maxCandidates = 20
	lookedThrough = 1000 // open tickets, the newest ones
)

// mergeCandidates offers what this conversation could be merged into.
func (s *Server) mergeCandidates(ctx context.Context, in *candidatesInput) (*candidatesOutput, error) {
	from, err := s.visibleTicket(ctx, desk.ConversationID(in.ID))
	if err != nil {
		return nil, err
	}
	own, err := s.ticketsOfContact(ctx, desk.ContactID(from.Contact), 100)
	if err != nil {
		return nil, err
	}
	out := &candidatesOutput{}
	out.Body.Tickets = []Ticket{}
	if from.Thread != "" {
		out.Body.Refused = "threaded"
		return out, nil
	}
	words := strings.Fields(strings.ToLower(in.Query))
	offer := func(tickets []desk.Ticket) {
		for _, t := range tickets {
			known := slices.ContainsFunc(out.Body.Tickets, func(o Ticket) bool { return o.ID == t.Conversation })
			if !known && len(out.Body.Tickets) < maxCandidates && t.MergedInto == "" && mergeable(from, t) == nil && says(t, words) {
				out.Body.Tickets = append(out.Body.Tickets, ticketFor(ctx)(t))
			}
		}
	}
	if number, err := strconv.ParseUint(strings.TrimPrefix(in.Query, "#"), 10, 64); err == nil {
		row, err := s.opt.Finder.TicketByNumber(number)
		if err != nil {
			return nil, fmt.Errorf("find ticket %d: %w", number, err)
		}
		if row != nil {
			seen, err := s.visible(ctx, []desk.Ticket{row})
			if err != nil {
				return nil, err
			}
			words = nil
			offer(seen)
			if len(seen) > 0 && len(out.Body.Tickets) == 0 && (row.ChannelKind != from.ChannelKind || row.Thread != "") {
				out.Body.Refused = "kind"
			}
			return out, nil
		}
	}
	offer(own)
	if len(words) == 0 {
		return out, nil
	}
	q, err := s.listQuery(ctx, desk.BuiltIn[desk.ViewOpen])
	if err != nil {
		return nil, err
	}
	q.Limit = 200
	for looked := 0; len(out.Body.Tickets) < maxCandidates && looked < lookedThrough; {
		page, err := s.opt.Lists.List(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list tickets: %w", err)
		}
		offer(page.Tickets)
		looked += len(page.Tickets)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	return out, nil
}

// says tells whether a row has all the words.
func says(t desk.Ticket, words []string) bool {
	text := strings.ToLower(t.Subject + " " + t.ContactName)
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}
