package live

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Drafts answers for what an agent has not sent yet.
type Drafts interface {
	Draft(agent desk.AgentID, conversation desk.ConversationID) (*deskpb.DraftSummary, error)
}

// SaveDraft keeps what an agent is writing, made as harmless and as true as if it were sent.
func (c *Commands) SaveDraft(ctx context.Context, by desk.Agent, m *deskpb.DraftSaved) (desk.Done, error) {
	conversation := desk.ConversationID(m.Conversation)
	if err := c.MaySee(by, conversation); err != nil {
		return desk.Done{}, err
	}
	m.Agent = by.Agent
	for field, w := range map[string]*deskpb.Writing{"reply": m.Reply, "note": m.Note} {
		if w == nil {
			continue
		}
		asked := &deskpb.RequestReply{Body: w.Body, To: w.To, Cc: w.Cc, Bcc: w.Bcc}
		if err := c.checkReply(ctx, asked); err != nil {
			return desk.Done{}, inField(err, field)
		}
		w.Body, w.To, w.Cc, w.Bcc = asked.Body, asked.To, asked.Cc, asked.Bcc
	}
	return c.draft(ctx, by, conversation, &deskpb.SaveDraft{Draft: m})
}

// MaySee refuses a conversation that is not there or not the agent's to see.
func (c *Commands) MaySee(by desk.Agent, id desk.ConversationID) error {
	row, err := c.Rows.Ticket(id)
	if err != nil {
		return fmt.Errorf("read ticket %s: %w", id, err)
	}
	if row == nil {
		return desk.Refuse(desk.NotFound, "conversation", "there is no such conversation")
	}
	return c.sees(by, id)
}

// ClearDraft drops an agent's draft.
func (c *Commands) ClearDraft(ctx context.Context, by desk.Agent, conversation desk.ConversationID) (desk.Done, error) {
	return c.draft(ctx, by, conversation, &deskpb.ClearDraft{})
}

func (c *Commands) draft(ctx context.Context, by desk.Agent, conversation desk.ConversationID, m proto.Message) (desk.Done, error) {
	cmd := deskpb.NewCommand(m)
	cmd.AtMs, cmd.By = time.Now().UnixMilli(), AuthorOf(by)
	return c.Desk.Do(ctx, desk.DraftStream(desk.AgentID(by.Agent), conversation), cmd)
}

// sent clears what was sent. Nobody waits for it: a draft that stays is a nuisance, not a fault.
func (c *Commands) sent(ctx context.Context, by desk.Agent, conversation desk.ConversationID, cmd desk.Command) {
	clear := &deskpb.ClearDraft{}
	for _, one := range slices.Concat(cmd.GetTogether().GetCommands(), []*deskpb.Command{cmd}) {
		clear.Reply = clear.Reply || one.GetRequestReply() != nil
		clear.Note = clear.Note || one.GetAddNote() != nil
	}
	if c.Drafts == nil || !clear.Reply && !clear.Note {
		return
	}
	if row, err := c.Drafts.Draft(desk.AgentID(by.Agent), conversation); err != nil || row == nil {
		return
	}
	_, _ = c.draft(ctx, by, conversation, clear)
}

func inField(err error, field string) error {
	e, ok := err.(*desk.Error)
	if !ok {
		return err
	}
	in := *e
	in.Field = field + "." + e.Field
	return &in
}

// drafts tells an agent's own screens what they are writing elsewhere.
func (h *Hub) drafts(records []desk.Record) {
	for _, r := range records {
		if desk.StreamID(r.Stream).Kind() != desk.KindDraft {
			continue
		}
		saved, cleared := r.Event.GetDraftSaved(), r.Event.GetDraftCleared()
		agent, conversation := saved.GetAgent()+cleared.GetAgent(), saved.GetConversation()+cleared.GetConversation()
		f := frames{frame: &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Draft{Draft: &deskpb.DraftChanged{
			Conversation: conversation, Draft: desk.ProjectDraft(r),
		}}}}
		for s := range h.sessions {
			if string(s.who.Agent) == agent {
				s.push(f.of(s.binary))
			}
		}
	}
}
