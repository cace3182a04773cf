package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/centralita/centralita/api"
	"github.com/centralita/centralita/desk"
)

// signIns are providers of which Google is set up in the configuration.
type signIns struct{ last string }

func (*signIns) Has(provider string) bool { return provider == "google" }

func (*signIns) Fixed(provider string) (string, bool) {
	return map[string]string{"google": "configured-id"}[provider], provider == "google"
}

func (s *signIns) URL(provider, state, _, redirect, _ string) (string, error) {
	if provider != "google" {
		return "", desk.Refuse(desk.Invalid, "provider", "not set up")
	}
	s.last = redirect
	return "https://accounts.test/?state=" + state, nil
}

func (*signIns) Exchange(_ context.Context, _, _, _, code string) (string, error) {
	if code != "good" {
		return "", errors.New("invalid_grant <b>")
	}
	return "refresh", nil
}

func TestProgramsOfProviders(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.SignIns = &signIns{} })
	defer h.http.Close()
	ada := h.admin()
	ben := ada.colleague("Ben")
	all := ada.must(200, "GET", "/sign-in-programs", nil)
	if all.str("programs", 0, "client_id") != "configured-id" || all.get("programs", 0, "fixed") != true || all.str("programs", 1, "client_id") != "" || !strings.HasSuffix(all.str("redirect_url"), "/oauth/callback") {
		t.Errorf("at first: %s", all.raw)
	}
	const secret = "the-client-secret-7Q"
	mine := map[string]any{"client_id": "azure-id", "client_secret": secret, "tenant": "corp.example"}
	ada.must(409, "PUT", "/sign-in-programs/google", map[string]any{"client_id": "other", "client_secret": secret})
	ada.must(409, "DELETE", "/sign-in-programs/google", nil)
	ben.must(403, "PUT", "/sign-in-programs/microsoft", mine)
	ben.must(403, "GET", "/sign-in-programs", nil)
	for field, bad := range map[string]map[string]any{
		"body.client_secret": {"client_id": "azure-id"},
		"body.client_id":     {"client_id": "azure id", "client_secret": secret},
		"body.tenant":        {"client_id": "azure-id", "client_secret": secret, "tenant": "../x"},
	} {
		if a := ada.must(422, "PUT", "/sign-in-programs/microsoft", bad); !strings.Contains(a.raw, field) {
			t.Errorf("%s: %s", field, a.raw)
		}
	}
	if a := ada.must(200, "PUT", "/sign-in-programs/microsoft", mine); a.str("program", "client_id") != "azure-id" || a.get("program", "has_secret") != true || strings.Contains(a.raw, secret) {
		t.Errorf("saved: %s", a.raw)
	}
	// The secret stays when it is left out, but not for another client id.
	ada.must(200, "PUT", "/sign-in-programs/microsoft", map[string]any{"client_id": "azure-id"})
	ada.must(422, "PUT", "/sign-in-programs/microsoft", map[string]any{"client_id": "another-id"})
	row, err := h.engine.Index().Setting(desk.SignInProgramID("microsoft"))
	if p := row.GetValue().GetSignInProgram(); err != nil || len(p.GetSealedSecret()) == 0 || strings.Contains(string(p.GetSealedSecret()), secret) || p.GetTenant() != "" {
		t.Errorf("kept: %v %v", row, err)
	}
	audit := ada.must(200, "GET", "/audit?kind=setting_saved", nil)
	if audit.str("entries", 1, "setting") != "sign_in_program" || audit.str("entries", 2, "setting") == "sign_in_program" || !strings.Contains(audit.raw, "client_secret") || !strings.Contains(audit.raw, "•••") || strings.Contains(audit.raw, secret) || strings.Contains(audit.raw, "sealed") {
		t.Errorf("audit: %s", audit.raw)
	}
	for _, b := range []*browser{ada, ben} {
		if a := b.must(200, "GET", "/settings", nil); strings.Contains(a.raw, "azure-id") {
			t.Errorf("among everybody's settings: %s", a.raw)
		}
	}
	ada.must(204, "DELETE", "/sign-in-programs/microsoft", nil)
	if a := ada.must(200, "GET", "/sign-in-programs", nil); a.str("programs", 1, "client_id") != "" || a.get("programs", 1, "has_secret") != false {
		t.Errorf("removed: %s", a.raw)
	}
	ada.must(204, "DELETE", "/sign-in-programs/microsoft", nil)
	if strings.Contains(h.log.String(), secret) {
		t.Error("the secret is in the log")
	}
}

