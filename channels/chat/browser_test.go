//go:build integration

package chat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// cable is a listener whose connections a test can cut.
type cable struct {
	net.Listener
	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func (c *cable) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		if !c.cut {
			c.conns[conn] = true
			c.mu.Unlock()
			return conn, nil
		}
		c.mu.Unlock()
		_ = conn.Close()
	}
}

func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	if cut {
		for conn := range c.conns {
			_ = conn.Close()
		}
		clear(c.conns)
	}
}

// onCable moves a site to a server whose network can be cut.
func onCable(t *testing.T, s *site) *cable {
	t.Helper()
	old := s.url
	srv := httptest.NewUnstartedServer(s.server.Config.Handler)
	c := &cable{Listener: srv.Listener, conns: make(map[net.Conn]bool)}
	srv.Listener = c
	srv.Start()
	t.Cleanup(func() { c.set(true); srv.Close() })
	s.url = srv.URL + old[strings.Index(old, "/channels/"):]
	return c
}

// browser is one visitor's Chromium, with a profile of its own.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	worlds map[string]runtime.ExecutionContextID // the newest document of each origin
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true), chromedp.Flag("lang", "en-US"), chromedp.Flag("disable-dev-shm-usage", true))
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(alloc)
	t.Cleanup(func() { end(); endAlloc() })
	return newTab(t, ctx)
}

// newTab opens a tab that fails the test when its page throws or complains.
func newTab(t *testing.T, ctx context.Context) *browser {
	t.Helper()
	b := &browser{t: t, ctx: ctx, worlds: make(map[string]runtime.ExecutionContextID)}
	b.do(chromedp.Navigate("about:blank")) // without a limit: the browser lives as long as its first action
	err := chromedp.Listen(ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExecutionContextCreated:
			b.mu.Lock()
			b.worlds[e.Context.Origin] = e.Context.ID
			b.mu.Unlock()
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw: %s %s", e.ExceptionDetails.Text, e.ExceptionDetails.Exception.Description)
		case *runtime.EventConsoleAPICalled:
			if e.Type == "error" || e.Type == "warning" {
				t.Errorf("the page complains: %s", e.Args[0].Value)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 60*time.Second)
	defer cancel()
	if chromedp.FromContext(b.ctx).Target == nil {
		ctx = b.ctx
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// inWidget is JavaScript in which $ and $$ look inside the widget: on the host's page (r) and in its frame (f), if that is of the
// page's own origin.
func inWidget(js string) string {
	return `(() => { const r = document.querySelector('centralita-chat')?.shadowRoot; if (!r) return null;
		const f = r.querySelector('iframe')?.contentDocument;
		const $ = (s) => r.querySelector(s) ?? f?.querySelector(s) ?? null, $$ = (s) => [...r.querySelectorAll(s), ...(f?.querySelectorAll(s) || [])];
		return ` + js + `; })()`
}

// run does something in the widget.
func (b *browser) run(js string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](inWidget(js)))
}

// ask evaluates an expression.
func ask[T any](b *browser, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// until waits for a condition on the page.
func (b *browser) until(what, js string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 25*time.Second)
	defer cancel()
	// What an expression needs may not be there yet, and the document may be another by the time it is: that it throws is no more than that it is not true.
	holds := `(() => { try { return ` + inWidget(js) + ` } catch { return false } })()`
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void](holds, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(20*time.Second)))
		if err == nil {
			return
		}
		if errors.Is(err, chromedp.ErrPollingTimeout) || ctx.Err() != nil {
			b.t.Fatalf("waited for %s: %v\n%s", what, err, ask[string](b, `document.body.innerHTML + (document.querySelector('centralita-chat')?.shadowRoot.innerHTML ?? '') +
				(document.querySelector('centralita-chat')?.shadowRoot.querySelector('iframe')?.contentDocument?.body.innerHTML ?? '')`))
		}
		<-tick.C
	}
}

func (b *browser) visit(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url))
	b.until("the launcher", `$('.launcher') !== null`)
}

func (b *browser) open() {
	b.t.Helper()
	b.run(`$('.launcher').ariaExpanded === 'false' && $('.launcher').click()`) // open already where another tab has it open
	b.until("the panel", `$('.panel')?.hidden === false && $('textarea') !== null`)
}

func (b *browser) write(text string) {
	b.t.Helper()
	b.run(`$('textarea').focus()`)
	b.do(chromedp.KeyEvent(text), enter)
}

// enter is the key without the character: a page that prevents the one never sees the other, which chromedp sends by itself.
var enter = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	for _, kind := range []input.DispatchKeyEventType{"rawKeyDown", "keyUp"} {
		code := int64(13)
		if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: code,
		}); err != nil {
			return err
		}
	}
	return nil
})

func (b *browser) bubbles() []string {
	b.t.Helper()
	return ask[[]string](b, inWidget(`$$('.list .bubble').slice(1).map((e) => e.textContent)`))
}

