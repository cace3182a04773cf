package api

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
)

// SignIns are the providers by which mailboxes are signed in without a password.
type SignIns interface {
	Has(provider string) bool
	// Fixed tells whether a provider is set up where the desk is configured, and as which program.
	Fixed(provider string) (clientID string, fixed bool)
	// URL is where the browser is sent.
	URL(provider, state, verifier, redirect, address string) (string, error)
	// Exchange trades what the browser brought back for a refresh token.
	Exchange(ctx context.Context, provider, verifier, redirect, code string) (refresh string, err error)
}

// consents are sign-ins under way: which browser asked, and what came of it. They live in memory for a while only.
type consents struct {
	mu  sync.Mutex
	all map[string]*consent
}

type consent struct {
	session            string // hash of the session that asked: nobody else's browser may bring the answer, or use it
	provider, verifier string
	redirect           string
	until              time.Time
	used               bool
	refresh            string
	failure, detail    string // what went wrong: refused or unconfirmed, and who said what
}

const (
	consentLife  = time.Hour // from asking to saving the channel
	mostConsents = 1000
	callbackPath = "/oauth/callback"
)

func newConsents() *consents { return &consents{all: map[string]*consent{}} }

func (c *consents) add(one *consent) (state string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, v := range c.all {
		if time.Now().After(v.until) {
			delete(c.all, k)
		}
	}
	if len(c.all) >= mostConsents {
		return "", false
	}
	state = rand.Text() + rand.Text()
	c.all[state] = one
	return state, true
}

// of gives a copy of a session's own consent.
func (c *consents) of(state, session string) (consent, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.all[state]
	if one == nil || session == "" || one.session != session || time.Now().After(one.until) {
		return consent{}, false
	}
	return *one, true
}

// begin takes the answer of a consent; it can be brought once.
func (c *consents) begin(state, session string) (consent, bool) {
	if _, ok := c.of(state, session); !ok {
		return consent{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.all[state]
	if one.used {
		return consent{}, false
	}
	one.used = true
	return *one, true
}

func (c *consents) settle(state, refresh, failure, detail string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one := c.all[state]; one != nil {
		one.refresh, one.failure, one.detail = refresh, failure, detail
	}
}

func sessionOf(r *http.Request) string {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return hashToken(cookie.Value)
}

type consentInput struct {
	request
	Body struct {
		Provider string `json:"provider" minLength:"1" maxLength:"32" doc:"google or microsoft"`
		Address  string `json:"address" required:"false" maxLength:"254" doc:"Proposed to who signs in"`
	}
}

type consentOutput struct {
	Body struct {
		ID  string `json:"id" doc:"By which the outcome is asked for, and named as sign_in among a channel's secrets"`
		URL string `json:"url" doc:"Where a person signs in, in this browser"`
	}
}

func (s *Server) askConsent(_ context.Context, in *consentInput) (*consentOutput, error) {
	if s.opt.SignIns == nil {
		return nil, fault("body.provider", "this desk is not set up to sign in with a provider")
	}
	one := &consent{session: sessionOf(in.r), provider: in.Body.Provider, verifier: rand.Text() + rand.Text(), until: time.Now().Add(consentLife)}
	one.redirect = s.callbackURL(in.r)
	state, ok := s.consents.add(one)
	if !ok {
		return nil, desk.Refuse(desk.Limit, "", "too many sign-ins are under way: try again later")
	}
	url, err := s.opt.SignIns.URL(one.provider, state, one.verifier, one.redirect, in.Body.Address)
	if err != nil {
		return nil, err
	}
	out := &consentOutput{}
	out.Body.ID, out.Body.URL = state, url
	return out, nil
}

// callbackURL is where a provider sends the browser back to; it is registered with the provider, letter by letter.
func (s *Server) callbackURL(r *http.Request) string {
	switch {
	case s.public != nil:
		return s.public.Scheme + "://" + s.public.Host + callbackPath
	case s.https(r):
		return "https://" + r.Host + callbackPath
	}
	return "http://" + r.Host + callbackPath
}

type consentByID struct {
	request
	ID string `path:"id" maxLength:"64"`
}

type consentStateOutput struct {
	Body struct {
		State  string `json:"state" enum:"pending,signed_in,failed"`
		Code   string `json:"code" enum:",refused,unconfirmed" doc:"Why it failed: the provider did not agree, or did not confirm what the browser brought"`
		Detail string `json:"detail" doc:"What the provider said"`
	}
}

func (s *Server) consentState(_ context.Context, in *consentByID) (*consentStateOutput, error) {
	one, ok := s.consents.of(in.ID, sessionOf(in.r))
	if !ok {
		return nil, notFound("sign-in")
	}
	out := &consentStateOutput{}
	switch {
	case one.refresh != "":
		out.Body.State = "signed_in"
	case one.failure != "":
		out.Body.State, out.Body.Code, out.Body.Detail = "failed", one.failure, one.detail
	default:
		out.Body.State = "pending"
	}
	return out, nil
}

// redeem puts what a sign-in brought in place of its name.
func (s *Server) redeem(r *http.Request, secrets map[string]any) error {
	id, named := secrets["sign_in"].(string)
	if !named {
		return nil
	}
	one, ok := s.consents.of(id, sessionOf(r))
	if !ok || one.refresh == "" {
		return fault("body.secrets.sign_in", "sign in first: this sign-in is not known, has failed or has lapsed")
	}
	delete(secrets, "sign_in")
	secrets["refresh_token"] = one.refresh
	return nil
}
