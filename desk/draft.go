package desk

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// Draft is the state of what one agent is writing in one conversation: a reply or a note. The device that saved last wins, and
// what it had not seen of another device is kept beside until it is let go, so that nobody's words are lost in silence.
type Draft struct {
	Version   uint64
	Writing   *deskpb.Writing // nil: nothing
	Displaced *deskpb.Writing
	Device    string
	SavedAtMs int64
	Sent      *deskpb.Writing // what was cleared last because it was sent
}

// DraftFormat is the version of Draft's snapshots.
const DraftFormat = 1

// Limits of a draft. What is larger stays in the browser until it is sent. DraftRestMs is the least time between two saves of
// one draft: a screen saves after two seconds of rest, so only a wrong one meets it.
const (
	MaxDraftBytes  = 256 << 10
	DraftRestMs    = 1000
	maxDeviceBytes = 64
)

// Drafts is the decider of draft streams.
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
		return clearDraft(d, m.ClearDraft), nil
	}
	return nil, unknownCommand(cmd, KindDraft)
}

func saveDraft(d *Draft, cmd Command, m *deskpb.SaveDraft) ([]Event, error) {
	if err := checkWriting(m); err != nil {
		return nil, err
	}
	w := m.Writing
	if Blank(w) {
		w = nil
	}
	letGo := m.LetGo && d.Displaced != nil
	switch {
	case w == nil:
		return clearDraft(d, &deskpb.ClearDraft{Agent: m.Agent, Conversation: m.Conversation, Note: m.Note, Cause: "discarded", Device: m.Device}), nil
	case sameWriting(w, d.Writing) && !letGo:
		return nil, nil
	case m.Base < d.Version && sameWriting(w, d.Sent):
		return nil, nil // a device that had not heard that it was sent
	case d.Writing != nil && !m.Leaving && !letGo && cmd.AtMs < d.SavedAtMs+DraftRestMs:
		return nil, &Error{Code: Limit, Reason: "too_soon", Message: "a draft is saved once a second at most: the next save will have it"}
	}
	ev := &deskpb.DraftSaved{
		Agent: m.Agent, Conversation: m.Conversation, Note: m.Note, Writing: w, Device: m.Device, LetGo: letGo, AtMs: cmd.AtMs,
	}
	if d.Writing != nil && d.Device != m.Device && m.Base < d.Version && !extends(w, d.Writing) {
		ev.Displaced = d.Writing
	}
	return events(deskpb.NewEvent(ev)), nil
}

func clearDraft(d *Draft, m *deskpb.ClearDraft) []Event {
	if d.Writing == nil || m.Text != "" && strings.TrimSpace(m.Text) != strings.TrimSpace(d.Writing.Text) {
		return nil
	}
	cause := "discarded"
	if m.Cause == "sent" {
		cause = "sent"
	}
	return events(deskpb.NewEvent(&deskpb.DraftCleared{
		Agent: m.Agent, Conversation: m.Conversation, Note: m.Note, Cause: cause, Device: clip(m.Device, maxDeviceBytes),
	}))
}

func checkWriting(m *deskpb.SaveDraft) error {
	w := m.Writing
	size := len(w.GetText()) + len(w.GetHtml())
	for _, list := range [][]string{w.GetTo(), w.GetCc(), w.GetBcc()} {
		for _, s := range list {
			size += len(s)
		}
	}
	switch {
	case !ValidID(m.Agent) || !ValidID(m.Conversation):
		return Refuse(Invalid, "conversation", "name the agent and the conversation")
	case len(m.Device) == 0 || len(m.Device) > maxDeviceBytes:
		return Refuse(Invalid, "device", "1 to %d bytes", maxDeviceBytes)
	case size > MaxDraftBytes:
		return Refuse(Invalid, "text", "a draft is kept up to %d bytes; it can be sent all the same", MaxDraftBytes)
	case len(w.GetTo())+len(w.GetCc())+len(w.GetBcc()) > MaxRecipients:
		return Refuse(Invalid, "to", "at most %d recipients", MaxRecipients)
	case len(w.GetFiles()) > MaxAttachments:
		return Refuse(Invalid, "attachments", "at most %d files", MaxAttachments)
	case len(w.GetMentions()) > MaxMentions:
		return Refuse(Invalid, "mentions", "a note calls at most %d agents", MaxMentions)
	}
	return nil
}

// Blank: nothing that anybody would miss. Recipients alone are no draft.
func Blank(w *deskpb.Writing) bool {
	return strings.TrimSpace(w.GetText()) == "" && len(w.GetFiles()) == 0 && !strings.Contains(w.GetHtml(), "<img")
}

// sameWriting leaves out when it was begun: that alone is no reason to save.
func sameWriting(a, b *deskpb.Writing) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Text != b.Text || a.Html != b.Html {
		return false
	}
	a, b = proto.CloneOf(a), proto.CloneOf(b)
	a.SeenVersion, b.SeenVersion = 0, 0
	return proto.Equal(a, b)
}

// extends: everything of the older one is in the newer one, so nothing is lost.
func extends(newer, older *deskpb.Writing) bool {
	if !strings.HasPrefix(newer.Text, strings.TrimRight(older.Text, " \n")) {
		return false
	}
	have := map[string]bool{}
	for _, f := range newer.Files {
		have[f.Blob] = true
	}
	for _, f := range older.Files {
		if !have[f.Blob] {
			return false
		}
	}
	return true
}

func evolveDraft(d *Draft, ev Event) *Draft {
	d.Version++
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_DraftSaved:
		m := e.DraftSaved
		d.Writing, d.Device, d.SavedAtMs, d.Sent = m.Writing, m.Device, m.AtMs, nil
		d.Displaced = displaced(d.Displaced, m)
	case *deskpb.Event_DraftCleared:
		d.Sent = nil
		if e.DraftCleared.Cause == "sent" {
			d.Sent = d.Writing
		}
		d.Writing, d.Displaced = nil, nil
	}
	return d
}

func displaced(before *deskpb.Writing, e *deskpb.DraftSaved) *deskpb.Writing {
	switch {
	case e.Displaced != nil:
		return e.Displaced
	case e.LetGo:
		return nil
	}
	return before
}

// ProjectDraft folds a record of a draft's stream; nil when nothing is being written.
func ProjectDraft(d *deskpb.DraftSummary, r Record) *deskpb.DraftSummary {
	e := r.Event.GetDraftSaved()
	if e == nil {
		return nil
	}
	return &deskpb.DraftSummary{
		Agent: e.Agent, Conversation: e.Conversation, Note: e.Note, Writing: e.Writing, Displaced: displaced(d.GetDisplaced(), e), Device: e.Device,
		SavedAtMs: r.AtMs, Version: r.Version, Position: r.Position,
	}
}
