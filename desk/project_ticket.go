package desk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

const previewBytes = 140

// ProjectTicket folds a record of a conversation's stream into its row of the ticket list. t is nil before the first record
// and is changed in place: the caller owns it. The ticket's number is not known here; the index fills it in.
func ProjectTicket(t *deskpb.TicketSummary, r Record) *deskpb.TicketSummary {
	if t == nil {
		t = &deskpb.TicketSummary{Conversation: StreamID(r.Stream).ID()}
	}
	t.Version, t.Position = r.Version, r.Position
	if RulesLookAt(r.Event) {
		t.RoutingVersion = r.Version
	}
	if t.Purged && r.Event.GetConversationOpened() == nil {
		return t // whatever it is, it is about what is gone
	}
	projectTenure(t, r)
	t.After = FoldAfter(t.After, t.Channel, t.ChannelKind, r.AtMs, r.Event)
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		t.Purged = false
		projectOpened(t, r, e.ConversationOpened)
	case *deskpb.Event_MessageReceived:
		projectReceived(t, r, e.MessageReceived)
	case *deskpb.Event_ReplyRequested:
		projectReply(t, r, e.ReplyRequested)
	case *deskpb.Event_ReplyImported:
		if e.ReplyImported.GetMail().GetPastMs() == 0 {
			projectWritten(t, r, e.ReplyImported.Mail)
		} else {
			projectPast(t, r, e.ReplyImported.Mail, true)
		}
	case *deskpb.Event_NoteAdded:
		spoken(t)
		t.UpdatedAtMs = r.AtMs
		t.Preview, t.LastAuthor = Preview(e.NoteAdded.Body), "note"
		t.HasAttachments = t.HasAttachments || len(e.NoteAdded.Body.GetAttachments()) > 0
		for _, a := range e.NoteAdded.Mentions {
			t.Mentioned = with(t.Mentioned, a)
			t.Followers = with(t.Followers, a)
		}
	case *deskpb.Event_DeliveryStarted:
		projectLeft(t, r, e.DeliveryStarted.Message)
	case *deskpb.Event_DeliverySettled:
		projectSettled(t, e.DeliverySettled)
	case *deskpb.Event_ConversationAssigned:
		t.Owner, t.OwnerName, t.Reason = e.ConversationAssigned.Agent, e.ConversationAssigned.AgentName, e.ConversationAssigned.Reason
		leaveLine(t)
	case *deskpb.Event_ConversationUnassigned:
		t.Owner, t.OwnerName, t.Reason = "", "", e.ConversationUnassigned.Reason
		joinLine(t, backSince(t, r.AtMs))
	case *deskpb.Event_AssignmentDeferred:
		t.Reason = e.AssignmentDeferred.Reason
		if e.AssignmentDeferred.Waiting {
			joinLine(t, r.AtMs)
		} else {
			leaveLine(t)
		}
	case *deskpb.Event_TicketStatusChanged:
		projectStatus(t, r, e.TicketStatusChanged)
	case *deskpb.Event_TicketPriorityChanged:
		t.Priority = e.TicketPriorityChanged.Priority
	case *deskpb.Event_TicketSubjectChanged:
		t.Subject = e.TicketSubjectChanged.Subject
	default:
		if !projectWaiting(t, r) && !projectBot(t, r) {
			projectWork(t, r)
		}
	}
	return t
}

func projectOpened(t *deskpb.TicketSummary, r Record, e *deskpb.ConversationOpened) {
	t.Subject, t.Contact, t.ContactName = e.Subject, e.Contact, e.ContactName
	t.Channel, t.ChannelKind, t.Thread = e.Channel, e.ChannelKind, e.Thread
	t.Status, t.Priority = deskpb.TicketStatus_TICKET_STATUS_NEW, e.Priority
	t.OpenedAtMs, t.UpdatedAtMs = r.AtMs, r.AtMs
	t.Routing, t.ContactRecognised, t.Source = e.Routing, e.ContactRecognised, e.Source
	t.FromAddress = e.FromAddress
	joinLine(t, r.AtMs)
}

func projectReceived(t *deskpb.TicketSummary, r Record, e *deskpb.MessageReceived) {
	if e.PastMs != 0 {
		projectPast(t, r, e, false)
		return
	}
	spoken(t)
	t.UpdatedAtMs, t.LastReceivedAtMs = r.AtMs, r.AtMs
	t.HasAttachments = t.HasAttachments || len(e.Body.GetAttachments()) > 0
	if t.WaitingSinceMs == 0 && Speaks(e.Automatic) && !(e.Unconfirmed && t.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED) {
		t.WaitingSinceMs = r.AtMs
	}
	t.Preview, t.LastAuthor, t.Messages = Preview(e.Body), "contact", t.Messages+1
	if t.Messages == 1 && e.Handling != nil {
		t.SetAside = e.Handling.Reason // if it is closed with the next fact
	}
}

