package desk

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// Mail of before a channel was connected, taken in silently: it opens tickets that are closed, wakes nobody, is told to nobody and
// counts in no report. The records of such a message bear the mail's own time.

// SourceImport is the source of a ticket that an import opened.
const SourceImport = "import"

// Past says of a message on its way in that it is taken in from the past.
type Past struct {
	Import int64     // which import: when it was started
	At     time.Time // the mail's own time
	Sent   bool      // the team wrote it: Identity is whom it was for, From who wrote
}

// GetPast is nil-safe: of what came just now, and of a report, it is nil.
func (m *InboundMessage) GetPast() *Past {
	if m == nil {
		return nil
	}
	return m.Past
}

// PastQuery is which mail of the past is meant.
type PastQuery struct {
	Since       time.Time // zero: all there is
	Until       time.Time
	Inbox, Sent bool
	Folder      string // another one, as the mailbox calls it; "" for none
}

// PastFolder is a folder that an import reads.
type PastFolder struct {
	Name  string
	Sent  bool
	Mails int
}

// MailFolder is a folder of a mailbox, as the mailbox calls it. Use is what it is for, if it says so: sent, trash, junk, drafts, archive, all.
type MailFolder struct{ Name, Use string }

// startImport begins an import.
func startImport(a *Account, cmd Command, m *deskpb.ImportStarted) ([]Event, error) {
	switch {
	case a.Importing():
		return nil, conflict("importing", "an import is under way: stop it first")
	case !m.GetInbox() && !m.GetSent() && m.GetFolder() == "":
		return nil, Refuse(Invalid, "inbox", "choose the inbox, the sent mail or another folder")
	case m.UntilMs <= 0 || m.UntilMs > cmd.AtMs:
		return nil, Refuse(Invalid, "until", "must not be in the future")
	case m.SinceMs < 0 || m.SinceMs >= m.UntilMs:
		return nil, Refuse(Invalid, "since", "must be in the past")
	case m.UntilMs <= a.Import.GetStarted().GetUntilMs():
		return nil, conflict("importing", "another import was started at the same moment: try again")
	}
	m = proto.CloneOf(m)
	m.By = cmd.GetBy().GetId()
	return events(deskpb.NewEvent(m)), nil
}

// Importing: an import runs or is paused.
func (a *Account) Importing() bool { return importing(a.Import.GetState()) }

func importing(s deskpb.ImportState) bool {
	return s == deskpb.ImportState_IMPORT_STATE_RUNNING || s == deskpb.ImportState_IMPORT_STATE_PAUSED
}

// moveImport notes how far it is. What was under way when it was paused may still be noted, or it would be counted twice.
func moveImport(a *Account, m *deskpb.MoveImport) ([]Event, error) {
	switch {
	case a.Import.GetStarted().GetUntilMs() != m.UntilMs || a.Import.GetState() == deskpb.ImportState_IMPORT_STATE_DONE:
		return nil, conflict("not_importing", "this import is over")
	case len(m.GetProgress().GetCursor()) > MaxCursorBytes:
		return nil, Refuse(Invalid, "cursor", "at most %d bytes", MaxCursorBytes)
	case proto.Equal(a.Import.GetProgress(), m.Progress):
		return nil, nil
	}
	return events(deskpb.NewEvent(m.Progress)), nil
}

// switchImport pauses, resumes, stops or ends an import.
func switchImport(a *Account, cmd Command, m *deskpb.SwitchImport) ([]Event, error) {
	is := a.Import.GetState()
	switch m.To {
	case deskpb.ImportState_IMPORT_STATE_RUNNING, deskpb.ImportState_IMPORT_STATE_PAUSED, deskpb.ImportState_IMPORT_STATE_STOPPED,
		deskpb.ImportState_IMPORT_STATE_DONE:
	default:
		return nil, Refuse(Invalid, "state", "must be running, paused or stopped")
	}
	switch {
	case m.UntilMs != 0 && a.Import.GetStarted().GetUntilMs() != m.UntilMs:
		return nil, conflict("not_importing", "this import is over")
	case is == m.To:
		return nil, nil
	case is == deskpb.ImportState_IMPORT_STATE_UNSPECIFIED:
		return nil, Refuse(NotFound, "import", "no import was started")
	case !importing(is):
		return nil, conflict("not_importing", "this import is over: start another one")
	}
	return events(deskpb.NewEvent(&deskpb.ImportSwitched{To: m.To, By: cmd.GetBy().GetId()})), nil
}

