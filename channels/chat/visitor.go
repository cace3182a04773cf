package chat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/chat/identity"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
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

// caller is who makes a request.
type caller struct {
	thread string         // whose conversation they read and go on with
	origin string         // of this browser: ids of messages are unique within it
	person *desk.Verified // who they proved to be; nil: nobody
	only   string         // the one conversation that a link lets them see; "": theirs
}

// room names the room where the caller is: it is the same for all who see the same.
func (w caller) room() string {
	if w.only != "" {
		return w.thread + "#" + w.only
	}
	return w.thread
}

// holder gives who holds a token; ok is false when it is no token, or its time is over.
func (c *connector) holder(token string) (who caller, ok bool) {
	if validToken(token) {
		v := visitorID(c.env.Channel, token)
		return caller{thread: v, origin: v}, true
	}
	g, ok := identity.OpenGrant(token, string(c.env.Channel), c.keys, time.Now())
	if !ok {
		return caller{}, false
	}
	who = caller{thread: g.Thread, origin: g.Origin, only: g.Only}
	if g.ID != "" {
		who.person = c.verified(g.ID, g.Email, g.Name)
	}
	return who, true
}

// visitor gives who makes a request, by its bearer token.
func (c *connector) visitor(r *http.Request) (caller, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return caller{}, desk.Refuse(desk.Denied, "Authorization", "needs the visitor token of a session, as Bearer")
	}
	who, ok := c.holder(token)
	if !ok {
		return caller{}, desk.Refuse(desk.Denied, "Authorization", "the token is not, or no more, that of a visitor: open a session")
	}
	return who, nil
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

// grantLife is how long somebody stays who they proved to be, in their browser, unless they sign out before.
const grantLife = 12 * time.Hour

// opening is what a session begins with.
type opening struct {
	VisitorToken string         `json:"visitor_token"`
	Identity     identity.Proof `json:"identity"` // signed by the visitor's site
	Resume       string         `json:"resume"`   // of a link that was mailed
	Page         string         `json:"page"`     // where the visitor is: it chooses the flow
	Host         string         `json:"host"`     // the origin of the page that embeds the chat, as the browser told its frame
	Epoch        string         `json:"epoch"`
	LastSeq      uint64         `json:"last_seq"` // what the widget has: a session again, after a break
}

// wireIdentity is what the page's developer is told of the proof they had shown.
type wireIdentity struct {
	Verified bool   `json:"verified"`
	Reason   string `json:"reason,omitempty"`
	Message  string `json:"message,omitempty"`
}

// admitted is who was let in, and what a socket would tell them.
type admitted struct {
	token string
	who   caller
	story serverFrame // none: they have none
	told  *wireIdentity
}

// admit lets somebody in: as who they prove to be, else as whom their token says, else as somebody new. A proof that is none is told
// and hinders nobody.
func (c *connector) admit(ctx context.Context, l *life, in opening) (a admitted, err error) {
	known := false
	a.who, known = c.holder(in.VisitorToken)
	a.token = in.VisitorToken
	if !known && identity.IsGrant(in.VisitorToken) {
		a.told = &wireIdentity{Reason: identity.Expired, Message: "the visitor is not signed in any more: identify them again"}
	}
	if in.Resume != "" {
		known = c.resumes(in.Resume, &a) || known
	}
	before := a.who
	if !in.Identity.None() {
		if p, err := identity.KeysOf(c.settings.Identity, c.secrets, time.Now()).Verify(in.Identity, time.Now()); err != nil {
			a.reject(err)
		} else {
			c.become(p, known, &a)
			known = true
		}
	}
	if a.who.person != nil {
		a.told = &wireIdentity{Verified: true}
	}
	if before.origin == before.thread && before.thread != "" && before.thread != a.who.thread {
		if err := c.takeAlong(ctx, l, before, a.who); err != nil {
			return a, err
		}
	}
	moved := false
	if known {
		if a.story, moved, _, err = l.resume(ctx, a.who.room(), in.Epoch, in.LastSeq); err != nil {
			return a, err
		}
	}
	if !known || moved {
		a.token, a.story = newToken(), serverFrame{}
		v := visitorID(c.env.Channel, a.token)
		a.who = caller{thread: v, origin: v}
	}
	return a, nil
}

