package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/channels/chat/widget"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func TestMessageIsAnsweredOnlyWhenDurable(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	release := s.desk.Intake.Hold()
	status := make(chan int, 1)
	go func() { status <- s.say(me.Token, "m1", "one").StatusCode }()
	if err := s.desk.Intake.Await(s.ctx(), func() bool { return len(s.desk.Intake.Calls()) == 1 }); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-status:
		t.Fatalf("answered %d before the receipt", got)
	case <-time.After(50 * time.Millisecond):
	}
	release()
	if got := <-status; got != 200 {
		t.Errorf("status %d", got)
	}
	s.desk.Intake.Refuse(1, errors.New("journal: disk /var/x: no space"))
	var e wireError
	if resp := s.call("POST", "v1/messages", me.Token, `{"client_msg_id":"m2","text":"two"}`, &e); resp.StatusCode != 503 || strings.Contains(e.Message, "disk") {
		t.Errorf("%d %+v", resp.StatusCode, e)
	}
	if got := s.say(me.Token, "m2", "two"); got.StatusCode != 200 {
		t.Errorf("again: %d", got.StatusCode)
	}
}

// The same id again is the same message; with other words it would be lost in silence, so it is refused.
func TestMessageIDReused(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	for range 2 {
		if got := s.say(me.Token, "m1", "one").StatusCode; got != 200 {
			t.Fatalf("status %d", got)
		}
	}
	var e wireError
	if resp := s.call("POST", "v1/messages", me.Token, `{"client_msg_id":"m1","text":"two"}`, &e); resp.StatusCode != 409 || e.Code != "conflict" || e.Field != "client_msg_id" || e.Reason != "reused" {
		t.Errorf("%d %+v", resp.StatusCode, e)
	}
	if got := s.say(s.session("").Token, "m1", "two").StatusCode; got != 200 { // somebody else's ids are their own
		t.Errorf("another visitor: %d", got)
	}
}

