package desk

import (
	"slices"
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

// Replies that wait for their time. Each is journaled as queued at once, with the time before which it does not leave; until an
// attempt is announced it can be taken back or given another time. Both go through this decider, as the announcement
// does, so whichever comes first holds.

// Limits of a reply's time.
const (
	MaxUndoSeconds = 60
	MaxSendLater   = 366 * 24 * time.Hour
)

// Before is what a reply found, so that taking it back can restore it. It is dropped when an attempt is announced.
type Before struct {
	Status          deskpb.TicketStatus
	Pipeline, Stage string
	Then            deskpb.TicketStatus // what the reply made of it
	Due             int64               `json:",omitempty"` // that it settled
}

// Said is the last thing somebody said: a message from outside (no agent), or a reply.
type Said struct {
	Version uint64
	Message MessageID
	Agent   AgentID
	Name    string
}

// maxSaid bounds how many people are remembered.
const maxSaid = 20

func (c *Conversation) say(s Said) {
	c.Said = slices.DeleteFunc(c.Said, func(o Said) bool { return o.Agent == s.Agent && o.Name == s.Name })
	if len(c.Said) == maxSaid {
		c.Said = slices.Delete(c.Said, 0, 1)
	}
	c.Said = append(c.Said, s)
}

// unread refuses a reply whose writer has not seen what was said since.
func (c *Conversation) unread(cmd Command, m *deskpb.RequestReply) error {
	if m.SeenVersion == 0 || m.Anyway {
		return nil
	}
	for _, s := range slices.Backward(c.Said) {
		switch {
		case s.Version <= m.SeenVersion:
			return nil
		case s.Agent == "":
			return answeredSince("%s wrote since you opened it: read that first, or send anyway", nameOr(s.Name, "the contact"))
		case string(s.Agent) != cmd.GetBy().GetId():
			return answeredSince("%s has answered since you opened it: read that first, or send anyway", nameOr(s.Name, "somebody"))
		}
	}
	return nil
}

func answeredSince(format string, args ...any) error {
	e := conflict("answered_since", format, args...)
	e.Field = "seen_version"
	return e
}

// dueOf is when a reply may leave, 0 for at once. What is asked for later leaves later: it waits with one that can still be
// undone, and has a time of its own as soon as any other has one.
func (c *Conversation) dueOf(now int64, m *deskpb.RequestReply) (int64, error) {
	switch {
	case m.UndoSeconds > MaxUndoSeconds:
		return 0, Refuse(Invalid, "undo_seconds", "at most %d", MaxUndoSeconds)
	case m.SendAtMs != 0:
		if err := checkSendAt(now, m.SendAtMs); err != nil {
			return 0, err
		}
		return max(m.SendAtMs, now+int64(m.UndoSeconds)*1000), nil
	}
	due, timed := now+int64(m.UndoSeconds)*1000, m.UndoSeconds > 0
	for _, id := range c.Queue {
		if other := c.Messages[id].Due; other > 0 {
			timed = true
			if other <= now+MaxUndoSeconds*1000 {
				due = max(due, other)
			}
		}
	}
	if !timed {
		return 0, nil
	}
	return due, nil
}

func checkSendAt(now, at int64) error {
	switch {
	case at <= now:
		return Refuse(Invalid, "send_at", "must be in the future")
	case at-now > MaxSendLater.Milliseconds():
		return Refuse(Invalid, "send_at", "must be within a year")
	}
	return nil
}

// holdsBack: it is under way, or its time has come before the other's.
func (m *Message) holdsBack(other *Message, now int64) bool {
	if m.Delivery == deskpb.DeliveryState_DELIVERY_STATE_SENDING {
		return true
	}
	return m.Due <= now && (m.Due < other.Due || m.Due == other.Due && m.Seq < other.Seq)
}

// decideWaiting decides what is asked of a reply that was asked for; known is false for any other command.
func decideWaiting(c *Conversation, cmd Command) (out []Event, err error, known bool) {
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_CancelReply:
		out, err = cancelReply(c, cmd, m.CancelReply)
	case *deskpb.Command_RescheduleReply:
		out, err = rescheduleReply(c, cmd, m.RescheduleReply)
	case *deskpb.Command_RetryReply:
		out, err = retryReply(c, cmd, m.RetryReply)
	case *deskpb.Command_Together:
		out, err = together(c, cmd, m.Together)
	default:
		return nil, nil, false
	}
	return out, err, true
}

