package persistence

import (
	"encoding/binary"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// conversation folds a record of a conversation: its ticket's row, and what finds it (number, thread, message, outbox).
func (p *Projector) conversation(tx Tx, id string, r desk.Record) error {
	var t *deskpb.TicketSummary
	if r.Version > 1 {
		var err error
		if t, err = p.tickets.get(tx, id); err != nil {
			return err
		}
	}
	if _, ok := p.stood[id]; !ok {
		p.stood[id] = standingOf(t)
	}
	owner, unread, end := t.GetOwner(), desk.UnreadDue(t.GetAfter()), t.GetAfter().GetEndAtMs()
	if r.Event.GetConversationPurged() != nil {
		if err := purged(tx, t, r); err != nil {
			return err
		}
	}
	t = desk.ProjectTicket(t, r)
	p.tickets.put(id, t)
	if err := planLeaving(tx, r.Stream, t, unread, end); err != nil {
		return err
	}
	if err := p.notice(tx, desk.NoticeOfTicket(t, owner, r)); err != nil {
		return err
	}

	if e := r.Event.GetConversationOpened(); e != nil {
		return p.opened(tx, t, e)
	}
	if e := r.Event.GetSideChanged(); e != nil {
		return p.sideTold(tx, r, e)
	}
	if e := r.Event.GetVisitorIdentified(); e != nil {
		return p.leadTo(tx, inChannel(kindThread, t.Channel, ThreadIDKey(e.Thread)), id)
	}
	return p.said(tx, id, r)
}

// said folds what is said in a conversation, or a side conversation, into what finds it: thread, message, outbox.
func (p *Projector) said(tx Tx, id string, r desk.Record) error {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_MessageReceived:
		m := e.MessageReceived
		if err := setExternal(tx, m.Channel, m.ExternalId, id, m.Message); err != nil {
			return err
		}
		if m.PastMs == 0 {
			if err := p.lastItem(tx, m.Channel, r.AtMs); err != nil {
				return err
			}
		}
		return p.claimThreads(tx, m.Channel, m.ThreadKeys, id)
	case *deskpb.Event_ReplyImported:
		m := e.ReplyImported.GetMail()
		if m.GetPastMs() == 0 {
			if err := p.lastItem(tx, m.GetChannel(), r.AtMs); err != nil {
				return err
			}
		}
		if err := setExternal(tx, m.GetChannel(), m.GetExternalId(), id, m.GetMessage()); err != nil {
			return err
		}
		return p.claimThreads(tx, m.GetChannel(), m.GetThreadKeys(), id)
	case *deskpb.Event_ReplyRequested:
		return p.replyRequested(tx, id, r, e.ReplyRequested)
	case *deskpb.Event_DeliveryStarted:
		return deliveryStarted(tx, id, e.DeliveryStarted)
	case *deskpb.Event_DeliverySettled:
		return deliverySettled(tx, id, e.DeliverySettled)
	case *deskpb.Event_OwnerTold, *deskpb.Event_LetterStarted, *deskpb.Event_LetterSettled:
		return letter(tx, id, r)
	case *deskpb.Event_ReplyCanceled, *deskpb.Event_ReplyRescheduled, *deskpb.Event_ReplyRetried:
		return waiting(tx, id, r.Event)
	}
	return plan(tx, id, r)
}

// lastItem remembers when something came through a channel.
func (p *Projector) lastItem(tx Tx, channel string, atMs int64) error {
	c, err := p.counter(tx, rowKey(kindLastItem, channel))
	if err == nil && atMs > 0 {
		c.now = max(c.now, uint64(atMs))
	}
	return err
}

func (p *Projector) opened(tx Tx, t *deskpb.TicketSummary, e *deskpb.ConversationOpened) error {
	n, err := p.counter(tx, newKey(kindOpened, 0))
	if err != nil {
		return err
	}
	n.now++
	t.Number = n.now
	if err := tx.Set(numberKey(t.Number), []byte(t.Conversation)); err != nil {
		return err
	}
	if e.Thread == "" {
		return nil
	}
	return p.claimThread(tx, inChannel(kindThread, e.Channel, ThreadIDKey(e.Thread)), t.Conversation)
}

// ThreadIDKey is the thread key under which a connector's own thread id finds its conversation.
func ThreadIDKey(thread string) string { return "thread:" + thread }

