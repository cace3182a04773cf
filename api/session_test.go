package api_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/api"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func setupBody(token string) map[string]any {
	return map[string]any{"token": token, "name": "Ada", "email": "ada@example.com", "password": password}
}

func TestTheFirstAdministrator(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	if b.must(200, "GET", "/setup", nil).get("needed") != true {
		t.Error("setup is not needed on an empty desk")
	}
	b.must(403, "POST", "/setup", setupBody("guess"))
	b.must(403, "POST", "/setup", setupBody(""))
	b.must(422, "POST", "/setup", map[string]any{"token": setupToken, "name": "Ada", "email": "ada@example.com", "password": "short"})

	// Two people with the same link at once: one wins.
	var won, lost int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			a := h.browser().do("POST", "/setup", setupBody(setupToken))
			mu.Lock()
			defer mu.Unlock()
			switch a.status {
			case 204:
				won++
			case 403:
				lost++
			default:
				t.Errorf("setup: %d %s", a.status, a.raw)
			}
		})
	}
	wg.Wait()
	if won != 1 || lost != 3 {
		t.Errorf("%d won, %d lost", won, lost)
	}
	if b.must(200, "GET", "/setup", nil).get("needed") != false {
		t.Error("setup is still needed")
	}
	b.must(403, "POST", "/setup", setupBody(setupToken))
	b.must(200, "POST", "/session", map[string]any{"email": " ADA@example.com", "password": password})
}

func TestSetupThatBrokeOffIsCompleted(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := desk.AgentID(desk.DeriveID("ag_", "ada@example.com"))
	h.command(id.Stream(), &deskpb.AddAgent{Agent: &deskpb.AgentAdded{Email: "ada@example.com", Name: "Ada", Role: deskpb.Role_ROLE_ADMINISTRATOR}})
	h.browser().must(204, "POST", "/setup", setupBody(setupToken))
}

func TestNoSetupWithoutToken(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.SetupToken = func() string { return "" } })
	h.browser().must(403, "POST", "/setup", setupBody(""))
}

func TestCookies(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"", "https://help.example.com"} {
		h := open(t, func(o *api.Options) { o.PublicURL = public })
		resp := h.browser().request("POST", "/setup", setupBody(setupToken))
		resp.Body.Close()
		set := map[string]*http.Cookie{}
		for _, c := range resp.Cookies() {
			set[c.Name] = c
		}
		s, c := set["centralita_session"], set["centralita_csrf"]
		if s == nil || c == nil || !s.HttpOnly || c.HttpOnly || s.SameSite != http.SameSiteLaxMode || s.Path != "/" || s.MaxAge != 7*24*3600 {
			t.Fatalf("cookies: %v", resp.Header["Set-Cookie"])
		}
		if want := public != ""; s.Secure != want || c.Secure != want {
			t.Errorf("secure %v with %q", s.Secure, public)
		}
		for r, err := range h.engine.Tail(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(r.String(), s.Value) || strings.Contains(r.String(), password) {
				t.Errorf("the journal holds a secret: %v", r)
			}
			if _, last := r.Event.GetKind().(*deskpb.Event_SessionOpened); last {
				break
			}
		}
	}
}

func TestAWrongPasswordSaysNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"deactivated": true})
	b := h.browser()
	var first string
	for _, c := range [][2]string{
		{"ada@example.com", "wrong password"}, {"nobody@example.com", password}, {"not an address", password}, {"ben@example.com", password}, {"", ""},
	} {
		a := b.must(401, "POST", "/session", map[string]any{"email": c[0], "password": c[1]})
		if first == "" {
			first = a.raw
		}
		if a.raw != first || len(a.header["Set-Cookie"]) != 0 {
			t.Errorf("%s: %s, not %s", c[0], a.raw, first)
		}
	}
	ben.must(401, "GET", "/me", nil)
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	session := ada.cookie("centralita_session")
	ada.must(204, "DELETE", "/session", nil)
	ada.must(401, "GET", "/me", nil)
	if ada.cookie("centralita_session") != "" || ada.cookie("centralita_csrf") != "" {
		t.Error("the cookies stay")
	}
	stolen := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "centralita_session", Value: session}) }
	h.browser().must(401, "GET", "/me", nil, stolen)
}

