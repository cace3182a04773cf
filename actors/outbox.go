package actors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// outbox owns the replies of one channel that are not settled. Each attempt is announced in the journal before it is made, and
// its outcome recorded after; one that was announced and not settled when the process ended is looked for (channels.Finder)
// or shown as unknown, never made again by itself. Replies of one conversation leave in the order of the times their agents
// set, and in which they were asked for. What an agent takes back or moves is moved here when that is durable; until then
// the conversation refuses the announcement, so that nothing leaves on an old plan.
type outbox struct {
	sys       *System
	id        desk.ChannelID
	name      string
	connector channels.Connector
	convs     map[desk.ConversationID]*lane
	sending   int
	timer     *time.Timer
	ready     bool // the index was read
}

// parcel is one reply on its way out.
type parcel struct {
	conv     desk.ConversationID
	message  desk.MessageID
	asked    time.Time
	attempts uint32                 // while it is under way, its goroutine's
	reply    *deskpb.ReplyRequested // nil until read from the stream
	letter   *deskpb.OwnerTold      // instead of a reply: a mail to an agent
	lost     bool                   // was under way when the process ended
	dated    time.Time              // when it was first to leave: every attempt bears it, so that all are the same mail. While it is under way, its goroutine's

	// These are the actor's.
	sendAt   int64 // Unix milliseconds, as its agent set; 0: none
	position uint64
	due      time.Time // when it is next tried
	begun    uint32    // attempts when it came here
	again    *parcel   // asked for once more before the news of its end came
}

// attempted is the outcome of one attempt, or of looking for a lost one.
type attempted struct {
	p        *parcel
	lane     *lane
	finished bool // nothing more will happen to this reply here
	retryAt  time.Time
}

const outboxPage = 100_000

// longestWait bounds a timer: the clock on the wall may be set, and a machine may sleep.
const longestWait = time.Minute

func newOutbox(s *System, id desk.ChannelID, name string) *outbox {
	return &outbox{sys: s, id: id, name: name, convs: map[desk.ConversationID]*lane{}}
}

func (o *outbox) Receive(c actor.Context) {
	switch m := c.Message().(type) {
	case *actor.Started:
		o.read()
	case *connectorUp:
		o.connector = m.connector
		o.pump(c.Self())
	case *replyNews:
		o.news(m.record)
		o.pump(c.Self())
	case *attempted:
		o.attempted(c.Self(), m)
	case *tick:
		o.pump(c.Self())
	case *actor.Stopping:
		if o.timer != nil {
			o.timer.Stop()
		}
	}
	o.sys.status.set(o.id, func(st *channelLive) { st.OutboxDepth = o.depth() })
}

func (o *outbox) depth() (n int) {
	for _, l := range o.convs {
		n += len(l.items)
	}
	return n
}

// read takes over what is not settled. The index is a fold to the head of the journal, and nothing acts before it was read.
func (o *outbox) read() {
	items, err := o.sys.index.Outbox(o.id, outboxPage)
	if err != nil {
		panic(fmt.Errorf("read the outbox: %w", err))
	}
	for _, it := range items {
		if it.State == deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN {
			continue // shown to the agent; a report of the provider may still settle it
		}
		p := &parcel{
			conv: desk.ConversationID(it.Conversation), message: desk.MessageID(it.Message), asked: time.UnixMilli(it.RequestedAtMs),
			attempts: it.Attempts, begun: it.Attempts, lost: it.State == deskpb.DeliveryState_DELIVERY_STATE_SENDING,
			sendAt: it.SendAtMs, position: it.Position, due: time.UnixMilli(it.DueMs),
		}
		if p.lost {
			p.due = time.Time{} // it is looked for at once
		}
		o.lane(p.conv).add(p)
	}
	o.ready = true
}

// pump starts what may start, and sets the timer for what is due later.
func (o *outbox) pump(self *actor.PID) {
	if o.connector == nil || !o.ready || o.sys.stopping.Load() {
		return
	}
	now := time.Now()
	next := time.Time{}
	for _, l := range o.convs {
		p := l.head()
		if p == nil {
			continue
		}
		if p.due.After(now) {
			if next.IsZero() || p.due.Before(next) {
				next = p.due
			}
			continue
		}
		if o.sending >= o.sys.tune.SendsPerChannel {
			break
		}
		l.underWay = p
		o.sending++
		conn, since := o.connector, p.since()
		o.sys.sends.Go(func() { o.attempt(self, l, p, since, conn) })
	}
	if o.timer != nil {
		o.timer.Stop()
	}
	if !next.IsZero() {
		root := o.sys.root
		o.timer = time.AfterFunc(min(time.Until(next), longestWait), func() { root.Send(self, &tick{}) })
	}
}

// attempted goes on with the conversation's next reply, or waits.
func (o *outbox) attempted(self *actor.PID, m *attempted) {
	o.sending--
	m.lane.ended(m.p, m.finished, m.retryAt)
	o.tidy(m.p.conv)
	o.pump(self)
}

