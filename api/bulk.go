package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// BulkAction is one thing that is done to many tickets; kind says which fields count.
type BulkAction struct {
	Kind     string     `json:"kind" enum:"assign,team,status,stage,priority,tags,snooze,unsnooze,spam,not_spam,follow,unfollow"`
	Agent    string     `json:"agent,omitempty" maxLength:"64" doc:"Of assign: empty for nobody. Of follow: empty for oneself"`
	Team     string     `json:"team,omitempty" maxLength:"64" doc:"Of team: empty for none"`
	Unassign bool       `json:"unassign,omitempty" doc:"Of team"`
	Status   string     `json:"status,omitempty" enum:"new,waiting_on_us,waiting_on_contact,closed"`
	Pipeline string     `json:"pipeline,omitempty" maxLength:"64"`
	Stage    string     `json:"stage,omitempty" maxLength:"64"`
	Priority string     `json:"priority,omitempty" enum:"low,normal,high,urgent"`
	Add      []string   `json:"add,omitempty" maxItems:"50" doc:"Of tags"`
	Remove   []string   `json:"remove,omitempty" maxItems:"50"`
	Until    *time.Time `json:"until,omitempty" doc:"Of snooze: null until the contact writes"`
}

// command is what the action asks of one ticket.
func (a *BulkAction) command() (desk.Command, error) {
	switch a.Kind {
	case "assign":
		if a.Agent == "" {
			return deskpb.NewCommand(&deskpb.UnassignConversation{}), nil
		}
		return deskpb.NewCommand(&deskpb.AssignConversation{Agent: a.Agent}), nil
	case "team":
		return deskpb.NewCommand(&deskpb.TransferToTeam{Team: a.Team, Unassign: a.Unassign}), nil
	case "status":
		return deskpb.NewCommand(&deskpb.SetTicketStatus{Status: statusOf(a.Status)}), nil
	case "stage":
		return deskpb.NewCommand(&deskpb.SetTicketStage{Pipeline: a.Pipeline, Stage: a.Stage, Status: statusOf(a.Status)}), nil
	case "priority":
		return deskpb.NewCommand(&deskpb.SetTicketPriority{Priority: priorityOf(a.Priority)}), nil
	case "tags":
		return deskpb.NewCommand(&deskpb.ChangeTicketTags{Add: a.Add, Remove: a.Remove}), nil
	case "snooze":
		until := desk.UntilContactWrites
		if a.Until != nil {
			until = min(a.Until.UnixMilli(), desk.UntilContactWrites)
		}
		if until <= 0 {
			return nil, fault("body.action.until", "must be in the future")
		}
		return deskpb.NewCommand(&deskpb.SnoozeTicket{UntilMs: until}), nil
	case "unsnooze":
		return deskpb.NewCommand(&deskpb.SnoozeTicket{}), nil
	case "spam":
		return deskpb.NewCommand(&deskpb.MarkSpam{}), nil
	case "not_spam":
		return deskpb.NewCommand(&deskpb.UnmarkSpam{}), nil
	case "follow":
		return deskpb.NewCommand(&deskpb.FollowTicket{Agent: a.Agent}), nil
	case "unfollow":
		return deskpb.NewCommand(&deskpb.UnfollowTicket{Agent: a.Agent}), nil
	}
	return nil, fault("body.action.kind", "there is no such action")
}

// BulkUndo takes one ticket's part of an action back. It counts only while nobody changed again what the action changed.
type BulkUndo struct {
	ID     string     `json:"id" maxLength:"64" pattern:"^[0-9a-z_-]+$"`
	Action BulkAction `json:"action"`
	Now    string     `json:"now" maxLength:"8000" doc:"What the action left: if it is otherwise now, nothing is done"`
}

