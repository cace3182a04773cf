package chat

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
)

// Limits of a socket's signs; a widget sends a few in a minute.
const (
	pollMax     = 25 * time.Second
	typingEvery = time.Second
	frameEvery  = 100 * time.Millisecond
	frameBurst  = 50

	helloPatience = 15 * time.Second // reading the history may take five of it
)

// getSocket opens a visitor's socket. The ticket in the address is worth one socket, so that what is logged of it is worthless.
func (c *connector) getSocket(w http.ResponseWriter, r *http.Request) error {
	l, leave := c.enter()
	defer leave()
	if l == nil {
		return errDown
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return desk.Refuse(desk.Invalid, "Upgrade", "this address speaks WebSocket only")
	}
	visitor, ok := c.tickets.redeem(r.URL.Query().Get("ticket"), time.Now())
	if !ok {
		return desk.Refuse(desk.Denied, "Authorization", "the ticket is used or expired: open a session")
	}
	room, err := l.room(visitor)
	if err != nil {
		return err
	}
	conn, err := socket.Upgrade(w, r, socket.Options{
		ReadLimit:   maxFrameBytes,
		ReadBuffer:  256,                                      // of a visitor's there is little to read, and there are many visitors
		CheckOrigin: func(*http.Request) bool { return true }, // serve has checked it
	})
	if err != nil {
		room.leave()
		return nil // Upgrade has answered
	}
	// A goroutine of its own: the server's would keep its buffers and a deep stack for as long as the socket lives.
	l.inside.Go(func() { room.host(conn) })
	return nil
}

// host serves one socket until it ends. When the channel stops, it tells the widget to come back.
func (r *room) host(conn *socket.Conn) {
	defer r.leave()
	if !r.life.hold(conn) {
		conn.Close(socket.GoingAway, restarts)
		return
	}
	defer r.life.release(conn)
	g := &guest{room: r, member: &member{conn: conn}, done: make(chan struct{})}
	late := time.AfterFunc(helloPatience, func() {
		r.mu.Lock()
		joined := r.has(g.member)
		r.mu.Unlock()
		if !joined {
			conn.Close(socket.Protocol, "a socket begins with hello")
		}
	})
	g.listen(context.Background())
	late.Stop()
	r.part(g.member)
	g.types(false)
}

const restarts = "the chat restarts: come back"

// hold notes a socket that is to be told when the channel stops; false when it has stopped.
func (l *life) hold(conn *socket.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.sockets[conn] = struct{}{}
	}
	return !l.closed
}

func (l *life) release(conn *socket.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sockets, conn)
}

// guest is the reader of one socket.
type guest struct {
	room   *room
	member *member
	frames frameGate
	done   chan struct{} // a frame was read
	typing bool
	signed time.Time // when typing was last passed on
}

// listen reads frames until the connection ends; whoever wants it to end closes it.
func (g *guest) listen(ctx context.Context) {
	conn := g.member.conn
	for {
		data, binary, err := conn.Read(ctx)
		if err != nil {
			return
		}
		// Beside, and waited for: what a frame takes makes a stack grow, and this one stays for as long as the socket lives.
		go func() {
			g.read(ctx, data, binary)
			g.done <- struct{}{}
		}()
		<-g.done
	}
}

func (g *guest) read(ctx context.Context, data []byte, binary bool) {
	conn := g.member.conn
	f, err := decodeFrame(data)
	switch {
	case binary || err != nil:
		conn.Close(socket.Protocol, "not a frame of this chat")
	case !g.frames.lets(time.Now()):
		conn.Close(socket.Protocol, "too many frames")
	default:
		g.take(ctx, f)
	}
}