// waiting finds a reply that has not left; a chat shows one without a time the moment it is asked for.
func (c *Conversation) waiting(id string) (*Message, error) {
	msg := c.Messages[MessageID(id)]
	switch {
	case msg == nil || !msg.Outbound || msg.Foreign:
		return nil, Refuse(NotFound, "message", "there is no such reply")
	case msg.Delivery == deskpb.DeliveryState_DELIVERY_STATE_CANCELED:
		return msg, conflict("canceled", "the reply was taken back")
	case msg.Delivery != deskpb.DeliveryState_DELIVERY_STATE_QUEUED:
		return msg, conflict("too_late", "too late: the reply is %s", deliveryWord(msg.Delivery))
	case c.Kind == deskpb.ChannelKind_CHANNEL_KIND_CHAT && msg.Due == 0 && msg.Over == "":
		return msg, conflict("too_late", "too late: the visitor has seen it")
	}
	return msg, nil
}

// cancelReply takes a reply back, and with it the status it set, unless that was changed or another reply came after it.
func cancelReply(c *Conversation, cmd Command, m *deskpb.CancelReply) ([]Event, error) {
	msg, err := c.waiting(m.Message)
	if ReasonOf(err) == "canceled" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Event
	by := cmd.GetBy().GetId()
	if b := msg.Before; b != nil && c.Status == b.Then && b.Status != b.Then && !c.answeredAfter(msg) {
		out = append(out, deskpb.NewEvent(&deskpb.TicketStatusChanged{From: c.Status, To: b.Status, By: by, Cause: "reply_canceled"}))
		if b.Stage != "" && c.Stage == "" && c.Pipeline == b.Pipeline {
			out = append(out, deskpb.NewEvent(&deskpb.TicketStageChanged{Pipeline: b.Pipeline, Stage: b.Stage, By: by}))
		}
	}
	out = append(out, c.dueAgain(msg, cmd)...)
	return append(out, deskpb.NewEvent(&deskpb.ReplyCanceled{Message: m.Message, Channel: string(c.channelOf(msg)), By: by})), nil
}

func (c *Conversation) answeredAfter(msg *Message) bool {
	for _, other := range c.Messages {
		if other.Seq > msg.Seq && other.Delivery != deskpb.DeliveryState_DELIVERY_STATE_CANCELED {
			return true
		}
	}
	return false
}

func rescheduleReply(c *Conversation, cmd Command, m *deskpb.RescheduleReply) ([]Event, error) {
	msg, err := c.waiting(m.Message)
	if err != nil {
		return nil, err
	}
	at := cmd.AtMs
	if m.SendAtMs != 0 {
		if err := checkSendAt(cmd.AtMs, m.SendAtMs); err != nil {
			return nil, err
		}
		at = m.SendAtMs
	}
	if at == msg.Due || m.SendAtMs == 0 && msg.Due <= cmd.AtMs {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.ReplyRescheduled{
		Message: m.Message, Channel: string(c.channelOf(msg)), SendAtMs: at, By: cmd.GetBy().GetId(),
	})), nil
}

// retryReply is a person's decision to attempt once more what failed or what nobody knows of.
func retryReply(c *Conversation, cmd Command, m *deskpb.RetryReply) ([]Event, error) {
	msg := c.Messages[MessageID(m.Message)]
	switch {
	case msg == nil || !msg.Outbound || msg.Foreign:
		return nil, Refuse(NotFound, "message", "there is no such reply")
	case m.Attempts != 0 && m.Attempts != msg.Attempt:
		return nil, nil // it was tried again since
	case msg.Delivery == deskpb.DeliveryState_DELIVERY_STATE_QUEUED, msg.Delivery == deskpb.DeliveryState_DELIVERY_STATE_SENDING:
		return nil, nil
	case !troubled(msg.Delivery):
		return nil, conflict("settled", "the reply is %s: there is nothing to try again", deliveryWord(msg.Delivery))
	}
	return events(deskpb.NewEvent(&deskpb.ReplyRetried{
		Message: m.Message, Channel: string(c.channelOf(msg)), Attempts: msg.Attempt, SendAtMs: cmd.AtMs, Was: msg.Delivery, By: cmd.GetBy().GetId(),
	})), nil
}

// evolveWaiting folds the facts of this file; it reports whether it knows the fact.
func evolveWaiting(c *Conversation, ev Event) bool {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ReplyCanceled:
		id := MessageID(e.ReplyCanceled.Message)
		m := c.message(string(id))
		c.handDue(m)
		m.Delivery, m.Before = deskpb.DeliveryState_DELIVERY_STATE_CANCELED, nil
		c.Queue = without(c.Queue, id)
		c.Said = slices.DeleteFunc(c.Said, func(s Said) bool { return s.Message == id })
	case *deskpb.Event_ReplyRescheduled:
		c.message(e.ReplyRescheduled.Message).Due = e.ReplyRescheduled.SendAtMs
	case *deskpb.Event_ReplyRetried:
		m := c.message(e.ReplyRetried.Message)
		m.Delivery, m.Due = deskpb.DeliveryState_DELIVERY_STATE_QUEUED, e.ReplyRetried.SendAtMs
		c.Queue = with(c.Queue, MessageID(e.ReplyRetried.Message))
	default:
		return false
	}
	return true
}
