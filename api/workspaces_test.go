package api_test

import (
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
)

// workspaces counts what the door says of sockets, as the engine does.
type workspaces struct {
	counting sync.Mutex // guards what follows
	open     map[desk.AgentID]int
	counted  chan struct{} // closed, and made anew, when one is opened or closed
}

func (w *workspaces) SocketOpened(agent desk.AgentID) { w.count(agent, 1) }
func (w *workspaces) SocketClosed(agent desk.AgentID) { w.count(agent, -1) }

func (w *workspaces) count(agent desk.AgentID, by int) {
	w.counting.Lock()
	defer w.counting.Unlock()
	w.open[agent] += by
	close(w.counted)
	w.counted = make(chan struct{})
}

// untilOpen waits until an agent has so many workspaces open.
func (w *workspaces) untilOpen(t *testing.T, agent desk.AgentID, n int) {
	t.Helper()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	for {
		w.counting.Lock()
		have, counted := w.open[agent], w.counted
		w.counting.Unlock()
		if have == n {
			return
		}
		select {
		case <-counted:
		case <-limit.C:
			t.Fatalf("%d workspaces are open, want %d", have, n)
		}
	}
}

// A workspace counts from hello to its end, once each; a request that never says hello is none.
func TestWorkspacesAreCounted(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	agent := desk.AgentID(ada.agent)
	ada.screen().connect()
	first, second := ada.screen().hello(), ada.screen().hello()
	h.engine.untilOpen(t, agent, 2)
	first.cut()
	h.engine.untilOpen(t, agent, 1)
	second.cut()
	h.engine.untilOpen(t, agent, 0)
}
