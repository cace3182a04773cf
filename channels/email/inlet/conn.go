package inlet

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// errGone is the end of a connection. It is no io.EOF: the library takes an EOF inside a chunk (BDAT) for its end, and would
// hand over half a mail as a whole one.
var errGone = fmt.Errorf("the sender is gone: %w", net.ErrClosed)

// conn guards a connection: every read has a deadline of its own, so that a sender who stalls inside a mail is noticed (the
// library sets one for each command only); and after a failed read it stays failed, or the rest of a broken mail would be
// read as commands.
type conn struct {
	net.Conn
	gate    *gate
	trusted bool
	until   time.Time
	failed  error
	closing atomic.Bool
	peeking atomic.Bool
	last    atomic.Bool // the next write is the last one
	once    sync.Once
}

func (c *conn) Read(b []byte) (int, error) {
	if c.failed != nil {
		return 0, c.failed
	}
	deadline := time.Now().Add(c.gate.limits.Idle)
	if deadline.After(c.until) {
		deadline = c.until
	}
	if c.peeking.Load() {
		deadline = time.Unix(1, 0)
	}
	_ = c.Conn.SetReadDeadline(deadline) // a closed connection says so below
	if c.closing.Load() {                // asked after the deadline was set: drain sets both the other way round
		_ = c.Conn.SetReadDeadline(time.Unix(1, 0))
	}
	n, err := c.Conn.Read(b)
	if err == io.EOF {
		err = errGone
	}
	if err != nil && !c.peeking.Load() {
		c.failed = err
	}
	return n, err
}

func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if c.last.Load() {
		_ = c.Close() // what was to be said is said
	}
	return n, err
}

// SetReadDeadline and SetDeadline leave the reads alone: Read sets its own.
func (c *conn) SetReadDeadline(time.Time) error    { return nil }
func (c *conn) SetDeadline(t time.Time) error      { return c.SetWriteDeadline(t) }
func (c *conn) SetWriteDeadline(t time.Time) error { return c.Conn.SetWriteDeadline(t) }

func (c *conn) Close() error {
	c.once.Do(func() { c.gate.left(c) })
	return c.Conn.Close()
}

func (c *conn) drain() {
	c.closing.Store(true)
	_ = c.Conn.SetReadDeadline(time.Unix(1, 0)) // whoever reads now is woken
}

// gate counts who is connected.
type gate struct {
	limits Limits

	mu      sync.Mutex
	open    map[*conn]bool
	byIP    map[string]int
	closing bool
}

func newGate(l Limits) *gate {
	return &gate{limits: l, open: make(map[*conn]bool), byIP: make(map[string]int)}
}

// source names who is counted as one: an address, or the network of 64 bits that one IPv6 customer has.
func source(addr net.Addr) string {
	ap, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return "local"
	}
	ip := ap.Addr().Unmap()
	if ip.Is4() {
		return ip.String()
	}
	p, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return ip.String()
	}
	return p.String()
}

// enter takes a connection in, or says why not.
func (g *gate) enter(c *conn) (refusal string) {
	ip := source(c.RemoteAddr())
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closing:
		return "421 4.3.2 closing down, come again\r\n"
	case len(g.open) >= g.limits.Connections:
		return "421 4.3.2 too many connections, come again\r\n"
	case !c.trusted && g.byIP[ip] >= g.limits.PerIP:
		return "421 4.7.0 too many connections from your address, come again\r\n"
	}
	g.open[c] = true
	g.byIP[ip]++
	return ""
}

func (g *gate) left(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open[c] {
		return
	}
	delete(g.open, c)
	ip := source(c.RemoteAddr())
	if g.byIP[ip]--; g.byIP[ip] <= 0 {
		delete(g.byIP, ip)
	}
}

func (g *gate) drain() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closing = true
	for c := range g.open {
		c.drain()
	}
}

func (g *gate) cut() {
	g.mu.Lock()
	var all []*conn
	for c := range g.open {
		all = append(all, c)
	}
	g.mu.Unlock()
	for _, c := range all {
		_ = c.Close() // whoever is still there had time
	}
}

// guard wraps a listener: who is refused never reaches the library.
func (g *gate) guard(ln net.Listener, trusted bool) net.Listener {
	return &guarded{Listener: ln, gate: g, trusted: trusted}
}

type guarded struct {
	net.Listener
	gate    *gate
	trusted bool
}

func (g *guarded) Accept() (net.Conn, error) {
	for {
		raw, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: raw, gate: g.gate, trusted: g.trusted, until: time.Now().Add(g.gate.limits.ConnectionLife)}
		refusal := g.gate.enter(c)
		if refusal == "" {
			return c, nil
		}
		_ = raw.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = io.WriteString(raw, refusal) // a word to whoever listens
		_ = raw.Close()
	}
}
