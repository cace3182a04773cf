//go:build integration

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

const (
	adminEmail = "ana@desk.test"
	adminPass  = "the-password-of-ana"
)

// restClient speaks to the REST API as a browser does: cookies and the CSRF header. Its methods without an error fail the test.
type restClient struct {
	base string
	http *http.Client
	me   agent
}

func newRESTClient(base string) *restClient {
	jar, _ := cookiejar.New(nil) // without options it gives no error
	return &restClient{base: base, http: &http.Client{Jar: jar, Timeout: time.Minute}}
}

// setUp makes the first administrator with a setup link's path.
func setUp(t testing.TB, base, path string) *restClient {
	t.Helper()
	_, token, ok := strings.Cut(path, "token=")
	if !ok {
		t.Fatalf("no setup token in %q: the desk was set up already", path)
	}
	c := newRESTClient(base)
	c.must(t, "POST", "/setup", obj{"token": token, "name": "Ana Torres", "email": adminEmail, "password": adminPass}, nil)
	c.whoAmI(t)
	return c
}

// signIn gives a client that is signed in.
func signIn(t testing.TB, base, email, password string) *restClient {
	t.Helper()
	c := newRESTClient(base)
	c.must(t, "POST", "/session", obj{"email": email, "password": password}, nil)
	c.whoAmI(t)
	return c
}

func (c *restClient) whoAmI(t testing.TB) {
	t.Helper()
	var out struct{ Agent agent }
	c.must(t, "GET", "/me", nil, &out)
	c.me = out.Agent
}

// obj is a JSON object.
type obj map[string]any

// refusal is an answer that is no success.
type refusal struct {
	status int
	body   string
}

func (e *refusal) Error() string { return fmt.Sprintf("answered %d: %s", e.status, e.body) }

// must asks the API below /api/v1 and fails the test if that does not work.
func (c *restClient) must(t testing.TB, method, path string, in, out any) {
	t.Helper()
	if err := c.call(method, path, in, out); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
}

// call is must with the error: *refusal when the desk said no, anything else when the outcome is not known.
func (c *restClient) call(method, path string, in, out any) error {
	return c.do(method, "/api/v1"+path, "", in, out)
}

// do asks for any path; bearer is a visitor's token, or empty.
func (c *restClient) do(method, path, bearer string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, c.base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Centralita-CSRF", c.cookie("centralita_csrf"))
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return &refusal{res.StatusCode, string(raw)}
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	return json.Unmarshal(raw, out)
}

func (c *restClient) cookie(name string) string {
	u, _ := url.Parse(c.base)
	for _, k := range c.http.Jar.Cookies(u) {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}

// What the tests read of the API's shapes.
type (
	agent struct {
		ID, Email, Name string
		Available       bool
		Load            int
	}
	ticket struct {
		ID, Subject, Status string
		Number              int
		Owner               *struct{ ID, Name string }
		Messages            int
		InLine              bool `json:"in_line"`
	}
	channelRow struct {
		ID, Kind, Name, Address string
		On                      bool
		Quarantined             int
		Health                  struct {
			State, Reason, Phase string
			Lag, Restarts        int
			LastError            string `json:"last_error"`
		}
	}
)

// addAgent makes an agent with a seat and gives a client that is signed in as that agent and available.
func (c *restClient) addAgent(t testing.TB, name, email string, capacity int) *restClient {
	t.Helper()
	const password = "the-password-of-an-agent"
	c.must(t, "POST", "/agents", obj{"email": email, "name": name, "role": "agent", "seat": true, "capacity": capacity, "password": password}, nil)
	a := signIn(t, c.base, email, password)
	a.setAvailable(t, true)
	return a
}

func (c *restClient) setAvailable(t testing.TB, available bool) {
	t.Helper()
	c.must(t, "PUT", "/agents/"+c.me.ID+"/availability", obj{"available": available}, nil)
}

// connect makes a channel and waits until it runs.
func (c *restClient) connect(t testing.TB, body obj) channelRow {
	t.Helper()
	var out struct{ Channel channelRow }
	c.must(t, "POST", "/channels", body, &out)
	return c.awaitChannel(t, out.Channel.ID, "running")
}

func (c *restClient) awaitChannel(t testing.TB, id, state string) (row channelRow) {
	t.Helper()
	eventually(t, 30*time.Second, "channel "+id+" is "+state, func() bool {
		row = c.channel(t, id)
		return row.Health.State == state
	})
	return row
}

func (c *restClient) channel(t testing.TB, id string) channelRow {
	t.Helper()
	var out struct{ Channels []channelRow }
	c.must(t, "GET", "/channels", nil, &out)
	for _, row := range out.Channels {
		if row.ID == id {
			return row
		}
	}
	t.Fatalf("no channel %s", id)
	return channelRow{}
}

// tickets reads a whole view, page by page.
func (c *restClient) tickets(t testing.TB, view string) (all []ticket) {
	t.Helper()
	cursor := ""
	for {
		var page struct {
			Tickets []ticket
			Next    string
		}
		c.must(t, "GET", "/tickets?view="+view+"&limit=200&cursor="+url.QueryEscape(cursor), nil, &page)
		all = append(all, page.Tickets...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// agentSocket is a screen of an agent: the socket in its binary form. One goroutine may use it.
type agentSocket struct {
	ws *websocket.Conn
}

// dialSocket opens an agents' socket, says hello (epoch "" is a new screen) and subscribes. It is closed with the test.
func (c *restClient) dialSocket(t testing.TB, epoch string, position uint64, want *deskpb.Subscribe) *agentSocket {
	t.Helper()
	d := websocket.Dialer{Jar: c.http.Jar, Subprotocols: []string{"centralita.v1.proto"}, HandshakeTimeout: 10 * time.Second}
	ws, res, err := d.DialContext(t.Context(), "ws"+strings.TrimPrefix(c.base, "http")+"/api/v1/socket", nil)
	if err != nil {
		t.Fatalf("open the agents' socket: %v", err)
	}
	_ = res.Body.Close() // of an upgrade: empty
	s := &agentSocket{ws: ws}
	t.Cleanup(s.close)
	for _, f := range []*deskpb.ClientFrame{
		{Kind: &deskpb.ClientFrame_Hello{Hello: &deskpb.Hello{Epoch: epoch, Position: position}}},
		{Kind: &deskpb.ClientFrame_Subscribe{Subscribe: want}},
	} {
		if err := s.send(f); err != nil {
			t.Fatalf("speak on the agents' socket: %v", err)
		}
	}
	return s
}

func (s *agentSocket) close() { _ = s.ws.Close() }

func (s *agentSocket) send(f *deskpb.ClientFrame) error {
	raw, err := proto.Marshal(f)
	if err != nil {
		return err
	}
	return s.ws.WriteMessage(websocket.BinaryMessage, raw)
}

// read gives the next frame, within limit.
func (s *agentSocket) read(limit time.Duration) (*deskpb.ServerFrame, error) {
	if err := s.ws.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return nil, err
	}
	_, raw, err := s.ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	f := &deskpb.ServerFrame{}
	return f, proto.Unmarshal(raw, f)
}

// until reads frames until want says yes, and gives that one.
func (s *agentSocket) until(t testing.TB, what string, want func(*deskpb.ServerFrame) bool) *deskpb.ServerFrame {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		f, err := s.read(time.Until(deadline))
		if err != nil {
			t.Fatalf("wait for %s on the socket: %v", what, err)
		}
		if want(f) {
			return f
		}
	}
}
