package actors

import (
	"context"
	"sync"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// presence passes ephemeral signs beside the journal: who looks at or types in a conversation. They may be lost.
type presence struct {
	mu        sync.RWMutex // guards listeners
	listeners map[*func(desk.PresenceSign)]struct{}
}

func newPresence() *presence { return &presence{listeners: map[*func(desk.PresenceSign)]struct{}{}} }

// Presence tells everybody who listens. It does not wait.
func (s *System) Presence(sign desk.PresenceSign) {
	s.seen(sign)
	s.presence.mu.RLock()
	defer s.presence.mu.RUnlock()
	for f := range s.presence.listeners {
		(*f)(sign)
	}
}

// seen: an owner who looks at what was offered to them has taken it. This sign alone outlasts the moment.
func (s *System) seen(sign desk.PresenceSign) {
	if sign.Left {
		return
	}
	t, err := s.index.Ticket(sign.Conversation)
	if err != nil || t.GetTenure().GetTakeByMs() == 0 || t.Owner != sign.Who {
		return
	}
	cmd := deskpb.NewCommand(&deskpb.TakeOffer{})
	cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: sign.Who, Name: sign.Name}
	s.ask(sign.Conversation.Stream(), cmd, func(_ desk.Done, err error) {
		if err != nil && !s.stopping.Load() {
			s.log.Error("take an offer", "conversation", string(sign.Conversation), "err", err)
		}
	})
}

// OnPresence calls f for every sign until ctx ends. f must not block.
func (s *System) OnPresence(ctx context.Context, f func(desk.PresenceSign)) {
	s.presence.mu.Lock()
	s.presence.listeners[&f] = struct{}{}
	s.presence.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.presence.mu.Lock()
		delete(s.presence.listeners, &f)
		s.presence.mu.Unlock()
	})
}
