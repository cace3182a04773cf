package email

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/emersion/go-sasl"

	"github.com/centralita/centralita/channels"
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

// SignIns are the providers by name, and the sources of tokens that are alive.
type SignIns struct {
	providers map[string]oauth.Provider

	mu      sync.Mutex
	sources map[[sha256.Size]byte]*oauth.Source // by every refresh token a source has had
}

// NewSignIns makes them; an endpoint that secrets must not be sent to is refused.
func NewSignIns(providers map[string]SignInProvider) (*SignIns, error) {
	for name, p := range providers {
		if !oauth.Secure(p.AuthURL) || !oauth.Secure(p.TokenURL) {
			return nil, fmt.Errorf("oauth.%s: auth_url and token_url must be https (http on this machine only)", name)
		}
	}
	return &SignIns{providers: providers, sources: map[[sha256.Size]byte]*oauth.Source{}}, nil
}

// Has tells whether a provider is set up.
func (s *SignIns) Has(name string) bool {
	if s == nil {
		return false
	}
	_, ok := s.providers[name]
	return ok
}

// URL is where the browser is sent to sign in.
func (s *SignIns) URL(provider, state, verifier, redirect, address string) (string, error) {
	if !s.Has(provider) {
		return "", desk.Refuse(desk.Invalid, "provider", "this desk is not set up to sign in with %q: set oauth.%s.client_id where it is configured", provider, provider)
	}
	return s.providers[provider].SignInURL(oauth.Ask{State: state, Verifier: verifier, Redirect: redirect, Address: address}), nil
}

// Exchange trades the code that the browser brought for a refresh token.
func (s *SignIns) Exchange(ctx context.Context, provider, verifier, redirect, code string) (refresh string, err error) {
	if !s.Has(provider) {
		return "", desk.Refuse(desk.Invalid, "provider", "this desk is not set up to sign in with %q", provider)
	}
	t, err := s.providers[provider].Exchange(ctx, oauth.Ask{Verifier: verifier, Redirect: redirect}, code)
	if err != nil {
		return "", err
	}
	if t.Refresh == "" {
		return "", errors.New("the provider gave no refresh token: allow offline access to this program")
	}
	return t.Refresh, nil
}

// source is the one source of a mailbox's tokens, however many connectors are made for it: a provider may take back a refresh
// token once it was used.
func (s *SignIns) source(o *oauthConfig, refresh string) *oauth.Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(o.Provider + "\x00" + refresh))
	if known := s.sources[key]; known != nil {
		return known
	}
	made := oauth.NewSource(s.providers[o.Provider], refresh, o.App, func(refresh string, of *oauth.Source) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sources[sha256.Sum256([]byte(o.Provider+"\x00"+refresh))] = of
	})
	s.sources[key] = made
	return made
}

// oauthConfig says that the mailbox is signed in with a provider; App: as the organisation's program, not as a person.
type oauthConfig struct {
	Provider string `json:"provider"`
	App      bool   `json:"app,omitempty"`
}

func (c *config) checkSignIn(s *secretConfig) (faults []error) {
	if c.OAuth == nil {
		return nil
	}
	switch {
	case c.OAuth.Provider == "":
		faults = append(faults, desk.Refuse(desk.Invalid, "oauth.provider", "must be google or microsoft"))
	case !c.OAuth.App && s.RefreshToken == "":
		faults = append(faults, desk.Refuse(desk.Invalid, "refresh_token", "sign in first"))
	}
	return faults
}

// signIn makes the connector's source of tokens.
func (c *Connector) signIn(signIns *SignIns) error {
	o := c.config.OAuth
	if o == nil {
		return nil
	}
	if !signIns.Has(o.Provider) {
		return desk.Refuse(desk.Invalid, "oauth.provider", "this desk is not set up to sign in with %q: set oauth.%s.client_id where it is configured", o.Provider, o.Provider)
	}
	if o.App && len(signIns.providers[o.Provider].AppScopes) == 0 {
		return desk.Refuse(desk.Invalid, "oauth.app", "%s has no sign-in as a program: let a person sign in", o.Provider)
	}
	c.tokens = signIns.source(o, c.config.secrets.RefreshToken)
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
