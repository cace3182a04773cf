package chat

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
)

// newToken makes a visitor's secret: 128 random bits. Whoever shows it is the visitor; the server does not keep it.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// validToken accepts only what newToken can have made, so that nobody shares a guessable one.
func validToken(token string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	return err == nil && len(b) == 16 && !strings.ContainsAny(token, "\r\n")
}

// visitorID is who shows this token. It tells nothing of the token.
func visitorID(channel desk.ChannelID, token string) string {
	sum := sha256.Sum256([]byte(token))
	return desk.DeriveID("v_", string(channel), hex.EncodeToString(sum[:]))
}

// visitor gives who makes a request, by its bearer token.
func (c *connector) visitor(r *http.Request) (string, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || !validToken(token) {
		return "", desk.Refuse(desk.Denied, "Authorization", "needs the visitor token of a session, as Bearer")
	}
	return visitorID(c.env.Channel, token), nil
}

// tickets let a session open one socket each: a socket's address cannot carry the token, because addresses are logged.
type tickets struct {
	max  int
	life time.Duration

	mu    sync.Mutex
	open  map[string]ticket
	order []string // oldest first; redeemed ones are still in it
}

type ticket struct {
	visitor string
	until   time.Time
}

func newTickets(limit int, life time.Duration) *tickets {
	return &tickets{max: limit, life: life, open: make(map[string]ticket)}
}

// issue makes a ticket. When there are too many, the oldest is void.
func (t *tickets) issue(visitor string, now time.Time) string {
	id := newToken()
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.order) > 0 {
		oldest, there := t.open[t.order[0]]
		if there && now.Before(oldest.until) && len(t.order) < t.max {
			break
		}
		delete(t.open, t.order[0])
		t.order = t.order[1:]
	}
	t.open[id] = ticket{visitor: visitor, until: now.Add(t.life)}
	t.order = append(t.order, id)
	return id
}

// redeem gives whose ticket it is, once.
func (t *tickets) redeem(id string, now time.Time) (visitor string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k, ok := t.open[id]
	delete(t.open, id)
	return k.visitor, ok && now.Before(k.until)
}