func (a *admitted) reject(err error) {
	a.told = &wireIdentity{Message: "the identity could not be verified"}
	if r, ok := errors.AsType[*identity.Rejection](err); ok {
		a.told = &wireIdentity{Reason: r.Reason, Message: r.Message}
	}
}

// become makes the caller the person who was proved.
func (c *connector) become(p identity.Person, known bool, a *admitted) {
	thread := c.threadOf(p)
	if a.who.thread == thread && a.who.only == "" && a.who.person != nil {
		return // they are that already: the token they have holds
	}
	origin := a.who.origin
	if !known || a.who.person != nil || a.who.only != "" { // somebody else was here
		origin = visitorID(c.env.Channel, newToken())
	}
	g := identity.Grant{Thread: thread, Origin: origin, Email: p.Email, Name: p.Name, ID: thread, Until: time.Now().Add(grantLife).Unix()}
	a.token = g.Seal(string(c.env.Channel), c.keys)
	a.who = caller{thread: thread, origin: origin, person: c.verified(thread, p.Email, p.Name)}
}

// resumes lets in who has a link to a conversation: to that one, and in this browser from now on.
func (c *connector) resumes(link string, a *admitted) bool {
	k, err := identity.OpenLink(link, string(c.env.Channel), c.keys, time.Now())
	if err != nil {
		a.reject(err)
		return false
	}
	if a.who.thread == k.Thread { // it was this browser
		return true
	}
	g := identity.Grant{
		Thread: k.Thread, Origin: visitorID(c.env.Channel, newToken()), Only: k.Conversation, Until: time.Now().Add(grantLife).Unix(),
	}
	a.token = g.Seal(string(c.env.Channel), c.keys)
	a.who = caller{thread: g.Thread, origin: g.Origin, only: g.Only}
	return true
}

// takeAlong gives what an anonymous visitor has said to the person they proved to be, and returns when that is durable.
func (c *connector) takeAlong(ctx context.Context, l *life, was, is caller) error {
	if is.person == nil {
		return nil
	}
	_, moved, spoke, err := l.resume(ctx, was.thread, "", 0)
	if err != nil || moved || !spoke {
		return err
	}
	item := desk.Inbound{ExternalID: "identified/" + was.thread + "/" + is.thread, Identified: &desk.Identified{From: was.thread, Thread: is.thread, Person: is.person}}
	select {
	case err = <-l.intake.Deliver(ctx, item):
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		c.env.Logger.Warn("an anonymous visitor's conversation was not taken along", "err", err)
		return desk.Refuse(desk.Unavailable, "", "the conversation could not be taken along, try again")
	}
	l.dismiss(was.thread, socket.AuthExpired, "the visitor has signed in: open a session")
	l.dismiss(is.thread, socket.GoingAway, "there is more to see: come back")
	return nil
}

// dismiss ends a room: what it reads is not all, or not to be seen any more.
func (l *life) dismiss(name string, code int, why string) {
	l.mu.Lock()
	r := l.rooms[name]
	if r != nil {
		r.shut()
	}
	l.mu.Unlock()
	if r == nil {
		return
	}
	for _, m := range r.everybody() {
		m.conn.Close(code, why)
	}
}

// mayWrite: a chat may be for those alone who have proved who they are.
func (c *connector) mayWrite(who caller) error {
	if s := c.settings.Identity; s != nil && s.Required && who.person == nil && who.only == "" {
		return &desk.Error{Code: desk.Denied, Field: "identity", Reason: "required", Message: "sign in on this site to write here"}
	}
	return nil
}

// threadOf is the thread of a person: the same in every browser.
func (c *connector) threadOf(p identity.Person) string {
	if p.Subject != "" {
		return desk.DeriveID("u_", string(c.env.Channel), "sub", p.Subject)
	}
	return desk.DeriveID("u_", string(c.env.Channel), "email", p.Email)
}

func (c *connector) verified(thread, email, name string) *desk.Verified {
	return &desk.Verified{Identity: c.identity(thread), Email: email, Name: name}
}

// keysOf are the installation's keys; a program that has none signs with one of its own, which holds as long as it runs.
func keysOf(env channels.Env) [][]byte {
	if len(env.Keys) > 0 {
		return env.Keys
	}
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return [][]byte{b[:]}
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}
