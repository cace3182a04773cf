//go:build integration && torture

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/mailsim"
)

// A visitor with two tabs, behind a network that cuts, stalls, swallows and refuses at random, and an agent say a thousand messages each,
// while the conversation is closed and opened again, tabs are loaded anew and closed with messages on their way. Each lot of them
// is compared on every screen with the journal: complete, in order, nothing twice, nothing "not sent". CENTRALITA_TORTURE_SEED repeats
// the weather.
func TestBrowserTorture(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64N(1_000_000)
	if s := os.Getenv("CENTRALITA_TORTURE_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal("CENTRALITA_TORTURE_SEED must be a whole number: ", err)
		}
	}
	t.Log("CENTRALITA_TORTURE_SEED=", seed)
	x := startTorture(t, seed)
	const lots, lot = 10, 100 // two hundred events: less than what a tab that was away too long is shown
	for n := range lots {
		switch n {
		case 2, 6:
			x.reload(1)
		case 4:
			x.closeAndOpen(1)
		}
		begun := time.Now()
		x.lot(lot, n)
		said := time.Since(begun)
		if n == lots-1 {
			x.calm(true)
		}
		x.compare(fmt.Sprint("lot ", n+1))
		t.Logf("lot %d: said in %v, everywhere after %v", n+1, said.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond))
		if n%3 == 2 {
			x.closeAndReopen()
		}
	}
	x.forgets()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.faults == 0 {
		t.Error("the weather was fair all the time")
	}
	t.Logf("%d connections, %d of them with a fault", x.net.Accepted(), x.faults)
}

type tortured struct {
	t            *testing.T
	rng          *rand.Rand
	admin        *restClient
	net          *mailsim.Proxy
	url          string
	tabs         []*page
	conversation string
	visitor      int
	agent        int

	mu     sync.Mutex // guards faults
	faults int
}

func startTorture(t *testing.T, seed uint64) *tortured {
	t.Helper()
	d := openDesk(t, "", nil)
	x := &tortured{t: t, rng: rand.New(rand.NewPCG(seed, 3)), admin: d.setUp(t), net: d.network(t)}
	x.admin.setAvailable(t, true)
	ch := chatChannel("Lamps and more", x.admin)
	ch["config"].(obj)["pace"] = obj{"burst": 1000, "per_second": 100}
	row := x.admin.connect(t, ch)
	x.url = "http://" + x.net.Addr() + "/channels/" + row.ID + "/"
	x.tabs = []*page{openBrowser(t, "tab 0", x.url)}
	x.ready(x.tabs[0])
	x.says(0, 1)
	eventually(t, patience, "the visitor's ticket", func() bool {
		all := x.admin.tickets(t, "open")
		if len(all) == 1 {
			x.conversation = all[0].ID
		}
		return len(all) == 1
	})
	x.tabs = append(x.tabs, x.tabs[0].beside("tab 1", x.url))
	x.ready(x.tabs[1])
	x.calm(false)
	return x
}

// beside is another tab of the same browser.
func (p *page) beside(name, url string) *page {
	p.t.Helper()
	ctx, end := chromedp.NewContext(p.ctx)
	q := &page{t: p.t, ctx: ctx, name: name}
	p.t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		p.t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, q.listen); err != nil {
		p.t.Fatal(err)
	}
	q.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(url))
	return q
}

// ready opens the panel, which is open by itself where another tab has opened it.
func (x *tortured) ready(p *page) {
	x.t.Helper()
	p.until("the launcher", "$('.launcher')")
	p.holds("$('.launcher').ariaExpanded === 'true' || ($('.launcher').click(), true)")
	p.until("the panel", "$('.composer textarea')?.checkVisibility()")
}

// calm has new connections fare well, or each have a fate of its own.
func (x *tortured) calm(yes bool) {
	if yes {
		x.net.SetWeather(nil)
		return
	}
	weather := rand.New(rand.NewPCG(x.rng.Uint64(), 4))
	x.net.SetWeather(func() (w mailsim.Weather) {
		x.mu.Lock()
		defer x.mu.Unlock()
		at := int64(1 + weather.IntN(12_000))
		switch weather.IntN(10) {
		case 0, 1, 2:
			w.CutAfter = at
		case 3, 4:
			w.StallAfter, w.Stall = at, time.Duration(weather.IntN(3000))*time.Millisecond
		case 5:
			w.HoleAfter = at
		default:
			return w
		}
		x.faults++
		w.FromClient = weather.IntN(2) == 0
		return w
	})
}

// says writes n messages in a tab, as fast as a script can press Enter.
func (x *tortured) says(tab, n int) {
	x.t.Helper()
	var texts []string
	for range n {
		x.visitor++
		texts = append(texts, quote(fmt.Sprintf("visitor-%d", x.visitor)))
	}
	p := x.tabs[tab]
	failed := ask[int](p, `(() => {
		const f = $('.composer textarea'), view = frame.defaultView
		for (const text of [`+strings.Join(texts, ",")+`]) {
			f.value = text
			f.dispatchEvent(new view.Event('input'))
			f.dispatchEvent(new view.KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}))
		}
		return frame.querySelectorAll('[data-state=failed]').length })()`)
	if failed > 0 {
		x.t.Errorf("%s shows %d messages as not sent", p.name, failed)
	}
}

