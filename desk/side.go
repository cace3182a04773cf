package desk

import (
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// A side conversation is what is said with somebody else because of a ticket. It is decided as a conversation is, in a stream of its
// own, and has no contact, owner, number or place in a list. Its ticket is told how it stands, and never what was said
// (docs/adr/0017).

// Sides is the decider of side conversations.
var Sides = Decider[*Conversation]{Initial: newConversation, Decide: decideSide, Evolve: evolveConversation}

// MaxSides is how many side conversations a ticket has.
const MaxSides = 100

func decideSide(c *Conversation, cmd Command) ([]Event, error) {
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_StartSide:
		return startSide(c, cmd, m.StartSide)
	case *deskpb.Command_ReceiveMessage:
		return receiveAside(c, m.ReceiveMessage)
	case *deskpb.Command_PurgeConversation:
		return purgeSide(c)
	}
	if !c.Opened {
		return nil, Refuse(NotFound, "side", "there is no such side conversation")
	}
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_RequestReply:
		if len(m.RequestReply.To) == 0 && c.LastFrom == nil {
			return nil, Refuse(Invalid, "to", "say whom to write to")
		}
		return requestReply(c, cmd, m.RequestReply)
	case *deskpb.Command_StartDelivery:
		return startDelivery(c, cmd, m.StartDelivery)
	case *deskpb.Command_SettleDelivery:
		return settleDelivery(c, m.SettleDelivery)
	case *deskpb.Command_TakeReturn:
		return takeReturn(c, m.TakeReturn)
	case *deskpb.Command_SetTicketStatus:
		return setTicketStatus(c, cmd, m.SetTicketStatus)
	case *deskpb.Command_ConfirmParticipant:
		return confirmAside(c, cmd, m.ConfirmParticipant)
	case *deskpb.Command_CancelReply:
		return cancelReply(c, cmd, m.CancelReply)
	case *deskpb.Command_RescheduleReply:
		return rescheduleReply(c, cmd, m.RescheduleReply)
	case *deskpb.Command_RetryReply:
		return retryReply(c, cmd, m.RetryReply)
	}
	return nil, unknownCommand(cmd, KindSide)
}

// startSide begins one with its first message, in one entry.
func startSide(c *Conversation, cmd Command, m *deskpb.StartSide) ([]Event, error) {
	o := m.GetOpening()
	switch {
	case c.Opened:
		if was := c.Messages[MessageID(m.GetReply().GetMessage())]; was != nil {
			return nil, repeated(was, digest("reply", m.Reply.Body))
		}
		return nil, conflict("begun", "this side conversation was begun already")
	case o.GetSideOf() == "" || o.GetChannel() == "":
		return nil, Refuse(Invalid, "opening", "a side conversation needs its ticket and its channel")
	case oneLine(o.Subject) == "":
		return nil, Refuse(Invalid, "subject", "must not be empty")
	case len(o.Subject) > 998:
		return nil, Refuse(Invalid, "subject", "at most 998 bytes (RFC 5322 2.1.1)")
	case len(m.GetReply().GetTo()) == 0:
		return nil, Refuse(Invalid, "to", "say whom to write to")
	}
	opened := deskpb.NewEvent(o)
	first, err := requestReply(evolveConversation(newConversation(), opened), cmd, m.Reply)
	if err != nil {
		return nil, err
	}
	return append(events(opened), first...), nil
}

// receiveAside takes an answer. It is not the contact's: nothing of it opens a ticket, is answered by machine, or makes anybody a
// contact. Who is not among those who were asked waits to be confirmed; who only learnt an id has a ticket of his own.
func receiveAside(c *Conversation, m *deskpb.ReceiveMessage) ([]Event, error) {
	in := m.GetMessage()
	if in.GetMessage() == "" || in.Channel == "" || in.ExternalId == "" {
		return nil, Refuse(Invalid, "message", "a message needs its id, its channel and its external id")
	}
	if c.Messages[MessageID(in.Message)] != nil {
		return nil, nil
	}
	stranger := !c.Opened || m.ParticipantsOnly && !c.takesPart(in.From.GetAddress(), m.Exactly)
	if m.Imported != nil || stranger && (m.Blocked || !c.answersUs(in.ThreadKeys)) { // what is of the past was not said here
		return nil, conflict("stranger", "the sender does not take part in this side conversation")
	}
	in = proto.CloneOf(in) // the command is not ours to change
	in.Unconfirmed = in.Unconfirmed || stranger
	out := events(deskpb.NewEvent(in))
	to := deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US
	if countsAside(c.Status, in) && c.Status != to {
		out = append(out, deskpb.NewEvent(&deskpb.TicketStatusChanged{From: c.Status, To: to, Cause: "side_answer"}))
	}
	return out, nil
}

