package socket

import (
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// dialNarrow dials with a small receive buffer, so that a peer that does not read is soon felt.
func dialNarrow(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	d := websocket.Dialer{NetDial: func(network, addr string) (net.Conn, error) {
		conn, err := net.Dial(network, addr)
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(8 << 10)
		}
		return conn, err
	}}
	ws, resp, err := d.Dial(url, nil)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	return ws
}

// flood sends numbered frames until one is refused, and gives how many were taken.
func flood(t *testing.T, c *Conn, size int) int {
	t.Helper()
	for n := range 1 << 20 {
		data := make([]byte, size)
		binary.BigEndian.PutUint32(data, uint32(n))
		start := time.Now()
		taken := c.Send(&Frame{Data: data, Binary: true})
		if d := time.Since(start); d > 4*time.Second { // a write that blocks would take its timeout of 5 s
			t.Fatalf("Send took %v: it must never block", d)
		}
		if !taken {
			return n
		}
	}
	t.Fatal("a peer that does not read was never too slow")
	return 0
}

func TestSlowPeerIsToldSoAndSeesAPrefix(t *testing.T) {
	for name, opt := range map[string]Options{
		"by frames": {QueueFrames: 16, QueueBytes: 1 << 30},
		"by bytes":  {QueueFrames: 1 << 20, QueueBytes: 100_000},
	} {
		t.Run(name, func(t *testing.T) {
			url, conns := serve(t, opt)
			ws := dialNarrow(t, url)
			c := <-conns
			taken := flood(t, c, 8000)
			for want := uint32(0); ; want++ { // now it reads again
				_, data, err := ws.ReadMessage()
				if e, ok := errors.AsType[*websocket.CloseError](err); ok {
					if e.Code != Slow {
						t.Errorf("code %d", e.Code)
					}
					if int(want) >= taken {
						t.Errorf("all %d frames came: nothing was slow", want)
					}
					break
				}
				if err != nil {
					t.Fatalf("after %d frames the connection ended without a close frame: %v", want, err)
				}
				if got := binary.BigEndian.Uint32(data); got != want {
					t.Fatalf("frame %d came, %d was expected", got, want)
				}
			}
			_ = ws.Close()
			wait(t, "the end of the connection", c.Done())
		})
	}
}

func TestDeadPeerIsDroppedAfterTheWriteTimeout(t *testing.T) {
	url, conns := serve(t, Options{WriteTimeout: 100 * time.Millisecond, QueueBytes: 100_000})
	dialNarrow(t, url) // never reads
	c := <-conns
	flood(t, c, 8000)
	wait(t, "the end of the connection", c.Done())
}

func TestBlockedWriteEndsTheConnectionWithoutAFlood(t *testing.T) {
	url, conns := serve(t, Options{WriteTimeout: 100 * time.Millisecond, QueueBytes: 64 << 20})
	dialNarrow(t, url)
	c := <-conns
	if !c.Send(&Frame{Data: make([]byte, 32<<20)}) {
		t.Fatal("one frame alone is always taken")
	}
	wait(t, "the end of the connection", c.Done())
}

func TestCloseOvertakesWhatIsQueued(t *testing.T) {
	url, conns := serve(t, Options{QueueFrames: 1 << 16, QueueBytes: 1 << 30})
	for range 2 { // the small receive buffer makes each take a second
		ws := dialNarrow(t, url)
		c := <-conns
		for range 400 {
			if !c.Send(&Frame{Data: []byte(strings.Repeat("x", 2000))}) {
				t.Fatal("refused")
			}
		}
		closed := make(chan struct{})
		go func() { c.Close(GoingAway, "the server stops"); close(closed) }()
		messages, code := closeCode(t, ws)
		if code != GoingAway || messages == 400 {
			t.Errorf("code %d after %d messages", code, messages)
		}
		wait(t, "Close", closed)
		_ = ws.Close()
		wait(t, "the end of the connection", c.Done())
	}
}

func BenchmarkSendToHundred(b *testing.B) {
	f := &Frame{Data: make([]byte, 400)}
	conns := make([]*Conn, 100)
	for i := range conns {
		conns[i] = &Conn{opt: Options{}.withDefaults(), writing: true} // no writer: the cost of queueing alone
	}
	for b.Loop() {
		for _, c := range conns {
			c.Send(f)
			if c.frames == 200 {
				c.queue, c.frames, c.bytes = c.queue[:0], 0, 0
			}
		}
	}
}
