package mailsim

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Proxy is a TCP proxy that cuts or swallows connections on request: the faults of a network.
type Proxy struct {
	target string
	ln     net.Listener
	wg     sync.WaitGroup

	mu       sync.Mutex
	conns    map[*link]struct{}
	cutAfter []int64 // for the next connections, one each: bytes from the server until the cut
	cuts     int     // how often all were cut
	hole     bool
	refuse   bool
	accepted int
	closed   bool
}

// link is one proxied connection.
type link struct {
	client, server net.Conn
}

func (l *link) cut() {
	_ = l.client.Close() // both ends go; there is nobody to tell
	_ = l.server.Close()
}

// NewProxy starts a proxy on a free loopback port.
func NewProxy(target string) (*Proxy, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for proxy: %w", err)
	}
	p := &Proxy{target: target, ln: ln, conns: make(map[*link]struct{})}
	p.wg.Add(1)
	go p.serve()
	return p, nil
}

// Addr is where clients connect.
func (p *Proxy) Addr() string { return p.ln.Addr().String() }

// CutAfter cuts the next connections, the first after n[0] bytes from the server, and so on.
func (p *Proxy) CutAfter(n ...int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutAfter = append(p.cutAfter, n...)
}

// CutAll cuts the connections there are, and those that are just made.
func (p *Proxy) CutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cuts++
	for l := range p.conns {
		l.cut()
	}
}

// BlackHole swallows all bytes in both directions from now on, without closing anything; false heals it, but what was
// swallowed is gone.
func (p *Proxy) BlackHole(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hole = on
}

// Refuse closes new connections at once while on.
func (p *Proxy) Refuse(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = on
}

// SetTarget sends new connections elsewhere.
func (p *Proxy) SetTarget(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

// Accepted counts the connections taken so far.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Close cuts everything and waits.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := p.ln.Close()
	p.CutAll()
	p.wg.Wait()
	return err
}

func (p *Proxy) serve() {
	defer p.wg.Done()
	for {
		client, err := p.ln.Accept()
		if err != nil {
			return
		}
		p.wg.Add(1)
		go func() {
			defer p.wg.Done()
			p.forward(client)
		}()
	}
}

func (p *Proxy) forward(client net.Conn) {
	p.mu.Lock()
	p.accepted++
	target, refuse, cuts, limit := p.target, p.refuse, p.cuts, int64(-1)
	if len(p.cutAfter) > 0 {
		limit, p.cutAfter = p.cutAfter[0], p.cutAfter[1:]
	}
	p.mu.Unlock()
	if refuse {
		_ = client.Close()
		return
	}
	server, err := net.DialTimeout("tcp", target, 5*time.Second)
	if err != nil {
		_ = client.Close()
		return
	}
	l := &link{client: client, server: server}
	p.mu.Lock()
	p.conns[l] = struct{}{}
	late := p.closed || p.cuts != cuts
	p.mu.Unlock()
	if late {
		l.cut()
	}
	defer func() {
		l.cut()
		p.mu.Lock()
		delete(p.conns, l)
		p.mu.Unlock()
	}()
	up := make(chan struct{})
	go func() {
		defer close(up)
		defer l.cut()
		p.copy(server, client, -1)
	}()
	p.copy(client, server, limit)
	l.cut()
	<-up
}

// copy moves bytes until an end closes or limit bytes (-1: no limit) were moved.
func (p *Proxy) copy(dst io.Writer, src io.Reader, limit int64) {
	buf := make([]byte, 32<<10)
	for {
		n, err := src.Read(buf)
		p.mu.Lock()
		hole := p.hole
		p.mu.Unlock()
		if n > 0 && !hole {
			if limit >= 0 && int64(n) > limit {
				_, _ = dst.Write(buf[:limit]) // the cut follows either way
				return
			}
			if limit >= 0 {
				limit -= int64(n)
			}
			if _, werr := dst.Write(buf[:n]); werr != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