// confirmAside lets somebody take part whose answer waited, and so it is one now.
func confirmAside(c *Conversation, cmd Command, m *deskpb.ConfirmParticipant) ([]Event, error) {
	out, err := confirmParticipant(c, cmd, m)
	if to := deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US; err == nil && len(out) > 0 && !c.closed() && c.Status != to {
		out = append(out, deskpb.NewEvent(&deskpb.TicketStatusChanged{From: c.Status, To: to, Cause: "side_answer"}))
	}
	return out, err
}

// countsAside: it is an answer that somebody waits for. What comes after an agent said that it is done is shown, and no more.
func countsAside(status deskpb.TicketStatus, in *deskpb.MessageReceived) bool {
	return Speaks(in.Automatic) && !in.Unconfirmed && status != deskpb.TicketStatus_TICKET_STATUS_CLOSED
}

// Side is what a ticket knows of one.
type Side struct {
	Version           uint64 // of the side's stream, up to which it was told
	Status            deskpb.TicketStatus
	Received, Answers uint32
	From              ConversationID // which was merged into this one and has it; "" it is our own
}

// tellOfSide takes in how a side conversation stands. An answer lets the ticket wait on us, opens it again and ends a snooze, as the
// contact's own words do; the clock of the contact's waiting is not theirs to start.
func tellOfSide(c *Conversation, m *deskpb.TellOfSide) (out []Event, err error) {
	if !ConversationID(m.Side).IsSide() || m.Version == 0 {
		return nil, Refuse(Invalid, "side", "name the side conversation and its version")
	}
	before := c.Sides[ConversationID(m.Side)]
	if before != nil && before.Version >= m.Version {
		return nil, nil
	}
	say := func(what string) {
		out = append(out, deskpb.NewEvent(&deskpb.SideChanged{
			Side: m.Side, What: what, Status: m.Status, Version: m.Version, Received: m.Received, Answers: m.Answers, With: m.With,
			Subject: m.Subject, Who: m.Who, From: m.From,
		}))
	}
	if before == nil {
		say("opened")
		before = &Side{Status: m.Status}
	}
	closed := deskpb.TicketStatus_TICKET_STATUS_CLOSED
	switch {
	case m.Received > before.Received:
		say("answered")
	case m.Status == closed && before.Status != closed:
		say("done")
	case m.Status != closed && before.Status == closed:
		say("reopened")
	case len(out) == 0:
		say("written")
	}
	if m.Answers <= before.Answers || c.Merged != "" || c.Spam {
		return out, nil
	}
	out = append(out, c.wake("side_answer", "")...)
	if to := c.statusAfterMessage(false); to != c.Status {
		out = append(out, deskpb.NewEvent(&deskpb.TicketStatusChanged{From: c.Status, To: to, Cause: "side_answer"}))
	}
	return out, nil
}

func evolveSide(c *Conversation, ev Event) bool {
	e := ev.GetSideChanged()
	if e == nil {
		return false
	}
	c.side(&deskpb.SideMark{Side: e.Side, Status: e.Status, Version: e.Version, Received: e.Received, Answers: e.Answers, From: e.From})
	return true
}

func (c *Conversation) side(m *deskpb.SideMark) {
	if c.Sides == nil {
		c.Sides = map[ConversationID]*Side{}
	}
	c.Sides[ConversationID(m.Side)] = &Side{Version: m.Version, Status: m.Status, Received: m.Received, Answers: m.Answers, From: ConversationID(m.From)}
}

// adopted are the side conversations that come with one that is merged into this: they are its own until it is let go.
func (c *Conversation) adopted(m *deskpb.TakeInConversation) (out []*deskpb.SideMark) {
	for _, s := range m.Sides {
		mine := c.Sides[ConversationID(s.Side)]
		if mine != nil && mine.Version >= s.Version {
			continue
		}
		s = proto.CloneOf(s)
		s.From = m.Conversation
		out = append(out, s)
	}
	return out
}

func (c *Conversation) adopt(all []*deskpb.SideMark) {
	for _, m := range all {
		c.side(m)
	}
}

func (c *Conversation) disown(from ConversationID) {
	for id, s := range c.Sides {
		if s.From == from {
			delete(c.Sides, id)
		}
	}
}
