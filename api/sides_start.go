package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// StartSide is what an agent sends to somebody else because of a ticket.
type StartSide struct {
	Sent
	Channel     string     `json:"channel" required:"false" maxLength:"64" doc:"The mailbox it is sent from; left out: the ticket's, or the only one there is"`
	To          []Address  `json:"to" minItems:"1" maxItems:"100"`
	Cc          []Address  `json:"cc" required:"false" maxItems:"100"`
	Bcc         []Address  `json:"bcc" required:"false" maxItems:"100"`
	Subject     string     `json:"subject" minLength:"1" maxLength:"998"`
	Messages    []string   `json:"messages" required:"false" maxItems:"200" doc:"Of the ticket, that go along; internal notes never do"`
	Files       []string   `json:"files" required:"false" maxItems:"50" doc:"Blobs of attachments of these messages that go along"`
	Language    string     `json:"language" required:"false" enum:"en,es" doc:"Of the words above what is passed on"`
	SendAt      *time.Time `json:"send_at,omitempty"`
	UndoSeconds uint32     `json:"undo_seconds,omitempty" maximum:"60"`
}

type startSideInput struct {
	ByID
	Body StartSide
}

type startSideOutput struct {
	Body struct {
		Side Side `json:"side"`
	}
}

// startSide begins a side conversation by sending its first mail.
func (s *Server) startSide(ctx context.Context, in *startSideInput) (*startSideOutput, error) {
	ticket, cmd, err := s.sideAsked(ctx, in)
	if err != nil {
		return nil, err
	}
	conv := desk.ConversationID(ticket.Conversation)
	id := desk.SideIDFor(conv, desk.MessageID(in.Body.MessageID))
	known, err := s.opt.Sides.SidesOf(conv)
	if err != nil {
		return nil, fmt.Errorf("read the side conversations of %s: %w", conv, err)
	}
	again := slices.ContainsFunc(known, func(o desk.SideRow) bool { return o.Side == string(id) })
	if len(known) >= desk.MaxSides && !again {
		return nil, desk.Refuse(desk.Limit, "", "a ticket has at most %d side conversations: go on in one of them", desk.MaxSides)
	}
	if _, err := s.commands.Aside(ctx, me(ctx).row, id, conv, deskpb.NewCommand(cmd)); err != nil {
		return nil, err
	}
	row, err := s.opt.Sides.Side(id)
	if err != nil || row == nil {
		return nil, fmt.Errorf("read side conversation %s that was just begun: %w", id, err)
	}
	out := &startSideOutput{}
	out.Body.Side = sideView(row)
	return out, nil
}

type previewSideOutput struct {
	Body struct {
		From    Address   `json:"from" doc:"The mailbox"`
		To      []Address `json:"to"`
		Cc      []Address `json:"cc"`
		Bcc     []Address `json:"bcc"`
		Subject string    `json:"subject"`
		Body    *Body     `json:"body" doc:"Without the channel's signature"`
	}
}

