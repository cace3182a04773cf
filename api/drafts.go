package api

import (
	"context"
	"fmt"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Writing is a reply or a note that has not been sent.
type Writing struct {
	Text        string       `json:"text" required:"false"`
	HTML        string       `json:"html" required:"false"`
	Attachments []Attachment `json:"attachments" required:"false" maxItems:"50"`
	To          []Address    `json:"to" required:"false" maxItems:"100"`
	Cc          []Address    `json:"cc" required:"false" maxItems:"100"`
	Bcc         []Address    `json:"bcc" required:"false" maxItems:"100"`
	Mentions    []string     `json:"mentions" required:"false" maxItems:"50"`
}

// Draft is what an agent is writing in a conversation.
type Draft struct {
	Reply       *Writing   `json:"reply" required:"false"`
	Note        *Writing   `json:"note" required:"false"`
	OnNote      bool       `json:"on_note" required:"false" doc:"The note is the one being written"`
	BaseVersion uint64     `json:"base_version" required:"false" doc:"The conversation's version that was on the screen"`
	WrittenAt   *time.Time `json:"written_at" required:"false" doc:"When it was written: of two devices the later one is kept. Left out: now"`
}

func (w *Writing) message() *deskpb.Writing {
	if w == nil {
		return nil
	}
	sent := Sent{Text: w.Text, HTML: w.HTML, Attachments: w.Attachments}
	return &deskpb.Writing{Body: sent.body(), To: addresses(w.To), Cc: addresses(w.Cc), Bcc: addresses(w.Bcc), Mentions: w.Mentions}
}

func writingView(m *deskpb.Writing) *Writing {
	if m == nil {
		return nil
	}
	b := bodyView(m.Body)
	return &Writing{
		Text: b.Text, HTML: b.HTML, Attachments: b.Attachments, To: each(m.To, addressView), Cc: each(m.Cc, addressView),
		Bcc: each(m.Bcc, addressView), Mentions: notNull(m.Mentions),
	}
}

type draftOutput struct {
	Body struct {
		Draft   *Draft `json:"draft" doc:"null: there is none"`
		Version uint64 `json:"version" doc:"Of the draft"`
	}
}

func (s *Server) readDraft(ctx context.Context, in *ByID) (*draftOutput, error) {
	conversation := desk.ConversationID(in.ID)
	if err := s.commands.MaySee(me(ctx).row, conversation); err != nil {
		return nil, err
	}
	row, err := s.opt.Accounts.Draft(me(ctx).Agent, conversation)
	if err != nil {
		return nil, fmt.Errorf("read a draft: %w", err)
	}
	out := &draftOutput{}
	if m := row.GetDraft(); m != nil {
		at := time.UnixMilli(m.WrittenAtMs).UTC()
		out.Body.Version = row.Version
		out.Body.Draft = &Draft{
			Reply: writingView(m.Reply), Note: writingView(m.Note), OnNote: m.OnNote, BaseVersion: m.BaseVersion, WrittenAt: &at,
		}
	}
	return out, nil
}

type draftInput struct {
	ByID
	Body Draft
}

func (s *Server) saveDraft(ctx context.Context, in *draftInput) (*done, error) {
	m := &deskpb.DraftSaved{
		Conversation: in.ID, Reply: in.Body.Reply.message(), Note: in.Body.Note.message(), OnNote: in.Body.OnNote, BaseVersion: in.Body.BaseVersion,
	}
	if in.Body.WrittenAt != nil {
		m.WrittenAtMs = in.Body.WrittenAt.UnixMilli()
	}
	return doneView(s.commands.SaveDraft(ctx, me(ctx).row, m))
}

func (s *Server) clearDraft(ctx context.Context, in *ByID) (*done, error) {
	return doneView(s.commands.ClearDraft(ctx, me(ctx).row, desk.ConversationID(in.ID)))
}
