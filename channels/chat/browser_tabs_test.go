//go:build integration

package chat

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/desk"
)

// sockets is how many sockets all visitors of a site hold, and waits until it is n.
func (s *site) untilSockets(n int) {
	s.t.Helper()
	count := func() (all int) {
		s.conn.mu.Lock()
		l := s.conn.life
		s.conn.mu.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, r := range l.rooms {
			r.mu.Lock()
			all += len(r.members)
			r.mu.Unlock()
		}
		return all
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for start := time.Now(); count() != n; <-tick.C {
		if time.Since(start) > 20*time.Second {
			s.t.Fatalf("%d sockets, want %d", count(), n)
		}
	}
}

// Several tabs show the same over one socket, whichever of them writes; when the one that holds it goes, or does not answer any more,
// another takes over, and what waited to be sent is sent once.
func TestBrowserTabsShareOneSocket(t *testing.T) {
	s := open(t, `{}`)
	first := newBrowser(t)
	first.visit(s.url)
	first.open()
	first.write("from the first tab")
	visitor := s.visitorOf(1)
	tabs := []*browser{first}
	for range 2 {
		ctx, cancel := chromedp.NewContext(first.ctx)
		t.Cleanup(cancel)
		b := newTab(t, ctx)
		b.visit(s.url)
		b.open()
		b.untilBubbles(1)
		tabs = append(tabs, b)
	}
	s.untilSockets(1)
	all := func(want ...string) {
		t.Helper()
		for _, b := range tabs {
			b.untilBubbles(len(want))
			b.until("all sent", `$('[data-state]') === null`)
			if got := strings.Join(b.bubbles(), "|"); got != strings.Join(want, "|") {
				t.Errorf("a tab shows %s, want %s", got, strings.Join(want, "|"))
			}
		}
	}
	tabs[1].write("from the second tab")
	s.visitorOf(2)
	s.desk.Reply(visitor, "Ana", "to all of them")
	all("from the first tab", "from the second tab", "to all of them")

	// A message that is refused is seen as such everywhere, and sent again from any.
	s.desk.Intake.Refuse(1, desk.Refuse(desk.Invalid, "text", "no such words here"))
	tabs[2].write("refused at first")
	for _, b := range tabs {
		b.until("the failure", `$('[data-state=failed] .foot button') !== null`)
	}
	tabs[1].run(`$('[data-state=failed] .foot button').click()`)
	all("from the first tab", "from the second tab", "to all of them", "refused at first")

	// The tab with the socket leaves the site: the next has it.
	tabs[0].do(chromedp.Navigate("about:blank"))
	tabs = tabs[1:]
	s.desk.Reply(visitor, "Ana", "the first is gone")
	all("from the first tab", "from the second tab", "to all of them", "refused at first", "the first is gone")
	s.untilSockets(1)

	// The tab with the socket stops, as phones do with what is not looked at: who misses its answer takes over.
	tabs[0].run(`(f.defaultView.BroadcastChannel.prototype.postMessage = () => {}, f.defaultView.LockManager.prototype.request = () => new Promise(() => {}))`)
	tabs[1].write("is anybody there?")
	tabs[1].until("sent by the other", `$('[data-state]') === null && $$('.list .bubble').at(-1).textContent === 'is anybody there?'`)
	s.untilSockets(1)
	arrived := map[string]int{}
	for _, i := range s.desk.Intake.Items() {
		if i.Message != nil {
			arrived[i.Message.Body.GetText()]++
		}
	}
	if len(arrived) != 4 || arrived["is anybody there?"] != 1 || arrived["from the second tab"] != 1 {
		t.Errorf("arrived: %v", arrived)
	}
}
