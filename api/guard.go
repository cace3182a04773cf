package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// The cookies of a signed-in browser, and the header that proves that our own page sends a request.
const (
	sessionCookie = "centralita_session"
	csrfCookie    = "centralita_csrf"
	csrfHeader    = "X-Centralita-CSRF"
)

// access says who may use a route.
type access uint8

const (
	anyone      access = iota
	agents             // who is signed in
	supervisors        // and administrators
	administrators
)

// guardedMux puts the guard of its route before every handler.
type guardedMux struct {
	*http.ServeMux
	server *Server
	access map[string]access
}

// HandleFunc is called by huma and by the table alike; a pattern that is not in the table is for administrators only.
func (m *guardedMux) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	a, known := m.access[pattern]
	if !known {
		a = administrators
	}
	m.ServeMux.HandleFunc(pattern, m.server.guard(a, h))
}

// signedInAgent is who sends a request.
type signedInAgent struct {
	live.Who
	row desk.Agent
}

type agentKey struct{}

// me is the agent who sends the request; only behind a guard that asks for one.
func me(ctx context.Context) *signedInAgent {
	a, ok := ctx.Value(agentKey{}).(*signedInAgent)
	if !ok {
		panic("api: a handler that needs an agent is mounted for anyone")
	}
	return a
}

// guard lets a request through to h: from our own pages, by who may.
func (s *Server) guard(a access, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store") // unless the handler knows better
		unsafe := r.Method != http.MethodGet && r.Method != http.MethodHead
		if unsafe && !s.sameOrigin(r) {
			s.answer(w, r, s.foreign(r))
			return
		}
		if a == anyone {
			h(w, r)
			return
		}
		who, err := s.authenticate(r)
		switch {
		case err != nil:
			s.answer(w, r, err)
		case who == nil:
			s.answer(w, r, unauthenticated("sign in first"))
		case unsafe && !csrfProven(r):
			s.answer(w, r, problem(http.StatusForbidden, "the header "+csrfHeader+" must carry the value of the cookie "+csrfCookie))
		case a == supervisors && who.row.Role != deskpb.Role_ROLE_SUPERVISOR && who.row.Role != deskpb.Role_ROLE_ADMINISTRATOR:
			s.answer(w, r, problem(http.StatusForbidden, "only a supervisor or an administrator may do this"))
		case a == administrators && who.row.Role != deskpb.Role_ROLE_ADMINISTRATOR:
			s.answer(w, r, problem(http.StatusForbidden, "only an administrator may do this"))
		case a == administrators && s.lacksSecondFactor(who.row):
			p := problem(http.StatusForbidden, "this desk asks administrators for two-factor sign-in: switch it on in your account first")
			p.Reason = reasonTwoFactor
			s.answer(w, r, p)
		default:
			h(w, r.WithContext(context.WithValue(r.Context(), agentKey{}, who)))
		}
	}
}

// viewer is what an agent may see of the tickets, as it is at this moment.
func (s *Server) viewer(row desk.Agent) (*desk.Viewer, error) {
	if desk.AccessOf(row) != deskpb.Access_ACCESS_TEAM {
		return desk.ViewerOf(row, nil), nil
	}
	teams, err := s.opt.People.Teams()
	if err != nil {
		return nil, fmt.Errorf("read the teams: %w", err)
	}
	return desk.ViewerOf(row, teams), nil
}

// visible keeps the tickets the agent may see.
func (s *Server) visible(ctx context.Context, tickets []desk.Ticket) ([]desk.Ticket, error) {
	v, err := s.viewer(me(ctx).row)
	if err != nil || v.SeesAll() {
		return tickets, err
	}
	return slices.DeleteFunc(tickets, func(t desk.Ticket) bool { return !desk.MaySee(v, t) }), nil
}

// visibleTicket reads a ticket; one that the agent may not see is answered as one that is not there.
func (s *Server) visibleTicket(ctx context.Context, id desk.ConversationID) (desk.Ticket, error) {
	v, err := s.viewer(me(ctx).row)
	if err != nil {
		return nil, err
	}
	row, err := s.opt.Tickets.Ticket(id)
	if err != nil {
		return nil, fmt.Errorf("read ticket %s: %w", id, err)
	}
	if row == nil || !desk.MaySee(v, row) {
		return nil, notFound("conversation")
	}
	return row, nil
}