func (b *browser) untilBubbles(n int) {
	b.t.Helper()
	b.until(fmt.Sprint(n, " bubbles"), fmt.Sprintf(`$$('.list .bubble').length === %d`, n+1))
}

// shot keeps a picture for a person to look at, when CHAT_SHOTS names a folder.
func (b *browser) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("CHAT_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) look(width, height int64, dark bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.do(chromedp.EmulateViewport(width, height), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	}))
}

func (s *site) visitorOf(n int) string {
	s.t.Helper()
	in := s.desk.Intake
	if err := in.Await(s.ctx(), func() bool { return len(in.Items()) >= n }); err != nil {
		s.t.Fatal(err)
	}
	return in.Items()[n-1].Message.Thread
}

func TestBrowserTalks(t *testing.T) {
	s := open(t, `{"title":"Lumbre","greeting":"Hello! What shall we light up?"}`)
	net := onCable(t, s)
	b := newBrowser(t)
	b.visit(s.url)
	b.open()
	b.until("the greeting", `$('.list .bubble')?.textContent === 'Hello! What shall we light up?'`)
	b.write("Is the Encina lamp in stock? <b>x</b> https://lumbre.example/encina.")
	visitor := s.visitorOf(1)
	b.until("the tick", `$('.row.out .foot').textContent.includes('Sent')`)
	b.until("text stays text", `$('.row.out b') === null && $('.row.out a').href === 'https://lumbre.example/encina'`)

	s.desk.Threads.AgentTypes(visitor, "Ana Torres", true)
	b.until("the dots", `!$('.typing').hidden && $('.typing').textContent === 'Ana is typing'`)
	first := s.desk.Reply(visitor, "Ana Torres", "Yes, three of them.")
	b.until("the reply", `$$('.row.in .bubble').at(-1).textContent === 'Yes, three of them.' || $$('.list .row.in').at(-1).textContent.includes('Yes, three')`)
	b.until("no dots", `$('.typing').hidden`)
	if err := s.desk.Threads.Await(s.ctx(), func() bool {
		return s.desk.StateOf(visitor, first) == deskpb.DeliveryState_DELIVERY_STATE_READ
	}); err != nil {
		t.Errorf("the reply is on the screen and not read: %v", s.desk.StateOf(visitor, first))
	}

	net.set(true)
	b.until("the banner", `!$('.banner').hidden`)
	b.write("Sent while offline")
	want := []string{"Is the Encina lamp in stock? <b>x</b> https://lumbre.example/encina.", "Yes, three of them."}
	for i := range 20 {
		text := fmt.Sprintf("Reply %d while you were away", i)
		s.desk.Reply(visitor, "Ana Torres", text)
		want = append(want, text)
	}
	time.AfterFunc(4*time.Second, func() { net.set(false) })
	b.until("everything after the break", `$$('.list .bubble').length === 24 && $('.banner').hidden && $('[data-state]') === null`)
	want = append(want, "Sent while offline")
	if got := b.bubbles(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("on the screen:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := len(s.desk.Intake.Items()); countMessages(s.desk.Intake.Items()) != 2 {
		t.Errorf("%d items", got)
	}

	b.do(chromedp.Reload())
	b.untilBubbles(23) // the panel is open again, with all of it
	if got := b.bubbles(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("after a reload:\n%s", strings.Join(got, "\n"))
	}
}

func countMessages(items []desk.Inbound) int {
	n := 0
	for _, i := range items {
		if i.Message != nil {
			n++
		}
	}
	return n
}

func TestBrowserUnreadAndKeyboard(t *testing.T) {
	s := open(t, `{"title":"Lumbre"}`)
	b := newBrowser(t)
	b.visit(s.url)
	b.open()
	b.write("Hi")
	visitor := s.visitorOf(1)
	b.until("the tick", `$('.row.out .foot').textContent.includes('Sent')`)
	b.do(chromedp.KeyEvent("\x1b"))
	b.until("closed by Escape, focus on the launcher", `$('.panel').hidden && r.activeElement === $('.launcher')`)
	s.desk.Reply(visitor, "Ana Torres", "Hello, what can I do?")
	s.desk.Reply(visitor, "Ana Torres", "Are you there?")
	b.until("the badge", `!$('.badge').hidden && $('.badge').textContent === '2' && $('.launcher').getAttribute('aria-label').includes('2 unread')`)
	b.until("the teaser", `!$('.teaser').hidden && $('.teaser').textContent.includes('Are you there?')`)
	b.shot("teaser")
	b.do(chromedp.KeyEvent("\r"))
	b.until("open, focus on the field", `$('.panel')?.hidden === false && f.activeElement === $('textarea') && r.activeElement.tagName === 'IFRAME' && $('.badge').hidden && $('.teaser').hidden`)
	b.until("a dialog with a name", `$('[role=dialog]').getAttribute('aria-labelledby') === 'title' && $('[role=log]').getAttribute('aria-live') === 'polite'`)
}

func TestBrowserTellsWhoItIs(t *testing.T) {
	s := open(t, `{}`)
	b := newBrowser(t)
	b.visit(s.url)
	b.open()
	for i, text := range []string{"Eva Ruiz", "eva@example.com"} {
		b.run(fmt.Sprintf(`$$('.details input')[%d].focus()`, i))
		b.do(chromedp.KeyEvent(text))
	}
	b.write("Hello")
	s.visitorOf(1)
	b.until("the fields are gone", `$('.details').hidden`)
	if m := s.desk.Intake.Items()[0].Message; m.Name != "Eva Ruiz" || m.From.GetAddress() != "eva@example.com" {
		t.Errorf("name %q, from %v", m.Name, m.From)
	}
}

func TestBrowserMessageRefusedAndRetried(t *testing.T) {
	s := open(t, `{}`)
	b := newBrowser(t)
	b.visit(s.url)
	b.open()
	s.desk.Intake.Refuse(1, desk.Refuse(desk.Invalid, "text", "no such words here"))
	b.write("Hi")
	b.until("the failure", `$('[data-state=failed] .foot button') !== null`)
	b.do(chromedp.Reload())
	b.until("it is still there", `$('[data-state=failed] .foot button') !== null`)
	b.run(`$('[data-state=failed] .foot button').click()`)
	b.until("the tick", `$('.row.out .foot').textContent.includes('Sent') && $('[data-state]') === null`)
}

func TestBrowserWithoutSockets(t *testing.T) {
	s := open(t, `{}`)
	b := newBrowser(t)
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: `globalThis.WebSocket = class { constructor() { setTimeout(() => this.onclose({ code: 1006 }), 5); } close() {} send() {} }`})
		return err
	}))
	b.visit(s.url)
	b.open()
	b.write("Is somebody there?")
	s.desk.Reply(s.visitorOf(1), "Ana", "By long poll, yes.")
	b.until("the reply", `$$('.list .bubble').at(-1).textContent === 'By long poll, yes.'`)
	b.until("the message", `$('.row.out .foot').textContent.includes('Sent')`)
}

