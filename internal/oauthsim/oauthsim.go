// Package oauthsim is a small OAuth 2 server on loopback for tests: a person who always agrees, authorization codes with PKCE,
// refresh tokens that rotate, client credentials, and introspection for mail servers. It owns its tokens; whoever starts one
// closes it.
package oauthsim

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
)

// The program that is known.
const (
	ClientID     = "desk-client"
	ClientSecret = "desk-client-secret"
)

// Server is a running one.
type Server struct {
	http *httptest.Server

	mu      sync.Mutex
	address string                // who signs in
	life    int                   // seconds of an access token
	codes   map[string]url.Values // by code: what was asked
	refresh map[string]bool
	access  map[string]string // → address
	asked   int
}

// Start starts one whose person has this address.
func Start(address string) *Server {
	s := &Server{address: address, life: 3600, codes: map[string]url.Values{}, refresh: map[string]bool{}, access: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/authorize", s.authorize)
	mux.HandleFunc("/token", s.token)
	mux.HandleFunc("/introspect", s.introspect)
	s.http = httptest.NewServer(mux)
	return s
}

// Close ends it.
func (s *Server) Close() { s.http.Close() }

// AuthURL, TokenURL and IntrospectURL are its endpoints.
func (s *Server) AuthURL() string       { return s.http.URL + "/authorize" }
func (s *Server) TokenURL() string      { return s.http.URL + "/token" }
func (s *Server) IntrospectURL() string { return s.http.URL + "/introspect?token=" }

// Asked is how often tokens were asked for.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Life sets how long access tokens hold from now on, in seconds.
func (s *Server) Life(seconds int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = seconds
}

// Revoke takes the consent back: no token works any more.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.refresh)
	clear(s.access)
}

// Grant gives a refresh token as a sign-in would.
func (s *Server) Grant() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := "refresh-" + rand.Text()
	s.refresh[t] = true
	return t
}

// Takes tells whether an access token belongs to an address.
func (s *Server) Takes(address, token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.access[token] == strings.ToLower(address)
}

func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	code := "code-" + rand.Text()
	s.mu.Lock()
	s.codes[code] = q
	s.mu.Unlock()
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	fail := func(code string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": "said the simulator"}) // the test sees it
	}
	if r.PostFormValue("client_id") != ClientID || r.PostFormValue("client_secret") != ClientSecret {
		fail("invalid_client")
		return
	}
	answer := map[string]any{"token_type": "Bearer", "expires_in": s.life}
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		asked := s.codes[r.PostFormValue("code")]
		delete(s.codes, r.PostFormValue("code"))
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if asked == nil || asked.Get("redirect_uri") != r.PostFormValue("redirect_uri") || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
			fail("invalid_grant")
			return
		}
	case "refresh_token":
		if !s.refresh[r.PostFormValue("refresh_token")] {
			fail("invalid_grant")
			return
		}
		delete(s.refresh, r.PostFormValue("refresh_token")) // a token is good once
	case "client_credentials":
	default:
		fail("unsupported_grant_type")
		return
	}
	if r.PostFormValue("grant_type") != "client_credentials" {
		t := "refresh-" + rand.Text()
		s.refresh[t] = true
		answer["refresh_token"] = t
	}
	t := "access-" + rand.Text()
	s.access[t] = strings.ToLower(s.address)
	answer["access_token"] = t
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // the test sees it
}

func (s *Server) introspect(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	address, ok := s.access[r.URL.Query().Get("token")]
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"active": ok, "email": address, "username": address}) // the test sees it
}
