package live

import (
	"context"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// sent clears the draft of what was just sent, if it says the same: a program that answers in an agent's name leaves alone what
// the agent is writing. It is done after the answer's own entry, so a stop between the two leaves a draft behind of what was
// sent; its screen, which knows, clears it too.
func (c *Commands) sent(ctx context.Context, by desk.Agent, stream desk.StreamID, cmd desk.Command) {
	var body *deskpb.Body
	note := false
	switch k := cmd.GetKind().(type) {
	case *deskpb.Command_RequestReply:
		body = k.RequestReply.GetBody()
	case *deskpb.Command_AddNote:
		body, note = k.AddNote.GetBody(), true
	default:
		return
	}
	if c.Drafts == nil || body.GetText() == "" {
		return
	}
	agent, conversation := desk.AgentID(by.Agent), desk.ConversationID(stream.ID())
	rows, err := c.Drafts.DraftsIn(agent, conversation)
	if err != nil {
		return // the screen clears it
	}
	for _, d := range rows {
		if d.Note != note {
			continue
		}
		clear := deskpb.NewCommand(&deskpb.ClearDraft{
			Agent: by.Agent, Conversation: string(conversation), Note: note, Cause: "sent", Text: body.Text,
		})
		clear.AtMs, clear.By = cmd.AtMs, AuthorOf(by)
		_, _ = c.Desk.Do(ctx, desk.DraftStream(agent, conversation, note), clear) // as above
	}
}

// drafts tells an agent's own screens what they are writing now. One pass over the sockets for a run of records, and none when
// nobody wrote.
func (h *Hub) drafts(records []desk.Record) {
	var news map[desk.AgentID][]*frames
	for _, r := range records {
		f := h.draftFrame(r)
		if f == nil {
			continue
		}
		if news == nil {
			news = map[desk.AgentID][]*frames{}
		}
		agent := desk.AgentID(f.GetDraft().GetDraft().GetAgent())
		news[agent] = append(news[agent], &frames{frame: f})
	}
	if news == nil {
		return
	}
	for s := range h.sessions {
		for _, f := range news[s.who.Agent] {
			s.push(f.of(s.binary))
		}
	}
}

// draftFrame carries the row as it is, or what the record says when that is over. Whoever resumes reads the rows.
func (h *Hub) draftFrame(r desk.Record) *deskpb.ServerFrame {
	d := &deskpb.DraftSummary{SavedAtMs: r.AtMs, Version: r.Version, Position: r.Position}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_DraftSaved:
		m := e.DraftSaved
		d.Agent, d.Conversation, d.Note, d.Device, d.Writing, d.Displaced = m.Agent, m.Conversation, m.Note, m.Device, m.Writing, m.Displaced
		if row := h.draftRow(m); row != nil {
			d = row
		}
	case *deskpb.Event_DraftCleared:
		m := e.DraftCleared
		d.Agent, d.Conversation, d.Note, d.Device, d.Cause = m.Agent, m.Conversation, m.Note, m.Device, m.Cause
	default:
		return nil
	}
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Draft{Draft: &deskpb.DraftChanged{Position: r.Position, Draft: d}}}
}

func (h *Hub) draftRow(e *deskpb.DraftSaved) *deskpb.DraftSummary {
	rows, err := h.opt.Drafts.DraftsIn(desk.AgentID(e.Agent), desk.ConversationID(e.Conversation))
	if err != nil {
		return nil
	}
	for _, row := range rows {
		if row.Note == e.Note {
			return row
		}
	}
	return nil
}
