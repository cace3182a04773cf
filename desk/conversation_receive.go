package desk

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// receiveMessage takes a contact's message: drops what was seen, opens the conversation, lets the ticket wait on us.
func receiveMessage(c *Conversation, cmd Command, m *deskpb.ReceiveMessage) ([]Event, error) {
	in := m.GetMessage()
	if in.GetMessage() == "" || in.Channel == "" || in.ExternalId == "" {
		return nil, Refuse(Invalid, "message", "a message needs its id, its channel and its external id")
	}
	if was := c.Messages[MessageID(in.Message)]; was != nil {
		if in.ClientId == "" || was.Foreign {
			return nil, nil
		}
		return nil, repeated(was, digest("message", in.Body)) // its writer made the id, and may have made it twice
	}
	if !c.Opened {
		return openWith(c, cmd, m)
	}
	stranger := m.ParticipantsOnly && (m.Exactly || ContactID(in.Contact) != c.Contact) && !c.takesPart(in.From.GetAddress(), m.Exactly)
	written := m.GetImported().GetNow()
	if written { // to whom it was written says whether it belongs here, not who wrote it
		stranger = !c.reaches(m)
	}
	if stranger && (written || !c.answersUs(in.ThreadKeys)) {
		return nil, conflict("stranger", "the sender does not take part in this conversation")
	}
	if in.Thread != "" && in.Thread != c.Thread && in.Channel == string(c.Channel) {
		return nil, Moved()
	}
	if c.Merged != "" {
		return nil, elsewhere(c.Merged, stranger, "this conversation was merged into #%d", c.MergedNumber)
	}
	if conv := c.answersElsewhere(in.ThreadKeys); conv != "" {
		return nil, elsewhere(conv, stranger, "what this message answers was split off")
	}
	if m.FollowUp && c.closed() && !m.NeverReopen && !c.Spam { // what opens no ticket again opens none that follows it
		e := conflict("follow_up", "this ticket was closed too long ago to be opened again")
		e.Stranger = stranger
		return nil, e
	}
	if stranger || in.Unconfirmed { // who only learnt what names this conversation is heard, and does nothing to it
		in = proto.CloneOf(in) // the command is not ours to change
		in.Unconfirmed = true
		if m.Blocked && !c.Spam {
			return nil, conflict("stranger", "the sender is blocked and does not take part in this conversation")
		}
	}
	if m.Imported != nil {
		if written {
			return c.takeWritten(cmd, m, in), nil
		}
		return takePast(in, m.Imported), nil
	}
	return c.receives(m, in), nil
}

// receives is what follows from a message that belongs here.
func (c *Conversation) receives(m *deskpb.ReceiveMessage, in *deskpb.MessageReceived) []Event {
	out := append(c.pacing(m, in), deskpb.NewEvent(in))
	if m.Blocked && !c.Spam {
		out = append(out, deskpb.NewEvent(&deskpb.TicketMarkedSpam{Cause: nameOr(m.SpamCause, CauseBlockedSender)}))
	}
	if m.Blocked || c.Spam {
		return out // kept; nobody is woken by it
	}
	if Speaks(in.Automatic) && !in.Unconfirmed {
		out = append(out, c.wake("customer_message", "")...)
	}
	if to := c.statusAfterMessage(m.NeverReopen || in.Unconfirmed && c.closed()); to != c.Status {
		cause := "customer_message"
		if c.closed() {
			cause = "reopened"
		}
		out = append(out, deskpb.NewEvent(&deskpb.TicketStatusChanged{From: c.Status, To: to, Cause: cause}))
		if m.Requeue && c.closed() {
			out = append(out, c.requeued()...)
		}
	}
	if m.AcknowledgeLater {
		out = append(out, c.acknowledge(in, m.Acknowledgement)...)
	}
	return append(out, c.hears(in)...)
}

