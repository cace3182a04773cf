package desk

import (
	"slices"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// Merging and splitting move no message: each stays in the stream where it was written, and what answers it is sent on to
// where it is shown now. The conversation itself says where that is, so that nothing can come in between (ADR 0007).

// MaxSplit is how many messages one split takes along.
const MaxSplit = 100

// elsewhere: what came for this conversation belongs to another one now.
func elsewhere(conv ConversationID, stranger bool, format string, args ...any) error {
	e := conflict("elsewhere", format, args...)
	e.Elsewhere, e.Stranger = conv, stranger
	return e
}

// mergedAlready refuses work on a conversation that is shown in another one.
func mergedAlready(c *Conversation) error {
	e := conflict("merged", "this ticket was merged into #%d: go on there, or undo the merge", c.MergedNumber)
	e.Elsewhere = c.Merged
	return e
}

// whileMerged are the commands that a merged conversation still takes: its replies on their way are settled here, and the
// merge itself can be undone.
func whileMerged(cmd Command) bool {
	switch cmd.Kind.(type) {
	case *deskpb.Command_ReceiveMessage, *deskpb.Command_StartDelivery, *deskpb.Command_SettleDelivery, *deskpb.Command_DeferAssignment,
		*deskpb.Command_WakeTicket, *deskpb.Command_DismissMention, *deskpb.Command_UnfollowTicket, *deskpb.Command_MergeConversation,
		*deskpb.Command_UndoMerge, *deskpb.Command_TakeInConversation, *deskpb.Command_LetGoConversation, *deskpb.Command_UnmarkSpam,
		*deskpb.Command_LinkConversation, *deskpb.Command_CancelReply, *deskpb.Command_RescheduleReply, *deskpb.Command_RetryReply, *deskpb.Command_TakeReturn,
		*deskpb.Command_TellOwner, *deskpb.Command_TellOfSide, *deskpb.Command_WidenAssignment, *deskpb.Command_TakeBack, *deskpb.Command_ReleaseTicket,
		*deskpb.Command_MailUnread, *deskpb.Command_EndChat:
		return true
	}
	return false
}

func mergeConversation(c *Conversation, cmd Command, m *deskpb.MergeConversation) ([]Event, error) {
	switch {
	case !ValidID(m.Into):
		return nil, Refuse(Invalid, "into", "name the conversation to merge into")
	case c.Merged == ConversationID(m.Into):
		return nil, nil
	case c.Merged != "":
		return nil, mergedAlready(c)
	case c.Thread != "" && !m.SameVisitor:
		return nil, conflict("threaded", "a %s conversation stays its own: its contact would not see what is answered elsewhere", kindWord(c.Kind))
	case slices.Contains(c.TakenIn, ConversationID(m.Into)):
		return nil, conflict("circle", "#%d was merged into this one: undo that first", m.IntoNumber)
	case c.Spam:
		return nil, conflict("spam", "the ticket is spam: restore it first")
	}
	return events(deskpb.NewEvent(&deskpb.ConversationMerged{
		Into: m.Into, IntoNumber: m.IntoNumber, IntoSubject: m.IntoSubject, By: cmd.GetBy().GetId(),
	})), nil
}

func undoMerge(c *Conversation, cmd Command) ([]Event, error) {
	if c.Merged == "" {
		return nil, nil
	}
	if c.Thread != "" {
		return nil, conflict("threaded", "the visitor proved to be the same person: what they said stays together")
	}
	return events(deskpb.NewEvent(&deskpb.MergeUndone{From: string(c.Merged), FromNumber: c.MergedNumber, By: cmd.GetBy().GetId()})), nil
}

func takeIn(c *Conversation, cmd Command, m *deskpb.TakeInConversation) ([]Event, error) {
	if m.Conversation == "" || slices.Contains(c.TakenIn, ConversationID(m.Conversation)) && !m.Again {
		return nil, nil
	}
	by := cmd.GetBy().GetId()
	took := &deskpb.ConversationTookIn{
		Conversation: m.Conversation, Number: m.Number, Subject: m.Subject, ContactName: m.ContactName, By: by, WaitingSinceMs: m.WaitingSinceMs, Sides: c.adopted(m),
	}
	var out []Event
	if c.closed() && m.WaitingSinceMs != 0 && !slices.Contains(c.TakenIn, ConversationID(m.Conversation)) { // or nobody would see who waits
		took.Reopened = true
		out = c.changeStatus(deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US, by, "merged")
	}
	return append(out, deskpb.NewEvent(took)), nil
}

func letGo(c *Conversation, cmd Command, m *deskpb.LetGoConversation) ([]Event, error) {
	if !slices.Contains(c.TakenIn, ConversationID(m.Conversation)) && !m.Again {
		return nil, nil
	}
	by := cmd.GetBy().GetId()
	out := events(deskpb.NewEvent(&deskpb.ConversationLetGo{Conversation: m.Conversation, Number: m.Number, By: by, WaitingSinceMs: m.WaitingSinceMs}))
	if c.ReopenedFor == ConversationID(m.Conversation) && m.Conversation != "" {
		out = append(out, c.changeStatus(deskpb.TicketStatus_TICKET_STATUS_CLOSED, by, "merge_undone")...)
	}
	return out, nil
}

// splitOffMessages lets messages go to a conversation of their own. At least one stays.
func splitOffMessages(c *Conversation, cmd Command, m *deskpb.SplitOffMessages) ([]Event, error) {
	switch {
	case !ValidID(m.Into):
		return nil, Refuse(Invalid, "into", "the new conversation needs an id")
	case slices.Contains(c.SplitInto, ConversationID(m.Into)):
		return nil, nil
	case m.Opening == nil:
		return nil, Refuse(Invalid, "opening", "say what the new conversation is about")
	case c.Thread != "":
		return nil, conflict("threaded", "a %s conversation stays in one piece: its contact sees all of it", kindWord(c.Kind))
	case len(m.Messages) == 0 || len(m.Messages) > MaxSplit:
		return nil, Refuse(Invalid, "messages", "choose 1 to %d messages", MaxSplit)
	}
	var seen []string
	for _, s := range m.Messages {
		was := c.Messages[MessageID(s.GetMessage())]
		switch {
		case was == nil:
			return nil, Refuse(Invalid, "messages", "a message chosen is not one of this conversation's own")
		case was.Gone:
			return nil, conflict("split", "a message chosen was split off already")
		case slices.Contains(seen, s.Message):
			return nil, Refuse(Invalid, "messages", "a message is chosen twice")
		}
		seen = append(seen, s.Message)
	}
	if len(seen) >= c.here() {
		return nil, conflict("empty", "at least one message stays: give the ticket another subject instead")
	}
	return events(deskpb.NewEvent(&deskpb.MessagesSplitOff{
		Into: m.Into, Messages: m.Messages, Opening: m.Opening, Number: m.Number, Last: m.Last, By: cmd.GetBy().GetId(),
	})), nil
}

// here counts the messages that were not split off.
func (c *Conversation) here() int {
	n := 0
	for _, m := range c.Messages {
		if !m.Gone {
			n++
		}
	}
	return n
}

// FinishSplit is the command that opens what was split off, from the fact of the other side: who asked and who finishes
// what broke off send the same one.
func FinishSplit(from ConversationID, e *deskpb.MessagesSplitOff) Command {
	return deskpb.NewCommand(&deskpb.OpenConversation{
		Opening: e.Opening,
		Split:   &deskpb.ConversationSplitFrom{Conversation: string(from), Number: e.Number, Messages: e.Messages, By: e.By},
	})
}

// answersElsewhere is where a message belongs whose most trusted key that we know went with a split. "": here.
func (c *Conversation) answersElsewhere(keys []string) ConversationID {
	if len(c.MovedKeys) == 0 {
		return ""
	}
	for _, k := range keys {
		if strings.HasPrefix(k, TokenKey) {
			continue // it names the conversation, none of its messages
		}
		if conv, moved := c.MovedKeys[k]; moved {
			return conv
		}
		if c.OwnKeys[k] || slices.Contains(c.Chain, k) {
			return ""
		}
	}
	return ""
}

func evolveMerge(c *Conversation, ev Event) bool {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ConversationMerged:
		c.Merged, c.MergedNumber = ConversationID(e.ConversationMerged.Into), e.ConversationMerged.IntoNumber
	case *deskpb.Event_MergeUndone:
		c.Merged, c.MergedNumber, c.Deferred = "", 0, ""
	case *deskpb.Event_ConversationTookIn:
		c.TakenIn = with(c.TakenIn, ConversationID(e.ConversationTookIn.Conversation))
		if e.ConversationTookIn.Reopened {
			c.ReopenedFor = ConversationID(e.ConversationTookIn.Conversation)
		}
		c.adopt(e.ConversationTookIn.Sides)
	case *deskpb.Event_ConversationLetGo:
		c.TakenIn = without(c.TakenIn, ConversationID(e.ConversationLetGo.Conversation))
		c.disown(ConversationID(e.ConversationLetGo.Conversation))
	case *deskpb.Event_MessagesSplitOff:
		evolveSplitOff(c, e.MessagesSplitOff)
	case *deskpb.Event_ConversationSplitFrom:
		evolveSplitFrom(c, e.ConversationSplitFrom)
	default:
		return false
	}
	return true
}