func (p *Projector) claimThreads(tx Tx, channel string, keys []string, conversation string) error {
	for _, k := range keys {
		if k == "" {
			continue
		}
		if err := p.claimThread(tx, inChannel(kindThread, channel, k), conversation); err != nil {
			return err
		}
	}
	return nil
}

func (p *Projector) claimThread(tx Tx, key key, conversation string) error {
	if _, known := p.claimed.Get(string(key)); known {
		return nil
	}
	if err := claim(tx, key, []byte(conversation)); err != nil {
		return err
	}
	p.claimed.Put(string(key), struct{}{})
	return nil
}

// leadTo lets a thread lead to a conversation from now on, wherever it led before.
func (p *Projector) leadTo(tx Tx, key key, conversation string) error {
	p.claimed.Put(string(key), struct{}{})
	return tx.Set(key, []byte(conversation))
}

// setExternal remembers a message by the provider's id. Whoever receives drops what is known, so there is no second claim
// to look for: that look-up would be the dearest part of a message.
func setExternal(tx Tx, channel, externalID, conversation, message string) error {
	if externalID == "" {
		return nil
	}
	return tx.Set(inChannel(kindExternal, channel, externalID), key(nil).id(conversation).last(message))
}

// standing is where a ticket's row stands in the lists and counts. The zero value: nowhere.
type standing struct {
	conversation string
	list         byte
	updatedMs    int64
	owner        string // of an open ticket
	inLine       bool
	priority     deskpb.Priority
	lineSince    int64
	due          int64 // of one in line
	contact      string
	number       uint64
}

func standingOf(t *deskpb.TicketSummary) standing {
	if t == nil {
		return standing{}
	}
	s := standing{updatedMs: t.UpdatedAtMs, contact: t.Contact, number: t.Number, conversation: t.Conversation}
	switch {
	case t.Purged:
		s.list, s.number = listPurged, 0
	case t.MergedInto != "":
		s.list = listMerged
	case t.Spam:
		s.list = listSpam
	case t.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED:
		s.list = listClosed
	case t.SnoozedUntilMs != 0:
		s.list = listSnoozed
	case t.Owner == "":
		s.list = listUnassigned
	default:
		s.list, s.owner = listAssigned, t.Owner
	}
	if t.InLine {
		s.inLine, s.priority, s.lineSince, s.due = true, t.Priority, t.InLineSinceMs, t.DueMs
	}
	return s
}

func (s standing) listKey() key { return listKey(s.list, s.updatedMs, s.conversation) }
func (s standing) lineKey() key { return lineKey(s.priority, s.due, s.lineSince, s.conversation) }

func (s standing) countKey() key {
	k := newKey(kindCount, 1+len(s.owner))
	if s.list == listAssigned {
		return k.byte(kindOwned).last(s.owner)
	}
	return k.byte(s.list)
}

func (p *Projector) flushTickets(tx Tx) error {
	for id, t := range p.tickets.dirty {
		row, err := encodeRow(t)
		if err != nil {
			return err
		}
		if err := p.move(tx, p.stood[id], standingOf(t), row); err != nil {
			return err
		}
	}
	clear(p.tickets.dirty)
	clear(p.stood)
	return nil
}

// move takes a ticket's row from where it stood to where it stands now.
func (p *Projector) move(tx Tx, from, to standing, row []byte) error {
	if from.list != to.list || from.updatedMs != to.updatedMs {
		if from.list != 0 {
			if err := tx.Delete(from.listKey()); err != nil {
				return err
			}
		}
		if err := tx.Set(rowKey(kindTicket, to.conversation), ticketPlace(to.list, to.updatedMs)); err != nil {
			return err
		}
	}
	if err := tx.Set(to.listKey(), row); err != nil {
		return err
	}
	if err := moveInLine(tx, from, to); err != nil {
		return err
	}
	if from.contact != "" && (from.contact != to.contact || from.number != to.number) {
		if err := tx.Delete(contactCaseKey(from.contact, from.number)); err != nil {
			return err
		}
	}
	if to.contact != "" && (from.contact != to.contact || from.number != to.number) {
		if err := tx.Set(contactCaseKey(to.contact, to.number), []byte(to.conversation)); err != nil {
			return err
		}
	}
	if from.list == to.list && from.owner == to.owner {
		return nil
	}
	return p.recount(tx, from, to)
}

func moveInLine(tx Tx, from, to standing) error {
	if from.inLine == to.inLine && from.priority == to.priority && from.lineSince == to.lineSince && from.due == to.due {
		return nil
	}
	if from.inLine {
		if err := tx.Delete(from.lineKey()); err != nil {
			return err
		}
	}
	if to.inLine {
		return tx.Set(to.lineKey(), nil)
	}
	return nil
}