// previewSide shows what startSide would send.
func (s *Server) previewSide(ctx context.Context, in *startSideInput) (*previewSideOutput, error) {
	_, cmd, err := s.sideAsked(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := s.commands.CheckAside(ctx, me(ctx).row, desk.ConversationID(in.ID), deskpb.NewCommand(cmd)); err != nil {
		return nil, err
	}
	channel, err := s.opt.ChannelRows.Channel(desk.ChannelID(cmd.Opening.Channel))
	if err != nil {
		return nil, fmt.Errorf("read channel %s: %w", cmd.Opening.Channel, err)
	}
	out := &previewSideOutput{}
	out.Body.From = Address{channel.GetName(), channel.GetAddress()}
	r := cmd.Reply
	out.Body.To, out.Body.Cc, out.Body.Bcc = each(r.To, addressView), each(r.Cc, addressView), each(r.Bcc, addressView)
	out.Body.Subject, out.Body.Body = cmd.Opening.Subject, bodyView(r.Body)
	return out, nil
}

// sideAsked makes the command: what goes along is taken from the ticket here, so that nothing but what the agent named can be in it.
func (s *Server) sideAsked(ctx context.Context, in *startSideInput) (desk.Ticket, *deskpb.StartSide, error) {
	b := &in.Body
	ticket, err := s.visibleTicket(ctx, desk.ConversationID(in.ID))
	if err != nil {
		return nil, nil, err
	}
	if ticket.MergedInto != "" {
		return nil, nil, desk.Refuse(desk.Conflict, "", "this ticket was merged into another one: forward that one")
	}
	channel, err := s.sideChannel(ticket, b.Channel)
	if err != nil {
		return nil, nil, err
	}
	for i, a := range slices.Concat(b.To, b.Cc, b.Bcc) {
		ours, err := s.opt.ChannelRows.ChannelByAddress(deskpb.ChannelKind_CHANNEL_KIND_EMAIL, strings.ToLower(strings.TrimSpace(a.Address)))
		if err != nil {
			return nil, nil, fmt.Errorf("find a channel: %w", err)
		}
		if ours != "" {
			return nil, nil, fault("body."+sideField(b, i), "%s is a mailbox of this desk: it would open a ticket there. Write a note for colleagues instead", a.Address)
		}
	}
	passed, err := s.passedOn(ctx, ticket, b)
	if err != nil {
		return nil, nil, err
	}
	body := desk.ForwardBody(b.body(), passed, b.Language)
	if len(body.Text) > desk.MaxTextBytes || len(body.Html) > desk.MaxHTMLBytes {
		return nil, nil, fault("body.messages", "these messages are too long for one mail: choose fewer")
	}
	r := Reply{Sent: b.Sent, To: b.To, Cc: b.Cc, Bcc: b.Bcc, SendAt: b.SendAt, UndoSeconds: b.UndoSeconds}
	reply := r.command().GetRequestReply()
	reply.Body = body
	return ticket, &deskpb.StartSide{Reply: reply, Opening: &deskpb.ConversationOpened{
		SideOf: ticket.Conversation, Channel: channel.Channel, ChannelKind: channel.Kind, Subject: strings.Join(strings.Fields(b.Subject), " "),
		Priority: deskpb.Priority_PRIORITY_NORMAL, Source: "side",
	}}, nil
}

// sideField names the recipient with this place among all of them.
func sideField(b *StartSide, i int) string {
	switch to, cc := len(b.To), len(b.Cc); {
	case i < to:
		return fmt.Sprintf("to[%d].address", i)
	case i < to+cc:
		return fmt.Sprintf("cc[%d].address", i-to)
	default:
		return fmt.Sprintf("bcc[%d].address", i-to-cc)
	}
}

// sideChannel is the mailbox a side conversation is sent from.
func (s *Server) sideChannel(ticket desk.Ticket, asked string) (desk.Channel, error) {
	all, err := s.opt.ChannelRows.Channels()
	if err != nil {
		return nil, fmt.Errorf("read the channels: %w", err)
	}
	all = slices.DeleteFunc(all, func(c desk.Channel) bool { return c.Kind != deskpb.ChannelKind_CHANNEL_KIND_EMAIL || !c.On })
	want := asked
	if want == "" {
		want = ticket.Channel
	}
	if i := slices.IndexFunc(all, func(c desk.Channel) bool { return c.Channel == want }); i >= 0 {
		return all[i], nil
	}
	switch {
	case asked != "":
		return nil, fault("body.channel", "must be a connected mailbox that is switched on")
	case len(all) == 1:
		return all[0], nil
	case len(all) == 0:
		return nil, fault("body.channel", "no mailbox is connected: connect one first, a side conversation is sent by mail")
	}
	return nil, fault("body.channel", "choose the mailbox it is sent from")
}

// passedOn reads the messages of a ticket that go along.
func (s *Server) passedOn(ctx context.Context, ticket desk.Ticket, b *StartSide) ([]desk.Forwarded, error) {
	if len(b.Messages) == 0 {
		if len(b.Files) > 0 {
			return nil, fault("body.files", "choose the messages whose attachments go along")
		}
		return nil, nil
	}
	fold, err := s.timelineOf(ctx, false, desk.ConversationID(ticket.Conversation))
	if err != nil {
		return nil, err
	}
	items := fold.shown()
	for i, id := range b.Messages {
		at := slices.IndexFunc(items, func(it Item) bool { return it.ID == id && it.Kind != "activity" })
		switch {
		case at < 0:
			return nil, fault(fmt.Sprintf("body.messages[%d]", i), "this ticket has no message %q", id)
		case items[at].Kind == "note":
			return nil, fault(fmt.Sprintf("body.messages[%d]", i), "an internal note never leaves the desk: copy what may be said of it into your own text")
		case items[at].Delivery != nil && items[at].Delivery.State == "canceled":
			return nil, fault(fmt.Sprintf("body.messages[%d]", i), "this reply was taken back and never sent")
		}
	}
	var out []desk.Forwarded
	var there []string
	for _, it := range items {
		if it.Kind == "activity" || !slices.Contains(b.Messages, it.ID) {
			continue
		}
		f := forwardedView(it)
		for _, a := range f.Body.Attachments {
			if slices.Contains(b.Files, a.Blob) {
				f.Files, there = append(f.Files, a.Blob), append(there, a.Blob)
			}
		}
		out = append(out, f)
	}
	for i, blob := range b.Files {
		if !slices.Contains(there, blob) {
			return nil, fault(fmt.Sprintf("body.files[%d]", i), "none of the messages that go along has this file")
		}
	}
	return out, nil
}

func forwardedView(it Item) desk.Forwarded {
	f := desk.Forwarded{Subject: it.Subject, Body: (&Sent{Text: it.Body.Text, HTML: it.Body.HTML, Attachments: it.Body.Attachments}).body()}
	f.Body.FreshTextBytes = it.Body.FreshTextBytes
	f.At, _ = time.Parse(time.RFC3339, it.At) // it is ours
	from := &deskpb.Address{Name: it.Author.Name}
	if it.From != nil {
		from = &deskpb.Address{Name: it.From.Name, Address: it.From.Address}
	}
	f.From, f.To = []*deskpb.Address{from}, addresses(it.To)
	return f
}
