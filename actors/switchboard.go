package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// switchboard owns which channels there are. Each gets an actor, whether it is on or off.
type switchboard struct {
	sys      *System
	channels map[desk.ChannelID]*actor.PID
}

func (b *switchboard) Receive(c actor.Context) {
	switch m := c.Message().(type) {
	case *actor.Started:
		rows, err := b.sys.index.Channels()
		if err != nil {
			b.sys.log.Error("read the channels", "err", err)
		}
		for _, row := range rows {
			b.spawn(c, row)
		}
	case *happened:
		b.happened(c, m.record)
	case *syncNow:
		if pid := b.channels[m.channel]; pid != nil {
			c.Send(pid, m)
		}
	case *replay:
		if pid := b.channels[m.channel]; pid != nil {
			c.Send(pid, m)
			return
		}
		m.delivery.results[0] <- desk.Refuse(desk.Conflict, "item", "this program has no connector for this channel")
	}
}

func (b *switchboard) happened(c actor.Context, r desk.Record) {
	switch r.Event.GetKind().(type) {
	case *deskpb.Event_ReplyRequested, *deskpb.Event_ReplyCanceled, *deskpb.Event_ReplyRescheduled, *deskpb.Event_ReplyRetried,
		*deskpb.Event_OwnerTold:
		if pid := b.channels[channelOfReply(r.Event)]; pid != nil {
			c.Send(pid, &replyNews{record: r})
		}
		return
	case *deskpb.Event_ContactBlocked, *deskpb.Event_ContactUnblocked:
		for _, pid := range b.channels {
			c.Send(pid, &peopleChanged{})
		}
		return
	}
	id := desk.ChannelID(desk.StreamID(r.Stream).ID())
	row, err := b.sys.index.Channel(id)
	if err != nil || row == nil {
		b.sys.log.Error("read a channel", "channel", string(id), "err", err)
		return
	}
	if pid := b.channels[id]; pid != nil {
		c.Send(pid, &reconfigured{row: row, secrets: newSecrets(r)})
		return
	}
	b.spawn(c, row)
}

func (b *switchboard) spawn(c actor.Context, row desk.Channel) {
	id := desk.ChannelID(row.Channel)
	if b.channels[id] != nil {
		return
	}
	kind, known := b.sys.kinds[kindName(row)]
	if !known {
		b.sys.status.set(id, func(st *channelLive) {
			st.State, st.LastError = deskpb.HealthState_HEALTH_STATE_FAILED, "this program has no connector for channels of kind "+kindName(row)
			st.LastErrorMs = time.Now().UnixMilli()
		})
		return
	}
	if at, err := b.sys.index.ChannelLastItem(id); err != nil {
		b.sys.log.Warn("read when a channel's last message came", "channel", string(id), "err", err)
	} else {
		b.sys.status.set(id, func(st *channelLive) { st.LastItemMs = max(st.LastItemMs, at) })
	}
	ch := newChannel(b.sys, row, kind)
	b.channels[id] = c.Spawn(b.sys.props(func() actor.Actor { return ch }, actor.WithSupervisor(ch.backoff)))
}

// newSecrets: they changed, and not by the connector itself, which knows them.
func newSecrets(r desk.Record) bool {
	return len(r.Event.GetChannelChanged().GetSealedSecrets()) > 0 && r.By.GetKind() != deskpb.Author_KIND_CHANNEL
}

// kindName is the registered name of a channel's kind.
func kindName(row desk.Channel) string {
	if row.CustomKind != "" {
		return row.CustomKind
	}
	return KindNames[row.Kind]
}

// KindNames gives the registered names of the built-in kinds.
var KindNames = map[desk.ChannelKind]string{
	deskpb.ChannelKind_CHANNEL_KIND_EMAIL: "email", deskpb.ChannelKind_CHANNEL_KIND_CHAT: "chat",
	deskpb.ChannelKind_CHANNEL_KIND_MESSENGER: "messenger", deskpb.ChannelKind_CHANNEL_KIND_FORM: "form",
	deskpb.ChannelKind_CHANNEL_KIND_WHATSAPP: "whatsapp", deskpb.ChannelKind_CHANNEL_KIND_CALL: "call",
	deskpb.ChannelKind_CHANNEL_KIND_CUSTOM: "custom",
}

// reconfigured: the channel's row is another; what depends on it starts again.
type reconfigured struct {
	row     desk.Channel
	secrets bool // these changed too
}

// replyNews: an agent asked for a reply of this channel, or decided otherwise about one, and that is durable.
type replyNews struct{ record desk.Record }

func channelOfReply(ev desk.Event) desk.ChannelID {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ReplyRequested:
		return desk.ChannelID(e.ReplyRequested.Channel)
	case *deskpb.Event_ReplyCanceled:
		return desk.ChannelID(e.ReplyCanceled.Channel)
	case *deskpb.Event_ReplyRescheduled:
		return desk.ChannelID(e.ReplyRescheduled.Channel)
	case *deskpb.Event_ReplyRetried:
		return desk.ChannelID(e.ReplyRetried.Channel)
	case *deskpb.Event_OwnerTold:
		return desk.ChannelID(e.OwnerTold.Channel)
	}
	return ""
}

// peopleChanged: what is remembered of contacts is not true any more.
type peopleChanged struct{}

// connectorUp: an instance was made; it can send although its Run may fail later.
type connectorUp struct{ connector channels.Connector }
