package socket

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// serve starts a server that upgrades every request, reads until the end and hands the connection to the test.
func serve(t *testing.T, opt Options) (url string, conns <-chan *Conn) {
	t.Helper()
	opened := make(chan *Conn, 64)
	var open sync.WaitGroup
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		open.Add(1) // before the peer is answered: a test may end as soon as it has its connection
		defer open.Done()
		c, err := Upgrade(w, r, opt)
		if err != nil {
			return
		}
		opened <- c
		for {
			data, binary, err := c.Read(t.Context())
			if err != nil {
				return
			}
			c.Send(&Frame{Data: data, Binary: binary}) // an echo
		}
	}))
	t.Cleanup(func() {
		srv.Close()
		open.Wait() // httptest does not wait for hijacked connections; t.Context has ended by now
	})
	return "ws" + strings.TrimPrefix(srv.URL, "http"), opened
}

func dial(t *testing.T, url string, header http.Header) *websocket.Conn {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial(url, header)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	return ws
}

func wait(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatalf("waited 10 s for: %s", what)
	}
}

// closeCode reads until the connection ends and gives the number of messages before and the code.
func closeCode(t *testing.T, ws *websocket.Conn) (messages, code int) {
	t.Helper()
	for {
		_, _, err := ws.ReadMessage()
		if err == nil {
			messages++
			continue
		}
		if e, ok := errors.AsType[*websocket.CloseError](err); ok {
			return messages, e.Code
		}
		t.Fatalf("after %d messages the connection ended without a close frame: %v", messages, err)
	}
}

func TestEchoKeepsKindAndSubprotocol(t *testing.T) {
	url, conns := serve(t, Options{Subprotocols: []string{"b", "a"}})
	ws := dial(t, url, http.Header{"Sec-WebSocket-Protocol": {"a"}})
	if got := (<-conns).Subprotocol(); got != "a" {
		t.Errorf("subprotocol %q", got)
	}
	for _, kind := range []int{websocket.TextMessage, websocket.BinaryMessage} {
		if err := ws.WriteMessage(kind, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if got, data, err := ws.ReadMessage(); err != nil || got != kind || string(data) != "hello" {
			t.Errorf("sent kind %d, got %d %q %v", kind, got, data, err)
		}
	}
}

func TestOrigin(t *testing.T) {
	url, _ := serve(t, Options{})
	host := strings.TrimPrefix(url, "ws://")
	for origin, want := range map[string]int{
		"":                         http.StatusSwitchingProtocols, // not a browser
		"http://" + host:           http.StatusSwitchingProtocols,
		"https://" + host:          http.StatusSwitchingProtocols,
		"https://evil.example":     http.StatusForbidden,
		"null":                     http.StatusForbidden,
		"http://" + host + ".evil": http.StatusForbidden,
		"http://evil@" + host:      http.StatusForbidden,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		ws, resp, err := websocket.DefaultDialer.Dial(url, header)
		if resp == nil {
			t.Fatalf("origin %q: %v", origin, err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("origin %q: status %d, want %d", origin, resp.StatusCode, want)
		}
		if ws != nil {
			_ = ws.Close()
		}
	}
}

func TestNotAWebSocketRequest(t *testing.T) {
	url, _ := serve(t, Options{})
	resp, err := http.Get("http" + strings.TrimPrefix(url, "ws"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestTooLargeMessageIsRefusedWithItsCode(t *testing.T) {
	url, conns := serve(t, Options{ReadLimit: 1000})
	for range 20 { // a reset would overtake the close frame only now and then
		ws := dial(t, url, nil)
		c := <-conns
		if err := ws.WriteMessage(websocket.TextMessage, make([]byte, 300_000)); err != nil {
			t.Fatal(err)
		}
		if _, code := closeCode(t, ws); code != websocket.CloseMessageTooBig {
			t.Errorf("code %d", code)
		}
		_ = ws.Close()
		wait(t, "the end of the connection", c.Done())
	}
}

func TestCloseCodesArrive(t *testing.T) {
	url, conns := serve(t, Options{})
	for _, code := range []int{GoingAway, AuthExpired, Forbidden, Protocol, Slow, Replaced} {
		ws := dial(t, url, nil)
		c := <-conns
		c.Close(code, strings.Repeat("why ", 100)) // longer than a control frame may be
		c.Close(Forbidden, "the first one counts")
		if c.Send(&Frame{Data: []byte("late")}) {
			t.Error("a frame was taken after Close")
		}
		if _, got := closeCode(t, ws); got != code {
			t.Errorf("code %d, want %d", got, code)
		}
		_ = ws.Close()
		wait(t, "the end of the connection", c.Done())
	}
}

func TestCloseDoesNotWaitForAPeerThatNeverAnswers(t *testing.T) {
	url, conns := serve(t, Options{})
	dial(t, url, nil) // never reads
	c := <-conns
	start := time.Now()
	c.Close(GoingAway, "bye")
	wait(t, "the end of the connection", c.Done())
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := Upgrade(w, r, Options{})
		if err == nil {
			_, _, err = c.Read(ctx)
		}
		got <- err
	}))
	defer srv.Close()
	dial(t, "ws"+strings.TrimPrefix(srv.URL, "http"), nil)
	cancel()
	if err := <-got; !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// handed is a request's writer whose connection is taken over.
type handed struct {
	http.ResponseWriter
	conn net.Conn
	read *bufio.Reader
}

func (h handed) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(h.read, bufio.NewWriter(h.conn)), nil
}

// overPipe gives both ends of a connection that needs no network, for fake time: no busy machine makes a peer late there. Our end
// reads until the connection is over.
func overPipe(t *testing.T, opt Options) (*websocket.Conn, *Conn) {
	t.Helper()
	theirs, ours := net.Pipe()
	opened := make(chan *Conn, 1)
	go func() {
		read := bufio.NewReader(ours)
		r, err := http.ReadRequest(read)
		if err != nil {
			t.Error(err)
			return
		}
		c, err := Upgrade(handed{httptest.NewRecorder(), ours, read}, r, opt)
		if err != nil {
			t.Error(err)
			return
		}
		opened <- c
		for err == nil {
			_, _, err = c.Read(context.Background())
		}
	}()
	ws, resp, err := websocket.NewClient(theirs, &url.URL{Scheme: "ws", Host: "desk.test"}, nil, 1024, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return ws, <-opened
}

func over(c *Conn) bool {
	select {
	case <-c.Done():
		return true
	default:
		return false
	}
}

func TestSilentPeerIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ws, c := overPipe(t, Options{})
		gone := make(chan struct{})
		go func() { defer close(gone); _, _ = io.Copy(io.Discard, ws.NetConn()) }() // takes the pings and answers nothing
		time.Sleep(59 * time.Second)
		if synctest.Wait(); over(c) {
			t.Error("given up too early")
		}
		time.Sleep(2 * time.Second)
		if synctest.Wait(); !over(c) {
			t.Error("not given up")
		}
		<-gone
	})
}

func TestPeerThatAnswersPingsStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ws, c := overPipe(t, Options{})
		pings := 0
		answer := ws.PingHandler()
		ws.SetPingHandler(func(s string) error { pings++; return answer(s) })
		ended := make(chan struct{})
		go func() { defer close(ended); _, _, _ = ws.ReadMessage() }()
		time.Sleep(10 * time.Minute)
		if synctest.Wait(); over(c) {
			t.Error("ended although the peer answers")
		}
		_ = ws.Close()
		<-ended
		if pings < 10*60/25 || pings > 10*60/20+1 {
			t.Errorf("%d pings in ten minutes", pings)
		}
	})
}

func TestManySenders(t *testing.T) {
	const senders, each = 32, 200
	url, conns := serve(t, Options{QueueFrames: senders * each, QueueBytes: 64 << 20, PingEvery: time.Millisecond})
	ws := dial(t, url, nil)
	c := <-conns
	for s := range senders {
		go func() {
			for n := range each {
				if !c.Send(&Frame{Data: fmt.Appendf(nil, "%d %d %s", s, n, strings.Repeat("x", n*20))}) {
					t.Error("a frame was refused")
				}
			}
		}()
	}
	next := map[int]int{}
	for range senders * each {
		_, data, err := ws.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		part := strings.Split(string(data), " ")
		s, err1 := strconv.Atoi(part[0])
		n, err2 := strconv.Atoi(part[1])
		if err := errors.Join(err1, err2); err != nil || part[2] != strings.Repeat("x", n*20) {
			t.Fatalf("a frame was torn: %v", err)
		}
		if n != next[s] {
			t.Fatalf("sender %d: frame %d came, %d was expected", s, n, next[s])
		}
		next[s]++
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) != 0 {
		t.Errorf("%d frames left", len(c.queue))
	}
}