func TestOnesOwnPasswordNeedsTheCurrentOne(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	path := "/agents/" + ada.agent + "/password"
	if a := ada.must(422, "PUT", path, map[string]any{"password": "another long one"}); a.str("errors", 0, "location") != "body.current" {
		t.Errorf("none: %s", a.raw)
	}
	for range 3 { // what succeeds does not count
		ada.must(204, "PUT", path, map[string]any{"password": password, "current": password})
	}
	statuses := map[int]int{}
	for statuses[429] == 0 && statuses[403] < 100 { // one more try comes every 15 s: slowly it is more than ten
		a := ada.do("PUT", path, map[string]any{"password": "another long one", "current": "a wrong one"})
		statuses[a.status]++
		if a.status == 403 && (a.str("code") != "denied" || a.str("errors", 0, "location") != "body.current") || a.status == 429 && a.header.Get("Retry-After") == "" {
			t.Errorf("wrong: %s", a.raw)
		}
	}
	if statuses[403] < 10 || statuses[429] == 0 {
		t.Errorf("statuses: %v", statuses)
	}
}

func TestANewPasswordSignsOutElsewhere(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	elsewhere := h.browser()
	elsewhere.must(200, "POST", "/session", map[string]any{"email": "ben@example.com", "password": password})
	ben.must(204, "PUT", "/agents/"+ben.agent+"/password", map[string]any{"password": "another long one", "current": password})
	elsewhere.must(401, "GET", "/me", nil)
	ben.must(200, "GET", "/me", nil)
	ben.must(403, "PUT", "/agents/"+ada.agent+"/password", map[string]any{"password": "another long one"})
	ada.must(204, "PUT", "/agents/"+ben.agent+"/password", map[string]any{"password": "a third long one"})
	ben.must(401, "GET", "/me", nil)
	elsewhere.must(200, "POST", "/session", map[string]any{"email": "ben@example.com", "password": "a third long one"})
}

func TestForgedRequests(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	path := "/agents/" + ada.agent + "/availability"
	body := map[string]any{"available": true}
	header := func(k, v string) func(*http.Request) {
		return func(r *http.Request) {
			if r.Header.Del(k); v != "" {
				r.Header.Set(k, v)
			}
		}
	}
	for name, change := range map[string]func(*http.Request){
		"no csrf header":    header("X-Centralita-CSRF", ""),
		"wrong csrf header": header("X-Centralita-CSRF", "x"),
		"other origin":      header("Origin", "https://evil.example"),
		"null origin":       header("Origin", "null"),
		"no origin, other site": func(r *http.Request) {
			r.Header.Del("Origin")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		},
		"a planted pair": func(r *http.Request) { // a neighbouring site can plant cookies, but not read the session's
			r.AddCookie(&http.Cookie{Name: "centralita_csrf", Value: "planted"})
			r.Header.Set("X-Centralita-CSRF", "planted")
		},
	} {
		if a := ada.do("PUT", path, body, change); a.status != 403 || a.str("code") != "denied" {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	ada.must(200, "PUT", path, body, header("Origin", "")) // not a browser
	if a := h.browser().do("POST", "/session", map[string]any{"email": "ada@example.com", "password": password}, header("Origin", "https://evil.example")); a.status != 403 {
		t.Errorf("signed in from elsewhere: %d", a.status)
	}
	form := func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }
	if a := h.browser().do("POST", "/session", map[string]any{"email": "ada@example.com", "password": password}, form); a.status != 415 {
		t.Errorf("signed in by a form: %d", a.status)
	}
}

func TestEveryRouteIsGuarded(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.admin()
	doc := h.browser().must(200, "GET", "/openapi.json", nil)
	paths, ok := doc.get("paths").(map[string]any)
	if !ok || len(paths) < 25 {
		t.Fatalf("paths: %v", doc.get("paths"))
	}
	open := map[string]bool{"GET /setup": true, "POST /setup": true, "POST /session": true}
	for path, item := range paths {
		for method := range item.(map[string]any) {
			method = strings.ToUpper(method)
			if open[method+" "+path] {
				continue
			}
			concrete := strings.NewReplacer("{id}", "x", "{hash}", "x", "{item}", "x").Replace(path)
			if a := h.browser().do(method, concrete, map[string]any{}); a.status != 401 || a.str("code") != "unauthenticated" {
				t.Errorf("%s %s without signing in: %d %s", method, path, a.status, a.raw)
			}
		}
	}
}

// TestSignInIsLimited runs in fake time: no token comes back while it tries.
func TestSignInIsLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := build(t, func(o *api.Options) { o.ClientIP = func(r *http.Request) string { return r.Header.Get("X-Test-IP") } })
		try := func(ip, path, body string) *httptest.ResponseRecorder {
			r := httptest.NewRequest("POST", "/api/v1"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Test-IP", ip)
			w := httptest.NewRecorder()
			h.server.Handler().ServeHTTP(w, r)
			return w
		}
		const wrong, right = `{"email":"ada@example.com","password":"wrong password"}`, `{"email":"ada@example.com","password":"` + password + `"}`
		if w := try("x", "/setup", `{"token":"`+setupToken+`","name":"Ada","email":"ada@example.com","password":"`+password+`"}`); w.Code != 204 {
			t.Fatal(w.Body)
		}
		statuses := map[int]int{}
		for i := range 14 { // an attacker with many addresses
			w := try(strconv.Itoa(i), "/session", wrong)
			if statuses[w.Code]++; w.Code == 429 && (w.Header().Get("Retry-After") != "15" && w.Header().Get("Retry-After") != "16" || !strings.Contains(w.Body.String(), `"limit"`)) {
				t.Errorf("%v %s", w.Header(), w.Body)
			}
		}
		if statuses[401] != 10 || statuses[429] != 4 {
			t.Errorf("one account: %v", statuses)
		}
		if w := try("z", "/session", right); w.Code != 429 {
			t.Errorf("the right password went through a closed door: %d", w.Code)
		}
		time.Sleep(16 * time.Second)
		synctest.Wait()
		for range 5 { // what succeeds does not count
			if w := try("z", "/session", right); w.Code != 200 {
				t.Errorf("later: %d %s", w.Code, w.Body)
			}
		}
		clear(statuses)
		for i := range 40 { // one address, many accounts
			statuses[try("one", "/session", `{"email":"x`+strconv.Itoa(i)+`@example.com","password":"wrong password"}`).Code]++
		}
		if statuses[401] != 30 || statuses[429] != 10 {
			t.Errorf("one address: %v", statuses)
		}
	})
}