// attempt runs on a goroutine of its own: announce, try once, settle. It reports to the actor when all of that is durable.
func (o *outbox) attempt(self *actor.PID, l *lane, p *parcel, since time.Time, conn channels.Connector) {
	result := &attempted{p: p, lane: l}
	defer func() { o.sys.root.Send(self, result) }()
	ctx, cancel := context.WithTimeout(o.sys.ctx, o.sys.tune.SendTimeout)
	defer cancel()
	out, err := o.outbound(ctx, p)
	if err != nil {
		o.sys.log.Error("read a reply", "channel", string(o.id), "conversation", string(p.conv), "err", err)
		result.retryAt = time.Now().Add(time.Minute)
		return
	}
	if p.dated.IsZero() {
		p.dated = since // what was scheduled is dated when it was to leave
	}
	out.RequestedAt = p.dated
	if p.lost {
		o.settleLost(ctx, p, conn, out, result)
		return
	}
	if err := o.record(p, &deskpb.StartDelivery{Message: string(p.message)}); err != nil {
		result.finished = desk.ReasonOf(err) == "not_queued" // settled or taken back meanwhile
		result.retryAt = time.Now().Add(time.Second)
		return
	}
	p.attempts++
	out.Attempt = p.attempts
	id, err := send(ctx, conn, out)
	s := o.judge(p, since, id, err)
	o.settle(p, s, result)
	if s.State == deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN {
		o.lookLater(p, conn, out)
	}
}

// send calls Send; a panic says nothing about the outcome.
func send(ctx context.Context, conn channels.Connector, out desk.Outbound) (id string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the connector panicked while sending: %v", r)
		}
	}()
	return conn.Send(ctx, out)
}

// judge turns the outcome of an attempt into what is recorded.
func (o *outbox) judge(p *parcel, since time.Time, externalID string, err error) *deskpb.SettleDelivery {
	s := &deskpb.SettleDelivery{Message: string(p.message), Attempt: p.attempts, ExternalId: externalID}
	if err == nil {
		s.State = deskpb.DeliveryState_DELIVERY_STATE_SENT
		return s
	}
	s.Reason = reasonOf(err)
	class := channels.ClassOfSend(err)
	switch {
	case class == channels.Permanent && externalID != "":
		s.State = deskpb.DeliveryState_DELIVERY_STATE_SENT // to some of the recipients; the reason says which were refused
	case class == channels.Permanent:
		s.State = deskpb.DeliveryState_DELIVERY_STATE_FAILED
	case class == channels.Unknown:
		s.State = deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN
		s.Reason = "Nobody can tell whether it arrived: " + s.Reason
	case time.Since(since) > o.sys.tune.GiveUpAfter:
		s.State = deskpb.DeliveryState_DELIVERY_STATE_FAILED
		s.Reason = "Given up after many attempts: " + s.Reason
	default:
		s.State = deskpb.DeliveryState_DELIVERY_STATE_QUEUED
		s.RetryAtMs = time.Now().Add(o.delay(p, err)).UnixMilli()
	}
	return s
}

func (o *outbox) delay(p *parcel, err error) time.Duration {
	d := o.sys.tune.RetryDelays[min(int(p.attempts)-1, len(o.sys.tune.RetryDelays)-1)]
	if e, is := errors.AsType[*channels.Error](err); is && e.RetryAfter > d {
		d = e.RetryAfter
	}
	return d
}

// settle records the outcome, and keeps trying to: the attempt was made, and forgetting that would be the one unforgivable thing.
func (o *outbox) settle(p *parcel, s *deskpb.SettleDelivery, result *attempted) {
	what := map[deskpb.DeliveryState]string{
		deskpb.DeliveryState_DELIVERY_STATE_SENT: "sent", deskpb.DeliveryState_DELIVERY_STATE_FAILED: "failed",
		deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN: "unknown", deskpb.DeliveryState_DELIVERY_STATE_QUEUED: "retried",
	}[s.State]
	o.sys.obs.CountItem(string(o.id), what)
	result.finished = s.State != deskpb.DeliveryState_DELIVERY_STATE_QUEUED
	result.retryAt = time.UnixMilli(s.RetryAtMs)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
		err := o.record(p, s)
		if err == nil || o.sys.ctx.Err() != nil {
			return
		}
		o.sys.log.Error("record the outcome of an attempt", "channel", string(o.id), "conversation", string(p.conv), "err", err)
		if wait(o.sys.ctx, pause); desk.CodeOf(err) == desk.NotFound {
			return
		}
	}
}

// record waits for the answer as long as the engine lives: an announcement or an outcome whose fate is not known would be worse
// than a wait. It goes past Do's back-pressure and its refusal while stopping, because this is old work.
func (o *outbox) record(p *parcel, m proto.Message) error {
	reply := make(chan error, 1)
	o.sys.ask(p.conv.Stream(), deskpb.NewCommand(m), func(_ desk.Done, err error) { reply <- err })
	select {
	case err := <-reply:
		return err
	case <-o.sys.ctx.Done():
		return o.sys.ctx.Err()
	}
}

