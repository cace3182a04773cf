package api

import (
	"context"
	"net/http"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Work is what a ticket's row says of the work on it.
type Work struct {
	Tags           []string          `json:"tags" doc:"Ids, in the order they were put on"`
	Team           string            `json:"team" doc:"Whose work it is; empty for none"`
	Pipeline       string            `json:"pipeline" doc:"Empty: the default one"`
	Stage          string            `json:"stage" doc:"The pipeline's own status; empty: the default one of the status"`
	Properties     map[string]string `json:"properties" doc:"By the property's id"`
	SnoozedUntil   *string           `json:"snoozed_until" format:"date-time" doc:"The last second of the year 9999: until the contact writes"`
	DueAt          *string           `json:"due_at" format:"date-time" doc:"By when the contact should have an answer; null: by no time, or they have it"`
	OfferedUntil   *string           `json:"offered_until" format:"date-time" doc:"It is an offer to its owner, who takes it by opening it, writing, or changing anything in it, or PUT owner with themselves; null: it is none"`
	Followers      []string          `json:"followers" doc:"Agents"`
	Mentioned      []string          `json:"mentioned" doc:"Agents named in notes who have not seen it"`
	Spam           bool              `json:"spam"`
	MergedInto     string            `json:"merged_into" doc:"The conversation that shows this one; empty for none"`
	ClosedAt       *string           `json:"closed_at" format:"date-time"`
	FirstReplyAt   *string           `json:"first_reply_at" format:"date-time"`
	LastReceivedAt *string           `json:"last_received_at" format:"date-time"`
	HasAttachments bool              `json:"has_attachments"`
	ScheduledAt    *string           `json:"scheduled_at" format:"date-time" doc:"When the next reply leaves that waits for its time"`
	Sides          int               `json:"sides" doc:"Side conversations, those that are done too"`
	SidesWaiting   int               `json:"sides_waiting" doc:"Side conversations that wait for whoever was asked"`
	SidesAnswered  int               `json:"sides_answered" doc:"Side conversations that were answered and not gone on with"`
	HeldUntil      *string           `json:"held_until" format:"date-time" doc:"Too much came at once: nobody is told of its messages, or chosen for it, before; null: they are"`
	HeldBy         *HeldBy           `json:"held_by" doc:"Whose limit that is"`
	FromAddress    string            `json:"from_address" doc:"From which it is answered; empty: as its channel says. reply_from of the conversation compares the two"`
	SetAside       string            `json:"set_aside" doc:"Why it was closed when it came, as handling of its message says; empty: it was not, or was opened since"`
	Bot            string            `json:"bot" doc:"The name of the bot that talks with them: nobody is chosen meanwhile; empty: none does"`
	Source         string            `json:"source" doc:"Empty: its channel; by_hand, api, import, split"`
}

// HeldBy is whose limit holds a ticket back.
type HeldBy struct {
	Limit string `json:"limit" enum:"sender,domain,mailbox"`
	Of    string `json:"of" doc:"The address or domain; empty: the mailbox's own limit"`
}

func heldBy(h *deskpb.Hold) *HeldBy {
	if h == nil {
		return nil
	}
	return &HeldBy{h.Limit, h.Of}
}

func workView(t desk.Ticket) Work {
	waiting, answered := desk.SidesOf(t)
	return Work{
		Sides: len(t.Sides), SidesWaiting: waiting, SidesAnswered: answered,
		Tags: notNull(t.Tags), Team: t.Team, Pipeline: t.Pipeline, Stage: t.Stage, Properties: propertiesView(t.Properties),
		SnoozedUntil: optionalTime(t.SnoozedUntilMs), DueAt: optionalTime(desk.DueMs(t)), OfferedUntil: optionalTime(desk.OfferedUntil(t)), Followers: notNull(t.Followers), Mentioned: notNull(t.Mentioned), Spam: t.Spam,
		MergedInto: t.MergedInto, ClosedAt: optionalTime(t.ClosedAtMs), FirstReplyAt: optionalTime(t.FirstReplyAtMs),
		LastReceivedAt: optionalTime(t.LastReceivedAtMs), HasAttachments: t.HasAttachments, ScheduledAt: optionalTime(desk.NextScheduled(t)), Source: t.Source, Bot: t.Bot, SetAside: t.SetAside, FromAddress: t.FromAddress, HeldUntil: optionalTime(t.HeldUntilMs), HeldBy: heldBy(t.Hold),
	}
}

func propertiesView(in map[string]string) map[string]string {
	if in == nil {
		return map[string]string{}
	}
	return in
}

func notNull(in []string) []string { return each(in, func(s string) string { return s }) }

type tagsInput struct {
	ByID
	Body struct {
		Add    []string `json:"add,omitempty" maxItems:"50" doc:"Ids of tags"`
		Remove []string `json:"remove,omitempty" maxItems:"50"`
	}
}

func (s *Server) changeTags(ctx context.Context, in *tagsInput) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.ChangeTicketTags{Add: in.Body.Add, Remove: in.Body.Remove}))
}

