package desk

import (
	"bytes"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// Limits of drafts. What a draft costs: a record in the journal for every save, as large as what is written. A screen saves
// after two seconds of rest and on leaving, the same words are never saved twice, and what one draft may spend until it is
// sent or cleared is bounded; the words themselves stay in the browser beyond that.
const (
	MaxDraftTextBytes = 100_000
	MaxDraftHTMLBytes = 200_000
	MaxDraftSpent     = 8 << 20
)

// Draft is the state of a draft's stream.
type Draft struct {
	Saved   []byte // the last deskpb.DraftSaved; nil: there is none
	Written int64  // when that was written
	Spent   uint64 // bytes since it was last cleared
}

// DraftFormat is the version of Draft's snapshots.
const DraftFormat = 1

// Drafts is the decider of draft streams. A stream is one agent's in one conversation: nobody else is let in by the API.
var Drafts = Decider[*Draft]{
	Initial: func() *Draft { return &Draft{} },
	Decide:  decideDraft,
	Evolve:  evolveDraft,
}

func decideDraft(d *Draft, cmd Command) ([]Event, error) {
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_SaveDraft:
		return saveDraft(d, cmd, m.SaveDraft)
	case *deskpb.Command_ClearDraft:
		return clearDraft(d, m.ClearDraft)
	}
	return nil, unknownCommand(cmd, KindDraft)
}

func saveDraft(d *Draft, cmd Command, m *deskpb.SaveDraft) ([]Event, error) {
	draft := proto.CloneOf(m.GetDraft())
	if !ValidID(draft.GetAgent()) || !ValidID(draft.GetConversation()) {
		return nil, Refuse(Invalid, "conversation", "a draft belongs to an agent and a conversation")
	}
	for field, w := range map[string]*deskpb.Writing{"reply": draft.Reply, "note": draft.Note} {
		if err := checkWriting(field, w); err != nil {
			return nil, err
		}
	}
	if draft.WrittenAtMs <= 0 || draft.WrittenAtMs > cmd.AtMs {
		draft.WrittenAtMs = cmd.AtMs // a clock that is ahead would win for ever
	}
	before, err := d.draft()
	if err != nil {
		return nil, err
	}
	switch {
	case emptyWriting(draft.Reply) && emptyWriting(draft.Note):
		return clearDraft(d, &deskpb.ClearDraft{})
	case before != nil && sameDraft(before, draft):
		return nil, nil
	case draft.WrittenAtMs < d.Written:
		return nil, conflict("newer", "another device has written since")
	case d.Spent+uint64(proto.Size(draft)) > MaxDraftSpent:
		return nil, Refuse(Limit, "", "this draft was saved too often: send it or clear it")
	}
	return events(deskpb.NewEvent(draft)), nil
}

// clearDraft drops what was sent; the other of the two stays.
func clearDraft(d *Draft, m *deskpb.ClearDraft) ([]Event, error) {
	draft, err := d.draft()
	if err != nil || draft == nil {
		return nil, err
	}
	rest := proto.CloneOf(draft)
	if m.Reply || !m.Note {
		rest.Reply = nil
	}
	if m.Note || !m.Reply {
		rest.Note = nil
	}
	switch {
	case sameDraft(rest, draft):
		return nil, nil
	case emptyWriting(rest.Reply) && emptyWriting(rest.Note):
		return events(deskpb.NewEvent(&deskpb.DraftCleared{Agent: draft.Agent, Conversation: draft.Conversation})), nil
	}
	return events(deskpb.NewEvent(rest)), nil
}

func checkWriting(field string, w *deskpb.Writing) error {
	switch b := w.GetBody(); {
	case len(b.GetText()) > MaxDraftTextBytes:
		return Refuse(Invalid, field+".text", "at most %d bytes in a draft", MaxDraftTextBytes)
	case len(b.GetHtml()) > MaxDraftHTMLBytes:
		return Refuse(Invalid, field+".html", "at most %d bytes in a draft", MaxDraftHTMLBytes)
	case len(b.GetAttachments()) > MaxAttachments:
		return Refuse(Invalid, field+".attachments", "at most %d files", MaxAttachments)
	case len(w.GetTo())+len(w.GetCc())+len(w.GetBcc()) > MaxRecipients:
		return Refuse(Invalid, field+".to", "at most %d recipients", MaxRecipients)
	case len(w.GetMentions()) > MaxMentions:
		return Refuse(Invalid, field+".mentions", "at most %d agents", MaxMentions)
	}
	return nil
}

func emptyWriting(w *deskpb.Writing) bool {
	b := w.GetBody()
	return b.GetText() == "" && b.GetHtml() == "" && len(b.GetAttachments()) == 0
}

// sameDraft: what is written is the same, whenever and on whatever it was.
func sameDraft(a, b *deskpb.DraftSaved) bool {
	return proto.Equal(a.Reply, b.Reply) && proto.Equal(a.Note, b.Note) && a.OnNote == b.OnNote
}

func (d *Draft) draft() (*deskpb.DraftSaved, error) {
	if d.Saved == nil {
		return nil, nil
	}
	m := &deskpb.DraftSaved{}
	if err := proto.Unmarshal(d.Saved, m); err != nil {
		return nil, fmt.Errorf("read a draft's state: %w", err)
	}
	return m, nil
}

func evolveDraft(d *Draft, ev Event) *Draft {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_DraftSaved:
		raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(e.DraftSaved)
		if err != nil {
			return d // text that is not UTF-8: the journal never took it
		}
		d.Saved, d.Written, d.Spent = bytes.Clone(raw), e.DraftSaved.WrittenAtMs, d.Spent+uint64(len(raw))
	case *deskpb.Event_DraftCleared:
		d.Saved, d.Spent = nil, 0
	}
	return d
}

// ProjectDraft is the row after a record of a draft's stream, nil for none: the last record is all that counts.
func ProjectDraft(r Record) *deskpb.DraftSummary {
	if e := r.Event.GetDraftSaved(); e != nil {
		return &deskpb.DraftSummary{Draft: e, Version: r.Version, Position: r.Position}
	}
	return nil
}