// TestBrowserLooks makes the pictures; that they are pleasant, a person must say.
func TestBrowserLooks(t *testing.T) {
	s := open(t, `{"title":"Lumbre","greeting":"Hello! This is the workshop. What shall we light up?"}`)
	b := newBrowser(t)
	b.look(1440, 900, false)
	b.visit(s.url)
	b.shot("page-1440")
	b.open()
	b.until("the socket", `$('.presence').classList.contains('on')`)
	b.shot("empty-1440")
	b.look(390, 844, false)
	b.shot("empty-390")
	b.look(1440, 900, false)
	b.write("Hi! Is the Encina lamp in stock? I would need two of them by the 14th.")
	visitor := s.visitorOf(1)
	s.desk.Reply(visitor, "Ana Torres", "Good morning! We have three here.")
	s.desk.Reply(visitor, "Ana Torres", "Shall I put two aside for you? You can see the oak up close here: https://lumbre.example/encina")
	b.untilBubbles(3)
	b.write("Yes please!")
	b.write("And how long does shipping to Bilbao take?")
	b.until("all sent", `$$('.row.out').length === 3 && $('[data-state]') === null`)
	hash, size, err := s.blobs.Put(s.ctx(), strings.NewReader(strings.Repeat("x", 184_000)), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	s.desk.Ask(visitor, "Ana Torres", &deskpb.Body{Text: "Two working days. Here is the offer.", Attachments: []*deskpb.Attachment{{Blob: hash, Name: "offer-1042.pdf", Size: size}}})
	b.untilBubbles(6)
	s.desk.Threads.AgentTypes(visitor, "Ana Torres", true)
	b.until("the dots", `!$('.typing').hidden`)
	for _, dark := range []bool{false, true} {
		for _, width := range []int64{1440, 390} {
			s.desk.Threads.AgentTypes(visitor, "Ana Torres", true)
			b.look(width, map[int64]int64{1440: 900, 390: 844}[width], dark)
			b.run(`$('.scroller').scrollTo(0, 99999)`)
			b.shot(fmt.Sprintf("talk-%d-%v", width, map[bool]string{false: "light", true: "dark"}[dark]))
		}
	}
	if ask[bool](b, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("at 390 px the page scrolls sideways")
	}
	s.desk.Threads.Break(fmt.Errorf("away"))
	b.until("the banner", `!$('.banner').hidden`)
	b.write("Still there?")
	b.shot("broken-390-dark")
	b.look(1440, 900, false)
	b.shot("broken-1440")
	s.desk.Threads.Break(nil)
	s.desk.Threads.Append(visitor, nil, &deskpb.TicketStatusChanged{To: deskpb.TicketStatus_TICKET_STATUS_CLOSED})
	b.until("the end", `$('.banner').hidden && $$('.note').at(-1).textContent.includes('closed')`)
	b.shot("closed-1440")
	b.run(`$('.launcher').click()`)
	b.look(390, 844, true)
	b.shot("page-390-dark")
}