// BulkResult is what became of one ticket.
type BulkResult struct {
	ID      string    `json:"id"`
	Outcome string    `json:"outcome" enum:"done,unchanged,refused"`
	Code    string    `json:"code" doc:"Of a refusal"`
	Message string    `json:"message" doc:"Of a refusal"`
	Undo    *BulkUndo `json:"undo" doc:"What takes it back: hand these to /tickets/bulk/undo"`
}

type bulkInput struct {
	Body struct {
		IDs    []string   `json:"ids" minItems:"1" maxItems:"500"`
		Action BulkAction `json:"action"`
	}
}

type bulkUndoInput struct {
	Body struct {
		Undo []BulkUndo `json:"undo" minItems:"1" maxItems:"500"`
	}
}

type bulkOutput struct {
	Body struct {
		Results []BulkResult `json:"results" doc:"In the order asked"`
	}
}

// bulkAtOnce is how many tickets of one request are worked on together: the journal writes what comes together in one go.
const bulkAtOnce = 16

func (s *Server) bulk(ctx context.Context, in *bulkInput) (*bulkOutput, error) {
	if _, err := in.Body.Action.command(); err != nil {
		return nil, err
	}
	out := &bulkOutput{}
	out.Body.Results = s.together(ctx, in.Body.IDs, func(i int, id string) BulkResult {
		if slices.Index(in.Body.IDs, id) < i {
			return BulkResult{ID: id, Outcome: "unchanged"} // named twice
		}
		return s.bulkOne(ctx, id, in.Body.Action)
	})
	return out, nil
}

func (s *Server) bulkUndo(ctx context.Context, in *bulkUndoInput) (*bulkOutput, error) {
	ids := each(in.Body.Undo, func(u BulkUndo) string { return u.ID })
	out := &bulkOutput{}
	out.Body.Results = s.together(ctx, ids, func(i int, id string) BulkResult {
		u := in.Body.Undo[i]
		row, err := s.visibleTicket(ctx, desk.ConversationID(id))
		if err == nil && restored(row, &u.Action) {
			return BulkResult{ID: id, Outcome: "unchanged"}
		}
		if err == nil && bulkState(row, &u.Action) != u.Now {
			err = &desk.Error{Code: desk.Conflict, Reason: "changed", Message: "somebody changed it since"}
		}
		if err != nil {
			return s.bulkRefused(ctx, id, err)
		}
		result := s.bulkOne(ctx, id, u.Action)
		result.Undo = nil
		return result
	})
	return out, nil
}

// together does something for each, some at a time, and keeps the order of the answers.
func (s *Server) together(ctx context.Context, ids []string, do func(int, string) BulkResult) []BulkResult {
	out := make([]BulkResult, len(ids))
	places := make(chan struct{}, bulkAtOnce)
	var all sync.WaitGroup
	for i, id := range ids {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if err := ctx.Err(); err != nil {
				out[i] = s.bulkRefused(ctx, id, desk.Refuse(desk.Unavailable, "", "it took too long: ask again for the rest"))
				return
			}
			out[i] = do(i, id)
		})
	}
	all.Wait()
	return out
}

func (s *Server) bulkOne(ctx context.Context, id string, action BulkAction) BulkResult {
	row, err := s.visibleTicket(ctx, desk.ConversationID(id))
	if err != nil {
		return s.bulkRefused(ctx, id, err)
	}
	if action.Agent == "" && strings.HasSuffix(action.Kind, "follow") {
		action.Agent = string(me(ctx).Agent)
	}
	undo := inverse(row, &action)
	cmd, err := action.command()
	if err != nil {
		return s.bulkRefused(ctx, id, err)
	}
	done, err := s.commands.Do(ctx, me(ctx).Agent, desk.ConversationID(id).Stream(), cmd)
	if err != nil {
		return s.bulkRefused(ctx, id, err)
	}
	if !done.Changed {
		return BulkResult{ID: id, Outcome: "unchanged"}
	}
	after, err := s.opt.Tickets.Ticket(desk.ConversationID(id))
	if err == nil && after != nil {
		undo.Now = bulkState(after, &undo.Action)
	}
	return BulkResult{ID: id, Outcome: "done", Undo: undo}
}