func TestMessageFields(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	var ok struct {
		ClientID string `json:"client_msg_id"`
		Message  string `json:"message_id"`
	}
	s.call("POST", "v1/messages", me.Token, map[string]string{
		"client_msg_id": "m1", "text": "  Hello\r\n\x00wor\u202eld  ", "name": " Eva \t Ruiz ", "email": "eva@example.com",
	}, &ok)
	item := s.desk.Intake.Items()[0]
	if m := item.Message; m.Body.Text != "Hello\nworld" || m.Name != "Eva Ruiz" || m.From.Address != "eva@example.com" || m.Subject != "Hello" || m.ClientID != "m1" {
		t.Errorf("%+v", m)
	}
	if want := string(desk.MessageIDFor(channeltest.Channel, item.ExternalID)); ok.Message != want || ok.ClientID != "m1" {
		t.Errorf("answer %+v", ok)
	}
	for field, body := range map[string]string{
		"client_msg_id": `{"client_msg_id":"a/b","text":"x"}`,
		"text":          `{"client_msg_id":"m2","text":" \n\u0000 "}`,
		"name":          `{"client_msg_id":"m2","text":"x","name":"` + strings.Repeat("n", 81) + `"}`,
		"email":         `{"client_msg_id":"m2","text":"x","email":"Eva <eva@example.com>"}`,
		"":              `{"client_msg_id":`,
	} {
		var e wireError
		if resp := s.call("POST", "v1/messages", me.Token, body, &e); resp.StatusCode != 422 || e.Field != field || e.Code != "invalid" || e.Message == "" {
			t.Errorf("%s: %d %+v", body, resp.StatusCode, e)
		}
	}
	var e wireError
	if s.call("POST", "v1/messages", me.Token, fmt.Sprintf(`{"client_msg_id":"m3","text":%q}`, strings.Repeat("é", 4001)), &e); e.Field != "text" {
		t.Errorf("long text: %+v", e)
	}
	if resp := s.call("POST", "v1/messages", me.Token, `{"text":"`+strings.Repeat("x", 20_000)+`"}`, &e); resp.StatusCode != 413 {
		t.Errorf("large body: %d", resp.StatusCode)
	}
	if resp := s.call("POST", "v1/messages", me.Token, strings.Repeat("[", 12_000), &e); resp.StatusCode != 422 {
		t.Errorf("deep body: %d", resp.StatusCode)
	}
	if got := len(s.desk.Intake.Items()); got != 1 {
		t.Errorf("%d items", got)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	for _, bad := range []string{"", "x", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA=", strings.Repeat("A", 300)} {
		var e wireError
		if resp := s.call("POST", "v1/messages", bad, `{"client_msg_id":"m","text":"x"}`, &e); resp.StatusCode != 401 {
			t.Errorf("token %q: %d", bad, resp.StatusCode)
		}
		if me := s.session(bad); me.Token == bad || !validToken(me.Token) {
			t.Errorf("token %q was kept: %q", bad, me.Token)
		}
	}
	token := newToken()
	if a, b := visitorID("ch_1", token), visitorID("ch_2", token); a == b || !desk.ValidID(a) || strings.Contains(a, token) {
		t.Errorf("ids %q and %q", a, b)
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	s := open(t, `{"allowed_origins":["https://Shop.example/"]}`)
	for origin, want := range map[string]int{
		"": 200,
		strings.TrimSuffix(s.url[:strings.Index(s.url, "/channels")], "/"): 200,
		"https://shop.example":      200,
		"http://shop.example":       403,
		"https://shop.example.evil": 403,
		"https://evil.example":      403,
		"null":                      403,
	} {
		for _, method := range []string{"GET", "OPTIONS"} {
			req, _ := http.NewRequestWithContext(s.ctx(), method, s.url+"v1/config", nil)
			if origin != "" {
				req.Header.Set("Origin", origin)
			}
			resp := s.do(req, nil)
			wanted := want
			if method == "OPTIONS" && want == 200 {
				wanted = 204
			}
			if resp.StatusCode != wanted {
				t.Errorf("%s from %q: %d, want %d", method, origin, resp.StatusCode, wanted)
			}
			echo := ""
			if origin == "https://shop.example" {
				echo = origin
			}
			if got := resp.Header.Get("Access-Control-Allow-Origin"); got != echo || resp.Header.Get("Vary") != "Origin" {
				t.Errorf("%s from %q: allowed %q, vary %q", method, origin, got, resp.Header.Get("Vary"))
			}
		}
		var e wireError // the frame's own session: it tells on whose page it is
		if resp := s.call("POST", "v1/session", "", map[string]string{"host": origin}, &e); resp.StatusCode != want || want == 403 && e.Field != "host" {
			t.Errorf("a session on %q: %d %+v, want %d", origin, resp.StatusCode, e, want)
		}
	}
	req, _ := http.NewRequestWithContext(s.ctx(), "GET", s.url+"v1/ws?ticket="+s.session("").Ticket, nil)
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Upgrade", "websocket")
	var e wireError
	if resp := s.do(req, &e); resp.StatusCode != 403 || e.Field != "Origin" {
		t.Errorf("socket from elsewhere: %d %+v", resp.StatusCode, e)
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	var e wireError
	for i := range 40 {
		resp := s.call("POST", "v1/messages", me.Token, fmt.Sprintf(`{"client_msg_id":"m%d","text":"x"}`, i), &e)
		if resp.StatusCode == 429 {
			if i < 20 || e.Code != "limit" || resp.Header.Get("Retry-After") == "" {
				t.Errorf("after %d: %+v", i, e)
			}
			return
		}
	}
	t.Error("40 messages at once were taken")
}

func TestMeter(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	m := newMeter(time.Second, 3)
	for i := range 3 {
		if m.wait("a", now) != 0 {
			t.Errorf("number %d of the burst is refused", i)
		}
	}
	if got := m.wait("a", now); got != time.Second {
		t.Errorf("wait %v", got)
	}
	if m.wait("b", now) != 0 || m.wait("a", now.Add(time.Second)) != 0 || m.wait("a", now.Add(time.Second)) == 0 {
		t.Error("keys or time are mixed up")
	}
	for i := range 3 * maxMetered {
		m.wait(fmt.Sprint(i), now)
	}
	if len(m.whole) > maxMetered {
		t.Errorf("%d keys", len(m.whole))
	}
	later := now.Add(time.Hour)
	m.wait("late", later)
	if len(m.whole) != 1 {
		t.Errorf("%d keys an hour later", len(m.whole))
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ remote, forwarded, want string }{
		{"127.0.0.1:5", "", ""},
		{"[::1]:5", "", ""},
		{"127.0.0.1:5", "6.6.6.6, 203.0.113.9", "203.0.113.9"},
		{"203.0.113.9:5", "6.6.6.6", "203.0.113.9"}, // nobody believes a stranger
		{"[2001:db8:1:2:3::4]:5", "", "2001:db8:1:2::/64"},
		{"[::ffff:203.0.113.9]:5", "", "203.0.113.9"},
		{"127.0.0.1:5", "unknown", "unknown"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := address(r); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestLongPoll(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	s.say(me.Token, "m1", "one")
	var first wire
	s.call("GET", "v1/events?after=0", me.Token, nil, &first)
	if first.T != "welcome" || texts(first.Events) != "one" {
		t.Fatalf("%+v", first)
	}
	got := make(chan wire, 1)
	go func() {
		var w wire
		s.call("GET", fmt.Sprintf("v1/events?epoch=%s&after=%d", first.Epoch, first.Seq), me.Token, nil, &w)
		got <- w
	}()
	id := s.desk.Reply(me.ID, "Ana", "two")
	if w := <-got; texts(w.Events) != "two" || w.Events[0].Prev != first.Seq {
		t.Errorf("%+v", w)
	}
	if resp := s.call("POST", "v1/signs", me.Token, fmt.Sprintf(`{"t":"read","seq":%d}`, 3), nil); resp.StatusCode != 204 {
		t.Errorf("sign: %d", resp.StatusCode)
	}
	if err := s.desk.Threads.Await(s.ctx(), func() bool {
		return s.desk.StateOf(me.ID, id) == deskpb.DeliveryState_DELIVERY_STATE_READ
	}); err != nil {
		t.Error(err)
	}
	s.call("POST", "v1/signs", me.Token, `{"t":"typing","on":true}`, nil)
	if n := len(s.desk.Threads.Typings()); n != 1 {
		t.Errorf("%d typings", n)
	}
	for _, bad := range []string{`{"t":"hello"}`, `{"t":"jump"}`, `[]`} {
		if resp := s.call("POST", "v1/signs", me.Token, bad, nil); resp.StatusCode != 422 {
			t.Errorf("%s: %d", bad, resp.StatusCode)
		}
	}
	var e wireError
	if resp := s.call("GET", "v1/events?after=x", me.Token, nil, &e); resp.StatusCode != 422 || e.Field != "after" {
		t.Errorf("%d %+v", resp.StatusCode, e)
	}
}

func TestFilesOfReplies(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me, other := s.session(""), s.session("")
	s.say(me.Token, "m1", "one")
	s.say(other.Token, "m1", "one")
	hash, size, err := s.blobs.Put(s.ctx(), strings.NewReader("<script>alert(1)</script>"), 100)
	if err != nil {
		t.Fatal(err)
	}
	id := s.desk.Ask(me.ID, "Ana", &deskpb.Body{Attachments: []*deskpb.Attachment{{Blob: hash, Name: "ñandú.html", MediaType: "text/html", Size: size}}})
	all := s.session(me.Token)
	if f := all.Events[1].D.Files; len(f) != 1 || f[0].Name != "ñandú.html" || f[0].Size != size {
		t.Fatalf("%+v", all.Events)
	}
	req, _ := http.NewRequestWithContext(s.ctx(), "GET", s.url+"v1/file?message="+string(id)+"&n=0", nil)
	req.Header.Set("Authorization", "Bearer "+me.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body bytes.Buffer
	_, _ = body.ReadFrom(resp.Body)
	h := resp.Header
	if body.String() != "<script>alert(1)</script>" || h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") ||
		h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%d %q %v", resp.StatusCode, body.String(), h)
	}
	for path, token := range map[string]string{
		"v1/file?message=" + string(id) + "&n=0":  other.Token,
		"v1/file?message=" + string(id) + "&n=1":  me.Token,
		"v1/file?message=" + string(id) + "&n=-1": me.Token,
		"v1/file?message=&n=0":                    me.Token,
	} {
		if resp := s.call("GET", path, token, nil, nil); resp.StatusCode != 404 {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

func TestPagesAndErrors(t *testing.T) {
	t.Parallel()
	s := open(t, `{"title":"<b>Help</b>","allowed_origins":["https://shop.example"]}`)
	for _, name := range []string{"", "frame"} {
		page := s.call("GET", name, "", nil, nil)
		csp := page.Header.Get("Content-Security-Policy")
		if page.StatusCode != 200 || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || !strings.HasSuffix(csp, "; frame-ancestors 'self' https://shop.example") {
			t.Errorf("%d %q", page.StatusCode, csp)
		}
	}
	for _, name := range []string{"w.js", "widget.js", "a/" + widget.Version() + "/frame.css", "a/0123456789abcdef/panel.js"} {
		resp := s.call("GET", name, "", nil, nil)
		if resp.StatusCode != 200 || resp.Header.Get("ETag") == "" || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %v", name, resp.StatusCode, resp.Header)
		}
		req, _ := http.NewRequestWithContext(s.ctx(), "GET", s.url+name, nil)
		req.Header.Set("If-None-Match", resp.Header.Get("ETag"))
		if again := s.do(req, nil); again.StatusCode != 304 {
			t.Errorf("%s again: %d", name, again.StatusCode)
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(strings.TrimSuffix(s.url, "/"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 308 || resp.Header.Get("Location") != "ch_test/" {
		t.Errorf("without a slash: %d %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	for path, want := range map[string]int{"nothing": 404, "page.html": 404, "frame.js": 404, "a/x/frame.js": 404, "a/0123456789abcdef/frame.html": 404, "v1/session": 405, "v1/ws": 422} {
		var e wireError
		resp := s.call("GET", path, "", nil, &e)
		if resp.StatusCode != want || e.Code == "" || e.Message == "" {
			t.Errorf("%s: %d %+v", path, resp.StatusCode, e)
		}
		if want == 405 && resp.Header.Get("Allow") != "POST" {
			t.Errorf("allow %q", resp.Header.Get("Allow"))
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		``:                           "chat",
		`{}`:                         "chat",
		`{"title":"Casa Lumbre ¡!"}`: "casa-lumbre",
		`{"key":"shop","title":"x"}`: "shop",
	} {
		if got, err := Kind().Identify(json.RawMessage(config), nil); err != nil || got != want {
			t.Errorf("%s: %q %v", config, got, err)
		}
	}
	_, err := Kind().Identify(json.RawMessage(`{"color":"red","locale":"fr","allowed_origins":["shop.example"]}`), nil)
	for _, field := range []string{"config.color", "config.locale", "config.allowed_origins"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named: %v", field, err)
		}
	}
	_, err = Kind().Identify(json.RawMessage(`{"look":{"position":"top","texts":{"fr":{"send":"Envoyer","nothing":"x"}}},"locale":"fr"}`), nil)
	for field, named := range map[string]bool{"config.look.position": true, "config.look.texts.fr.nothing": true, "config.locale": false} {
		if err == nil || strings.Contains(err.Error(), field) != named {
			t.Errorf("%s: %v", field, err)
		}
	}
	for origin, want := range map[string]string{
		"https://Shop.example:443/": "https://shop.example", "http://localhost:8080": "http://localhost:8080", "http://[::1]:80": "http://[::1]",
		"*": "*", "ftp://x.example": "", "https://x.example/path": "", "https://u@x.example": "", "https://x.example; y": "", "x": "", "null": "",
	} {
		if got := cleanOrigin(origin); got != want {
			t.Errorf("%q: %q, want %q", origin, got, want)
		}
	}
}

// visitors is the outside of the kit: people whose browsers repeat what was not answered with 200.
type visitors struct {
	mu    sync.Mutex
	srv   *httptest.Server
	conn  http.Handler
	taken map[int]int
	token string
	ctx   context.Context
	all   sync.WaitGroup
}

func (v *visitors) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	h := v.conn
	v.mu.Unlock()
	h.ServeHTTP(w, r)
}

func (v *visitors) offer(n int) {
	v.all.Go(func() {
		for v.ctx.Err() == nil {
			req, _ := http.NewRequestWithContext(v.ctx, "POST", v.srv.URL+"/v1/messages", strings.NewReader(fmt.Sprintf(`{"client_msg_id":"m%d","text":"hello"}`, n)))
			req.Header.Set("Authorization", "Bearer "+v.token)
			resp, err := v.srv.Client().Do(req)
			if err == nil {
				_ = resp.Body.Close()
				if resp.StatusCode == 200 {
					v.mu.Lock()
					v.taken[n]++
					v.mu.Unlock()
					return
				}
			}
			select {
			case <-v.ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
}

func TestConformance(t *testing.T) {
	channeltest.Run(t, channeltest.Suite{
		Kind: Kind(),
		New: func(t *testing.T) channeltest.World {
			ctx, cancel := context.WithCancel(context.Background())
			v := &visitors{taken: make(map[int]int), token: newToken(), ctx: ctx, conn: http.NotFoundHandler()}
			v.srv = httptest.NewServer(v)
			t.Cleanup(func() { cancel(); v.srv.CloseClientConnections(); v.srv.Close(); v.all.Wait() })
			return channeltest.World{
				Config: json.RawMessage(`{"title":"Help"}`), Address: "help",
				Started: func(c channels.Connector) {
					v.mu.Lock()
					defer v.mu.Unlock()
					v.conn = c.(channels.Routed).Handler()
				},
				Offer: v.offer, Again: v.offer,
				Taken: func(n int) bool {
					v.mu.Lock()
					defer v.mu.Unlock()
					return v.taken[n] > 0
				},
				Outbound: &desk.Outbound{Message: "ms_1", Thread: "v_1"},
				Hidden:   []string{v.token},
			}
		},
		BadConfigs: map[string]json.RawMessage{
			"config.color":           json.RawMessage(`{"color":"red"}`),
			"config.title":           json.RawMessage(`{"title":7}`),
			"config.tittle":          json.RawMessage(`{"tittle":"x"}`),
			"config.key":             json.RawMessage(`{"key":"Not a key"}`),
			"config.allowed_origins": json.RawMessage(`{"allowed_origins":["shop.example"]}`),
			"config":                 json.RawMessage(`{"title"`),
		},
	})
}