type teamInput struct {
	ByID
	Body struct {
		Team     *string `json:"team" maxLength:"64" doc:"A team's id; null for none"`
		Unassign bool    `json:"unassign,omitempty" doc:"Take it from its owner: it stands in line for the team's main members"`
	}
}

func (s *Server) transfer(ctx context.Context, in *teamInput) (*done, error) {
	team := ""
	if in.Body.Team != nil {
		team = *in.Body.Team
	}
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.TransferToTeam{Team: team, Unassign: in.Body.Unassign}))
}

type stageInput struct {
	ByID
	Body struct {
		Pipeline string `json:"pipeline,omitempty" maxLength:"64" doc:"Left out: the default one"`
		Stage    string `json:"stage" minLength:"1" maxLength:"64" doc:"A status of that pipeline"`
	}
}

func (s *Server) setStage(ctx context.Context, in *stageInput) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.SetTicketStage{Pipeline: in.Body.Pipeline, Stage: in.Body.Stage}))
}

// ByProperty is the path of a property of a thing.
type ByProperty struct {
	ByID
	Property string `path:"property" maxLength:"64" pattern:"^[0-9a-z_-]+$"`
}

type propertyInput struct {
	ByProperty
	Body struct {
		Value string `json:"value" maxLength:"10000" doc:"As the property's kind writes it; empty clears it"`
	}
}

func (s *Server) setProperty(ctx context.Context, in *propertyInput) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.SetTicketProperty{Property: in.Property, Value: in.Body.Value}))
}

type snoozeInput struct {
	ByID
	Body struct {
		Until *time.Time `json:"until" doc:"When it comes back by itself; null: when the contact writes. It comes back then in any case"`
	}
}

func (s *Server) snooze(ctx context.Context, in *snoozeInput) (*done, error) {
	until := desk.UntilContactWrites
	if in.Body.Until != nil {
		if until = in.Body.Until.UnixMilli(); until <= 0 || until >= desk.UntilContactWrites {
			return nil, fault("body.until", "must be in the future, and before the year 9999")
		}
	}
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.SnoozeTicket{UntilMs: until}))
}

func (s *Server) unsnooze(ctx context.Context, in *ByID) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.SnoozeTicket{}))
}

type dueInput struct {
	ByID
	Body struct {
		Due time.Time `json:"due" doc:"By when the contact should have an answer"`
	}
}

func (s *Server) setDue(ctx context.Context, in *dueInput) (*done, error) {
	ms := in.Body.Due.UnixMilli()
	if ms <= 0 {
		return nil, fault("body.due", "must be in the future; DELETE takes it off")
	}
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.SetTicketDue{DueMs: ms}))
}

func (s *Server) clearDue(ctx context.Context, in *ByID) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.SetTicketDue{}))
}

// ByAgent is the path of a thing's agent.
type ByAgent struct {
	ByID
	Agent string `path:"agent" maxLength:"64" pattern:"^[0-9a-z_-]+$"`
}

func (s *Server) follow(ctx context.Context, in *ByAgent) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.FollowTicket{Agent: in.Agent}))
}

func (s *Server) unfollow(ctx context.Context, in *ByAgent) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.UnfollowTicket{Agent: in.Agent}))
}

func (s *Server) release(ctx context.Context, in *ByID) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.ReleaseTicket{}))
}

func (s *Server) dismissMention(ctx context.Context, in *ByID) (*done, error) {
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.DismissMention{}))
}

type spamInput struct {
	ByID
	Body struct {
		Spam bool `json:"spam"`
	}
}

