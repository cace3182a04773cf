package live

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
	"github.com/centralita/centralita/proto/deskpb"
)

// session is one agents' socket. It is kept small: there are a thousand of them, mostly at rest.
type session struct {
	hub    *Hub
	conn   *socket.Conn
	who    Who
	binary bool

	// Owned by the hub's loop.
	state    state
	wants    wants
	looking  string        // the conversation on the screen, "" for none
	viewer   *desk.Viewer  // nil: sees every ticket
	leads    bool          // runs the desk: sees what colleagues have to do
	entered  desk.Position // what was durable when viewer was read first
	from     desk.Position // where a resuming screen was
	told     desk.Position // of the last CaughtUp
	held     []*socket.Frame
	greeting *time.Timer // until hello is due

	// Owned by the reader.
	budget budget

	mu      sync.Mutex // guards the fields below: the commands that wait, and the code we closed with
	queue   []*deskpb.ClientFrame
	working bool
	code    int
}

// state of a session: a screen that resumes says hello, subscribes, is caught up, and then is live.
type state uint8

const (
	stateNew        state = iota // has not said hello
	stateResuming                // waits for the subscription, to know what to catch up on
	stateCatchingUp              // live frames are held
	stateLive
)

const (
	startPatience = 2 * time.Second
	internalError = 1011 // RFC 6455 7.4.1
)

// Admission errors of Serve.
const (
	fullPerAgent = "too many open screens of this account, close some"
	fullTotal    = "too many screens are open, try again later"
	notRunning   = "the server is starting or stopping, try again"
	comeBack     = "the server restarts, come back"
)

// Serve makes a socket of a request whose sender is known already. refuse writes the answer when it cannot be one.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, who Who, refuse func(error)) {
	if err := h.admit(r.Context(), who.Agent); err != nil {
		refuse(err)
		return
	}
	conn, err := socket.Upgrade(w, r, socket.Options{
		Subprotocols: []string{ProtocolJSON, ProtocolBinary}, CheckOrigin: h.opt.CheckOrigin,
		QueueFrames: 2048, QueueBytes: 1 << 20,
	})
	if err != nil {
		h.release(who.Agent)
		h.opt.Logger.Debug("no socket came of a request", "agent", who.Agent, "err", err)
		return
	}
	s := &session{hub: h, conn: conn, who: who, binary: conn.Subprotocol() == ProtocolBinary, budget: newBudget(time.Now())}
	h.opt.Metrics.SocketOpened()
	// The request's goroutine ends here and frees what net/http keeps for a request.
	if !h.read(s) {
		s.close(socket.GoingAway, comeBack)
		s.ended()
	}
}

// admit counts a socket in, or says why not. Who comes a moment before the hub runs waits.
func (h *Hub) admit(ctx context.Context, agent desk.AgentID) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	select {
	case <-h.started:
	case <-ctx.Done():
		return &desk.Error{Code: desk.Unavailable, Message: notRunning}
	}
	select {
	case <-h.done:
		return &desk.Error{Code: desk.Unavailable, Message: notRunning}
	default:
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.total >= maxSockets:
		return &desk.Error{Code: desk.Unavailable, Message: fullTotal}
	case h.perAgent[agent] >= maxSocketsPerAgent:
		return &desk.Error{Code: desk.Limit, Message: fullPerAgent}
	}
	h.total++
	h.perAgent[agent]++
	return nil
}

func (h *Hub) release(agent desk.AgentID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.total--
	if h.perAgent[agent]--; h.perAgent[agent] == 0 {
		delete(h.perAgent, agent)
	}
}

// run reads until the connection ends.
func (s *session) run() {
	if !s.hub.call(func() { s.hub.enter(s) }) {
		s.close(socket.GoingAway, comeBack)
	}
	for {
		data, binary, err := s.conn.Read(context.Background()) // the hub closes the connection when it stops
		if err != nil {
			break
		}
		// Reading a frame takes a deep stack, waiting for one does not: a stack that has grown stays, so it is another one's.
		var handled sync.WaitGroup
		handled.Go(func() {
			defer s.recovered()
			s.receive(data, binary)
		})
		handled.Wait()
	}
	s.hub.call(func() { s.hub.leave(s) })
	s.ended()
}

// ended gives back what admit and SocketOpened took.
func (s *session) ended() {
	s.hub.release(s.who.Agent)
	s.mu.Lock()
	code := s.code
	s.mu.Unlock()
	s.hub.opt.Metrics.SocketClosed(code)
}

// recovered ends a socket whose handling panicked; the others live on.
func (s *session) recovered() {
	if p := recover(); p != nil {
		s.hub.opt.Logger.Error("a socket's handler panicked", "agent", s.who.Agent, "err", fmt.Sprint(p), "stack", string(debug.Stack()))
		s.close(internalError, "something failed in the server")
	}
}

// receive handles one message of the peer.
func (s *session) receive(data []byte, binary bool) {
	switch s.budget.take(time.Now()) {
	case within:
	case over:
		s.refuse("", &desk.Error{Code: desk.Limit, Message: "too many frames, slow down"})
		return
	case farOver:
		s.close(socket.Protocol, "far too many frames")
		return
	}
	if binary != s.binary {
		s.close(socket.Protocol, "the frame is not in the encoding of the subprotocol")
		return
	}
	f, err, fatal := decode(data, binary)
	if fatal {
		s.close(socket.Protocol, err.Error())
		return
	}
	if err != nil {
		s.refuse(f.Id, &desk.Error{Code: desk.Invalid, Message: err.Error()})
		return
	}
	switch k := f.Kind.(type) {
	case *deskpb.ClientFrame_Hello:
		s.hub.call(func() { s.hub.hello(s, f.Id, k.Hello) })
	case *deskpb.ClientFrame_Subscribe:
		s.hub.call(func() { s.hub.subscribe(s, f.Id, k.Subscribe) })
	case *deskpb.ClientFrame_Command:
		s.enqueue(f)
	case *deskpb.ClientFrame_Typing:
		s.typing(k.Typing)
	case *deskpb.ClientFrame_Ping:
		s.send(&deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Pong{Pong: &deskpb.Pong{}}})
	}
}

// send queues a frame for this socket alone.
func (s *session) send(f *deskpb.ServerFrame) { s.conn.Send(encode(f, s.binary)) }

func (s *session) refuse(id string, e *desk.Error) { s.send(refusedFrame(id, e)) }

// push queues live frames, or holds them while the socket catches up. Called by the loop.
func (s *session) push(fs ...*socket.Frame) {
	switch {
	case len(fs) == 0:
	case s.state == stateLive:
		s.conn.Send(fs...)
	case s.state == stateCatchingUp:
		if len(s.held)+len(fs) > maxHeld {
			s.closeSoon(socket.Slow, "could not catch up, come back with your position")
			return
		}
		s.held = append(s.held, fs...)
	}
}

func (s *session) close(code int, reason string) {
	s.mu.Lock()
	if s.code == 0 {
		s.code = code
	}
	s.mu.Unlock()
	s.conn.Close(code, reason)
}

// closeSoon closes without waiting for the peer: the loop must not.
func (s *session) closeSoon(code int, reason string) { go s.close(code, reason) }
