package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/gorilla/websocket"
)

// present keeps a workspace open, as a person's browser does, until ctx ends or the desk closes it: chats are given to who has one.
func (c *client) present(ctx context.Context) error {
	d := websocket.Dialer{Jar: c.http.Jar, Subprotocols: []string{"centralita.v1.json"}, HandshakeTimeout: c.http.Timeout}
	conn, res, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(c.base, "http")+"/api/v1/socket", nil)
	if err != nil {
		return fmt.Errorf("open a workspace: %w", err)
	}
	_ = res.Body.Close()
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"hello":{}}`)); err != nil {
		return fmt.Errorf("greet the desk: %w", err)
	}
	for {
		if _, _, err := conn.ReadMessage(); err != nil { // what it says is not looked at; its pings are answered meanwhile
			return err
		}
	}
}