// openWith opens the conversation with its first message.
func openWith(c *Conversation, cmd Command, m *deskpb.ReceiveMessage) ([]Event, error) {
	in := m.Message
	if m.Opening == nil {
		return nil, Refuse(NotFound, "conversation", "there is no such conversation and nothing to open it with")
	}
	if in.Unconfirmed { // it is their own
		in = proto.CloneOf(in)
		in.Unconfirmed = false
	}
	if m.Imported != nil {
		if m.Imported.Now {
			return openWritten(m, in), nil
		}
		return openPast(m, in), nil
	}
	out := events(deskpb.NewEvent(m.Opening))
	if !m.Quiet {
		out = append(out, c.pacing(m, in)...)
	}
	out = append(out, enters(m)...)
	out = append(out, deskpb.NewEvent(in))
	if m.Bot.GetStarted() != nil && !m.Blocked && !m.Quiet {
		out = append(out, deskpb.NewEvent(&deskpb.BotHeard{Message: in.Message}))
	}
	if m.Blocked {
		return append(out, deskpb.NewEvent(&deskpb.TicketMarkedSpam{Cause: nameOr(m.SpamCause, CauseBlockedSender)})), nil
	}
	if m.Quiet {
		return append(out, deskpb.NewEvent(&deskpb.TicketStatusChanged{
			From: deskpb.TicketStatus_TICKET_STATUS_NEW, To: deskpb.TicketStatus_TICKET_STATUS_CLOSED, Cause: CauseSetAside,
		})), nil
	}
	out = append(out, alongWith(cmd, m)...)
	return append(out, c.acknowledge(in, m.Acknowledgement)...), nil
}

// alongWith is what goes into the entry that opens a conversation, besides its message.
func alongWith(cmd Command, m *deskpb.ReceiveMessage) (out []Event) {
	if m.Follower != "" {
		out = append(out, deskpb.NewEvent(&deskpb.TicketFollowed{Agent: m.Follower, AgentName: m.FollowerName, By: cmd.GetBy().GetId()}))
	}
	if m.Note != nil {
		out = append(out, deskpb.NewEvent(m.Note))
	}
	out = append(out, atOpening(m.Defaults)...)
	out = append(out, dueAtOpening(m.Defaults, m.Message, cmd.AtMs)...)
	if !Routes(m.Opening.Routing) && m.Defaults.GetTeam() == "" { // nobody will choose: the reason goes with the first entry
		out = append(out, deskpb.NewEvent(&deskpb.AssignmentDeferred{Reason: noRule()}))
	}
	return out
}

// acknowledge lets the desk answer a person's message at once. It is asked for with the message, in one entry: neither is there
// without the other.
func (c *Conversation) acknowledge(in *deskpb.MessageReceived, ack *deskpb.ReplyRequested) []Event {
	if ack == nil || ack.Automatic == "" || in.Automatic != "" || in.Unconfirmed || c.Messages[MessageID(ack.Message)] != nil {
		return nil
	}
	ack = proto.Clone(ack).(*deskpb.ReplyRequested)
	if n := len(in.ThreadKeys); n > 0 {
		ack.InReplyTo = in.ThreadKeys[n-1]
	}
	ack.References = slices.Clone(c.Chain)
	ack.FromAddress = nameOr(c.From, ack.FromAddress)
	return events(deskpb.NewEvent(ack))
}

func (c *Conversation) statusAfterMessage(neverReopen bool) deskpb.TicketStatus {
	switch {
	case c.Status == deskpb.TicketStatus_TICKET_STATUS_NEW, neverReopen:
		return c.Status
	default:
		return deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US
	}
}

func evolveReceived(c *Conversation, m *deskpb.MessageReceived) {
	said := &Message{}
	if c.HeldUntil != 0 {
		c.HeldMessages++
	}
	if m.ClientId != "" {
		said.Digest = digest("message", m.Body)
	}
	c.Messages[MessageID(m.Message)] = said
	newest := c.newest(m)
	if newest {
		c.Machine = m.Automatic != ""
	}
	if n := len(m.ThreadKeys); n > 0 && newest {
		c.chain(m.ThreadKeys[n-1]) // its own key is the last one
	} else if n > 0 {
		c.chainPast(m.ThreadKeys[n-1])
	}
	if m.Unconfirmed {
		c.doubt(m.From)
		return
	}
	if Speaks(m.Automatic) && newest {
		c.LastFrom, c.LastTo, c.LastCc = m.From, m.To, m.Cc
		if m.ForForwarded {
			c.LastFrom = m.ForwardedFrom
			c.join(m.ForwardedFrom)
		}
		if m.PastMs == 0 {
			c.say(Said{Version: c.Version, Message: MessageID(m.Message), Name: nameOr(m.From.GetName(), m.From.GetAddress())})
		}
	}
	c.join(m.From)
	for _, a := range m.To {
		c.join(a)
	}
	for _, a := range m.Cc {
		c.join(a)
	}
}

// maxParties bounds what a mail with thousands of recipients can make us remember.
const maxParties = 200

func (c *Conversation) join(a *deskpb.Address) {
	if addr := strings.ToLower(a.GetAddress()); addr != "" && len(c.Parties) < maxParties {
		c.Parties[addr] = true
	}
}
