package actors

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
)

// channelLive is what is known of a channel right now, beside the journal.
type channelLive struct {
	desk.ChannelStatus
	connector channels.Connector
	handler   http.Handler
}

func (l *channelLive) setConnector(c channels.Connector) {
	l.connector, l.handler = c, nil
	if r, is := c.(channels.Routed); is {
		l.handler = r.Handler()
	}
}

// statusBoard is where channels post what they are doing, for readers outside the actors.
type statusBoard struct {
	mu       sync.RWMutex // guards what follows
	live     map[desk.ChannelID]*channelLive
	mailKeys map[string]desk.ChannelID // where a key was found last: see channelByMailKey
}

func newStatusBoard() *statusBoard {
	return &statusBoard{live: map[desk.ChannelID]*channelLive{}, mailKeys: map[string]desk.ChannelID{}}
}

func (b *statusBoard) mailKey(key string) desk.ChannelID {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.mailKeys[key]
}

// rememberMailKey keeps only what is some channel's: strangers ask for anything.
func (b *statusBoard) rememberMailKey(key string, id desk.ChannelID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if delete(b.mailKeys, key); id != "" {
		b.mailKeys[key] = id
	}
}

func (b *statusBoard) set(id desk.ChannelID, change func(*channelLive)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.live[id]
	if l == nil {
		l = &channelLive{ChannelStatus: desk.ChannelStatus{Channel: id, Lag: -1}}
		b.live[id] = l
	}
	change(l)
}

// ChannelStatus is the live health of every channel, ordered by id.
func (s *System) ChannelStatus() []desk.ChannelStatus {
	s.status.mu.RLock()
	defer s.status.mu.RUnlock()
	out := make([]desk.ChannelStatus, 0, len(s.status.live))
	for _, l := range s.status.live {
		out = append(out, l.ChannelStatus)
	}
	slices.SortFunc(out, func(a, b desk.ChannelStatus) int { return strings.Compare(string(a.Channel), string(b.Channel)) })
	return out
}

// ChannelHandler is the HTTP handler of a channel's connector; one that answers 503 while it is down; nil when the channel is
// unknown.
func (s *System) ChannelHandler(id desk.ChannelID) http.Handler {
	s.status.mu.RLock()
	defer s.status.mu.RUnlock()
	l := s.status.live[id]
	switch {
	case l == nil:
		return nil
	case l.handler != nil:
		return l.handler
	case l.connector != nil:
		return nil // a kind without HTTP
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "this channel is not running now", http.StatusServiceUnavailable)
	})
}
