//go:build integration && torture

package main

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// It is behind the tag torture: one time in five no notification is shown at all, and why is not known yet.
//
// On a phone a page may not show notifications itself: its worker does, and a press on one comes back to the page.
func TestBrowserNotificationsOnAPhone(t *testing.T) {
	t.Parallel()
	w := openNoticeWorld(t)
	p := openBrowser(t, "phone", w.url+"/")
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, browser.SetPermission, browser.SetPermissionParams{Origin: w.url, Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, t, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: `
			window.Notification = class {
				static permission = 'granted'
				static async requestPermission() { return 'granted' }
				constructor() { throw new TypeError('Illegal constructor. Use ServiceWorkerRegistration.showNotification() instead.') }
			}`})
		return err
	}), chromedp.Navigate(w.url+"/"))
	w.admin.must(t, "PATCH", "/me/preferences", obj{"notifications": obj{"desktop": true, "sound": false, "quiet_when_away": false, "muted": []string{}, "muted_channels": []string{}, "muted_tickets": []string{}}}, nil)
	p.signInByHand(adminEmail, adminPass)
	p.unseen(1)
	w.ben.saysNote(t, w.conversation, "Ana look", w.admin)
	p.unseen(2)
	begun, notes := time.Now(), 1
	eventually(t, 2*patience, "the notification of the worker", func() bool {
		if time.Since(begun) > time.Duration(notes)*patience/3 { // the browser may not have started the worker for the first
			notes++
			w.ben.saysNote(t, w.conversation, "Ana look", w.admin)
		}
		return await[bool](p, `(async () => {
			const all = await (await navigator.serviceWorker.getRegistration())?.getNotifications() ?? []
			return all.some((n) => n.title.includes('My lamp flickers') && n.body.includes('Ana look') && n.data.href.startsWith('/tickets/'))
		})()`)
	})
	p.holds("(navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: { go: '/tickets/open/" + w.conversation + "' } })), true)")
	p.until("the ticket that was pressed", "location.pathname === '/tickets/open/"+w.conversation+"' && $('#conversation')?.innerText.includes('Ana look')")
}
