//go:build integration

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	devlog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a screen may take for what it does at once on an idle machine.
const patience = 30 * time.Second

// page is a tab of a browser of its own.
type page struct {
	t    *testing.T
	ctx  context.Context
	name string

	mu     sync.Mutex // guards faults
	faults []string   // exceptions, and what the content security policy refused
}

// openBrowser starts Chromium with a fresh profile and opens an address. The browser is ended with the test, which fails if
// a script threw.
func openBrowser(t *testing.T, name, url string) *page {
	t.Helper()
	opts := []chromedp.ExecAllocatorOption{
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1440, 900), chromedp.WSURLReadTimeout(time.Minute),
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync",
		"disable-background-timer-throttling", "disable-renderer-backgrounding", "disable-dev-shm-usage", "disable-extensions"} {
		opts = append(opts, chromedp.Flag(flag, true))
	}
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, endTab := chromedp.NewContext(alloc)
	p := &page{t: t, ctx: ctx, name: name}
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until the browser is gone
		endTab()
		endAlloc()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, f := range p.faults {
			t.Errorf("%s: %s", name, f)
		}
	})
	// The first action starts the browser, which ends with that action's context: hence none with a limit.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium (Debian: chromium): %v", err)
	}
	if err := chromedp.Listen(ctx, p.listen); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(url))
	return p
}

func (p *page) listen(ev any) {
	fault := ""
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		fault = e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			fault += " " + x.Description
		}
	case *devlog.EventEntryAdded: // a refused request is no fault here: the network is cut on purpose
		if e.Entry.Source == devlog.EntrySourceSecurity || strings.Contains(e.Entry.Text, "Content Security Policy") {
			fault = e.Entry.Text
		}
	}
	if fault != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.faults = append(p.faults, fault)
	}
}

// do runs actions and fails the test if one does not work.
func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// helpers are what expressions look for a selector with, also inside the chat widget and its frame.
const helpers = `const root = document.querySelector('centralita-chat')?.shadowRoot, frame = root?.querySelector('iframe')?.contentDocument;
	const $ = (s) => document.querySelector(s) || root?.querySelector(s) || frame?.querySelector(s);
	const $$ = (s) => [document, root, frame].flatMap((d) => [...(d?.querySelectorAll(s) || [])]);`

// ask evaluates an expression of JavaScript, in which $ and $$ look for a selector.
func ask[T any](p *page, js string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T]("(() => {"+helpers+" return ("+js+") })()"))
	if err != nil {
		p.t.Fatalf("%s: %s: %v", p.name, js, err)
	}
	return v
}

// holds says whether an expression is true.
func (p *page) holds(js string) bool {
	p.t.Helper()
	return ask[bool](p, "!!("+js+")")
}

// until waits for an expression to be true, and says how long that took: in the output, too, if it was long.
func (p *page) until(what, js string) time.Duration {
	p.t.Helper()
	start := time.Now()
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	// What an expression needs may not be there yet: that it throws is no more than that it is not true.
	asked := "(() => { try { return (" + js + ") ? '' : 'not true' } catch (e) { return String(e) } })()"
	for ; ; <-tick.C {
		why := ask[string](p, asked)
		if why == "" {
			took := time.Since(start)
			if took > patience/6 {
				p.t.Logf("%s: only after %v: %s", p.name, took.Round(time.Millisecond), what)
			}
			return took
		}
		if time.Since(start) > patience {
			p.shoot("stuck")
			p.t.Fatalf("%s: %v passed without: %s (%s); the screen shows:\n%s", p.name, patience, what, why, p.text())
		}
	}
}

// text is what one reads on the screen.
func (p *page) text() string {
	return ask[string](p, "document.body.innerText + (root ? root.querySelector('.root').innerText : '') + (frame?.body.innerText || '')")
}

// click presses the mouse in the middle of what a selector finds.
func (p *page) click(selector string) {
	p.t.Helper()
	p.presses(selector, "$("+quote(selector)+")")
}

