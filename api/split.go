package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type splitInput struct {
	ByID
	Body struct {
		Messages []string `json:"messages" minItems:"1" maxItems:"100" doc:"Ids of messages of this conversation's own"`
		Subject  string   `json:"subject,omitempty" maxLength:"998" doc:"Left out: that of the first message"`
	}
}

// split lets messages go to a new conversation. Its id follows from what goes: asked again, it is the same one.
func (s *Server) split(ctx context.Context, in *splitInput) (*mergeOutput, error) {
	row, err := s.visibleTicket(ctx, desk.ConversationID(in.ID))
	if err != nil {
		return nil, err
	}
	chosen := slices.Compact(slices.Sorted(slices.Values(in.Body.Messages)))
	parts, err := s.partsOf(ctx, row, chosen)
	if err != nil {
		return nil, err
	}
	for i, id := range in.Body.Messages {
		if !slices.ContainsFunc(parts.chosen, func(m *deskpb.SplitMessage) bool { return m.Message == id }) {
			return nil, fault(fmt.Sprintf("body.messages[%d]", i), "this ticket has no message %q of its own; what a merge shows in it is split off where it came in", id)
		}
	}
	conv := desk.ConversationID(row.Conversation)
	into := desk.ConversationID(desk.DeriveID("cv_", "split", row.Conversation, strings.Join(chosen, " ")))
	opening := parts.opening
	if subject := strings.Join(strings.Fields(in.Body.Subject), " "); subject != "" {
		opening.Subject = subject
	}
	by := live.AuthorOf(me(ctx).row)
	cmd := &deskpb.SplitOffMessages{Into: string(into), Messages: parts.chosen, Opening: opening, Number: row.Number, Last: parts.last}
	if _, err := s.do(ctx, conv.Stream(), deskpb.NewCommand(cmd), by); err != nil {
		return nil, err
	}
	finish := desk.FinishSplit(conv, &deskpb.MessagesSplitOff{
		Into: cmd.Into, Messages: cmd.Messages, Opening: cmd.Opening, Number: cmd.Number, By: by.Id,
	})
	if _, err := s.do(ctx, into.Stream(), finish, by); err != nil {
		return nil, err
	}
	return s.ticketOutput(ctx, string(into))
}

// splitParts is what a split takes along, and whom the rest answers.
type splitParts struct {
	chosen  []*deskpb.SplitMessage
	last    *deskpb.SplitMessage // the newest one from outside that stays
	opening *deskpb.ConversationOpened
}

func (s *Server) partsOf(ctx context.Context, row desk.Ticket, chosen []string) (*splitParts, error) {
	p := &splitParts{opening: &deskpb.ConversationOpened{
		Channel: row.Channel, ChannelKind: row.ChannelKind, Contact: row.Contact, ContactName: row.ContactName, Subject: row.Subject,
		Priority: row.Priority, Routing: row.Routing, ContactRecognised: row.ContactRecognised, Source: "split", FromAddress: row.FromAddress,
	}}
	who := ""
	gone := map[string]bool{}
	var stays []*deskpb.SplitMessage
	for r, err := range s.opt.Engine.Records(ctx, desk.ConversationID(row.Conversation).Stream(), 0) {
		if err != nil {
			return nil, fmt.Errorf("read conversation %s: %w", row.Conversation, err)
		}
		for _, m := range r.Event.GetMessagesSplitOff().GetMessages() {
			gone[m.Message] = true
		}
		for _, m := range splitMessages(r) {
			if !slices.Contains(chosen, m.Message) {
				if m.Inbound && !m.Automatic {
					stays = append(stays, m)
				}
				continue
			}
			p.chosen = append(p.chosen, m)
			if in := r.Event.GetMessageReceived(); in != nil && who == "" {
				who = in.Contact
				if in.Subject != "" {
					p.opening.Subject = in.Subject
				}
			}
		}
	}
	for _, m := range stays {
		if !gone[m.Message] {
			p.last = m
		}
	}
	if who == "" || who == row.Contact {
		return p, nil
	}
	contact, err := s.opt.People.Contact(desk.ContactID(who))
	if err != nil {
		return nil, fmt.Errorf("read contact %s: %w", who, err)
	}
	p.opening.Contact, p.opening.ContactName = who, contact.GetName()
	return p, nil
}

// splitMessages is what a split has to know of the messages of a record.
func splitMessages(r desk.Record) []*deskpb.SplitMessage {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_MessageReceived:
		m := e.MessageReceived
		part := &deskpb.SplitMessage{
			Message: m.Message, Inbound: true, Counted: true, AtMs: r.AtMs, From: m.From, To: m.To, Cc: m.Cc, Automatic: m.Automatic != "",
			Preview: desk.Preview(m.Body),
		}
		if n := len(m.ThreadKeys); n > 0 {
			part.Keys = []string{m.ThreadKeys[n-1]} // its own: the others name what it answers
		}
		return []*deskpb.SplitMessage{part}
	case *deskpb.Event_ReplyImported:
		m := e.ReplyImported.GetMail()
		part := &deskpb.SplitMessage{Message: m.GetMessage(), Counted: true, AtMs: r.AtMs, To: m.GetTo(), Cc: m.GetCc(), Preview: desk.Preview(m.GetBody())}
		if n := len(m.GetThreadKeys()); n > 0 {
			part.Keys = []string{m.ThreadKeys[n-1]}
		}
		return []*deskpb.SplitMessage{part}
	case *deskpb.Event_ReplyRequested:
		m := e.ReplyRequested
		part := &deskpb.SplitMessage{Message: m.Message, Counted: true, AtMs: r.AtMs, To: m.To, Cc: m.Cc, Preview: desk.Preview(m.Body), Automatic: m.Automatic != ""}
		if len(m.ThreadKeys) > 0 {
			part.Keys = []string{m.ThreadKeys[0]} // the others name the whole conversation
		}
		return []*deskpb.SplitMessage{part}
	case *deskpb.Event_NoteAdded:
		return []*deskpb.SplitMessage{{Message: e.NoteAdded.Message, AtMs: r.AtMs, Preview: desk.Preview(e.NoteAdded.Body)}}
	case *deskpb.Event_ConversationSplitFrom:
		return e.ConversationSplitFrom.Messages
	}
	return nil
}