func (g *guest) take(ctx context.Context, f clientFrame) {
	conn := g.member.conn
	switch f.T {
	case "hello":
		var drop []*member
		err := g.room.settle(ctx, f.LastSeq)
		if err == nil {
			drop, err = g.room.join(g.member, f)
		}
		if err != nil {
			conn.Close(socket.GoingAway, "the conversation cannot be read now: come back")
		}
		for _, m := range drop {
			g.room.life.inside.Go(func() { m.conn.Close(socket.Replaced, "a newer one took over") }) // it may be deaf: nobody waits for it
		}
	case "need":
		g.room.again(g.member, f)
	case "ack":
		g.room.acknowledge(f.Seq, 0)
	case "read":
		g.room.acknowledge(f.Seq, f.Seq)
	case "typing":
		g.types(f.On)
	case "ping":
		conn.Send(serverFrame{T: "pong"}.encode())
	}
}

// types passes a sign on, not more often than needed to keep it alive.
func (g *guest) types(on bool) {
	if on && g.typing && time.Since(g.signed) < typingEvery || !on && !g.typing {
		return
	}
	g.typing, g.signed = on, time.Now()
	g.room.life.threads.Typing(g.room.visitor, on)
}

// getEvents is for who cannot hold a socket: it waits until there is something after the position, or for a while.
func (c *connector) getEvents(w http.ResponseWriter, r *http.Request) error {
	l, leave := c.enter()
	defer leave()
	if l == nil {
		return errDown
	}
	who, err := c.visitor(r)
	if err != nil {
		return err
	}
	if err := c.perHost.check(address(r)); err != nil {
		return err
	}
	q := r.URL.Query()
	after, err := strconv.ParseUint(q.Get("after"), 10, 53)
	if err != nil && q.Get("after") != "" {
		return desk.Refuse(desk.Invalid, "after", "must be the seq of the last event, a whole number")
	}
	room, err := l.room(who.room())
	if err != nil {
		return err
	}
	defer room.leave()
	if !room.sit() {
		return &tooOften{after: pollMax}
	}
	defer room.rise()
	ctx, cancel := context.WithTimeout(r.Context(), pollMax)
	defer cancel()
	f, err := room.poll(ctx, q.Get("epoch"), after)
	if err != nil {
		return err
	}
	return writeJSON(w, f)
}

// poll waits for what follows a position.
func (r *room) poll(ctx context.Context, epoch string, after uint64) (serverFrame, error) {
	if err := r.settle(ctx, after); err != nil {
		return serverFrame{}, err
	}
	for {
		r.mu.Lock()
		f, change, failed := r.resume("welcome", epoch, after), r.change, r.failed
		moved := r.place != r.polled
		r.polled = r.place
		r.mu.Unlock()
		if failed {
			return serverFrame{}, errDown
		}
		if len(f.Events) > 0 || f.T == "reset" || moved {
			return f, nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return f, nil
		case <-r.ctx.Done():
			return serverFrame{}, errDown
		}
	}
}

// postSign takes over HTTP what a socket takes as a frame: ack, read, typing.
func (c *connector) postSign(w http.ResponseWriter, r *http.Request) error {
	who, err := c.visitor(r)
	if err != nil {
		return err
	}
	if err := c.perHost.check(address(r)); err != nil {
		return err
	}
	if err := c.perGuest.check("sign/" + who.thread); err != nil {
		return err
	}
	var raw rawBody
	if err := readJSON(w, r, &raw); err != nil {
		return err
	}
	f, err := decodeFrame(raw)
	if err != nil {
		return err
	}
	l, leave := c.enter()
	defer leave()
	if l == nil {
		return errDown
	}
	room, err := l.room(who.room())
	if err != nil {
		return err
	}
	defer room.leave()
	switch f.T {
	case "ack", "read":
		if err := room.settle(r.Context(), f.Seq); err != nil {
			return err
		}
		read := f.Seq
		if f.T == "ack" {
			read = 0
		}
		room.acknowledge(f.Seq, read)
	case "typing":
		l.threads.Typing(who.thread, f.On)
	default:
		return desk.Refuse(desk.Invalid, "t", "only ack, read and typing are signs")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// rawBody is JSON left as it came.
type rawBody []byte

// UnmarshalJSON keeps the bytes.
func (b *rawBody) UnmarshalJSON(data []byte) error {
	*b = append((*b)[:0], data...)
	return nil
}
