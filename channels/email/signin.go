package email

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/emersion/go-sasl"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/discover"
	"github.com/centralita/centralita/channels/email/oauth"
	"github.com/centralita/centralita/desk"
)

// SignInProvider is where mailboxes are signed in without their password.
type SignInProvider = oauth.Provider

// GoogleSignIn and MicrosoftSignIn are the two everybody knows.
func GoogleSignIn(id, secret string) SignInProvider { return oauth.Google(id, secret) }

// MicrosoftSignIn is Office 365.
func MicrosoftSignIn(id, secret, tenant string) SignInProvider {
	return oauth.Microsoft(id, secret, tenant)
}

// Looking for an address's mail servers is package discover's.
type (
	DiscoverOptions = discover.Options
	Finder          = discover.Finder
	Resolver        = discover.Resolver
)

// NewFinder makes what finds mail servers.
func NewFinder(opt DiscoverOptions) *Finder { return discover.New(opt) }

// SignIns are the providers by name, and the sources of tokens that are alive.
type SignIns struct {
	fixed  map[string]oauth.Provider
	lookup func(name string) (oauth.Provider, bool) // of those that are not fixed; may be nil
	// Program makes a provider of a program that a channel brings; nil: there are none.
	Program func(name, id, secret, tenant string) (SignInProvider, bool)

	mu      sync.Mutex
	sources map[[sha256.Size]byte]*oauth.Source // by every refresh token a source has had
}

// NewSignIns makes them; an endpoint that secrets must not be sent to is refused. lookup gives those that can be set up while the
// desk runs, and is asked each time; may be nil.
func NewSignIns(fixed map[string]SignInProvider, lookup func(name string) (SignInProvider, bool)) (*SignIns, error) {
	for name, p := range fixed {
		if err := secureSignIn(name, p); err != nil {
			return nil, err
		}
	}
	return &SignIns{fixed: fixed, lookup: lookup, sources: map[[sha256.Size]byte]*oauth.Source{}}, nil
}

func secureSignIn(name string, p SignInProvider) error {
	if !oauth.Secure(p.AuthURL) || !oauth.Secure(p.TokenURL) {
		return fmt.Errorf("oauth.%s: auth_url and token_url must be https (http on this machine only)", name)
	}
	return nil
}

// Has tells whether a provider is set up.
func (s *SignIns) Has(name string) bool {
	_, ok := s.provider(name)
	return ok
}

// Fixed tells whether a provider is set up for good, and as which program.
func (s *SignIns) Fixed(name string) (clientID string, fixed bool) {
	p, fixed := s.fixed[name]
	return p.ClientID, fixed
}

func (s *SignIns) provider(name string) (oauth.Provider, bool) {
	if s == nil {
		return oauth.Provider{}, false
	}
	if p, ok := s.fixed[name]; ok {
		return p, true
	}
	if s.lookup == nil {
		return oauth.Provider{}, false
	}
	p, ok := s.lookup(name)
	return p, ok && secureSignIn(name, p) == nil
}

// URL is where the browser is sent to sign in.
func (s *SignIns) URL(provider, state, verifier, redirect, address string) (string, error) {
	p, ok := s.provider(provider)
	if !ok {
		return "", notSetUp("provider", provider)
	}
	return p.SignInURL(oauth.Ask{State: state, Verifier: verifier, Redirect: redirect, Address: address}), nil
}

// Exchange trades the code that the browser brought for a refresh token.
func (s *SignIns) Exchange(ctx context.Context, provider, verifier, redirect, code string) (refresh string, err error) {
	p, ok := s.provider(provider)
	if !ok {
		return "", notSetUp("provider", provider)
	}
	t, err := p.Exchange(ctx, oauth.Ask{Verifier: verifier, Redirect: redirect}, code)
	if err != nil {
		return "", err
	}
	if t.Refresh == "" {
		return "", errors.New("the provider gave no refresh token: allow offline access to this program")
	}
	return t.Refresh, nil
}

// providerOf is the provider as a channel's program, if it has one of its own.
func (s *SignIns) providerOf(o *oauthConfig, secret string) (oauth.Provider, bool) {
	if !o.App || o.ClientID == "" || s == nil || s.Program == nil {
		return s.provider(o.Provider)
	}
	p, ok := s.Program(o.Provider, o.ClientID, secret, o.Tenant)
	return p, ok && secureSignIn(o.Provider, p) == nil
}

func notSetUp(field, provider string) error {
	return desk.Refuse(desk.Invalid, field, "this desk is not set up to sign in with %q: an administrator gives it the client id under Settings, Sign-in with providers, or sets oauth.%s.client_id where it is configured", provider, provider)
}

