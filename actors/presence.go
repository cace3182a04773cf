package actors

import (
	"context"
	"sync"

	"github.com/centralita/centralita/desk"
)

// presence passes ephemeral signs beside the journal: who looks at or types in a conversation. They may be lost.
type presence struct {
	mu        sync.RWMutex // guards listeners
	listeners map[*func(desk.PresenceSign)]struct{}
}

func newPresence() *presence { return &presence{listeners: map[*func(desk.PresenceSign)]struct{}{}} }

// Presence tells everybody who listens. It does not wait.
func (s *System) Presence(sign desk.PresenceSign) {
	s.presence.mu.RLock()
	defer s.presence.mu.RUnlock()
	for f := range s.presence.listeners {
		(*f)(sign)
	}
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
