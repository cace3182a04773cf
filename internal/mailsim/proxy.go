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
	weather  func() Weather
	tap      func(fromServer bool, b []byte)
	over     chan struct{} // closed by Close
	cuts     int           // how often all were cut
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

// Weather is what becomes of one connection: after so many bytes from the server, when not 0, it stands still for a while and
// goes on, is swallowed for good without being closed, or is cut. FromClient counts, and does this to, the bytes from the client.
type Weather struct {
	FromClient bool
	StallAfter int64
	Stall      time.Duration
	HoleAfter  int64
	CutAfter   int64
}

// SetWeather has f asked about each connection from now on; nil is fair weather.
func (p *Proxy) SetWeather(f func() Weather) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.weather = f
}

// Tap calls f with everything that arrives before it is passed on. What f does, such as ending a process, has happened when the
// other side gets to see it.
func (p *Proxy) Tap(f func(fromServer bool, b []byte)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tap = f
}

// NewProxy starts a proxy on a free loopback port.
func NewProxy(target string) (*Proxy, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for proxy: %w", err)
	}
	p := &Proxy{target: target, ln: ln, conns: make(map[*link]struct{}), over: make(chan struct{})}
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
	if !p.closed {
		close(p.over)
	}
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
	target, refuse, cuts, ask := p.target, p.refuse, p.cuts, p.weather
	var w Weather
	if len(p.cutAfter) > 0 {
		w.CutAfter, p.cutAfter = p.cutAfter[0], p.cutAfter[1:]
		ask = nil
	}
	p.mu.Unlock()
	if ask != nil {
		w = ask()
	}
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
	var up, down Weather
	if w.FromClient {
		up = w
	} else {
		down = w
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		defer l.cut()
		p.copy(server, client, false, up)
	}()
	p.copy(client, server, true, down)
	l.cut()
	<-sent
}

// copy moves bytes until an end closes or the weather cuts them off.
func (p *Proxy) copy(dst io.Writer, src io.Reader, fromServer bool, w Weather) {
	buf := make([]byte, 32<<10)
	moved := int64(0)
	for {
		n, err := src.Read(buf)
		p.mu.Lock()
		hole, tap := p.hole, p.tap
		p.mu.Unlock()
		if n > 0 && tap != nil {
			tap(fromServer, buf[:n])
		}
		b := buf[:n]
		if w.StallAfter > 0 && moved+int64(n) > w.StallAfter {
			w.StallAfter = 0
			timer := time.NewTimer(w.Stall)
			select {
			case <-timer.C:
			case <-p.over:
				timer.Stop()
				return
			}
		}
		if w.HoleAfter > 0 && moved+int64(n) > w.HoleAfter {
			b = b[:max(0, w.HoleAfter-moved)]
		}
		cut := w.CutAfter > 0 && moved+int64(n) > w.CutAfter
		if cut {
			b = b[:max(0, w.CutAfter-moved)]
		}
		moved += int64(n)
		if len(b) > 0 && !hole {
			if _, werr := dst.Write(b); werr != nil {
				return
			}
		}
		if err != nil || cut {
			return
		}
	}
}
