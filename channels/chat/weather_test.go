package chat

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// air is a network in memory that is as bad as it is told to be: what it does to a connection is drawn when the connection is made.
// Inside a synctest bubble its waiting costs no time.
type air struct {
	accept chan net.Conn
	over   chan struct{}

	mu    sync.Mutex // guards the fields below
	rng   *rand.Rand
	bad   bool      // new connections have a fate
	deaf  time.Time // until then nobody is reached
	lanes map[*lane]bool
}

func newAir(seed uint64) *air {
	return &air{accept: make(chan net.Conn), over: make(chan struct{}), rng: rand.New(rand.NewPCG(seed, 1)), lanes: make(map[*lane]bool)}
}

func (a *air) Accept() (net.Conn, error) {
	select {
	case c := <-a.accept:
		return c, nil
	case <-a.over:
		return nil, net.ErrClosed
	}
}

func (a *air) Close() error   { close(a.over); return nil }
func (a *air) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// dial makes a connection, or refuses one, or lets the caller wait in vain.
func (a *air) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	a.mu.Lock()
	up, down := &lane{change: make(chan struct{})}, &lane{change: make(chan struct{})}
	deaf, swallow := time.Now().Before(a.deaf), a.rng.IntN(2) == 0
	if a.bad {
		a.fate(up)
		a.fate(down)
	}
	a.lanes[up], a.lanes[down] = true, true
	a.mu.Unlock()
	if deaf {
		if !swallow {
			return nil, syscall.ECONNREFUSED
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	up.other, down.other = down, up
	select {
	case a.accept <- &end{in: up, out: down, air: a}:
		return &end{in: down, out: up, air: a}, nil
	case <-a.over:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fate of one direction: mostly it is cut, stands still or is swallowed at some byte.
func (a *air) fate(l *lane) {
	at := 1 + a.rng.IntN(6000)
	switch a.rng.IntN(8) {
	case 0, 1:
		l.cutAt = at
	case 2:
		l.holeAt = at
	case 3, 4:
		l.stallAt, l.stall = at, time.Duration(a.rng.IntN(20_000))*time.Millisecond
	}
}

// gust does the same thing to every connection there is: cut, still for a while, or one direction or both swallowed.
func (a *air) gust() {
	a.mu.Lock()
	defer a.mu.Unlock()
	kind, stall := a.rng.IntN(5), time.Duration(a.rng.IntN(30_000))*time.Millisecond
	for l := range a.lanes {
		l.mu.Lock()
		switch {
		case kind == 0:
			l.reset()
		case kind == 1:
			l.standStill(stall)
		case kind == 2 || kind == 3 && a.rng.IntN(2) == 0:
			l.hole = true
		}
		l.mu.Unlock()
	}
	if kind == 4 {
		a.deaf = time.Now().Add(stall)
	}
}

// end is one side of a connection.
type end struct {
	in, out *lane
	air     *air
}

func (e *end) Read(b []byte) (int, error)  { return e.in.read(b) }
func (e *end) Write(b []byte) (int, error) { return e.out.write(b) }
func (e *end) LocalAddr() net.Addr         { return e.air.Addr() }
func (e *end) RemoteAddr() net.Addr        { return e.air.Addr() }

func (e *end) Close() error {
	e.out.finish()
	e.in.stop()
	e.air.mu.Lock()
	delete(e.air.lanes, e.in)
	e.air.mu.Unlock()
	return nil
}

func (e *end) SetDeadline(t time.Time) error {
	_ = e.SetReadDeadline(t)
	return e.SetWriteDeadline(t)
}

func (e *end) SetReadDeadline(t time.Time) error  { return e.in.until(&e.in.readBy, t) }
func (e *end) SetWriteDeadline(t time.Time) error { return e.out.until(&e.out.writeBy, t) }

// lane is one direction of a connection. What is swallowed is swallowed with its end: the reader waits for more.
type lane struct {
	other                  *lane
	cutAt, holeAt, stallAt int
	stall                  time.Duration

	mu              sync.Mutex // guards the fields below
	change          chan struct{}
	buf             []byte
	moved           int
	hole            bool
	ended           error     // what the reader gets after the last byte
	closed          bool      // the reader has gone
	still           time.Time // nothing is read before
	readBy, writeBy time.Time
}

// laneBytes is what a connection holds before its writer must wait.
const laneBytes = 64 << 10

func (l *lane) wake() {
	close(l.change)
	l.change = make(chan struct{})
}

func (l *lane) until(by *time.Time, t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	*by = t
	l.wake()
	return nil
}

// wait lets go of the lock until something changes or it is time.
func (l *lane) wait(times ...time.Time) {
	next := time.Hour
	for _, t := range times {
		if !t.IsZero() {
			next = min(next, max(0, time.Until(t)))
		}
	}
	change := l.change
	l.mu.Unlock()
	timer := time.NewTimer(next)
	select {
	case <-change:
	case <-timer.C:
	}
	timer.Stop()
	l.mu.Lock()
}

func past(t time.Time) bool { return !t.IsZero() && !time.Now().Before(t) }

func (l *lane) read(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		switch {
		case l.closed:
			return 0, net.ErrClosed
		case errors.Is(l.ended, syscall.ECONNRESET):
			return 0, l.ended
		case past(l.readBy):
			return 0, os.ErrDeadlineExceeded
		case time.Now().Before(l.still):
			l.wait(l.still, l.readBy)
		case len(l.buf) > 0:
			n := copy(b, l.buf)
			l.buf = l.buf[n:]
			l.wake()
			return n, nil
		case l.ended != nil:
			return 0, l.ended
		default:
			l.wait(l.readBy)
		}
	}
}

func (l *lane) write(b []byte) (int, error) {
	l.mu.Lock()
	for {
		switch {
		case l.ended != nil:
			l.mu.Unlock()
			return 0, syscall.EPIPE
		case past(l.writeBy):
			l.mu.Unlock()
			return 0, os.ErrDeadlineExceeded
		case len(l.buf) > laneBytes && !l.closed:
			l.wait(l.writeBy)
			continue
		}
		break
	}
	crosses := func(at int) bool { return at > l.moved && at <= l.moved+len(b) }
	pass, cut := b, crosses(l.cutAt)
	if crosses(l.stallAt) {
		l.standStill(l.stall)
	}
	if l.hole {
		pass = nil
	}
	if crosses(l.holeAt) {
		pass, l.hole = pass[:min(len(pass), l.holeAt-l.moved)], true
	}
	if cut {
		pass = pass[:min(len(pass), l.cutAt-l.moved)]
	}
	l.moved += len(b)
	if !l.closed {
		l.buf = append(l.buf, pass...)
	}
	if cut { // what was passed is read first: a cut is an end, too early
		l.ended = io.EOF
	}
	l.wake()
	l.mu.Unlock()
	if cut && l.moved%2 == 0 { // else the other direction goes on: a connection that is half closed
		l.other.mu.Lock()
		l.other.reset()
		l.other.mu.Unlock()
	}
	return len(b), nil
}

func (l *lane) standStill(d time.Duration) {
	l.still = time.Now().Add(d)
	l.wake()
}

func (l *lane) reset() {
	l.ended = syscall.ECONNRESET
	l.wake()
}

// finish is the writer's close.
func (l *lane) finish() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended == nil && !l.hole {
		l.ended = io.EOF
	}
	l.wake()
}

// stop is the reader's: what is written from now on is not read; the writer learns of it, unless its words never arrive.
func (l *lane) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.ended == nil && !l.hole {
		l.ended = io.EOF
	}
	l.wake()
}
