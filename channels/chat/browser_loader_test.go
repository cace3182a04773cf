//go:build integration

package chat

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestBrowserLoader is a page that is an application: it includes the tag twice, calls the widget before it is there, takes its body away, and
// uses every command.
func TestBrowserLoader(t *testing.T) {
	shop := httptest.NewServer(nil)
	t.Cleanup(shop.Close)
	s := open(t, `{"allowed_origins":["`+shop.URL+`"]}`)
	tag := `<script async src="` + s.url + `w.js"></script>`
	shop.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/manual" {
			_, _ = fmt.Fprint(w, `<!doctype html><title>Shop</title><link rel="icon" href="data:,">`, strings.Replace(tag, "async", `async data-manual data-lang="es"`, 1))
			return
		}
		_, _ = fmt.Fprintf(w, `<!doctype html><title>Shop</title><link rel="icon" href="data:,">
			<script>window.told = []; window.centralita ||= function () { (centralita.q ||= []).push(arguments) };
			for (const name of ['ready', 'opened', 'closed', 'started', 'unread', 'message'])
				centralita('on', name, (d) => told.push(name + (d === undefined ? '' : ' ' + (d.text ?? d))));
			centralita('open')</script>%s<h1>Shop</h1><div id="spot" style="height:500px;width:420px"></div>%[1]s`, tag)
	})
	b := newBrowser(t)
	b.visit(shop.URL)
	b.inFrame(s, "the field, with the focus", `document.activeElement?.tagName === 'TEXTAREA'`)
	b.do(chromedp.KeyEvent("Do you ship to Bilbao?"), enter)
	visitor := s.visitorOf(1)
	b.until("what the page was told", `told.join() === 'ready,opened,started' && document.querySelectorAll('centralita-chat').length === 1`)

	b.run(`centralita('close')`)
	s.desk.Reply(visitor, "Ana Torres", "We do.")
	b.until("the unread reply", `told.join() === 'ready,opened,started,closed,message We do.,unread 1' && centralita('unread') === 1 && $('.badge').textContent === '1'`)

	b.run(`(history.pushState({}, '', '/lamps'), document.body = document.createElement('body'))`)
	b.until("the launcher, in the new body", `document.body.contains(document.querySelector('centralita-chat'))`)
	b.run(`centralita('toggle')`)
	b.inFrame(s, "the conversation goes on", `[...document.querySelectorAll('.list .bubble')].at(-1)?.textContent === 'We do.'`)
	b.until("nothing is unread", `told.at(-1) === 'unread 0' && centralita('unread') === 0`)

	b.run(`(document.body.innerHTML = '<main id="spot" style="height:500px;width:420px"></main>', centralita('inline', '#spot'))`)
	b.until("inside the element", `document.querySelector('#spot centralita-chat') && $('.panel').getBoundingClientRect().width === 420 && !$('.launcher').checkVisibility()`)
	b.inFrame(s, "the conversation, inside the element", `[...document.querySelectorAll('.list .bubble')].at(-1)?.textContent === 'We do.'`)

	b.run(`centralita('clear')`)
	b.inFrame(s, "a browser that remembers nothing", `document.querySelectorAll('.list .bubble').length === 1`)
	b.run(`centralita('remove')`)
	if left := ask[int](b, `document.querySelectorAll('centralita-chat').length`); left != 0 {
		t.Errorf("%d widgets after it was removed", left)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`centralita('boot')`))
	b.until("back", `document.querySelector('#spot centralita-chat')`)

	b.do(chromedp.Navigate(shop.URL+"/manual"), chromedp.Poll[chromedp.Void](`window.centralita?.base`))
	if ask[bool](b, `document.querySelector('centralita-chat') !== null`) {
		t.Error("the widget came before it was called")
	}
	b.do(chromedp.Evaluate[chromedp.Void](`centralita('boot')`))
	b.until("the launcher, when it was called, in the page's language", `$('.launcher').ariaLabel === 'Abrir el chat' && $('.panel') === null`)
}

func TestBrowserElsewhere(t *testing.T) {
	shop := httptest.NewServer(nil)
	t.Cleanup(shop.Close)
	s := open(t, `{"locale":"es","allowed_origins":["`+shop.URL+`"]}`)
	shop.Config.Handler = shopPage(s.url, `<script type="module" src="`+s.url+`widget.js"></script>`)
	b := newBrowser(t)
	b.visit(shop.URL)
	b.run(`$('.launcher').click()`)
	b.inFrame(s, "the field, with the focus", `document.activeElement?.tagName === 'TEXTAREA'`)
	b.do(chromedp.KeyEvent("hola"), enter)
	s.desk.Reply(s.visitorOf(1), "Ana", "¡Hola!")
	b.inFrame(s, "the reply, in Spanish",
		`[...document.querySelectorAll('.list .bubble')].at(-1).textContent === '¡Hola!' && document.querySelector('textarea').placeholder === 'Escribe un mensaje…'`)
	if !ask[bool](b, `localStorage.length > 0 && Object.keys(localStorage).every((k) => k.startsWith('centralita:/channels/'))`) {
		t.Error("the page's storage does not keep the visitor")
	}
}