func (x *tortured) answers(n int) {
	x.t.Helper()
	for range n {
		x.agent++
		text := fmt.Sprintf("agent-%d", x.agent)
		x.admin.must(x.t, "POST", "/conversations/"+x.conversation+"/replies", obj{"message_id": text, "text": text}, nil)
	}
}

// lot is n messages each way, with the weather in between. A lot is written by one tab, so that its order is known.
func (x *tortured) lot(n, number int) {
	x.t.Helper()
	toVisitor, toAgent := x.agent+n, x.visitor+n
	tick := time.NewTicker(120 * time.Millisecond)
	defer tick.Stop()
	for x.agent < toVisitor || x.visitor < toAgent {
		if k := min(1+x.rng.IntN(6), toAgent-x.visitor); k > 0 {
			x.says(number%2, k)
		}
		x.answers(min(1+x.rng.IntN(6), toVisitor-x.agent))
		switch x.rng.IntN(40) {
		case 0:
			x.net.CutAll()
		case 1:
			x.net.Refuse(true)
			time.AfterFunc(time.Duration(x.rng.IntN(1500))*time.Millisecond, func() { x.net.Refuse(false) })
		}
		<-tick.C
	}
	if number == 3 { // everything that is under way is swallowed, and the connections stay
		x.net.BlackHole(true)
		<-tick.C
		x.net.BlackHole(false)
	}
}

// reload loads a tab anew with messages on their way.
func (x *tortured) reload(tab int) {
	x.t.Helper()
	x.says(tab, 5)
	x.calm(true)
	x.tabs[tab].do(chromedp.Reload())
	x.ready(x.tabs[tab])
	x.calm(false)
}

// closeAndOpen closes a tab that has messages on their way: the other one sends them.
func (x *tortured) closeAndOpen(tab int) {
	x.t.Helper()
	x.says(tab, 5)
	if err := chromedp.Cancel(x.tabs[tab].ctx); err != nil {
		x.t.Fatal(err)
	}
	x.calm(true)
	x.tabs[tab] = x.tabs[0].beside("another tab", x.url)
	x.ready(x.tabs[tab])
	x.calm(false)
}

// closeAndReopen: the agent closes, every tab says so, the visitor writes, no tab says so any more.
func (x *tortured) closeAndReopen() {
	x.t.Helper()
	const closed = "$$('.list .note').at(-1)?.innerText.includes('closed')"
	x.admin.must(x.t, "PUT", "/conversations/"+x.conversation+"/status", obj{"status": "closed"}, nil)
	for _, p := range x.tabs {
		p.until("that it was closed", closed)
	}
	x.says(0, 1)
	for _, p := range x.tabs {
		p.until("that it is open again", "!"+closed)
	}
}

// compare holds every tab against the journal, once nothing is under way.
func (x *tortured) compare(when string) {
	x.t.Helper()
	const log = "[...frame.querySelectorAll('.list .bubble')].map((e) => e.textContent)"
	// What is swallowed on connections that stay open is missed after 15 s each, and a browser may hold six of them.
	for _, p := range x.tabs {
		eventually(x.t, 2*time.Minute, p.name+" shows all of "+when, func() bool {
			return ask[bool](p, fmt.Sprintf("!frame.querySelector('[data-state]') && (%s).includes('agent-%d') && (%[1]s).includes('visitor-%[3]d')", log, x.agent, x.visitor))
		})
	}
	var c struct {
		Timeline []struct{ Body *struct{ Text string } }
	}
	x.admin.must(x.t, "GET", "/conversations/"+x.conversation, nil, &c)
	var want []string
	next := map[string]int{"visitor": 0, "agent": 0}
	for _, item := range c.Timeline {
		if item.Body == nil {
			continue
		}
		want = append(want, item.Body.Text)
		who, n, _ := strings.Cut(item.Body.Text, "-")
		if next[who]++; n != strconv.Itoa(next[who]) {
			x.t.Fatalf("%s: the journal has %s where %s-%d must come: %v", when, item.Body.Text, who, next[who], want)
		}
	}
	if next["visitor"] != x.visitor || next["agent"] != x.agent {
		x.t.Fatalf("%s: the journal has %v, want %d of the visitor, %d of the agent", when, next, x.visitor, x.agent)
	}
	for _, p := range x.tabs {
		got := slices.DeleteFunc(ask[[]string](p, log), func(s string) bool { return !said.MatchString(s) })
		if len(got) < min(len(want), 250) || len(got) > len(want) || !slices.Equal(got, want[len(want)-len(got):]) {
			x.t.Fatalf("%s: %s shows %v\nof\n%v", when, p.name, got, want)
		}
	}
}

// forgets: what a tab still keeps of what has arrived is told to the desk once more with the next session, counts nothing, and is forgotten.
func (x *tortured) forgets() {
	x.t.Helper()
	x.tabs[0].do(chromedp.Reload())
	x.ready(x.tabs[0])
	eventually(x.t, patience, "nothing is kept in the end", func() bool {
		return len(ask[[]string](x.tabs[0], "Object.keys(localStorage).filter((k) => k.includes(':out:'))")) == 0
	})
	x.compare("the end")
}
