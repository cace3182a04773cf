package desk

import (
	"slices"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// Limits of what an agent writes.
const (
	MaxTextBytes   = 1 << 20
	MaxHTMLBytes   = 2 << 20
	MaxAttachments = 50
	MaxRecipients  = 100
)

// requestReply asks for an answer to the contact. It takes the ticket if nobody has it, and waits on the contact unless told
// otherwise.
func requestReply(c *Conversation, cmd Command, m *deskpb.RequestReply) ([]Event, error) {
	if err := checkMessage(m.Message, m.Body); err != nil {
		return nil, err
	}
	if was := c.Messages[MessageID(m.Message)]; was != nil {
		return nil, repeated(was, digest("reply", m.Body))
	}
	if len(m.To)+len(m.Cc)+len(m.Bcc) > MaxRecipients {
		return nil, Refuse(Invalid, "to", "at most %d recipients", MaxRecipients)
	}
	due, err := c.dueOf(cmd.AtMs, m)
	if err != nil {
		return nil, err
	}
	from, err := c.fromOf(m)
	if err != nil {
		return nil, err
	}
	then, err := statusThen(m)
	if err != nil {
		return nil, err
	}
	if err := c.unread(cmd, m); err != nil {
		return nil, err
	}
	to := m.To
	switch {
	case len(to) > 0:
	case c.LastFrom != nil:
		to = []*deskpb.Address{c.LastFrom}
	case m.ContactAddress != nil: // of a ticket in which nobody has written yet
		to = []*deskpb.Address{m.ContactAddress}
	}
	reply := &deskpb.ReplyRequested{
		Message: m.Message, Channel: string(c.Channel), Agent: cmd.GetBy().GetId(), AgentName: cmd.GetBy().GetName(), Body: m.Body,
		To: to, Cc: m.Cc, Bcc: m.Bcc, Subject: c.replySubject(), Thread: c.Thread, References: slices.Clone(c.Chain),
		ThreadKeys: m.ThreadKeys, SendAtMs: due, Then: m.Then, FromAddress: from,
	}
	if n := len(c.Chain); n > 0 {
		reply.InReplyTo = c.Chain[n-1]
	}
	if m.MailAfterMs > 0 && c.Kind == deskpb.ChannelKind_CHANNEL_KIND_CHAT {
		reply.MailAtMs = max(cmd.AtMs, due) + m.MailAfterMs
	}
	c.byMail(reply, m)
	out := events(deskpb.NewEvent(reply))
	if c.Owner == "" && c.SideOf == "" && cmd.GetBy().GetKind() == deskpb.Author_KIND_AGENT {
		out = append(out, deskpb.NewEvent(&deskpb.ConversationAssigned{
			Agent: cmd.By.Id, AgentName: cmd.By.Name, By: cmd.By.Id,
			Reason: &deskpb.AssignmentReason{Code: "replied", Text: "Took it by answering: nobody had it."},
		}))
	}
	out = append(out, c.answerSettles(cmd, due)...)
	if cmd.GetBy().GetKind() == deskpb.Author_KIND_AGENT {
		out = append(out, c.release(HoldOverByHand, cmd.By.Id)...)
	}
	if then != c.Status {
		out = append(out, c.changeStatus(then, cmd.GetBy().GetId(), "reply")...)
	}
	if m.Close {
		reply.Then = then // so that taking it back knows
	}
	return out, nil
}

// fromOf is the address that a reply leaves from: the conversation keeps the one it has, whatever its channel sends from meanwhile, until
// an agent says the channel's. There are no others: what a mail may be sent from the provider says, and it let these two.
func (c *Conversation) fromOf(m *deskpb.RequestReply) (string, error) {
	switch own := nameOr(c.From, m.ChannelFrom); {
	case m.FromAddress == "", strings.EqualFold(m.FromAddress, own):
		return own, nil
	case strings.EqualFold(m.FromAddress, m.ChannelFrom):
		return m.ChannelFrom, nil
	case own == "":
		return "", Refuse(Invalid, "from_address", "replies of this channel have no address of their own: leave it out")
	case m.ChannelFrom == "" || strings.EqualFold(own, m.ChannelFrom):
		return "", Refuse(Invalid, "from_address", "this ticket is answered from %s: leave it out, or say that", own)
	default:
		return "", Refuse(Invalid, "from_address", "must be %s, from which this ticket is answered, or %s, from which its channel sends now", own, m.ChannelFrom)
	}
}

// statusThen is the status that goes with a reply.
func statusThen(m *deskpb.RequestReply) (deskpb.TicketStatus, error) {
	_, known := deskpb.TicketStatus_name[int32(m.Then)]
	switch {
	case !known:
		return 0, Refuse(Invalid, "then", "must be new, waiting_on_us, waiting_on_contact or closed")
	case m.Close && m.Then != 0 && m.Then != deskpb.TicketStatus_TICKET_STATUS_CLOSED:
		return 0, Refuse(Invalid, "then", "close says something else: leave one of them out")
	case m.Close:
		return deskpb.TicketStatus_TICKET_STATUS_CLOSED, nil
	}
	return thenOf(m.Then), nil
}

func thenOf(s deskpb.TicketStatus) deskpb.TicketStatus {
	if s == deskpb.TicketStatus_TICKET_STATUS_UNSPECIFIED {
		return deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT
	}
	return s
}

func addNote(c *Conversation, cmd Command, m *deskpb.AddNote) ([]Event, error) {
	if err := checkMessage(m.Message, m.Body); err != nil {
		return nil, err
	}
	if was := c.Messages[MessageID(m.Message)]; was != nil {
		return nil, repeated(was, digest("note", m.Body))
	}
	if len(m.Mentions) > MaxMentions {
		return nil, Refuse(Invalid, "mentions", "a note calls at most %d agents", MaxMentions)
	}
	return events(deskpb.NewEvent(&deskpb.NoteAdded{
		Message: m.Message, Agent: cmd.GetBy().GetId(), AgentName: cmd.GetBy().GetName(), Body: m.Body, Mentions: m.Mentions,
	})), nil
}

func checkMessage(id string, b *deskpb.Body) error {
	switch {
	case !ValidID(id):
		return Refuse(Invalid, "message_id", "must be 1 to 64 characters of 0-9, a-z, _ and -")
	case strings.TrimSpace(b.GetText()) == "" && strings.TrimSpace(b.GetHtml()) == "" && len(b.GetAttachments()) == 0:
		return Refuse(Invalid, "text", "write something or attach a file")
	case len(b.Text) > MaxTextBytes:
		return Refuse(Invalid, "text", "at most %d bytes", MaxTextBytes)
	case len(b.Html) > MaxHTMLBytes:
		return Refuse(Invalid, "html", "at most %d bytes", MaxHTMLBytes)
	case len(b.Attachments) > MaxAttachments:
		return Refuse(Invalid, "attachments", "at most %d files", MaxAttachments)
	}
	return nil
}

// repeated: the same thing asked for again is done already; the same id for something else would lose it in silence.
func repeated(was *Message, digest uint64) error {
	if was.Digest == digest {
		return nil
	}
	return Reused()
}

// Reused refuses an id that its maker gave to another message before.
func Reused() *Error {
	return &Error{Code: Conflict, Field: "message_id", Reason: "reused", Message: "another message has this id already; make a new id for every message"}
}

// digest is FNV-1a over what somebody wrote.
func digest(kind string, b *deskpb.Body) uint64 {
	h := uint64(14695981039346656037)
	add := func(s string) {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211 // between two strings
	}
	add(kind)
	add(b.GetText())
	add(b.GetHtml())
	for _, a := range b.GetAttachments() {
		add(a.Blob)
	}
	return h
}

// replySubject: the first message of a conversation answers nothing.
func (c *Conversation) replySubject() string {
	if len(c.Chain) == 0 && c.LastFrom == nil {
		return c.Subject
	}
	return ReplySubject(c.Subject)
}

// ReplySubject puts "Re: " before a subject that does not start with it.
func ReplySubject(s string) string {
	if s == "" || len(s) >= 3 && strings.EqualFold(s[:3], "re:") {
		return s
	}
	return "Re: " + s
}

func evolveReply(c *Conversation, m *deskpb.ReplyRequested) {
	id := MessageID(m.Message)
	c.Replies++
	c.Messages[id] = &Message{
		Outbound: true, Delivery: deskpb.DeliveryState_DELIVERY_STATE_QUEUED, Digest: digest("reply", m.Body), Seq: c.Replies, Due: m.SendAtMs, Over: over(c, m.Channel),
		Before: &Before{Status: c.Status, Pipeline: c.Pipeline, Stage: c.Stage, Then: thenOf(m.Then), Due: c.Due},
	}
	if m.Automatic != "" {
		c.Messages[id].Before = nil // it changed nothing
	} else {
		c.say(Said{Version: c.Version, Message: id, Agent: AgentID(m.Agent), Name: m.AgentName})
		if m.Channel == string(c.Channel) {
			c.From = nameOr(m.FromAddress, c.From)
		}
	}
	c.Queue = append(c.Queue, id)
	for _, a := range m.To {
		c.join(a)
	}
	for _, a := range m.Cc {
		c.join(a)
	}
	for _, k := range m.ThreadKeys {
		c.OwnKeys[k] = true
	}
	if len(m.ThreadKeys) > 0 {
		c.chain(m.ThreadKeys[0])
		if c.Mails == nil {
			c.Mails = map[string]MessageID{}
		}
		c.Mails[m.ThreadKeys[0]] = id
	}
}
