package actors

import (
	"cmp"
	"slices"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// lane is the queue of one conversation, in the order in which its decider lets replies leave: one is under way, or the head
// waits for its time. It is the actor's alone.
type lane struct {
	items    []*parcel
	underWay *parcel
}

func (o *outbox) lane(conv desk.ConversationID) *lane {
	l := o.convs[conv]
	if l == nil {
		l = &lane{}
		o.convs[conv] = l
	}
	return l
}

// tidy forgets a conversation with nothing to send.
func (o *outbox) tidy(conv desk.ConversationID) {
	if l := o.convs[conv]; l != nil && len(l.items) == 0 {
		delete(o.convs, conv)
	}
}

// head is what may be tried next; nil while something is under way.
func (l *lane) head() *parcel {
	if l.underWay != nil || len(l.items) == 0 {
		return nil
	}
	return l.items[0]
}

// add takes a reply in, once: what the index said and what the feed says overlap.
func (l *lane) add(p *parcel) {
	if l.find(p.message) == nil {
		l.items = append(l.items, p)
		l.sort()
	}
}

func (l *lane) find(message desk.MessageID) *parcel {
	if i := slices.IndexFunc(l.items, func(x *parcel) bool { return x.message == message }); i >= 0 {
		return l.items[i]
	}
	return nil
}

// sort orders as desk's rules do, and begins with what was under way when the process ended.
func (l *lane) sort() {
	begun := func(p *parcel) int {
		if p.lost {
			return 0
		}
		return 1
	}
	slices.SortFunc(l.items, func(a, b *parcel) int {
		return cmp.Or(cmp.Compare(begun(a), begun(b)), cmp.Compare(a.sendAt, b.sendAt), cmp.Compare(a.position, b.position))
	})
}

// ended takes in what became of an attempt.
func (l *lane) ended(p *parcel, finished bool, retryAt time.Time) {
	l.underWay = nil
	if !finished {
		p.due = later(retryAt, time.UnixMilli(p.sendAt)) // it may have been moved meanwhile
		l.sort()
		return
	}
	l.remove(p)
	if p.again != nil {
		l.add(p.again)
	}
}

func (l *lane) remove(p *parcel) {
	l.items = slices.DeleteFunc(l.items, func(x *parcel) bool { return x == p })
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// since is what giving up counts from.
func (p *parcel) since() time.Time { return later(p.asked, time.UnixMilli(p.sendAt)) }

// news takes in what an agent decided of a reply. What is under way is left to its goroutine: the conversation refuses its
// announcement, or was too late to change anything.
func (o *outbox) news(r desk.Record) {
	conv := desk.ConversationID(desk.StreamID(r.Stream).ID())
	l := o.lane(conv)
	defer o.tidy(conv)
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ReplyRequested:
		m := e.ReplyRequested
		l.add(&parcel{
			conv: conv, message: desk.MessageID(m.Message), asked: time.UnixMilli(r.AtMs), reply: m, sendAt: m.SendAtMs, position: r.Position,
			due: time.UnixMilli(m.SendAtMs),
		})
	case *deskpb.Event_OwnerTold:
		m := e.OwnerTold
		l.add(&parcel{
			conv: conv, message: desk.MessageID(m.Letter), asked: time.UnixMilli(r.AtMs), letter: m, position: r.Position, due: time.UnixMilli(r.AtMs),
		})
	case *deskpb.Event_ReplyCanceled:
		if p := l.find(desk.MessageID(e.ReplyCanceled.Message)); p != nil && p != l.underWay {
			l.remove(p)
		}
	case *deskpb.Event_ReplyRescheduled:
		m := e.ReplyRescheduled
		if p := l.find(desk.MessageID(m.Message)); p != nil {
			p.sendAt, p.due = m.SendAtMs, time.UnixMilli(m.SendAtMs)
			l.sort()
		}
	case *deskpb.Event_ReplyRetried:
		o.retried(conv, l, e.ReplyRetried)
	}
}

// retried takes a reply in once more. Its place among the others is still that of its request, which the index knows.
func (o *outbox) retried(conv desk.ConversationID, l *lane, m *deskpb.ReplyRetried) {
	item, err := o.sys.index.OutboxItem(conv, desk.MessageID(m.Message))
	if err != nil {
		o.sys.log.Error("read a reply that is tried again", "channel", string(o.id), "conversation", string(conv), "err", err)
	}
	if item == nil {
		return // settled since by a report of the provider
	}
	again := &parcel{
		conv: conv, message: desk.MessageID(m.Message), asked: time.UnixMilli(item.RequestedAtMs), attempts: m.Attempts, begun: m.Attempts,
		sendAt: m.SendAtMs, position: item.Position, due: time.UnixMilli(m.SendAtMs),
	}
	if p := l.find(again.message); p != nil && p.begun < again.begun {
		p.again = again // the news that it ended is on its way here
		return
	}
	l.add(again)
}