func (p *Projector) recount(tx Tx, from, to standing) error {
	if from.list != 0 {
		c, err := p.counter(tx, from.countKey())
		if err != nil {
			return err
		}
		c.now--
	}
	c, err := p.counter(tx, to.countKey())
	if err != nil {
		return err
	}
	c.now++
	if from.owner == to.owner {
		return nil
	}
	if from.owner != "" {
		if err := tx.Delete(ownedPrefix(from.owner).last(from.conversation)); err != nil {
			return err
		}
	}
	if to.owner != "" {
		return tx.Set(ownedPrefix(to.owner).last(to.conversation), nil)
	}
	return nil
}

// The outbox. A reply's own key stays for ever: news of it may come after it was settled.

func (p *Projector) replyRequested(tx Tx, conversation string, r desk.Record, e *deskpb.ReplyRequested) error {
	v := key(numberValue(r.Position)).number(uint64(r.AtMs)).last(e.Channel)
	if err := tx.Set(replyKey(conversation, e.Message), v); err != nil {
		return err
	}
	item := outboxItem(conversation, e.Message, v)
	if e.SendAtMs != 0 {
		item.DueMs, item.SendAtMs = e.SendAtMs, e.SendAtMs
	}
	if err := putOutbox(tx, item); err != nil {
		return err
	}
	if e.Automatic != "" {
		if err := answered(tx, conversation, r, e); err != nil {
			return err
		}
	}
	return p.claimThreads(tx, e.Channel, e.ThreadKeys, conversation)
}

// outboxItem is the row of a reply as it was requested, by the value of its own key.
func outboxItem(conversation, message string, v []byte) *deskpb.OutboxItem {
	requestedMs := int64(binary.BigEndian.Uint64(v[8:]))
	return &deskpb.OutboxItem{
		Conversation: conversation, Message: message, Channel: string(v[16:]),
		State: deskpb.DeliveryState_DELIVERY_STATE_QUEUED, DueMs: requestedMs,
		Position: binary.BigEndian.Uint64(v), RequestedAtMs: requestedMs,
	}
}

func putOutbox(tx Tx, item *deskpb.OutboxItem) error {
	row, err := encodeRow(item)
	if err != nil {
		return err
	}
	return tx.Set(outboxKey(item.Channel, item.Position), row)
}

// outbox gives the row of a reply: the stored one, or one as it was requested when it was settled before (there is
// false then). nil: no such reply was requested.
func outbox(tx Tx, conversation, message string) (item *deskpb.OutboxItem, there bool, err error) {
	v, err := tx.Get(replyKey(conversation, message))
	if err != nil || len(v) < 16 {
		return nil, false, err
	}
	item = outboxItem(conversation, message, v)
	row, err := tx.Get(outboxKey(item.Channel, item.Position))
	if err != nil || row == nil {
		return item, false, err
	}
	return item, true, decodeRow(row, item)
}

func deliveryStarted(tx Tx, conversation string, e *deskpb.DeliveryStarted) error {
	item, _, err := outbox(tx, conversation, e.Message)
	if err != nil || item == nil {
		return err
	}
	item.State, item.Attempts = deskpb.DeliveryState_DELIVERY_STATE_SENDING, e.Attempt
	return putOutbox(tx, item)
}

func deliverySettled(tx Tx, conversation string, e *deskpb.DeliverySettled) error {
	item, there, err := outbox(tx, conversation, e.Message)
	if err != nil || item == nil {
		return err
	}
	if err := setExternal(tx, item.Channel, e.ExternalId, conversation, e.Message); err != nil {
		return err
	}
	switch e.State {
	case deskpb.DeliveryState_DELIVERY_STATE_QUEUED:
		item.DueMs = e.RetryAtMs
	case deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN:
	case deskpb.DeliveryState_DELIVERY_STATE_SENT, deskpb.DeliveryState_DELIVERY_STATE_DELIVERED,
		deskpb.DeliveryState_DELIVERY_STATE_READ, deskpb.DeliveryState_DELIVERY_STATE_FAILED:
		if there {
			return tx.Delete(outboxKey(item.Channel, item.Position))
		}
		return nil
	default:
		return nil
	}
	item.State, item.Attempts = e.State, max(item.Attempts, e.Attempt)
	return putOutbox(tx, item)
}