// source is the one source of a mailbox's tokens, however many connectors are made for it: a provider may take back a refresh
// token once it was used.
func (s *SignIns) source(o *oauthConfig, p oauth.Provider, refresh string) *oauth.Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	keyOf := func(refresh string) [sha256.Size]byte { // as another program the desk is somebody else
		return sha256.Sum256([]byte(strings.Join([]string{o.Provider, p.ClientID, p.ClientSecret, p.TokenURL, refresh}, "\x00")))
	}
	key := keyOf(refresh)
	if known := s.sources[key]; known != nil {
		return known
	}
	made := oauth.NewSource(p, refresh, o.App, func(refresh string, of *oauth.Source) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sources[keyOf(refresh)] = of
	})
	s.sources[key] = made
	return made
}

// oauthConfig says that the mailbox is signed in with a provider; App: as the organisation's program, not as a person. ClientID
// names a program of the organisation's own, whose secret is the channel's; "": the one that the desk is.
type oauthConfig struct {
	Provider string `json:"provider"`
	App      bool   `json:"app,omitempty"`
	Tenant   string `json:"tenant,omitempty"`
	ClientID string `json:"client_id,omitempty"`
}

var tenantName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$`)

func (c *config) checkSignIn(s *secretConfig) (faults []error) {
	if c.OAuth == nil {
		return nil
	}
	switch {
	case c.OAuth.Provider == "":
		faults = append(faults, desk.Refuse(desk.Invalid, "oauth.provider", "must be google or microsoft"))
	case !c.OAuth.App && s.RefreshToken == "":
		faults = append(faults, desk.Refuse(desk.Invalid, "refresh_token", "sign in first"))
	case !c.OAuth.App && (c.OAuth.ClientID != "" || c.OAuth.Tenant != ""):
		faults = append(faults, desk.Refuse(desk.Invalid, "oauth.client_id", "is for the organisation's program: set oauth.app, or leave it and oauth.tenant out"))
	case c.OAuth.App && (c.OAuth.ClientID != "" || c.OAuth.Tenant != "" || s.ClientSecret != ""):
		faults = append(faults, c.OAuth.checkProgram(s)...)
	}
	return faults
}

// checkProgram checks a program of the organisation's own.
func (o *oauthConfig) checkProgram(s *secretConfig) (faults []error) {
	if o.ClientID == "" || len(o.ClientID) > 300 || strings.ContainsAny(o.ClientID, " \r\n\t") {
		faults = append(faults, desk.Refuse(desk.Invalid, "oauth.client_id", "must be the application (client) id of the registration"))
	}
	if !tenantName.MatchString(o.Tenant) {
		faults = append(faults, desk.Refuse(desk.Invalid, "oauth.tenant", "must be the directory (tenant) id, or a domain of the organisation"))
	}
	if s.ClientSecret == "" || len(s.ClientSecret) > 2000 {
		faults = append(faults, desk.Refuse(desk.Invalid, "client_secret", "must be the value of a client secret of the registration"))
	}
	return faults
}

// signIn makes the connector's source of tokens.
func (c *Connector) signIn(signIns *SignIns) error {
	o := c.config.OAuth
	if o == nil {
		return nil
	}
	p, ok := signIns.providerOf(o, c.config.secrets.ClientSecret)
	if !ok {
		return notSetUp("oauth.provider", o.Provider)
	}
	if o.App && len(p.AppScopes) == 0 {
		return desk.Refuse(desk.Invalid, "oauth.app", "%s has no sign-in as a program: let a person sign in", o.Provider)
	}
	c.tokens = signIns.source(o, p, c.config.secrets.RefreshToken)
	if c.env.SaveSecrets != nil {
		c.tokens.SaveWith(func(ctx context.Context, refresh string) error {
			secrets := c.config.secrets
			secrets.RefreshToken = refresh
			raw, err := json.Marshal(secrets)
			if err != nil {
				return errors.New("encode the secrets")
			}
			return c.env.SaveSecrets(ctx, raw)
		})
	}
	return nil
}

// bearer gives a log-in by access token with the mechanism that the server offers; nil: it offers none of them.
func (c *Connector) bearer(ctx context.Context, server *serverConfig, offers func(mech string) bool) (mech sasl.Client, refused func(), err error) {
	token, err := c.tokens.Token(ctx)
	if err != nil {
		return nil, nil, c.tokenError(err)
	}
	for _, name := range []string{oauth.Bearer, oauth.XOAuth2} {
		if offers(name) {
			return oauth.Login(name, server.Username, token), func() { c.tokens.Drop(token) }, nil
		}
	}
	return nil, nil, &channels.Error{Class: channels.Auth, Reason: "the mail server does not take a sign-in with " + c.config.OAuth.Provider + " on this connection"}
}

// signInAgain is how a reason begins when only a person can help: the screen offers the way.
const signInAgain = "sign in again: "

func (c *Connector) tokenError(err error) error {
	if oauth.Ended(err) {
		return &channels.Error{Class: channels.Auth, Field: "oauth", Reason: signInAgain + c.config.OAuth.Provider + " does not know our consent any more (" + serverText(err.Error()) + ")", Err: err}
	}
	return &channels.Error{Class: channels.Temporary, Reason: c.config.OAuth.Provider + " gave no access token: " + serverText(err.Error()), Err: err}
}