func TestAFloodOfSignInsIsBounded(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.ClientIP = func(r *http.Request) string { return r.Header.Get("X-Test-IP") } })
	h.admin()
	var mu sync.Mutex
	statuses := map[int]int{}
	var wg sync.WaitGroup
	for i := range 120 {
		wg.Go(func() {
			who := time.Duration(i).String()
			a := h.browser().do("POST", "/session", map[string]any{"email": who + "@example.com", "password": "x"}, func(r *http.Request) { r.Header.Set("X-Test-IP", who) })
			mu.Lock()
			defer mu.Unlock()
			statuses[a.status]++
		})
	}
	wg.Wait()
	if statuses[401] == 0 || statuses[401]+statuses[503] != 120 {
		t.Errorf("statuses: %v", statuses)
	}
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.SessionLife = 300 * time.Millisecond })
	b := h.browser()
	b.must(204, "POST", "/setup", setupBody(setupToken))
	session := b.cookie("centralita_session")
	for b.do("GET", "/me", nil, func(r *http.Request) { r.Header.Set("Cookie", "centralita_session="+session) }).status == 200 {
		if t.Context().Err() != nil {
			t.Fatal("the session does not end")
		}
	}
}

func TestPanicsAndFailuresAreOneLineAndAnID(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	h.engine.handlers["ch_x"] = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("kaboom") })
	a := ada.must(500, "GET", "//channels/ch_x/", nil, func(r *http.Request) { r.Header.Set("X-Request-Id", "req-7") })
	if a.str("request_id") != "req-7" || a.header.Get("X-Request-Id") != "req-7" || strings.Contains(a.raw, "kaboom") {
		t.Errorf("answer: %s", a.raw)
	}
	if n := strings.Count(h.log.String(), "kaboom"); n != 1 {
		t.Errorf("logged %d times", n)
	}
	if err := h.engine.Close(); err != nil { // the disk is gone
		t.Fatal(err)
	}
	a = ada.do("PUT", "/agents/"+ada.agent+"/availability", map[string]any{"available": true})
	if a.status != 500 && a.status != 503 || strings.Contains(a.raw, "journal") {
		t.Errorf("a failing engine: %d %s", a.status, a.raw)
	}
}

// oneConn is a listener of a single connection.
type oneConn struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *oneConn) Close() error   { close(l.done); return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// TestASlowBodyIsGivenUp: a body that never ends does not hold a handler for ever. In fake time, over a pipe.
func TestASlowBodyIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := build(t)
		client, server := net.Pipe()
		l := &oneConn{conns: make(chan net.Conn, 1), done: make(chan struct{})}
		l.conns <- server
		srv := &http.Server{Handler: h.server.Handler()}
		go func() { _ = srv.Serve(l) }()
		began := time.Now()
		_, err := io.WriteString(client, "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"email\":\"ada@")
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); resp.StatusCode != http.StatusRequestTimeout || took > 20*time.Second {
			t.Errorf("status %d after %v", resp.StatusCode, took)
		}
		client.Close()
		srv.Close()
	})
}