// The page that a sign-in comes back to is in the reader's language, tells only our own origin, and nothing a provider says is a
// script in it.
func TestThePageASignInComesBackTo(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.SignIns = &signIns{} })
	defer h.http.Close()
	ada := h.admin()
	begin := func() string {
		return ada.must(201, "POST", "/sign-ins", map[string]any{"provider": "google"}).str("id")
	}
	spanish := func(r *http.Request) { r.Header.Set("Accept-Language", "es-MX,en;q=0.5") }
	come := func(id, query, want string, status int, change ...func(*http.Request)) answer {
		t.Helper()
		a := ada.must(status, "GET", "//oauth/callback?state="+id+query, nil, change...)
		if !strings.Contains(a.raw, want) || !strings.Contains(a.raw, "location.origin") || strings.Contains(a.raw, "<b>") {
			t.Errorf("page of %s: %s", query, a.raw)
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'sha256-") || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("its policy: %s", csp)
		}
		return a
	}
	id := begin()
	if a := come(id, "&code=good", "closes by itself", 200); !strings.Contains(a.raw, `data-close="1"`) {
		t.Errorf("it stays: %s", a.raw)
	}
	if a := ada.must(200, "GET", "/sign-ins/"+id, nil); a.str("state") != "signed_in" {
		t.Errorf("state: %s", a.raw)
	}
	come(id, "&code=good", "Vuelve y empieza", 400, spanish) // used
	id = begin()
	if a := come(id, "&error=access_denied&error_description="+url.QueryEscape("<b>no"), "no dio su permiso", 502, spanish); strings.Contains(a.raw, "data-close=") {
		t.Errorf("it closes although it failed: %s", a.raw)
	}
	if a := ada.must(200, "GET", "/sign-ins/"+id, nil); a.str("state") != "failed" || a.str("code") != "refused" || a.str("detail") != "access_denied <b>no" {
		t.Errorf("state: %s", a.raw)
	}
	come(begin(), "&code=bad", "did not confirm", 502)
	ada.must(200, "PATCH", "/me/preferences", map[string]any{"language": "es"})
	come(begin(), "&code=bad", "no lo confirmó", 502)
}

// finder knows one mailbox.
type finder struct{}

func (finder) Find(_ context.Context, address string) ([]desk.FoundMailbox, error) {
	if address != "support@example.com" {
		return nil, desk.Refuse(desk.Invalid, "address", "must be a mail address")
	}
	return []desk.FoundMailbox{{Name: "Example", IMAP: desk.FoundServer{Host: "imap.example.com", Port: 993, Security: "tls", Answers: true}, Sources: []desk.FoundSource{{Kind: "srv", Detail: "_imaps"}}, Foreign: true}}, nil
}

func TestDiscoverAMailbox(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.MailServers = finder{} })
	defer h.http.Close()
	ada := h.admin()
	a := ada.must(200, "POST", "/channels/discover", map[string]any{"address": "support@example.com"})
	if a.str("found", 0, "imap", "host") != "imap.example.com" || a.num("found", 0, "imap", "port") != 993 || a.get("found", 0, "foreign") != true || a.str("found", 0, "sources", 0, "kind") != "srv" || a.str("found", 0, "smtp", "host") != "" {
		t.Errorf("found: %s", a.raw)
	}
	if a := ada.must(422, "POST", "/channels/discover", map[string]any{"address": "nobody"}); !strings.Contains(a.raw, "body.address") {
		t.Errorf("a bad address: %s", a.raw)
	}
	ada.must(422, "POST", "/channels/discover", map[string]any{"address": "support@example.com", "password": "x"})
	ada.colleague("Ben").must(403, "POST", "/channels/discover", map[string]any{"address": "support@example.com"})
	without := open(t)
	defer without.http.Close()
	without.admin().must(503, "POST", "/channels/discover", map[string]any{"address": "support@example.com"})
}

// A try is told while it goes on: a line for each step, and the outcome last.
func TestCheckIsToldStepByStep(t *testing.T) {
	t.Parallel()
	h := open(t)
	defer h.http.Close()
	ada := h.admin()
	a := ada.do("POST", "/channels/check/steps", map[string]any{"kind": "email", "config": map[string]any{}}, func(r *http.Request) { r.Header.Set("Accept", "*/*") })
	lines := strings.Split(strings.TrimSpace(a.raw), "\n")
	if a.status != 200 || len(lines) != 3 || lines[0] != `{"step":"imap.login"}` || !strings.Contains(lines[1], `"ended":true`) || !strings.Contains(lines[1], "refused") || !strings.Contains(lines[2], `"done":true`) || strings.Contains(lines[2], `"ok":true`) {
		t.Errorf("%d %s", a.status, a.raw)
	}
	ada.must(404, "POST", "/channels/check/steps", map[string]any{"kind": "email", "channel": "ch_none"})
}