// visibleContact tells whether the agent may see a contact: it is their own, or one of its tickets is theirs to see.
func (s *Server) visibleContact(ctx context.Context, contact desk.Contact) error {
	v, err := s.viewer(me(ctx).row)
	if err != nil || v.SeesAll() || contact.GetOwner() == string(v.Agent) {
		return err
	}
	tickets, err := s.opt.Tickets.TicketsOfContact(desk.ContactID(contact.GetContact()), 0)
	if err != nil {
		return fmt.Errorf("read the tickets of %s: %w", contact.GetContact(), err)
	}
	if !slices.ContainsFunc(tickets, func(t desk.Ticket) bool { return desk.MaySee(v, t) }) {
		return notFound("contact")
	}
	return nil
}

// lacksSecondFactor: the desk asks it of administrators, and this one has none. A rule that cannot be read is not a licence.
func (s *Server) lacksSecondFactor(row desk.Agent) bool {
	if row.TwoFactor {
		return false
	}
	rules, err := s.security()
	return err != nil || rules.GetTwoFactorForAdministrators()
}

// authenticate finds the agent of a request's session cookie; nil when there is none that holds.
func (s *Server) authenticate(r *http.Request) (*signedInAgent, error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil || len(cookie.Value) != tokenLen {
		return nil, nil
	}
	hash := hashToken(cookie.Value)
	session, err := s.opt.Secrets.Session(hash)
	if err != nil || session == nil || session.ExpiresAtMs <= time.Now().UnixMilli() {
		return nil, err
	}
	row, err := s.opt.People.Agent(desk.AgentID(session.Agent))
	if err != nil || row == nil || row.Deactivated {
		return nil, err
	}
	s.noteSeen(session)
	return &signedInAgent{live.Who{Agent: desk.AgentID(session.Agent), Session: hash, ExpiresAtMs: session.ExpiresAtMs}, row}, nil
}

// signedIn tells whether a session still holds.
func (s *Server) signedIn(w live.Who) bool {
	session, err := s.opt.Secrets.Session(w.Session)
	if err != nil || session == nil {
		return false
	}
	row, err := s.opt.People.Agent(w.Agent)
	return err == nil && row != nil && !row.Deactivated
}

// tokenLen is the length of a session token: 256 bits in base64url.
const tokenLen = 43

func newToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails: crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashToken is how a session is known to the desk: who reads the journal cannot use it.
func hashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// csrfOf belongs to one session: a cookie planted by a neighbouring site does not fit.
func csrfOf(token string) string {
	h := sha256.Sum256([]byte("csrf\x00" + token))
	return base64.RawURLEncoding.EncodeToString(h[:18])
}

func csrfProven(r *http.Request) bool {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(r.Header.Get(csrfHeader)), []byte(csrfOf(cookie.Value))) == 1
}

// foreign refuses a request from another site, and tells who came by another address where the desk is.
func (s *Server) foreign(r *http.Request) *Problem {
	if origin := r.Header.Get("Origin"); s.public != nil && (origin == "https://"+r.Host || origin == "http://"+r.Host) {
		return problem(http.StatusForbidden, "this desk is used at "+s.origin+" only; its setting public_url says so")
	}
	return problem(http.StatusForbidden, "this request comes from another site")
}

// sameOrigin tells whether a request comes from our own pages, or not from a browser.
func (s *Server) sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		site := r.Header.Get("Sec-Fetch-Site")
		return site == "" || site == "same-origin" || site == "none"
	}
	if s.public != nil {
		return origin == s.origin || ofThisMachine(r.Host) && origin == "http://"+r.Host
	}
	return origin == "http://"+r.Host || origin == "https://"+r.Host
}

// ofThisMachine: with a public address the desk is still used from its own machine, such as through a tunnel; no name is
// taken for that but localhost, because whoever has a name can let it mean anything.
func ofThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// originOf is how browsers write the origin of an address.
func originOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	} else {
		host = strings.TrimSuffix(host, ":80")
	}
	return u.Scheme + "://" + host
}

// https tells whether the browser sees us over TLS: then cookies are Secure.
func (s *Server) https(r *http.Request) bool {
	return r.TLS != nil || s.public != nil && s.public.Scheme == "https"
}
