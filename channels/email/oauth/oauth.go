// Package oauth signs a mailbox in without its password: the code flow with PKCE (RFC 6749, RFC 7636) when a person agrees,
// client credentials when an organisation has agreed for all, and a source of access tokens that asks for a new one in good
// time, once for everybody who waits. It speaks to one provider's two endpoints and keeps nothing.
package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Provider is where one signs in, and as which program.
type Provider struct {
	ClientID, ClientSecret string
	AuthURL, TokenURL      string
	Scopes                 []string
	AppScopes              []string   // for client credentials; none: the provider has no such thing
	Extra                  url.Values // of the first request
	Client                 *http.Client
}

// Google is Gmail and Google Workspace.
func Google(id, secret string) Provider {
	return Provider{
		ClientID: id, ClientSecret: secret, AuthURL: "https://accounts.google.com/o/oauth2/v2/auth", TokenURL: "https://oauth2.googleapis.com/token",
		Scopes: []string{"https://mail.google.com/"}, Extra: url.Values{"access_type": {"offline"}, "prompt": {"consent"}},
	}
}

// Microsoft is Office 365. tenant is the organisation's; "": whichever the person belongs to.
func Microsoft(id, secret, tenant string) Provider {
	if tenant == "" {
		tenant = "common"
	}
	base := "https://login.microsoftonline.com/" + url.PathEscape(tenant) + "/oauth2/v2.0/"
	return Provider{
		ClientID: id, ClientSecret: secret, AuthURL: base + "authorize", TokenURL: base + "token",
		Scopes:    []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"},
		AppScopes: []string{"https://outlook.office365.com/.default"},
	}
}

