package actors

import (
	"context"
	"iter"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// threads gives a connector the conversations behind its own thread ids.
type threads struct {
	sys     *System
	channel desk.ChannelID
}

var _ channels.Threads = (*threads)(nil)

// conversation is where a thread leads now: where a person's was led to, else where its first message will be.
func (t *threads) conversation(thread string) desk.ConversationID {
	if conv, err := t.sys.index.Thread(t.channel, persistence.ThreadIDKey(thread)); err == nil && conv != "" {
		return conv
	}
	return desk.ConversationIDFor(t.channel, "thread/"+thread)
}

// Open implements channels.Threads.
func (t *threads) Open(thread string) channels.Thread { return &opened{t.sys, t.conversation(thread)} }

// opened is the conversation that a thread led to when it was opened.
type opened struct {
	sys  *System
	conv desk.ConversationID
}

// Earlier implements channels.Thread.
func (t *opened) Earlier(ctx context.Context) iter.Seq2[desk.Record, error] {
	return func(yield func(desk.Record, error) bool) {
		if row, err := t.sys.index.Ticket(t.conv); err == nil {
			t.earlier(ctx, row, yield)
		}
	}
}

func (t *opened) earlier(ctx context.Context, row desk.Ticket, yield func(desk.Record, error) bool) bool {
	for _, conv := range row.GetEarlier() {
		was, err := t.sys.index.Ticket(desk.ConversationID(conv))
		if err != nil {
			return yield(nil, err) && false
		}
		if !t.earlier(ctx, was, yield) {
			return false
		}
		for r, err := range t.sys.store.Load(ctx, desk.ConversationID(conv).Stream(), was.GetPurgedVersion()) {
			if err != nil {
				return yield(nil, err) && false
			}
			if !yield(r, nil) {
				return false
			}
		}
	}
	return true
}

// History implements channels.Thread.
func (t *opened) History(ctx context.Context, after uint64) iter.Seq2[desk.Record, error] {
	if row, err := t.sys.index.Ticket(t.conv); err == nil {
		after = max(after, row.GetPurgedVersion()) // of what was purged nobody is shown anything
	}
	return t.sys.store.Load(ctx, t.conv.Stream(), after)
}

// OnNews implements channels.Thread.
func (t *opened) OnNews(ctx context.Context, f func()) {
	context.AfterFunc(ctx, t.sys.feed.watch(t.conv.Stream(), f))
}

func (t *threads) Agents(context.Context) (int, time.Time, error) {
	row, err := t.sys.index.Channel(t.channel)
	if err != nil || row == nil {
		return 0, time.Time{}, err
	}
	agents, err := t.sys.index.Agents()
	if err != nil {
		return 0, time.Time{}, err
	}
	teams, err := t.sys.index.Teams()
	if err != nil {
		return 0, time.Time{}, err
	}
	live := desk.Live(row.Kind)
	if n := desk.CountAvailable(live, row.Routing, agents, teams); n > 0 {
		return n, time.Time{}, nil
	}
	var back time.Time
	if ms := desk.BackAt(row.Routing, agents, teams, nowMs()); ms != 0 {
		back = time.UnixMilli(ms)
	}
	return 0, back, nil
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

// teamName gives a team's name, "" when there is no such team any more.
func (s *System) teamName(id string) string {
	row, err := s.index.Team(desk.TeamID(id))
	if err != nil {
		s.log.Error("read a team", "team", id, "err", err)
	}
	if row.GetRemoved() {
		return ""
	}
	return row.GetName()
}

// defaults are what a channel's tickets begin with, and the team that whoever wrote chose.
func (ch *channel) defaults(m *desk.InboundMessage) *deskpb.TicketDefaults {
	given := ch.row.Routing.GetDefaults()
	name := ""
	if m.Team != "" {
		name = ch.sys.teamName(m.Team)
	}
	if name == "" {
		return given
	}
	chosen := &deskpb.TicketDefaults{}
	if given != nil {
		chosen = proto.CloneOf(given)
	}
	chosen.Team, chosen.TeamName = m.Team, name
	return chosen
}