func (s *Server) setSpam(ctx context.Context, in *spamInput) (*done, error) {
	if in.Body.Spam {
		return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.MarkSpam{}))
	}
	return s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.UnmarkSpam{}))
}

// workRoutes is the part of the door for the work on a ticket.
func (s *Server) workRoutes() []route {
	const post, put, del = http.MethodPost, http.MethodPut, http.MethodDelete
	return []route{
		{post, "/conversations/{id}/tags", agents, "change-tags", "Put tags on the ticket, take tags off", typed(s.changeTags, 200)},
		{put, "/conversations/{id}/team", agents, "transfer", "Hand the ticket to a team", typed(s.transfer, 200)},
		{put, "/conversations/{id}/stage", agents, "set-stage", "Set the ticket's place in a pipeline, and its status with it", typed(s.setStage, 200)},
		{put, "/conversations/{id}/properties/{property}", agents, "set-property", "Set a property of the ticket", typed(s.setProperty, 200)},
		{put, "/conversations/{id}/snooze", agents, "snooze", "Lay the ticket aside until a time, or until the contact writes", typed(s.snooze, 200)},
		{put, "/conversations/{id}/due", agents, "set-due", "Say by when the contact should have an answer", typed(s.setDue, 200)},
		{del, "/conversations/{id}/due", agents, "clear-due", "The ticket is due by no time", typed(s.clearDue, 200)},
		{del, "/conversations/{id}/snooze", agents, "unsnooze", "Bring a snoozed ticket back", typed(s.unsnooze, 200)},
		{put, "/conversations/{id}/followers/{agent}", agents, "follow", "Let an agent follow the ticket", typed(s.follow, 200)},
		{del, "/conversations/{id}/followers/{agent}", agents, "unfollow", "Let an agent not follow it any more", typed(s.unfollow, 200)},
		{del, "/conversations/{id}/hold", agents, "release", "Too much came at once, and what follows from it waits: let it go on now", typed(s.release, 200)},
		{del, "/conversations/{id}/mention", agents, "dismiss-mention", "I have seen the notes that call me", typed(s.dismissMention, 200)},
		{post, "/conversations/{id}/merge", agents, "merge", "Let this conversation be shown in another one, which takes what comes for it", typed(s.merge, 200)},
		{http.MethodPut, "/conversations/{id}/requester", agents, "change-requester", "Make the ticket somebody else's: replies go to them", typed(s.changeRequester, 200)},
		{post, "/conversations/{id}/participants", agents, "confirm-participant", "Let somebody take part whose message only named the conversation", typed(s.confirmParticipant, 200)},
		{del, "/conversations/{id}/merge", agents, "undo-merge", "Give a merged conversation back what it had; what came meanwhile stays where it came", typed(s.undoMerge, 200)},
		{http.MethodGet, "/conversations/{id}/merge", agents, "merge-candidates", "Into which conversations it could be merged", typed(s.mergeCandidates, 200)},
		{post, "/conversations/{id}/split", agents, "split", "Let messages go to a new conversation", typed(s.split, 201)},
		{http.MethodGet, "/tickets/number/{number}", agents, "ticket-by-number", "The ticket with a number", typed(s.ticketByNumber, 200)},
		{post, "/tickets", agents, "open-ticket", "Make a ticket by hand; the same request_id again is the same ticket", large(s.openTicket, 201)},
		{post, "/tickets/bulk", agents, "bulk", "Do one thing to many tickets; each is answered for", typed(s.bulk, 200)},
		{post, "/tickets/bulk/undo", agents, "bulk-undo", "Take a bulk action back, where nobody changed it since", large(s.bulkUndo, 200)},
		{post, "/contacts/{id}/allow-answers", agents, "allow-answers", "Let automatic answers go to a contact again to whom they were stopped", typed(s.allowAnswers, 204)},
		{put, "/contacts/{id}/blocked", agents, "block-contact", "Keep what a contact writes as spam, or let it through again", typed(s.block, 200)},
		{put, "/contacts/{id}/properties/{property}", agents, "set-contact-property", "Set a property of the contact", typed(s.setContactProperty, 200)},
		{put, "/conversations/{id}/spam", agents, "set-spam", "Set the ticket aside as spam, or restore it", typed(s.setSpam, 200)},
	}
}
