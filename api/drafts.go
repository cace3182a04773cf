package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Writing is what stands in the composer.
type Writing struct {
	Text        string       `json:"text"`
	HTML        string       `json:"html" required:"false"`
	To          []string     `json:"to" required:"false" maxItems:"100" doc:"As written"`
	Cc          []string     `json:"cc" required:"false" maxItems:"100"`
	Bcc         []string     `json:"bcc" required:"false" maxItems:"100"`
	Attachments []Attachment `json:"attachments" required:"false" maxItems:"50"`
	Mentions    []string     `json:"mentions" required:"false" maxItems:"50" doc:"Agents, of a note"`
	SeenVersion uint64       `json:"seen_version" required:"false" doc:"Of the conversation, when this was begun"`
}

// Draft is what one is writing, on whatever device.
type Draft struct {
	Conversation string   `json:"conversation"`
	Kind         string   `json:"kind" enum:"reply,note"`
	Version      uint64   `json:"version" doc:"To be given back as base"`
	SavedAt      string   `json:"saved_at" format:"date-time"`
	Device       string   `json:"device" doc:"That saved it last"`
	Writing      Writing  `json:"writing"`
	Displaced    *Writing `json:"displaced" doc:"What another device had written, until it is let go; null: nothing"`
}

func writingView(w *deskpb.Writing) Writing {
	return Writing{
		Text: w.GetText(), HTML: w.GetHtml(), To: notNull(w.GetTo()), Cc: notNull(w.GetCc()), Bcc: notNull(w.GetBcc()), Mentions: notNull(w.GetMentions()),
		SeenVersion: w.GetSeenVersion(),
		Attachments: each(w.GetFiles(), func(f *deskpb.WritingFile) Attachment {
			return Attachment{f.Blob, f.Name, f.MediaType, f.Size, f.Inline, f.ContentId}
		}),
	}
}

func draftView(d *deskpb.DraftSummary) Draft {
	out := Draft{
		Conversation: d.Conversation, Kind: "reply", Version: d.Version, SavedAt: timeOf(d.SavedAtMs), Device: d.Device, Writing: writingView(d.Writing),
	}
	if d.Note {
		out.Kind = "note"
	}
	if d.Displaced != nil {
		w := writingView(d.Displaced)
		out.Displaced = &w
	}
	return out
}

type draftsAnswer struct {
	Body struct {
		Drafts []Draft `json:"drafts"`
	}
}

// maxDrafts bounds a list of drafts; nobody writes that many letters at once.
const maxDrafts = 200

func (s *Server) listDrafts(ctx context.Context, _ *nothing) (*draftsAnswer, error) {
	rows, err := s.opt.Accounts.Drafts(me(ctx).Agent, maxDrafts)
	return draftsOf(rows, err)
}

func (s *Server) readDrafts(ctx context.Context, in *ByID) (*draftsAnswer, error) {
	if _, err := s.visibleTicket(ctx, desk.ConversationID(in.ID)); err != nil {
		return nil, err
	}
	rows, err := s.opt.Accounts.DraftsIn(me(ctx).Agent, desk.ConversationID(in.ID))
	return draftsOf(rows, err)
}

func draftsOf(rows []*deskpb.DraftSummary, err error) (*draftsAnswer, error) {
	if err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	out := &draftsAnswer{}
	out.Body.Drafts = each(rows, draftView)
	return out, nil
}

// ByDraft is the path of one of one's drafts.
type ByDraft struct {
	ByID
	Kind string `path:"kind" enum:"reply,note"`
}

type saveDraftInput struct {
	ByDraft
	Body struct {
		Writing
		Base    uint64 `json:"base" required:"false" doc:"The version this device had; 0: none"`
		Device  string `json:"device" minLength:"1" maxLength:"64" doc:"Made by the browser"`
		Leaving bool   `json:"leaving" required:"false" doc:"The writer goes: save however short after the save before"`
		LetGo   bool   `json:"let_go" required:"false" doc:"What another device had written is not wanted"`
	}
}

func (s *Server) saveDraft(ctx context.Context, in *saveDraftInput) (*done, error) {
	b := &in.Body
	w := &deskpb.Writing{Text: b.Text, Html: b.HTML, To: b.To, Cc: b.Cc, Bcc: b.Bcc, Mentions: b.Mentions, SeenVersion: b.SeenVersion}
	for i, a := range b.Attachments {
		if !live.ValidHash(a.Blob) {
			return nil, fault(fmt.Sprintf("body.attachments[%d].blob", i), "must be the hash that the upload returned")
		}
		may, err := s.mayUse(ctx, me(ctx).row, desk.ConversationID(in.ID), a.Blob)
		if err != nil {
			return nil, err
		}
		if !may {
			return nil, fault(fmt.Sprintf("body.attachments[%d].blob", i), "there is no such file, upload it first")
		}
		w.Files = append(w.Files, &deskpb.WritingFile{
			Blob: a.Blob, Name: live.CleanFileName(a.Name), MediaType: live.CleanMediaType(a.MediaType), Size: a.Size, Inline: a.Inline, ContentId: a.ContentID,
		})
	}
	return s.draft(ctx, in.ByDraft, func(agent string, note bool) desk.Command {
		return deskpb.NewCommand(&deskpb.SaveDraft{
			Agent: agent, Conversation: in.ID, Note: note, Writing: w, Device: b.Device, Base: b.Base, Leaving: b.Leaving, LetGo: b.LetGo,
		})
	})
}

type clearDraftInput struct {
	ByDraft
	Cause  string `query:"cause" default:"discarded" enum:"sent,discarded"`
	Device string `query:"device" maxLength:"64"`
}

func (s *Server) clearDraft(ctx context.Context, in *clearDraftInput) (*done, error) {
	return s.draft(ctx, in.ByDraft, func(agent string, note bool) desk.Command {
		return deskpb.NewCommand(&deskpb.ClearDraft{Agent: agent, Conversation: in.ID, Note: note, Cause: in.Cause, Device: in.Device})
	})
}

// draft asks for a change of one of one's own drafts. There is no way to another's: the stream's id is made of who asks.
func (s *Server) draft(ctx context.Context, in ByDraft, command func(agent string, note bool) desk.Command) (*done, error) {
	id, note := desk.ConversationID(in.ID), in.Kind == "note"
	if _, err := s.visibleTicket(ctx, id); err != nil {
		return nil, err
	}
	who := me(ctx)
	return doneView(s.do(ctx, desk.DraftStream(who.Agent, id, note), command(string(who.Agent), note), live.AuthorOf(who.row)))
}

// draftRoutes is the part of the door for what is being written.
func (s *Server) draftRoutes() []route {
	return []route{
		{http.MethodGet, "/me/drafts", agents, "list-drafts", "What one is writing, in all conversations", typed(s.listDrafts, 200)},
		{http.MethodGet, "/conversations/{id}/drafts", agents, "read-drafts", "What one is writing in a conversation: at most a reply and a note", typed(s.readDrafts, 200)},
		{http.MethodPut, "/conversations/{id}/drafts/{kind}", agents, "save-draft", "Keep what one is writing; the latest save holds, on whatever device, and what it had not seen is kept beside it", large(s.saveDraft, 200)},
		{http.MethodDelete, "/conversations/{id}/drafts/{kind}", agents, "clear-draft", "Forget what one was writing: it was sent, or is not wanted", typed(s.clearDraft, 200)},
	}
}
