package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Reply is an answer to the contact, as its author hands it in.
type Reply struct {
	Sent
	To          []Address  `json:"to" required:"false" maxItems:"100" doc:"Left out: who wrote last"`
	Cc          []Address  `json:"cc" required:"false" maxItems:"100"`
	Bcc         []Address  `json:"bcc" required:"false" maxItems:"100" doc:"They get it and no other recipient is told"`
	Close       bool       `json:"close" required:"false" doc:"Close the ticket with this reply: then=closed"`
	Then        string     `json:"then,omitempty" enum:"new,waiting_on_us,waiting_on_contact,closed" doc:"The status that goes with it; left out: waiting_on_contact"`
	SendAt      *time.Time `json:"send_at,omitempty" doc:"Send later: not before this time, which is within a year"`
	UndoSeconds uint32     `json:"undo_seconds,omitempty" maximum:"60" doc:"For so long it can be taken back before it leaves"`
	SeenVersion uint64     `json:"seen_version,omitempty" doc:"The conversation's version that was on the screen: refused (reason answered_since) when a colleague answered or somebody outside wrote since"`
	From        string     `json:"from_address,omitempty" maxLength:"254" doc:"The address it leaves from: the ticket's (left out), or the one its channel sends from now; what is answered from then on"`
	Anyway      bool       `json:"anyway,omitempty" doc:"Whoever answered since"`
}

func (r *Reply) command() desk.Command {
	m := &deskpb.RequestReply{
		Message: r.MessageID, Body: r.body(), To: addresses(r.To), Cc: addresses(r.Cc), Bcc: addresses(r.Bcc), Close: r.Close,
		UndoSeconds: r.UndoSeconds, SeenVersion: r.SeenVersion, Anyway: r.Anyway, FromAddress: r.From,
	}
	if r.Then != "" {
		m.Then = statusOf(r.Then)
	}
	if r.SendAt != nil {
		m.SendAtMs = max(r.SendAt.UnixMilli(), 1) // 0 would be now; what is long past is refused
	}
	return deskpb.NewCommand(m)
}

// Note is an internal comment, as its author hands it in.
type Note struct {
	Sent
	Mentions []string `json:"mentions,omitempty" maxItems:"50" doc:"Agents it calls"`
}

func (n *Note) command() desk.Command {
	return deskpb.NewCommand(&deskpb.AddNote{Message: n.MessageID, Body: n.body(), Mentions: n.Mentions})
}

type replyInput struct {
	ByID
	Body Reply
}

func (s *Server) reply(ctx context.Context, in *replyInput) (*done, error) {
	return s.ask(ctx, in.ID, in.Body.command())
}

type noteInput struct {
	ByID
	Body Note
}

func (s *Server) addNote(ctx context.Context, in *noteInput) (*done, error) {
	return s.ask(ctx, in.ID, in.Body.command())
}

// ByMessage is the path of a message of a conversation.
type ByMessage struct {
	ByID
	Message string `path:"message" maxLength:"64" pattern:"^[0-9a-z_-]+$"`
}

func (s *Server) cancelReply(ctx context.Context, in *ByMessage) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.CancelReply{Message: in.Message}))
}

type sendAtInput struct {
	ByMessage
	Body struct {
		SendAt *time.Time `json:"send_at" doc:"null: now"`
	}
}

func (s *Server) rescheduleReply(ctx context.Context, in *sendAtInput) (*done, error) {
	m := &deskpb.RescheduleReply{Message: in.Message}
	if in.Body.SendAt != nil {
		m.SendAtMs = max(in.Body.SendAt.UnixMilli(), 1)
	}
	return s.ask(ctx, in.ID, deskpb.NewCommand(m))
}

type retryInput struct {
	ByMessage
	Attempts uint32 `query:"attempts" doc:"As delivery.attempts says: asked for again after another failure, it is not a second decision"`
}

func (s *Server) retryReply(ctx context.Context, in *retryInput) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.RetryReply{Message: in.Message, Attempts: in.Attempts}))
}

type macroInput struct {
	ByID
	Body struct {
		Reply   *Reply       `json:"reply,omitempty"`
		Note    *Note        `json:"note,omitempty"`
		Actions []BulkAction `json:"actions,omitempty" maxItems:"18" doc:"In this order, after the reply and the note"`
	}
}

