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
	told := make(chan struct{})
	stop := context.AfterFunc(r.life.ctx, func() {
		defer close(told)
		conn.Close(socket.GoingAway, "the chat restarts: come back")
	})
	g := &guest{room: r, member: &member{conn: conn}, frames: newMeter(frameEvery, frameBurst)}
	g.listen(context.Background())
	r.part(g.member)
	g.types(false)
	if !stop() {
		<-told
	}
}

// guest is the reader of one socket.
type guest struct {
	room   *room
	member *member
	frames *meter
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
		f, err := decodeFrame(data)
		switch {
		case binary || err != nil:
			conn.Close(socket.Protocol, "not a frame of this chat")
		case g.frames.wait("", time.Now()) > 0:
			conn.Close(socket.Protocol, "too many frames")
		default:
			g.take(ctx, f)
		}
	}
}

func (g *guest) take(ctx context.Context, f clientFrame) {
	conn := g.member.conn
	switch f.T {
	case "hello":
		var oldest *member
		err := g.room.settle(ctx, f.LastSeq)
		if err == nil {
			oldest, err = g.room.join(g.member, f)
		}
		if err != nil {
			conn.Close(socket.GoingAway, "the conversation cannot be read now: come back")
		}
		if oldest != nil {
			oldest.conn.Close(socket.Replaced, "a newer tab took over")
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
	l, leave := c.enter()
	defer leave()
	if l == nil {
		return errDown
	}
	who, err := c.visitor(r)
	if err != nil {
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