// projectImport folds an event of an import; atMs is when it happened.
func projectImport(i *deskpb.Import, ev Event, atMs int64) *deskpb.Import {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ImportStarted:
		return &deskpb.Import{
			Started: e.ImportStarted, Progress: &deskpb.ImportMoved{}, State: deskpb.ImportState_IMPORT_STATE_RUNNING, ChangedMs: atMs,
		}
	case *deskpb.Event_ImportMoved:
		i = importRow(i)
		i.Progress = e.ImportMoved
	case *deskpb.Event_ImportSwitched:
		i = importRow(i)
		i.State, i.ChangedMs = e.ImportSwitched.To, atMs
	}
	return i
}

// importRow gives one that is the caller's own to change; of a history that lost its start, an empty one.
func importRow(i *deskpb.Import) *deskpb.Import {
	if i == nil {
		return &deskpb.Import{}
	}
	return proto.CloneOf(i)
}

// takePast keeps a message of the past in a conversation that is there: nothing else changes.
func takePast(in *deskpb.MessageReceived, from *deskpb.Imported) []Event {
	if from.Sent {
		return events(deskpb.NewEvent(&deskpb.ReplyImported{Mail: in, Agent: from.Agent, AgentName: from.AgentName}))
	}
	return events(deskpb.NewEvent(in))
}

// openPast opens a conversation with a message of the past: it is over.
func openPast(m *deskpb.ReceiveMessage, in *deskpb.MessageReceived) []Event {
	o := proto.CloneOf(m.Opening)
	o.Source = SourceImport
	out := append(events(deskpb.NewEvent(o)), takePast(in, m.Imported)...)
	out = append(out, deskpb.NewEvent(&deskpb.TicketStatusChanged{
		From: deskpb.TicketStatus_TICKET_STATUS_NEW, To: deskpb.TicketStatus_TICKET_STATUS_CLOSED, Cause: SourceImport,
	}))
	if m.Blocked && !m.Imported.Sent {
		out = append(out, deskpb.NewEvent(&deskpb.TicketMarkedSpam{Cause: nameOr(m.SpamCause, CauseBlockedSender)}))
	}
	return out
}

// newest tells whether a message of the past is the last one said so far; else it only belongs to what is known.
func (c *Conversation) newest(m *deskpb.MessageReceived) bool {
	if m.PastMs == 0 {
		c.Live = true
		return true
	}
	if c.Live || m.PastMs < c.PastMs {
		return false
	}
	c.PastMs = m.PastMs
	return true
}

// chainPast remembers the key of a message that was written before others that are known.
func (c *Conversation) chainPast(key string) {
	if key != "" && len(c.Chain) < maxChain && !slices.Contains(c.Chain, key) {
		c.Chain = slices.Insert(c.Chain, 0, key)
	}
}

func evolveReplyImported(c *Conversation, e *deskpb.ReplyImported) {
	m := e.Mail
	c.Messages[MessageID(m.GetMessage())] = &Message{Outbound: true, Delivery: deskpb.DeliveryState_DELIVERY_STATE_DELIVERED}
	newest := c.newest(m)
	if m.GetPastMs() == 0 {
		c.Machine = false
		c.say(Said{Version: c.Version, Message: MessageID(m.GetMessage()), Agent: AgentID(e.Agent), Name: nameOr(e.AgentName, m.GetFrom().GetAddress())})
	}
	if n := len(m.GetThreadKeys()); n > 0 {
		own := m.ThreadKeys[n-1]
		c.OwnKeys[own] = true // whoever answers it may join
		if newest {
			c.chain(own)
		} else {
			c.chainPast(own)
		}
	}
	for _, a := range m.GetTo() {
		c.join(a)
	}
	for _, a := range m.GetCc() {
		c.join(a)
	}
}

// projectPast folds a message of the past into the row. What was said later stays what was said last.
func projectPast(t *deskpb.TicketSummary, r Record, m *deskpb.MessageReceived, sent bool) {
	t.Messages++
	t.HasAttachments = t.HasAttachments || len(m.GetBody().GetAttachments()) > 0
	if t.Source == SourceImport {
		t.OpenedAtMs = min(t.OpenedAtMs, r.AtMs)
		if sent && t.FirstReplyAtMs == 0 && t.LastReceivedAtMs != 0 {
			t.FirstReplyAtMs = r.AtMs
		}
	}
	if !sent {
		t.LastReceivedAtMs = max(t.LastReceivedAtMs, r.AtMs)
	}
	if r.AtMs < t.UpdatedAtMs && t.Preview != "" {
		return
	}
	t.UpdatedAtMs, t.Preview, t.LastAuthor = max(t.UpdatedAtMs, r.AtMs), Preview(m.Body), "contact"
	if sent {
		t.LastAuthor = "agent"
	}
	if t.ClosedAtMs != 0 && t.Source == SourceImport {
		t.ClosedAtMs = r.AtMs // when the matter was over, as far as mails tell
	}
}