// Secure tells whether an endpoint may be given secrets: TLS, or this machine.
func Secure(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// Ask is one sign-in under way. State and Verifier are random and used once.
type Ask struct {
	State, Verifier string
	Redirect        string // where the browser comes back to
	Address         string // proposed to the person
}

// SignInURL is where the browser is sent.
func (p Provider) SignInURL(a Ask) string {
	sum := sha256.Sum256([]byte(a.Verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {p.ClientID}, "redirect_uri": {a.Redirect}, "scope": {strings.Join(p.Scopes, " ")}, "state": {a.State},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for k, v := range p.Extra {
		q[k] = v
	}
	if a.Address != "" {
		q.Set("login_hint", a.Address)
	}
	sep := "?"
	if strings.Contains(p.AuthURL, "?") {
		sep = "&"
	}
	return p.AuthURL + sep + q.Encode()
}

// Token is what a provider gives.
type Token struct {
	Access  string
	Refresh string // "": the old one stays
	Life    time.Duration
}

// Error is what a provider answers in place of a token.
type Error struct {
	Status      int
	Code        string // as in RFC 6749 section 5.2
	Description string
}

func (e *Error) Error() string {
	if e.Description != "" {
		return e.Code + ": " + e.Description
	}
	return e.Code
}

// Ended tells whether only a person can help: the consent was taken back, has lapsed, or was never enough.
func Ended(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.Code {
	case "invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope", "access_denied", "interaction_required", "consent_required":
		return true
	}
	return false
}

// Exchange trades the code that the browser brought for tokens.
func (p Provider) Exchange(ctx context.Context, a Ask, code string) (Token, error) {
	return p.token(ctx, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {a.Redirect}, "code_verifier": {a.Verifier}})
}

func (p Provider) refresh(ctx context.Context, token string) (Token, error) {
	return p.token(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

func (p Provider) app(ctx context.Context) (Token, error) {
	return p.token(ctx, url.Values{"grant_type": {"client_credentials"}, "scope": {strings.Join(p.AppScopes, " ")}})
}

const (
	patience   = 20 * time.Second
	mostAnswer = 1 << 20
)

func (p Provider) token(ctx context.Context, form url.Values) (Token, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	form.Set("client_id", p.ClientID)
	if p.ClientSecret != "" {
		form.Set("client_secret", p.ClientSecret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return Token{}, fmt.Errorf("ask for a token: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // secrets go nowhere else
	if p.Client != nil {
		client.Transport = p.Client.Transport
	}
	res, err := client.Do(req)
	if err != nil {
		return Token{}, fmt.Errorf("ask for a token: %w", err)
	}
	defer func() { _ = res.Body.Close() }() // it was read
	raw, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return Token{}, fmt.Errorf("read the token: %w", err)
	}
	var t struct {
		Access      string      `json:"access_token"`
		Refresh     string      `json:"refresh_token"`
		Life        json.Number `json:"expires_in"`
		Code        string      `json:"error"`
		Description string      `json:"error_description"`
	}
	err = json.Unmarshal(raw, &t)
	switch {
	case err == nil && t.Code != "":
		line, _, _ := strings.Cut(t.Description, "\n")
		return Token{}, &Error{Status: res.StatusCode, Code: t.Code, Description: strings.TrimSpace(line[:min(len(line), 300)])}
	case res.StatusCode != http.StatusOK:
		return Token{}, fmt.Errorf("the provider answered %d", res.StatusCode)
	case err != nil || t.Access == "":
		return Token{}, errors.New("the provider's answer is no token")
	}
	seconds, err := t.Life.Int64()
	if err != nil || seconds <= 0 {
		seconds = 3600 // RFC 6749 section 5.1: it need not be told
	}
	return Token{Access: t.Access, Refresh: t.Refresh, Life: time.Duration(min(seconds, 7*24*3600)) * time.Second}, nil
}

// Source gives access tokens for one mailbox. Safe for concurrent use.
type Source struct {
	provider Provider
	app      bool
	renewed  func(refresh string, of *Source)
	now      func() time.Time

	turn    chan struct{} // held by whoever asks the provider; guards the three below
	unsaved bool
	expires time.Time
	renew   time.Time

	mu     sync.Mutex                                      // guards what follows; never held while one waits
	save   func(ctx context.Context, refresh string) error // nil: nobody keeps it yet
	secret string                                          // the refresh token
	access string
}

// NewSource makes one. app: client credentials, without a refresh token. renewed is told of every new refresh token; may be nil.
func NewSource(p Provider, refresh string, app bool, renewed func(string, *Source)) *Source {
	return &Source{provider: p, app: app, secret: refresh, renewed: renewed, now: time.Now, turn: make(chan struct{}, 1)}
}

// SaveWith says how a new refresh token is made durable. One that came before is made so at the next Token.
func (s *Source) SaveWith(save func(ctx context.Context, refresh string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.save = save
}

const (
	early  = 5 * time.Minute // before it expires a token is renewed
	spread = time.Minute     // so that many mailboxes of one provider do not ask at once
)

// Token gives an access token that holds for a while. Whoever comes while it is being renewed waits for the same one.
func (s *Source) Token(ctx context.Context) (string, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	now := s.now()
	held, save := s.held()
	if held == "" || !now.Before(s.renew) {
		if err := s.ask(ctx); err != nil {
			if held != "" && now.Before(s.expires) && !Ended(err) {
				return held, nil // the provider is not well; the old one holds still
			}
			return "", err
		}
		held, _ = s.held()
	}
	if s.unsaved && save != nil {
		if err := save(ctx, s.refreshToken()); err != nil {
			return "", fmt.Errorf("keep the new refresh token: %w", err)
		}
		s.unsaved = false
	}
	return held, nil
}

func (s *Source) held() (access string, save func(context.Context, string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.access, s.save
}

func (s *Source) refreshToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.secret
}

func (s *Source) ask(ctx context.Context) error {
	var t Token
	var err error
	if s.app {
		t, err = s.provider.app(ctx)
	} else {
		t, err = s.provider.refresh(ctx, s.refreshToken())
	}
	if err != nil {
		return err
	}
	s.expires = s.now().Add(t.Life)
	s.renew = s.expires.Add(-min(early+rand.N(spread), t.Life/2))
	s.mu.Lock()
	s.access = t.Access
	another := t.Refresh != "" && t.Refresh != s.secret && !s.app
	if another {
		s.secret = t.Refresh
	}
	s.mu.Unlock()
	if another {
		s.unsaved = true
		if s.renewed != nil {
			s.renewed(t.Refresh, s)
		}
	}
	return nil
}

// Drop forgets a token that a server did not take, so that the next attempt brings a new one.
func (s *Source) Drop(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.access == token {
		s.access = ""
	}
}

// Hide takes the source's secrets out of words that came from outside.
func (s *Source) Hide(words string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range []string{s.secret, s.access, s.provider.ClientSecret} {
		if len(secret) >= 4 {
			words = strings.ReplaceAll(words, secret, "***")
		}
	}
	return words
}