// spot gives the middle of an element for a press, or says why it takes none now: it is not there, it moves, or something
// lies above it. It looks twice, a frame apart; where nothing is drawn (behind another window) a moment apart.
const spot = `(async () => {
	const look = () => {
		const e = %s
		if (!e?.getClientRects().length) return 'it is not there'
		if (e.disabled) return 'it is disabled'
		e.scrollIntoView({block: 'nearest'})
		const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2
		const hit = e.getRootNode().elementFromPoint(x, y), doc = e.ownerDocument, page = [null, doc.documentElement, doc.body]
		if (page.includes(hit)) return 'the page takes no press there' // while a menu or dialog closes
		if (!e.contains(hit) && !hit.contains(e) && !e.closest('label')?.contains(hit)) return 'it lies below ' + hit.outerHTML.slice(0, 200)
		const moves = (a) => a.playState === 'running' && a.effect?.getComputedTiming().endTime !== Infinity && a.effect.target?.contains(e)
		if (doc.getAnimations().some(moves)) return 'it moves'
		const within = doc.defaultView.frameElement?.getBoundingClientRect() // a frame counts from its own corner
		return [x + (within?.x ?? 0), y + (within?.y ?? 0)]
	}
	const frame = () => new Promise((r) => { requestAnimationFrame(r); setTimeout(r, 100) })
	const first = look()
	await frame()
	await frame()
	const second = look()
	if (typeof second === 'string') return {why: second}
	return String(first) === String(second) ? {at: second} : {why: 'it moves'}
})()`

// presses clicks in the middle of what an expression finds, as soon as it lies still and takes a press.
func (p *page) presses(what, find string) {
	p.t.Helper()
	js := fmt.Sprintf("(() => {"+helpers+" return "+spot+" })()", find)
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for start := time.Now(); ; <-tick.C {
		got := await[struct {
			Why string
			At  []float64
		}](p, js)
		if got.Why == "" {
			p.do(chromedp.MouseClickXY(got.At[0], got.At[1]))
			return
		}
		if time.Since(start) > patience {
			p.shoot("stuck")
			p.t.Fatalf("%s: %v passed and %s could not be pressed: %s; the screen shows:\n%s", p.name, patience, what, got.Why, p.text())
		}
	}
}

// keys presses keys, one after the other, wherever the focus is. A key and its character are one event, as from a keyboard:
// a page that takes the key as a command gets no character. (chromedp.KeyEvent sends two.) They bear the times of somebody who
// types quickly, however long the machine takes over them: keys that belong together stay together.
func (p *page) keys(keys string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	at := input.TimeSinceEpoch(time.Now().UnixMicro()) / 1e6
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range keys {
			events := kb.Encode(r)
			down, up := events[0], events[len(events)-1]
			for _, m := range modifiers {
				down.Modifiers, up.Modifiers = down.Modifiers|int64(m), up.Modifiers|int64(m)
			}
			if len(events) == 3 && len(modifiers) == 0 {
				down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
			}
			for _, e := range []*input.DispatchKeyEventParams{down, up} {
				at += 0.001
				e.Timestamp = at
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *e); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

func quote(s string) string {
	raw, _ := json.Marshal(s) // a string always has a form
	return string(raw)
}

// shoot takes screenshots in both sizes and schemes if CENTRALITA_SHOTS names a directory: for people to look at.
func (p *page) shoot(what string) {
	dir := os.Getenv("CENTRALITA_SHOTS")
	if dir == "" {
		return
	}
	scheme := func(s string) chromedp.Action[chromedp.Void] {
		return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s}}})
			return err
		})
	}
	for _, size := range [][2]int64{{1440, 900}, {390, 844}} {
		for _, s := range []string{"light", "dark"} {
			p.do(scheme(s), chromedp.EmulateViewport(size[0], size[1]))
			ctx, cancel := context.WithTimeout(p.ctx, patience)
			_, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("new Promise((r) => setTimeout(() => requestAnimationFrame(() => r(true)), 350))", chromedp.EvalAwaitPromise))
			var png []byte
			if err == nil {
				png, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
			}
			cancel()
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s-%d-%s.png", p.name, what, size[0], s)), png, 0o600)
			}
			if err != nil {
				p.t.Errorf("take a screenshot of %s: %v", what, err)
			}
		}
	}
	p.do(scheme(""), chromedp.EmulateViewport(1440, 900))
	// The page takes its size back in a frame of its own: whoever measures where to press before that presses beside it.
	p.until("the page in its size again", "innerWidth === 1440 && innerHeight === 900")
	await[bool](p, "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))")
}