func projectSettled(t *deskpb.TicketSummary, e *deskpb.DeliverySettled) {
	switch e.State {
	case deskpb.DeliveryState_DELIVERY_STATE_FAILED, deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN:
		if !e.Resolves {
			t.Undelivered++ // an unknown one that turns out to have failed is counted already
		}
	case deskpb.DeliveryState_DELIVERY_STATE_SENT, deskpb.DeliveryState_DELIVERY_STATE_DELIVERED, deskpb.DeliveryState_DELIVERY_STATE_READ:
		if e.Resolves && t.Undelivered > 0 {
			t.Undelivered--
		}
	default: // still on its way
	}
}

func projectStatus(t *deskpb.TicketSummary, r Record, e *deskpb.TicketStatusChanged) {
	t.Status, t.UpdatedAtMs, t.Stage = e.To, r.AtMs, ""
	if e.Cause != CauseSetAside {
		t.SetAside = ""
	}
	if e.To == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
		t.WaitedSinceMs, t.WaitingSinceMs, t.ClosedAtMs, t.Handed = t.WaitingSinceMs, 0, r.AtMs, nil
		leaveLine(t)
		return
	}
	if e.By != "" && t.WaitingSinceMs == 0 {
		t.WaitingSinceMs = t.WaitedSinceMs // closed by mistake: the contact waits since they wrote
	}
	t.ClosedAtMs, t.WaitedSinceMs = 0, 0
	if e.From == deskpb.TicketStatus_TICKET_STATUS_CLOSED && t.Owner == "" {
		joinLine(t, r.AtMs)
	}
}

// joinLine puts an open ticket without owner into the waiting line, unless nobody is chosen for it by itself.
func joinLine(t *deskpb.TicketSummary, atMs int64) {
	routes := t.Team != "" || Routes(RuleFor(t, t.Routing))
	if routes && !t.InLine && t.Owner == "" && !t.HeldUnrouted && t.Bot == "" && Active(t) {
		t.InLine, t.InLineSinceMs = true, atMs
	}
}

func leaveLine(t *deskpb.TicketSummary) { t.InLine, t.InLineSinceMs = false, 0 }

// Routes reports whether a rule ever chooses an owner by itself.
func Routes(rule *deskpb.RoutingRule) bool {
	for _, s := range rule.GetSteps() {
		if !s.GetOff() && Routes(s.GetThen()) {
			return true
		}
	}
	return chooses(rule)
}

// chooses is Routes of a rule itself, without those it holds.
func chooses(rule *deskpb.RoutingRule) bool {
	return rule.GetMode() == deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS || rule.GetMode() == deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER
}

// CloneTicket copies a row, for a caller that will change it.
func CloneTicket(t Ticket) *deskpb.TicketSummary { return proto.CloneOf(t) }

// Preview is the start of what a message says, for lists.
func Preview(b *deskpb.Body) string {
	s := b.GetText()
	if n := int(b.GetFreshTextBytes()); n > 0 && n <= len(s) {
		s = s[:n]
	}
	if len(s) > 2*previewBytes {
		s = s[:2*previewBytes]
	}
	s = firstOfLine(strings.ToValidUTF8(s, ""), previewBytes)
	if s == "" && len(b.GetAttachments()) > 0 {
		s = b.Attachments[0].Name
	}
	return clip(s, previewBytes)
}

// oneLine has one space where s has any white space, and none around it.
func oneLine(s string) string { return firstOfLine(s, len(s)) }

// firstOfLine is oneLine as far as whole words up to n bytes and the one in which they end.
func firstOfLine(s string, n int) string {
	out := make([]byte, 0, min(len(s), n+n/8))
	for len(out) < n {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
		end := wordEnd(s)
		if end == 0 {
			break
		}
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out, s = append(out, s[:end]...), s[end:]
	}
	return string(out)
}

// wordEnd is where the word that s begins with ends.
func wordEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			if end := strings.IndexFunc(s[i:], unicode.IsSpace); end >= 0 {
				return i + end
			}
			return len(s)
		case c == ' ' || c >= '\t' && c <= '\r': // the white space of ASCII
			return i
		}
	}
	return len(s)
}

// clip cuts a string to at most n bytes at a rune's border.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
