//go:build integration

package main

import (
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/totp"
)

// button finds a button by its words.
func button(words string) string {
	return "$$('button, a.button').find((b) => b.innerText.trim() === " + quote(words) + " && b.getClientRects().length)"
}

// press clicks a button by its words.
func (p *page) press(words string) {
	p.t.Helper()
	p.until("the button "+words, button(words)+" && !"+button(words)+".disabled")
	p.holds("(" + button(words) + ".setAttribute('data-press', ''), true)")
	p.click("[data-press]")
	p.holds("($('[data-press]')?.removeAttribute('data-press'), true)")
}

// An agent switches two-factor sign-in on with a code of a phone, signs in with it in another browser, and signs that one out
// from the first: its screen ends at once.
func TestBrowserTwoFactorAndSessions(t *testing.T) {
	d := openDesk(t, "", nil)
	d.setUp(t)
	p := openBrowser(t, "me", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/me"))
	p.until("the profile", "$('input[name=name]')")
	p.shoot("profile")
	p.do(chromedp.Navigate(d.url + "/me/security"))
	p.press("Switch on")
	p.until("the password asked for", "document.activeElement?.type === 'password'")
	p.keys(adminPass + "\r")
	p.until("the secret", "$('[data-secret]') && $('img.qr')?.complete && $('img.qr').naturalWidth > 0")
	p.shoot("two-factor")
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(ask[string](p, "$('[data-secret]').innerText"), " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	p.until("the code asked for", "document.activeElement?.inputMode === 'numeric'")
	p.keys(totp.Code(secret, totp.StepAt(time.Now())-1) + "\r") // a phone that is slow: the present code stays good
	p.until("ten recovery codes", "$$('ol code').length === 10")
	recovery := ask[string](p, "$$('ol code')[0].innerText")
	p.shoot("recovery")
	p.press("I have kept them")
	p.until("that it is on", "document.body.innerText.includes('10 recovery codes left')")

	q := openBrowser(t, "other", d.url+"/")
	q.until("the sign-in", "$('input[type=password]')")
	q.click("input[type=email]")
	q.keys(adminEmail)
	q.click("input[type=password]")
	q.keys(adminPass + "\r")
	q.until("the code asked for", "document.activeElement?.name === 'code'")
	q.shoot("code")
	q.keys("000000\r")
	q.until("the wrong code refused", "$('[role=alert]')?.innerText.includes('wrong')")
	q.click("input[name=code]")
	q.keys(totp.Code(secret, totp.StepAt(time.Now())) + "\r")
	q.until("the list", "$('#list')")

	p.until("the other browser, without reload", "$$('[data-session]').some((s) => s.innerText.includes('Chrome on Linux') && s.querySelector('button'))")
	p.shoot("sessions")
	p.click("[data-session] button")
	took := q.until("the other one signed out", "$('input[type=password]')")
	t.Logf("signed out from another browser after %v", took.Round(time.Millisecond))
	q.click("input[type=email]")
	q.keys(adminEmail)
	q.click("input[type=password]")
	q.keys(adminPass + "\r")
	q.until("the code asked for", "document.activeElement?.name === 'code'")
	q.keys(recovery + "\r")
	q.until("in again, with a recovery code", "$('#list')")
	p.until("one recovery code less", "document.body.innerText.includes('9 recovery codes left')")
}