func (s *Server) bulkRefused(ctx context.Context, id string, err error) BulkResult {
	result := BulkResult{ID: id, Outcome: "refused", Code: "internal", Message: "something failed in the server; try again"}
	if refusal, ok := errors.AsType[*desk.Error](err); ok {
		result.Code, result.Message = string(refusal.Code), refusal.Message
		return result
	}
	if p, ok := errors.AsType[*Problem](err); ok && p.Status < http.StatusInternalServerError {
		result.Code, result.Message = string(desk.NotFound), "there is no such ticket"
		return result
	}
	s.log.Error("a bulk action failed for a ticket", "request", requestID(ctx), "conversation", id, "err", err)
	return result
}

// inverse is what takes an action on a ticket back, from the row as it is before.
func inverse(t desk.Ticket, a *BulkAction) *BulkUndo {
	back := BulkAction{Kind: a.Kind}
	switch a.Kind {
	case "assign":
		back.Agent = t.Owner
	case "team":
		back.Team = t.Team
	case "status", "stage":
		back = BulkAction{Kind: "stage", Pipeline: t.Pipeline, Stage: t.Stage, Status: statusWord(t.Status)}
	case "priority":
		back.Priority = priorityWord(t.Priority)
	case "tags":
		for _, tag := range a.Add {
			if !slices.Contains(t.Tags, tag) {
				back.Remove = append(back.Remove, tag)
			}
		}
		for _, tag := range a.Remove {
			if slices.Contains(t.Tags, tag) {
				back.Add = append(back.Add, tag)
			}
		}
	case "snooze", "unsnooze":
		back.Kind = "unsnooze"
		if t.SnoozedUntilMs != 0 {
			back.Kind = "snooze"
			if t.SnoozedUntilMs < desk.UntilContactWrites {
				until := time.UnixMilli(t.SnoozedUntilMs)
				back.Until = &until
			}
		}
	case "spam":
		back.Kind = "not_spam"
	case "not_spam":
		back.Kind = "spam"
	case "follow", "unfollow":
		back.Kind, back.Agent = map[string]string{"follow": "unfollow", "unfollow": "follow"}[a.Kind], a.Agent
	}
	return &BulkUndo{ID: t.Conversation, Action: back}
}

// restored says that a ticket is already as an undo would make it, such as by the reply that was taken back with it.
func restored(t desk.Ticket, undo *BulkAction) bool {
	want := ""
	switch undo.Kind {
	case "assign":
		want = undo.Agent
	case "team":
		want = undo.Team
	case "stage":
		want = undo.Status + " " + undo.Pipeline + " " + undo.Stage
	case "priority":
		want = undo.Priority
	default:
		return false
	}
	return bulkState(t, undo) == want
}

// bulkState is what of a ticket an action changes, as a text to compare.
func bulkState(t desk.Ticket, a *BulkAction) string {
	switch a.Kind {
	case "assign":
		return t.Owner
	case "team":
		return t.Team
	case "status", "stage":
		return statusWord(t.Status) + " " + t.Pipeline + " " + t.Stage
	case "priority":
		return priorityWord(t.Priority)
	case "tags":
		var there []string
		for _, tag := range slices.Concat(a.Add, a.Remove) {
			if slices.Contains(t.Tags, tag) {
				there = append(there, tag)
			}
		}
		return strings.Join(there, " ")
	case "snooze", "unsnooze":
		if t.SnoozedUntilMs == 0 {
			return "awake"
		}
		return timeOf(t.SnoozedUntilMs)
	case "spam", "not_spam":
		if t.Spam {
			return "spam"
		}
		return "not_spam"
	case "follow", "unfollow":
		if slices.Contains(t.Followers, a.Agent) {
			return "follow"
		}
		return "unfollow"
	}
	return ""
}
