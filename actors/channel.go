package actors

import (
	"bytes"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// channel owns one channel's life: its connector child, its outbox child, the credits, and which conversation the items in
// flight belong to. One actor per channel, so two mails of one thread cannot open two conversations. It survives the
// restarts of its connector.
type channel struct {
	sys     *System
	id      desk.ChannelID
	row     desk.Channel
	kind    channels.Kind
	backoff *backoff
	credits chan struct{} // taken by Deliver, given back when the item is settled

	claims   map[string]*claim    // thread key → conversation, for items in flight
	inFlight map[string]*delivery // by external id
	threads  *persistence.Recent[string, desk.ConversationID]
	people   *persistence.Recent[identity, person] // who have a name
	pace     pace
	paces    *paces
	spam     struct { // see spamRules
		edition uint64
		rules   *deskpb.SpamRules
	}

	present   channels.Connector // the connector's instance, nil while there is none
	importing *importRun         // nil: none runs

	sendsFrom    string                                            // the address that its replies leave from; "" for none
	after        channels.After                                    // what happens when whoever wrote has left
	acknowledges func(channels.Received) *channels.Acknowledgement // nil: nothing is answered by machine

	self      *actor.PID
	connector *actor.PID
	outbox    *actor.PID
	leaving   bool // the old connector is ending; start the new one when it has
	journaled deskpb.HealthState
	reason    string
}

func newChannel(s *System, row desk.Channel, kind channels.Kind) *channel {
	ch := &channel{
		sys: s, id: desk.ChannelID(row.Channel), row: row, kind: kind, credits: make(chan struct{}, s.tune.CreditsPerCh),
		claims: map[string]*claim{}, inFlight: map[string]*delivery{},
		threads: persistence.NewRecent[string, desk.ConversationID](threadsKept), people: persistence.NewRecent[identity, person](peopleKept),
		journaled: row.Health, reason: row.HealthReason,
	}
	ch.paces = &paces{full: map[string]time.Time{}}
	ch.backoff = &backoff{tune: s.tune, onFailure: ch.failed}
	ch.readConfig()
	ch.paces.before(s.before[ch.id], time.Now())
	return ch
}

func (ch *channel) readConfig() {
	limits := ch.sys.tune.Paces
	if ch.kind.Paces != nil {
		limits = ch.kind.Paces(ch.row.Config, limits)
	}
	ch.paces.set(limits)
	ch.sendsFrom, ch.after = ch.sys.sendsFrom(ch.row), ch.sys.afterOf(ch.row)
	if ch.acknowledges = nil; ch.kind.Acknowledger != nil {
		ch.acknowledges = ch.kind.Acknowledger(ch.row.Config)
	}
}

func (ch *channel) Receive(c actor.Context) {
	switch m := c.Message().(type) {
	case *actor.Started:
		ch.self = c.Self()
		ch.outbox = c.Spawn(ch.sys.props(func() actor.Actor { return newOutbox(ch.sys, ch.id, ch.row.Name) }))
		ch.start(c)
	case *delivery:
		ch.accept(m)
	case *replay:
		ch.replay(m.delivery)
	case *part:
		ch.part(m)
	case *statusNews:
		if !m.in.over.Load() {
			ch.news(m.status)
		}
	case *connectorUp:
		ch.sys.status.set(ch.id, func(st *channelLive) { st.setConnector(m.connector) })
		c.Send(ch.outbox, m)
		ch.present = m.connector
		ch.mindImport()
	case *replyNews:
		c.Send(ch.outbox, m)
	case *reconfigured:
		ch.reconfigure(c, m)
	case *syncNow:
		ch.again(c)
	case *peopleChanged:
		ch.people.Clear()
	case *actor.Stopping:
		ch.endImport()
	case *actor.Terminated:
		if ch.connector != nil && m.Who.Equal(ch.connector) {
			ch.connector = nil
			if ch.leaving {
				ch.leaving = false
				ch.start(c)
			}
		}
	}
}

// start spawns the connector if the channel is on.
func (ch *channel) start(c actor.Context) {
	if !ch.row.On {
		ch.sys.status.set(ch.id, func(st *channelLive) { st.setConnector(nil); st.Phase, st.NextRetryMs = "", 0 })
		c.Send(ch.outbox, &connectorUp{})
		ch.present = nil
		ch.mindImport()
		ch.health(deskpb.HealthState_HEALTH_STATE_OFF, "")
		return
	}
	ch.health(deskpb.HealthState_HEALTH_STATE_STARTING, "")
	row := ch.row
	ch.connector = c.Spawn(ch.sys.expendableProps(func() actor.Actor {
		return &connector{sys: ch.sys, row: row, kind: ch.kind, channel: ch.self, credits: ch.credits}
	}))
}

// reconfigure ends the connector when what it was made with has changed, and starts another once it has ended.
func (ch *channel) reconfigure(c actor.Context, m *reconfigured) {
	row := m.row
	same := row.On == ch.row.On && row.Name == ch.row.Name && row.Address == ch.row.Address && bytes.Equal(row.Config, ch.row.Config)
	ch.row = row
	ch.readConfig()
	ch.mindImport()
	if same && !m.secrets {
		return // only the rule changed: it is read at each delivery
	}
	ch.again(c)
}

// again starts the connector anew, without waiting for anything: it reads on from the last cursor.
func (ch *channel) again(c actor.Context) {
	ch.backoff.forget()
	switch {
	case ch.connector == nil:
		ch.start(c)
	case !ch.leaving:
		ch.leaving = true
		c.Stop(ch.connector)
	}
}

// news is what the connector says it is doing.
func (ch *channel) news(st channels.Status) {
	ch.sys.status.set(ch.id, func(live *channelLive) {
		live.Phase, live.Lag, live.Warning = st.Phase, st.Lag, st.Warning
		if st.Seen != "" {
			live.Seen, live.SeenMs = st.Seen, st.SeenAt.UnixMilli()
		}
	})
	switch st.Phase {
	case "catching-up", "idling", "polling", "listening":
		ch.backoff.running(time.Now())
		ch.health(deskpb.HealthState_HEALTH_STATE_RUNNING, "")
	}
}

// failed is told by the supervisor's strategy, on this actor's goroutine.
func (ch *channel) failed(f failure) {
	state := deskpb.HealthState_HEALTH_STATE_RETRYING
	if f.givenUp {
		state = deskpb.HealthState_HEALTH_STATE_FAILED
	}
	ch.sys.log.Warn("a connector failed", "channel", string(ch.id), "class", f.class.String(), "err", f.err, "retry_in", f.delay.String())
	ch.sys.status.set(ch.id, func(st *channelLive) {
		st.Phase, st.Failures, st.LastError, st.LastErrorMs = "", f.count, f.reason, time.Now().UnixMilli()
		st.NextRetryMs = time.Now().Add(f.delay).UnixMilli()
		st.Restarts++
	})
	ch.health(state, f.reason)
}

// health journals a change of state: it is what administrators are told; live details are on the status board.
func (ch *channel) health(state deskpb.HealthState, reason string) {
	ch.sys.status.set(ch.id, func(st *channelLive) {
		st.State = state
		if state == deskpb.HealthState_HEALTH_STATE_RUNNING || state == deskpb.HealthState_HEALTH_STATE_OFF {
			st.NextRetryMs, st.Failures = 0, 0 // what failed last is kept, with its time: it is past
		}
	})
	if ch.journaled == state && ch.reason == reason {
		return
	}
	ch.journaled, ch.reason = state, reason
	known := ch.backoff.told
	if state == deskpb.HealthState_HEALTH_STATE_FAILED {
		ch.backoff.told = true
	}
	ch.sys.ask(ch.id.Stream(), deskpb.NewCommand(&deskpb.ReportChannelHealth{State: state, Reason: reason, Known: known}), func(_ desk.Done, err error) {
		if err != nil {
			ch.sys.log.Warn("journal a channel's health", "channel", string(ch.id), "err", err)
		}
	})
}