type macroOutput struct {
	Body struct {
		Version  uint64     `json:"version" doc:"Of the stream"`
		Position uint64     `json:"position" doc:"In the journal"`
		Undo     []BulkUndo `json:"undo" doc:"What takes the actions back: hand these to /tickets/bulk/undo; the reply is taken back on its own"`
	}
}

// macro asks for all of it, or nothing.
func (s *Server) macro(ctx context.Context, in *macroInput) (*macroOutput, error) {
	m := &deskpb.Together{}
	var places []string // in the body, of each command
	add := func(cmd desk.Command, place string) {
		m.Commands, places = append(m.Commands, cmd), append(places, place)
	}
	if in.Body.Reply != nil {
		add(in.Body.Reply.command(), "reply")
	}
	if in.Body.Note != nil {
		add(in.Body.Note.command(), "note")
	}
	for i := range in.Body.Actions {
		place := fmt.Sprintf("actions[%d]", i)
		cmd, err := in.Body.Actions[i].command()
		if err != nil {
			return nil, fault("body."+place, "%s", err.Error())
		}
		add(cmd, place)
	}
	if len(m.Commands) == 0 {
		return nil, fault("body", "a macro does something: give a reply, a note or actions")
	}
	id := desk.ConversationID(in.ID)
	before, err := s.visibleTicket(ctx, id)
	if err != nil {
		return nil, err
	}
	done, err := s.commands.Do(ctx, me(ctx).Agent, id.Stream(), deskpb.NewCommand(m))
	if err != nil {
		return nil, inBody(err, places)
	}
	out := &macroOutput{}
	out.Body.Version, out.Body.Position = done.Version, uint64(done.Position)
	out.Body.Undo = []BulkUndo{}
	if after, err := s.opt.Tickets.Ticket(id); err == nil && after != nil && done.Changed {
		out.Body.Undo = undoOf(before, after, in.Body.Actions, me(ctx).Agent)
	}
	return out, nil
}

// undoOf is what takes the actions of a macro back, the last one first; what changed nothing needs nothing.
func undoOf(before, after desk.Ticket, actions []BulkAction, by desk.AgentID) []BulkUndo {
	out := []BulkUndo{}
	for _, a := range slices.Backward(actions) {
		if a.Agent == "" && strings.HasSuffix(a.Kind, "follow") {
			a.Agent = string(by)
		}
		undo := inverse(before, &a)
		undo.Now = bulkState(after, &undo.Action)
		same := func(other BulkUndo) bool { return other.Action.Kind == undo.Action.Kind && a.Kind != "tags" }
		if bulkState(before, &undo.Action) != undo.Now && !slices.ContainsFunc(out, same) {
			out = append(out, *undo)
		}
	}
	return out
}

// inBody names the place in the body for a fault of one of the commands.
func inBody(err error, places []string) error {
	e, ok := errors.AsType[*desk.Error](err)
	if !ok {
		return err
	}
	for i, place := range places {
		if rest, of := strings.CutPrefix(e.Field, fmt.Sprintf("commands[%d]", i)); of {
			in := *e
			in.Field = place + rest
			return &in
		}
	}
	return err
}

// replyRoutes is the part of the door for what is said.
func (s *Server) replyRoutes() []route {
	const post, put, del = http.MethodPost, http.MethodPut, http.MethodDelete
	return []route{
		{post, "/conversations/{id}/replies", agents, "reply", "Answer the contact, now or later; the same message_id again is the same reply", large(s.reply, 200)},
		{del, "/conversations/{id}/replies/{message}", agents, "cancel-reply", "Take a reply back that has not left", typed(s.cancelReply, 200)},
		{put, "/conversations/{id}/replies/{message}/send-at", agents, "reschedule-reply", "Let a reply that has not left leave at another time, or now", typed(s.rescheduleReply, 200)},
		{post, "/conversations/{id}/replies/{message}/retry", agents, "retry-reply", "Try a reply again that failed or whose outcome is unknown: it may arrive twice", typed(s.retryReply, 200)},
		{post, "/conversations/{id}/notes", agents, "add-note", "Add a note for colleagues", large(s.addNote, 200)},
		{post, "/conversations/{id}/together", agents, "together", "A macro: a reply, a note and actions, all of them or none", large(s.macro, 200)},
	}
}
