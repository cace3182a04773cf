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
	p.presses("the button "+words, button(words))
}

// An agent switches two-factor sign-in on with a code of a phone, signs in with it in another browser, and signs that one out
// from the first: its screen ends at once.
func TestBrowserTwoFactorAndSessions(t *testing.T) {
	t.Parallel()
	d := openDesk(t, "", nil)
	d.setUp(t)
	p := openBrowser(t, "me", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/me/profile"))
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
	used := totp.StepAt(time.Now())
	p.keys(totp.Code(secret, used) + "\r")
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
	q.keys(totp.Code(secret, max(used+1, totp.StepAt(time.Now()))) + "\r") // a code is good once: the next one, of a phone that is fast
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

// An administrator makes working hours and lets Ana follow them; she is away out of office, and the end of that makes her
// available by itself: the screen shows both, and until when.
func TestBrowserScheduleEdge(t *testing.T) {
	t.Parallel()
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	p := openBrowser(t, "schedule", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/hours/new"))
	p.until("the form", "$('input[name=name]') && $$('input[type=time]').length === 10")
	p.click("input[name=name]")
	p.keys("Round the clock")
	p.holds(`($$('input[type=time]').forEach((e, i) => { e.value = i % 2 ? '00:00' : '00:00'; e.dispatchEvent(new Event('change', {bubbles: true})) }), true)`)
	p.shoot("hours-form")
	p.press("Save")
	p.until("the hours in the list", "location.pathname === '/settings/hours' && document.body.innerText.includes('Round the clock')")
	p.shoot("hours")
	var hours struct {
		WorkingHours []struct {
			ID     string
			Blocks []struct{ From, To int }
		} `json:"working_hours"`
	}
	admin.must(t, "GET", "/working-hours", nil, &hours)
	if h := hours.WorkingHours; len(h) != 1 || len(h[0].Blocks) != 5 || h[0].Blocks[0].To != 1440 {
		t.Fatalf("%+v", hours)
	}
	var every []obj
	for day := range 7 {
		every = append(every, obj{"weekday": day, "from": 0, "to": 1440})
	}
	admin.must(t, "PUT", "/working-hours/"+hours.WorkingHours[0].ID, obj{"name": "Round the clock", "time_zone": "Europe/Madrid", "blocks": every}, nil)
	p.do(chromedp.Navigate(d.url + "/settings/agents/" + admin.me.ID))
	p.until("the hours to choose from", "$('select[name=hours] option:nth-child(2)')")
	p.holds(`($('select[name=hours]').value = ` + quote(hours.WorkingHours[0].ID) + `, $('select[name=hours]').dispatchEvent(new Event('change', {bubbles: true})), true)`)
	p.press("Save")
	p.do(chromedp.Navigate(d.url + "/me"))
	p.until("one's own schedule", "document.body.innerText.includes('Round the clock')")

	away := func(until time.Time) {
		t.Helper()
		admin.must(t, "PUT", "/agents/"+admin.me.ID+"/out-of-office", obj{"from": time.Now().Add(-time.Minute), "to": until, "message": "At the sea"}, nil)
	}
	away(time.Now().Add(time.Hour))
	p.until("away, and until when", "document.body.innerText.includes('Out of office until')")
	p.shoot("out")
	back := time.Now().Add(time.Second)
	away(back)
	took := p.until("available by itself", "$('.state')?.innerText.startsWith('Available')")
	if early := time.Until(back); early > 0 {
		t.Errorf("back %v too early, after %v", early, took)
	}
	p.until("the history of it: new hours hold at once, then the absence, then its end", "$$('[data-history] li').length === 3")
	p.shoot("availability")
	away(time.Now().Add(time.Hour))
	p.until("away again", "$('.state')?.innerText.startsWith('Out of office')")
	p.click("main .reasons button")
	p.until("the question, and away until it is answered", "$('[data-asks]')?.innerText.includes('Only for now') && $('.state').innerText.startsWith('Out of office')")
	p.shoot("asks")
	p.press("Only for now")
	p.until("available, and the absence as it was", "$('.state').innerText.startsWith('Available') && $$('main button').some((b) => b.innerText === 'End it') && !$('[data-asks]')")

	p.readsTheAudit(d.url, admin)
}

// readsTheAudit sees what was done as sentences, times as times and hours as hours, and narrows it by what, who and when.
func (p *page) readsTheAudit(url string, admin *restClient) {
	p.t.Helper()
	p.do(chromedp.Navigate(url + "/settings/audit"))
	for _, did := range []string{"Ana Torres saved the working hours Round the clock", "Ana Torres changed their own account", "Ana Torres changed when they are out of office", "Ana Torres signed in"} {
		p.until("in the audit: "+did, "$$('li[data-kind]').some((l) => l.innerText.includes("+quote(did)+"))")
	}
	p.until("the hours, as one reads them", "$$('li[data-kind=setting_saved]').some((l) => l.innerText.includes('Mon 00:00–24:00'))")
	p.until("the name of the hours", "$$('li[data-kind=agent_changed]').some((l) => l.innerText.includes('Round the clock'))")
	p.until("when one was out, as a time", "$$('li[data-kind=out_of_office_set]').some((l) => /Out of office until\\s+\\w+ \\d+, 20\\d\\d, \\d+:/.test(l.innerText))")
	p.axe("the audit", nil)
	p.shoot("audit")
	p.holds(`($('select[name=noun]').value = 'setting', $('select[name=noun]').dispatchEvent(new Event('change', {bubbles: true})), true)`)
	p.until("settings only, the languages of a new desk among them", "$$('li[data-kind]').length === 11 && $$('li[data-kind]').every((l) => l.dataset.kind === 'setting_saved')")
	p.choose("select[name=noun]", "")
	p.choose("select[name=who]", admin.me.ID)
	p.until("who did it", "$$('li[data-kind]').length > 4 && $$('li[data-kind]').every((l) => l.innerText.startsWith('AT'))")
	day := func(name string, ahead int) {
		date := time.Now().AddDate(0, 0, ahead).Format("2006-01-02")
		p.holds("(() => { const e = $('input[name=" + name + "]'); e.value = '" + date + "'; e.dispatchEvent(new Event('input', {bubbles: true})); return true })()")
	}
	day("from", 2)
	p.until("nothing of the future", "$$('li[data-kind]').length === 0")
	day("from", -9)
	p.until("that of today", "$$('li[data-kind]').length > 4")
	day("to", -2) // not yesterday: this may have begun before midnight
	p.until("nothing of the days before", "$$('li[data-kind]').length === 0")
}