// inFrame waits for a condition in the chat's frame on a page of another origin.
func (b *browser) inFrame(s *site, what, js string) {
	b.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(b.ctx, 25*time.Second)
	defer cancel()
	for ; ctx.Err() == nil; <-tick.C {
		b.mu.Lock()
		world, ok := b.worlds[s.url[:strings.Index(s.url, "/channels/")]]
		b.mu.Unlock()
		if !ok {
			continue
		}
		var holds bool
		err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			got, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{Expression: js, ContextID: world})
			holds = err == nil && got.Result != nil && string(got.Result.Value) == "true"
			return err
		}))
		if err == nil && holds {
			return
		}
	}
	b.t.Fatalf("waited for %s", what)
}

// shopPage is somebody's own page, which allows what docs/chat-widget.md says and no more.
func shopPage(base, tags string) http.Handler {
	origin := base[:strings.Index(base, "/channels/")]
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src "+origin+"; connect-src "+origin+"; frame-src "+origin)
		_, _ = fmt.Fprintf(w, `<!doctype html><title>Shop</title><link rel="icon" href="data:,"><h1>Shop</h1>%s`, tags)
	})
}

// A chat with a look of its own, in a language that is read from the right: the widget stands at the other side, says the channel's words, and has its picture.
func TestBrowserLookOfItsOwn(t *testing.T) {
	s := open(t, `{"title":"Lumbre","color":"#0f766e","locale":"ar","look":{"launcher":"Ask","theme":"light","font":"serif","icon":"help","offset_x":32,
		"avatar":"data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=",
		"texts":{"ar":{"title":"لمبرة","greeting":"مرحبا! كيف يمكننا مساعدتك؟","online":"نحن هنا من أجلك","placeholder":"اكتب رسالة…","launcher":"اسألنا","sent":"أُرسلت",
			"today":"اليوم","details":"مع من نتحدث؟ (اختياري)","name":"اسمك","email":"بريدك"}}}}`)
	b := newBrowser(t)
	b.look(1440, 900, true)
	b.visit(s.url)
	b.until("the launcher at the left, with words", `$('.launcher').innerText === 'اسألنا' && $('.launcher').getBoundingClientRect().left === 32`)
	b.shot("look-closed")
	b.open()
	b.until("the channel's words", `$('h1').textContent === 'لمبرة' && $('.list .bubble').textContent.startsWith('مرحبا') && f.documentElement.dir === 'rtl' && $('textarea').placeholder === 'اكتب رسالة…'`)
	b.until("light, whatever the page is", `f.documentElement.dataset.theme === 'light' && !$('.root').classList.contains('dark')`)
	b.until("its picture", `$('img.avatar').complete && $('img.avatar').naturalWidth === 1`)
	b.shot("look-empty")
	b.write("مرحبا")
	s.desk.Reply(s.visitorOf(1), "Ana Torres", "Hello, what can I do for you?")
	b.untilBubbles(2)
	b.shot("look-talk")
	b.axe(s)
	b.look(390, 844, false)
	b.shot("look-390")
}

// axe runs axe-core over the page and over the chat in its frame, and reports what is serious or critical.
func (b *browser) axe(s *site) {
	b.t.Helper()
	source, err := os.ReadFile("../../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		b.t.Fatalf("axe-core (make deps installs it): %v", err)
	}
	js := string(source) + `; axe.run(document, {iframes: false, resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations
		.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => v.id + ' ' + v.nodes.map((n) => n.html).join(' '))))`
	b.mu.Lock()
	frame := b.worlds[s.url[:strings.Index(s.url, "/channels/")]]
	b.mu.Unlock()
	wait := true
	for name, world := range map[string]runtime.ExecutionContextID{"page": 0, "frame": frame} {
		b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			got, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{Expression: js, ContextID: world, AwaitPromise: &wait})
			if err == nil && string(got.Result.Value) != `"[]"` {
				b.t.Errorf("the %s: %s", name, got.Result.Value)
			}
			return err
		}))
	}
}
