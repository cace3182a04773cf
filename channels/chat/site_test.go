package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
)

// site is a running chat channel behind a real server, mounted as the engine mounts it.
type site struct {
	t      *testing.T
	desk   *channeltest.Desk
	blobs  *channeltest.Blobs
	log    *channeltest.Log
	conn   *connector
	server *httptest.Server
	url    string // ends in a slash
	stop   func() // ends Run and waits
}

func open(t *testing.T, config string) *site {
	t.Helper()
	return openWith(t, config, "")
}

func openWith(t *testing.T, config, secrets string) *site {
	t.Helper()
	return openAs(t, channels.Env{Config: json.RawMessage(config), Secrets: json.RawMessage(secrets)})
}

// openIn is open, in a desk that knows something.
func openIn(t *testing.T, config string, around channels.Around) *site {
	t.Helper()
	return openAs(t, channels.Env{Config: json.RawMessage(config), Around: around})
}

func openAs(t *testing.T, env channels.Env) *site {
	t.Helper()
	s := &site{t: t, desk: channeltest.NewDesk(), blobs: channeltest.NewBlobs(), log: &channeltest.Log{}}
	env.Channel, env.Name, env.Threads, env.Blobs, env.Logger = channeltest.Channel, "Lumbre", s.desk.Threads, s.blobs, s.log.Logger()
	c, err := Kind().New(env)
	if err != nil {
		t.Fatal(err)
	}
	s.conn = c.(*connector)
	const prefix = "/channels/ch_test"
	srv := httptest.NewServer(http.StripPrefix(prefix, s.conn.Handler()))
	s.server, s.url = srv, srv.URL+prefix+"/"
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	up := s.desk.Intake
	go func() { ended <- s.conn.Run(ctx, up) }()
	if err := up.Await(s.ctx(), func() bool { return up.Status().Phase == "listening" }); err != nil {
		t.Fatal(err)
	}
	s.stop = func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("run: %v", err)
			}
			ended <- nil
		case <-time.After(10 * time.Second):
			t.Error("run has not returned")
		}
	}
	t.Cleanup(func() { s.stop(); srv.Close() })
	return s
}

func (s *site) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	s.t.Cleanup(cancel)
	return ctx
}

// call makes a request and decodes the JSON answer.
func (s *site) call(method, path, token string, body any, into any) *http.Response {
	s.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		in = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(s.ctx(), method, s.url+path, in)
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return s.do(req, into)
}

func (s *site) do(req *http.Request, into any) *http.Response {
	s.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(data, into); err != nil {
			s.t.Fatalf("%s %s: %d %s", req.Method, req.URL.Path, resp.StatusCode, data)
		}
	}
	return resp
}

type wire struct {
	T, Epoch, Kind, At, Name, Code string
	Prev, Seq                      uint64
	Truncated, On                  bool
	Events                         []wire
	D                              struct {
		ID, ClientID, Agent, Text string
		Open                      bool
		Files                     []wireFile
	}
}

func (w *wire) UnmarshalJSON(data []byte) error {
	type plain wire
	var named struct {
		D struct {
			ClientID string `json:"client_id"`
		} `json:"d"`
	}
	if err := json.Unmarshal(data, (*plain)(w)); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &named); err != nil {
		return err
	}
	w.D.ClientID = named.D.ClientID
	return nil
}

type session struct {
	Token  string     `json:"visitor_token"`
	ID     string     `json:"visitor_id"`
	Ticket string     `json:"ticket"`
	Config wireConfig `json:"config"`
	wire
}

func (s *session) UnmarshalJSON(data []byte) error {
	type named struct {
		Token  string     `json:"visitor_token"`
		ID     string     `json:"visitor_id"`
		Ticket string     `json:"ticket"`
		Config wireConfig `json:"config"`
	}
	var n named
	if err := json.Unmarshal(data, &n); err != nil {
		return err
	}
	s.Token, s.ID, s.Ticket, s.Config = n.Token, n.ID, n.Ticket, n.Config
	return json.Unmarshal(data, &s.wire)
}

func (s *site) session(token string) session {
	s.t.Helper()
	var out session
	if resp := s.call("POST", "v1/session", "", map[string]any{"visitor_token": token}, &out); resp.StatusCode != 200 {
		s.t.Fatalf("session: %d %+v", resp.StatusCode, out)
	}
	return out
}

func (s *site) say(token, id, text string) *http.Response {
	s.t.Helper()
	return s.call("POST", "v1/messages", token, map[string]string{"client_msg_id": id, "text": text}, nil)
}

// tab is a widget's socket.
type tab struct {
	t  *testing.T
	ws *websocket.Conn
}

func (s *site) dial(ticket string) (*websocket.Conn, *http.Response) {
	s.t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+"v1/ws?ticket="+ticket, nil)
	if resp == nil {
		s.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if ws != nil {
		_ = ws.SetReadDeadline(time.Now().Add(15 * time.Second))
		s.t.Cleanup(func() { _ = ws.Close() })
	}
	return ws, resp
}

func (s *site) tab(token string) *tab {
	s.t.Helper()
	ws, resp := s.dial(s.session(token).Ticket)
	if ws == nil {
		s.t.Fatalf("socket: %d", resp.StatusCode)
	}
	return &tab{s.t, ws}
}

func (b *tab) send(format string, args ...any) {
	b.t.Helper()
	if err := b.ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) next() wire {
	b.t.Helper()
	var w wire
	if err := b.ws.ReadJSON(&w); err != nil {
		b.t.Fatal(err)
	}
	return w
}

func (b *tab) hello(epoch string, last uint64) wire {
	b.t.Helper()
	b.send(`{"t":"hello","epoch":%q,"last_seq":%d}`, epoch, last)
	return b.next()
}

// end reads to the end and gives the close code.
func (b *tab) end() int {
	b.t.Helper()
	for {
		if _, _, err := b.ws.ReadMessage(); err != nil {
			e, ok := errors.AsType[*websocket.CloseError](err)
			if !ok {
				b.t.Fatalf("ended without a close frame: %v", err)
			}
			return e.Code
		}
	}
}

func texts(events []wire) string {
	var out []string
	for _, e := range events {
		out = append(out, e.D.Text)
	}
	return strings.Join(out, "|")
}
