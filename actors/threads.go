package actors

import (
	"context"
	"iter"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
)

// threads gives a connector the conversations behind its own thread ids.
type threads struct {
	sys     *System
	channel desk.ChannelID
}

var _ channels.Threads = (*threads)(nil)

func (t *threads) conversation(thread string) desk.ConversationID {
	return desk.ConversationIDFor(t.channel, "thread/"+thread)
}

// Watch registers before it reads, so nothing falls between history and live.
func (t *threads) Watch(ctx context.Context, thread string, after uint64) iter.Seq2[desk.Record, error] {
	return func(yield func(desk.Record, error) bool) {
		stream := t.conversation(thread).Stream()
		if row, err := t.sys.index.Ticket(t.conversation(thread)); err == nil {
			after = max(after, row.GetPurgedVersion()) // of what was purged nobody is shown anything
		}
		nudge, stop := t.sys.feed.watch(stream)
		defer stop()
		for history := true; ; history = false {
			for r, err := range t.sys.store.Load(ctx, stream, after) {
				if err != nil {
					yield(nil, err)
					return
				}
				if !yield(r, nil) {
					return
				}
				after = r.Version
			}
			if history && !yield(nil, nil) {
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-nudge:
			}
		}
	}
}

func (t *threads) Agents(context.Context) (int, error) {
	row, err := t.sys.index.Channel(t.channel)
	if err != nil || row == nil {
		return 0, err
	}
	agents, err := t.sys.index.Agents()
	if err != nil {
		return 0, err
	}
	teams, err := t.sys.index.Teams()
	if err != nil {
		return 0, err
	}
	return desk.CountAvailable(desk.Live(row.Kind), row.Routing, agents, teams), nil
}

func (t *threads) Place(ctx context.Context, thread string) (desk.LinePlace, error) {
	return t.sys.LinePlace(ctx, t.conversation(thread))
}

func (t *threads) Typing(thread string, on bool) {
	t.sys.Presence(desk.PresenceSign{Conversation: t.conversation(thread), Who: "contact", Typing: on})
}

func (t *threads) OnTyping(ctx context.Context, thread string, f func(agentName string, on bool)) {
	conv := t.conversation(thread)
	t.sys.OnPresence(ctx, func(s desk.PresenceSign) {
		if s.Conversation == conv && s.Who != "contact" {
			f(s.Name, s.Typing)
		}
	})
}
