// Package socket is the only user of gorilla/websocket: one guarded connection type for agents' and visitors' sockets.
// It owns the read and write limits, the heartbeat, the bounded send queue and the orderly close.
package socket

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Close codes of Centralita. A client comes back at once after 1001, 1012 and 4008, not after 4001 and 4003.
const (
	GoingAway   = 1001 // the server stops or restarts: come back with jitter
	AuthExpired = 4001 // sign in again
	Forbidden   = 4003 // wrong origin or banned: stop
	Protocol    = 4004 // what was sent is not a frame
	Slow        = 4008 // could not keep up: come back with your position
	Replaced    = 4009 // a newer socket took over
)

// Options of one kind of socket. Zero values mean the defaults named.
type Options struct {
	ReadLimit    int64         // bytes of one message from the peer; 64 kB
	ReadBuffer   int           // bytes that each socket keeps for reading; 1 kB. Longer messages take more system calls
	QueueFrames  int           // frames waiting to be written; 256
	QueueBytes   int           // their bytes; 256 kB
	PingEvery    time.Duration // 25 s
	ReadTimeout  time.Duration // silence after which the peer is gone; 60 s
	WriteTimeout time.Duration // 5 s
	Subprotocols []string
	// CheckOrigin decides on the request's Origin; nil means SameOrigin.
	CheckOrigin func(*http.Request) bool
}

func (o Options) withDefaults() Options {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&o.PingEvery, 25*time.Second)
	def(&o.ReadTimeout, 60*time.Second)
	def(&o.WriteTimeout, 5*time.Second)
	if o.ReadLimit == 0 {
		o.ReadLimit = 64 << 10
	}
	if o.QueueFrames == 0 {
		o.QueueFrames = 256
	}
	if o.QueueBytes == 0 {
		o.QueueBytes = 256 << 10
	}
	if o.ReadBuffer == 0 {
		o.ReadBuffer = 1 << 10
	}
	if o.CheckOrigin == nil {
		o.CheckOrigin = SameOrigin
	}
	return o
}

var writeBuffers = &sync.Pool{}

// ErrClosed is returned by Read after the connection ended.
var ErrClosed = errors.New("socket: closed")

// Frame is an encoded message that may be sent to many sockets.
type Frame struct {
	Data   []byte
	Binary bool
}

// Conn is one connection. Send and Close may be called from any goroutine; Read from one. An idle Conn keeps one goroutine
// (the reader's): the writer exists only while there is something to write.
type Conn struct {
	ws  *websocket.Conn
	opt Options

	mu      sync.Mutex // guards the fields below
	queue   []*Frame   // not yet taken by the writer
	frames  int        // queued or being written
	bytes   int        // of those
	writing bool
	room    chan struct{} // closed when there is room again; nil when nobody waits for it
	closing bool          // nothing more is queued; a close frame is on its way or the connection has ended
	ended   bool
	ping    *time.Timer

	done chan struct{}
}

// Upgrade makes a socket of a request. Authenticate before calling it. On error the response is written.
func Upgrade(w http.ResponseWriter, r *http.Request, opt Options) (*Conn, error) {
	opt = opt.withDefaults()
	up := websocket.Upgrader{
		HandshakeTimeout: 10 * time.Second, ReadBufferSize: opt.ReadBuffer, WriteBufferSize: 1024, WriteBufferPool: writeBuffers,
		Subprotocols: opt.Subprotocols, CheckOrigin: opt.CheckOrigin,
	}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return nil, err
	}
	c := &Conn{ws: ws, opt: opt, done: make(chan struct{})}
	if tcp := tcpOf(ws.NetConn()); tcp != nil {
		_ = tcp.SetWriteBuffer(32 << 10) // a peer that never reads must not park megabytes in the kernel
	}
	ws.SetReadLimit(opt.ReadLimit)
	_ = ws.SetReadDeadline(time.Now().Add(opt.ReadTimeout))
	ws.SetPongHandler(func(string) error { return ws.SetReadDeadline(time.Now().Add(opt.ReadTimeout)) })
	c.mu.Lock()
	c.ping = time.AfterFunc(c.pingDelay(), c.heartbeat)
	c.mu.Unlock()
	return c, nil
}

func tcpOf(conn net.Conn) *net.TCPConn {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	tcp, _ := conn.(*net.TCPConn)
	return tcp
}

// SameOrigin accepts a browser's request from our own host, and a request without Origin (not a browser).
func SameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return origin == "" || origin == "http://"+r.Host || origin == "https://"+r.Host
}

// Subprotocol is the one negotiated.
func (c *Conn) Subprotocol() string { return c.ws.Subprotocol() }

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Read gives the next message. After an error the connection is over.
func (c *Conn) Read(ctx context.Context) (data []byte, binary bool, err error) {
	stop := context.AfterFunc(ctx, c.end)
	defer stop()
	kind, data, err := c.ws.ReadMessage()
	if err != nil {
		if errors.Is(err, websocket.ErrReadLimit) {
			c.linger()
		}
		c.end()
		return nil, false, ErrClosed
	}
	_ = c.ws.SetReadDeadline(time.Now().Add(c.opt.ReadTimeout))
	return data, kind == websocket.BinaryMessage, nil
}

// linger throws away what the peer is still sending after its message was refused with 1009: closing a TCP connection with
// unread bytes resets it, and the reset would overtake the close frame that says why.
func (c *Conn) linger() {
	_ = c.ws.SetReadDeadline(time.Now().Add(time.Second))
	_, _ = io.CopyN(io.Discard, c.ws.NetConn(), 4<<20)
}

// pingDelay spreads the pings of sockets that came together after a restart.
func (c *Conn) pingDelay() time.Duration {
	return c.opt.PingEvery - time.Duration(rand.Int64N(int64(c.opt.PingEvery)/5+1))
}

func (c *Conn) heartbeat() {
	if err := c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(c.opt.WriteTimeout)); err != nil {
		c.writeFailed()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closing {
		c.ping.Reset(c.pingDelay())
	}
}
