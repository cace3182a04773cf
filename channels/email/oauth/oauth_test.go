package oauth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/oauthsim"
)

func provider(s *oauthsim.Server) Provider {
	return Provider{ClientID: oauthsim.ClientID, ClientSecret: oauthsim.ClientSecret, AuthURL: s.AuthURL(), TokenURL: s.TokenURL(), Scopes: []string{"mail"}, AppScopes: []string{"app"}}
}

func start(t *testing.T) *oauthsim.Server {
	t.Helper()
	s := oauthsim.Start("support@desk.test")
	t.Cleanup(s.Close)
	return s
}

// The code that the browser brings is good only with the verifier of who asked.
func TestCodeFlowWithPKCE(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := provider(s)
	a := Ask{State: "st", Verifier: "verifier-of-this-browser", Redirect: "http://127.0.0.1/oauth/callback", Address: "support@desk.test"}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	code := func() string {
		res, err := browser.Get(p.SignInURL(a))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		back, err := url.Parse(res.Header.Get("Location"))
		if err != nil || back.Query().Get("state") != "st" {
			t.Fatalf("came back to %v, %v", back, err)
		}
		return back.Query().Get("code")
	}
	stolen := a
	stolen.Verifier = "of-somebody-else"
	if _, err := p.Exchange(t.Context(), stolen, code()); !Ended(err) {
		t.Errorf("a stolen code: %v", err)
	}
	tok, err := p.Exchange(t.Context(), a, code())
	if err != nil || tok.Refresh == "" || !s.Takes("support@desk.test", tok.Access) {
		t.Errorf("%+v, %v", tok, err)
	}
}

// Many ask at once, the provider is asked once; five minutes before the end it is asked again; the new refresh token is kept.
func TestSourceRenewsInTimeAndOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	src := NewSource(provider(s), s.Grant(), false, nil)
	var kept []string
	src.SaveWith(func(_ context.Context, refresh string) error { kept = append(kept, refresh); return nil })
	now := time.Now()
	src.now = func() time.Time { return now }
	var wg sync.WaitGroup
	got := make([]string, 50)
	for i := range got {
		wg.Go(func() {
			tok, err := src.Token(t.Context())
			if err != nil {
				t.Error(err)
			}
			got[i] = tok
		})
	}
	wg.Wait()
	for _, tok := range got {
		if tok != got[0] || tok == "" {
			t.Fatalf("tokens differ: %v", got)
		}
	}
	if s.Asked() != 1 || len(kept) != 1 {
		t.Errorf("asked %d times, kept %d", s.Asked(), len(kept))
	}
	now = now.Add(53 * time.Minute)
	if tok, err := src.Token(t.Context()); err != nil || tok != got[0] || s.Asked() != 1 {
		t.Errorf("renewed too early: asked %d times, %v", s.Asked(), err)
	}
	now = now.Add(2 * time.Minute)
	second, err := src.Token(t.Context())
	if err != nil || second == got[0] || s.Asked() != 2 || len(kept) != 2 || kept[0] == kept[1] {
		t.Errorf("not renewed five minutes early: asked %d times, kept %d, %v", s.Asked(), len(kept), err)
	}
	src.Drop(second)
	if tok, err := src.Token(t.Context()); err != nil || tok == second {
		t.Errorf("after a server refused it: %v", err)
	}
	if words := src.Hide("it said " + kept[2] + " is bad"); strings.Contains(words, kept[2]) {
		t.Errorf("a token is told: %s", words)
	}
	s.Revoke()
	now = now.Add(time.Hour)
	if _, err := src.Token(t.Context()); !Ended(err) {
		t.Errorf("after the consent was taken back: %v", err)
	}
}

// While the provider is not well the old token is used as long as it holds; a token that cannot be kept is not used up.
func TestSourceInTrouble(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := provider(s)
	src := NewSource(p, s.Grant(), false, nil)
	full := errors.New("the disk is full")
	src.SaveWith(func(context.Context, string) error { return full })
	if _, err := src.Token(t.Context()); !errors.Is(err, full) {
		t.Errorf("not kept: %v", err)
	}
	src.SaveWith(func(context.Context, string) error { return nil })
	tok, err := src.Token(t.Context())
	if err != nil || s.Asked() != 1 {
		t.Errorf("asked again: %d, %v", s.Asked(), err)
	}
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, s.TokenURL(), http.StatusTemporaryRedirect)
	}))
	defer bad.Close()
	src.provider.TokenURL = bad.URL
	now := time.Now().Add(57 * time.Minute)
	src.now = func() time.Time { return now }
	if again, err := src.Token(t.Context()); err != nil || again != tok {
		t.Errorf("while the provider is not well: %v", err)
	}
	now = now.Add(time.Hour)
	if _, err := src.Token(t.Context()); err == nil || Ended(err) || s.Asked() != 1 {
		t.Errorf("after it expired: %v; secrets were sent on: %d", err, s.Asked())
	}
}

func TestAppOnly(t *testing.T) {
	t.Parallel()
	s := start(t)
	src := NewSource(provider(s), "", true, nil)
	if tok, err := src.Token(t.Context()); err != nil || !s.Takes("support@desk.test", tok) {
		t.Error(err)
	}
}

func TestSecretsGoNowhereInTheClear(t *testing.T) {
	t.Parallel()
	for u, want := range map[string]bool{"https://a.test/x": true, "http://127.0.0.1:1/x": true, "http://localhost/x": true, "http://a.test/x": false, "a.test": false, "http://127.0.0.1.a.test/": false} {
		if Secure(u) != want {
			t.Errorf("%s: %v", u, !want)
		}
	}
}
