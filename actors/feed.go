package actors

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// happened is a durable record on its way to a follower.
type happened struct{ record desk.Record }

// feed tails the journal once and passes each durable record to the actors that want it, and wakes whoever watches its
// stream. It never waits for a follower: mailboxes take what comes, and watchers get a nudge and read for themselves.
type feed struct {
	start    desk.Position
	position atomic.Uint64
	send     func(*actor.PID, any) // set before run

	followers []follower // fixed before run

	mu       sync.Mutex // guards watchers
	watchers map[desk.StreamID][]*watcher
}

type follower struct {
	pid   *actor.PID
	wants func(desk.Record) bool
}

type watcher struct{ nudge func() }

func newFeed(start desk.Position) *feed {
	f := &feed{start: start, watchers: map[desk.StreamID][]*watcher{}}
	f.position.Store(uint64(start))
	return f
}

func (f *feed) follow(pid *actor.PID, wants func(desk.Record) bool) {
	f.followers = append(f.followers, follower{pid: pid, wants: wants})
}

// run follows the journal from where the engine read its index. A failed read is tried again from the same position.
func (f *feed) run(ctx context.Context, j persistence.Journal, log *slog.Logger) {
	for ctx.Err() == nil {
		for r, err := range j.Tail(ctx, desk.Position(f.position.Load())) {
			if err != nil {
				if ctx.Err() == nil {
					log.Error("tail the journal", "position", f.position.Load(), "err", err)
				}
				break
			}
			f.pass(r)
		}
		wait(ctx, 100*time.Millisecond)
	}
}

func (f *feed) pass(r desk.Record) {
	for _, fl := range f.followers {
		if fl.wants(r) {
			f.send(fl.pid, &happened{record: r})
		}
	}
	f.mu.Lock()
	for _, w := range f.watchers[desk.StreamID(r.Stream)] {
		w.nudge()
	}
	f.mu.Unlock()
	f.position.Store(r.Position)
}

func (f *feed) behind(head desk.Position) uint64 {
	if p := f.position.Load(); p < uint64(head) {
		return uint64(head) - p
	}
	return 0
}

// watch calls nudge after each record of a stream until stop is called. nudge must neither block nor watch.
func (f *feed) watch(stream desk.StreamID, nudge func()) (stop func()) {
	w := &watcher{nudge: nudge}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[stream] = append(f.watchers[stream], w)
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		all := f.watchers[stream]
		if i := slices.Index(all, w); i >= 0 {
			all = slices.Delete(all, i, i+1)
		}
		if f.watchers[stream] = all; len(all) == 0 {
			delete(f.watchers, stream)
		}
	}
}

func wantsSwitchboard(r desk.Record) bool {
	switch r.Event.GetKind().(type) {
	case *deskpb.Event_ChannelConnected, *deskpb.Event_ChannelChanged, *deskpb.Event_ChannelSwitched,
		*deskpb.Event_ImportStarted, *deskpb.Event_ImportSwitched,
		*deskpb.Event_ReplyRequested, *deskpb.Event_ReplyCanceled, *deskpb.Event_ReplyRescheduled, *deskpb.Event_ReplyRetried, *deskpb.Event_OwnerTold,
		*deskpb.Event_ContactBlocked, *deskpb.Event_ContactUnblocked:
		return true
	}
	return false
}

// wantsTimers: what plans a wake-up.
func wantsTimers(r desk.Record) bool {
	if m := r.Event.GetAssignmentDeferred(); m != nil {
		return m.Waiting && m.Reason.GetWidensAtMs() != 0
	}
	if m := r.Event.GetConversationAssigned(); m != nil {
		return m.TakeByMs != 0
	}
	if desk.StreamID(r.Stream).Kind() == desk.KindSide {
		return desk.NewsOfSide(r.Event)
	}
	if m := r.Event.GetTicketHeld(); m != nil {
		return m.UntilMs != 0
	}
	if m := r.Event.GetReplyRequested(); m != nil {
		return m.MailAtMs != 0
	}
	if m := r.Event.GetTicketStatusChanged(); m != nil {
		return m.To == deskpb.TicketStatus_TICKET_STATUS_CLOSED
	}
	switch r.Event.GetKind().(type) {
	case *deskpb.Event_PlaceReserved, *deskpb.Event_TicketSnoozed, *deskpb.Event_ConversationMerged, *deskpb.Event_MergeUndone,
		*deskpb.Event_MessagesSplitOff, *deskpb.Event_BotHeard,
		*deskpb.Event_AgentChanged, *deskpb.Event_OutOfOfficeSet, *deskpb.Event_AvailabilityPlanned, *deskpb.Event_AbsencePlanned,
		*deskpb.Event_SettingSaved, *deskpb.Event_SettingRemoved:
		return true
	}
	return false
}
