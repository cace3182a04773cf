//go:build integration

package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Who asks for less motion gets none; and a page that is read from the right is turned as a whole, at both sizes.
func TestBrowserStillAndFromTheRight(t *testing.T) {
	t.Parallel()
	w := openWriting(t, "still", "My lamp flickers")
	media := func(reduced string) chromedp.Action[chromedp.Void] {
		return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: reduced}}})
			return err
		})
	}
	longest := "Math.max(0, ...$$('*').flatMap((e) => { const s = getComputedStyle(e); return [...s.transitionDuration.split(','), ...s.animationDuration.split(',')].map((d) => parseFloat(d) * (d.trim().endsWith('ms') ? 1 : 1000)) }))"
	w.opens("My lamp flickers")
	w.until("the editor", editor)
	openPalette(w.page)
	if !w.holds(longest + " > 50") {
		t.Error("nothing moves at all: then this test says nothing")
	}
	w.do(media("reduce"))
	w.until("nothing that moves", longest+" <= 1")
	w.do(media(""))
	w.keys("\x1b")
	w.until("the palette gone", "!$('[role=dialog]')")

	w.holds("(document.documentElement.dir = 'rtl', true)")
	w.until("the sidebar at the right, the list beside it, the panel at the left", `(() => {
		const x = (s) => $(s).getBoundingClientRect().x
		return x('nav.bar') > x('#list') && x('#list') > x('#conversation') && x('#conversation') > x('aside.panel') })()`)
	w.shoot("from-the-right")
	for _, width := range []int64{1440, 390} {
		w.do(chromedp.EmulateViewport(width, 844))
		for _, at := range []string{"/tickets/open", "/tickets/open?layout=table", "/tickets/open?layout=board", "/settings/agents", "/me/profile", "/dashboard"} {
			w.holds("(() => { const a = document.createElement('a'); a.href = " + quote(at) + "; document.body.append(a); a.click(); a.remove(); return true })()")
			w.until("nothing beyond the edge at "+at, "$('main') && document.documentElement.scrollWidth <= innerWidth && document.documentElement.dir === 'rtl'")
		}
	}
}
