package limit

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// Echo repeats on each of its WebSockets what it is sent there, and does nothing else: the least that holding a visitor's socket and
// answering on it can cost with gorilla/websocket as it is.
type Echo struct {
	listener net.Listener
	server   *http.Server
}

// NewEcho listens on a loopback port.
func NewEcho() (*Echo, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	e := &Echo{listener: l, server: &http.Server{Handler: http.HandlerFunc(echo), ReadHeaderTimeout: 10 * time.Second}}
	go func() { _ = e.server.Serve(l) }()
	return e, nil
}

func echo(w http.ResponseWriter, r *http.Request) {
	var up websocket.Upgrader
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer func() { _ = ws.Close() }()
	for {
		kind, data, err := ws.ReadMessage()
		if err != nil {
			return
		}
		if ws.WriteMessage(kind, data) != nil {
			return
		}
	}
}

// Address is where it listens.
func (e *Echo) Address() string { return e.listener.Addr().String() }

// Close stops listening. Its sockets end with the other side.
func (e *Echo) Close() error { return e.server.Close() }