func evolveSplitOff(c *Conversation, e *deskpb.MessagesSplitOff) {
	into := ConversationID(e.Into)
	c.SplitInto = with(c.SplitInto, into)
	if c.MovedKeys == nil {
		c.MovedKeys = map[string]ConversationID{}
	}
	for _, m := range e.Messages {
		c.message(m.Message).Gone = true
		for _, k := range m.Keys {
			c.MovedKeys[k] = into
		}
	}
	if e.Last != nil {
		c.LastFrom, c.LastTo, c.LastCc = e.Last.From, e.Last.To, e.Last.Cc
	}
}

func evolveSplitFrom(c *Conversation, e *deskpb.ConversationSplitFrom) {
	c.SplitFrom = ConversationID(e.Conversation)
	for _, m := range e.Messages {
		c.Messages[MessageID(m.Message)] = &Message{Foreign: true}
		if m.Inbound && !m.Automatic {
			c.LastFrom, c.LastTo, c.LastCc = m.From, m.To, m.Cc
		}
		c.join(m.From)
		for _, a := range m.To {
			c.join(a)
		}
		for _, a := range m.Cc {
			c.join(a)
		}
		for i, k := range m.Keys {
			if !m.Inbound {
				c.OwnKeys[k] = true
			}
			if i == 0 {
				c.chain(k)
			}
		}
	}
}

func kindWord(k ChannelKind) string {
	return [...]string{"", "mail", "chat", "Messenger", "form", "WhatsApp", "call", "custom"}[min(max(int(k), 0), 7)]
}