// settleLost asks the connector whether an announced attempt arrived; if nobody can tell, it stays unknown.
func (o *outbox) settleLost(ctx context.Context, p *parcel, conn channels.Connector, out desk.Outbound, result *attempted) {
	s := &deskpb.SettleDelivery{
		Message: string(p.message), Attempt: p.attempts, State: deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN,
		Reason: "The desk was stopped during the attempt; nobody can tell whether it arrived.",
	}
	if f, can := conn.(channels.Finder); can {
		if sent, id, err := f.Find(ctx, out); err == nil && sent {
			s.State, s.ExternalId, s.Reason = deskpb.DeliveryState_DELIVERY_STATE_SENT, id, ""
		}
	}
	o.settle(p, s, result)
	if s.State == deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN {
		o.lookLater(p, conn, out)
	}
}

// looks are the pauses between the looks for a reply of which nobody knows whether it was sent: a copy of it takes its time to appear.
var looks = []time.Duration{15 * time.Second, 2 * time.Minute, 10 * time.Minute}

// lookLater goes on looking for a reply that is shown as unknown. One that is found is sent; whether one that is not is sent again, a
// person decides.
func (o *outbox) lookLater(p *parcel, conn channels.Connector, out desk.Outbound) {
	f, can := conn.(channels.Finder)
	if !can || o.sys.stopping.Load() {
		return
	}
	o.sys.wg.Go(func() {
		for _, pause := range looks {
			if wait(o.sys.ctx, pause); o.sys.ctx.Err() != nil {
				return
			}
			ctx, cancel := context.WithTimeout(o.sys.ctx, o.sys.tune.SendTimeout)
			sent, id, err := f.Find(ctx, out)
			cancel()
			switch {
			case err != nil:
				continue
			case sent: // a report, not the outcome of an attempt: somebody may have tried again meanwhile
				if err := o.record(p, &deskpb.SettleDelivery{Message: string(p.message), State: deskpb.DeliveryState_DELIVERY_STATE_SENT, ExternalId: id}); err != nil {
					o.sys.log.Error("record that a reply was found", "channel", string(o.id), "conversation", string(p.conv), "err", err)
				}
			}
			return
		}
	})
}

// note takes in what the conversation's history says of a reply up to the first attempt, which is the end of it.
func (p *parcel) note(r desk.Record) (attempted bool) {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ReplyRequested:
		if e.ReplyRequested.Message == string(p.message) {
			p.reply = e.ReplyRequested
			p.dated = later(time.UnixMilli(r.AtMs), time.UnixMilli(e.ReplyRequested.SendAtMs))
		}
	case *deskpb.Event_OwnerTold:
		if e.OwnerTold.Letter == string(p.message) {
			p.letter, p.dated = e.OwnerTold, time.UnixMilli(r.AtMs)
			return true // it is never moved
		}
	case *deskpb.Event_ReplyRescheduled:
		if e.ReplyRescheduled.Message == string(p.message) && p.reply != nil {
			p.dated = later(p.asked, time.UnixMilli(e.ReplyRescheduled.SendAtMs))
		}
	case *deskpb.Event_DeliveryStarted:
		return e.DeliveryStarted.Message == string(p.message)
	}
	return false
}

// outbound reads a reply back from its stream if it is not at hand.
func (o *outbox) outbound(ctx context.Context, p *parcel) (desk.Outbound, error) {
	if p.reply == nil && p.letter == nil {
		for r, err := range o.sys.store.Load(ctx, p.conv.Stream(), 0) {
			if err != nil {
				return desk.Outbound{}, err
			}
			if p.note(r) {
				break
			}
		}
		if p.reply == nil && p.letter == nil {
			return desk.Outbound{}, fmt.Errorf("reply %s is not in its conversation", p.message)
		}
	}
	if l := p.letter; l != nil {
		return desk.Outbound{
			Conversation: p.conv, Message: p.message, Channel: o.id, Attempt: p.attempts, RequestedAt: p.asked, Subject: l.Subject,
			To: []*deskpb.Address{l.To}, Body: &deskpb.Body{Text: l.Text}, ThreadKeys: l.ThreadKeys, Automatic: true, Internal: true,
		}, nil
	}
	e := p.reply
	out := desk.Outbound{
		Conversation: p.conv, Message: p.message, Channel: o.id, Attempt: p.attempts, RequestedAt: p.asked, Thread: e.Thread,
		Subject: e.Subject, To: e.To, Cc: e.Cc, Bcc: e.Bcc, Body: e.Body, InReplyTo: e.InReplyTo, References: e.References,
		ThreadKeys: e.ThreadKeys, AgentName: e.AgentName, From: e.FromAddress,
		Automatic: e.Automatic != "" && e.Automatic != desk.AutomaticUnread, // what an agent wrote does not become a machine's on its way
		Quotes:    e.Automatic == desk.AutomaticUnread,
	}
	if t, err := o.sys.index.Ticket(p.conv); err == nil && t != nil {
		out.Number = t.Number
	}
	return out, nil
}
