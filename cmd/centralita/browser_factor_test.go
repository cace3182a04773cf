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

// enrol switches two-factor sign-in on for a client's agent.
func (c *restClient) enrol(t *testing.T, password string) {
	t.Helper()
	var begun struct{ Secret, Enrolment string }
	c.must(t, "POST", "/me/two-factor", obj{"password": password}, &begun)
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(begun.Secret)
	if err != nil {
		t.Fatal(err)
	}
	c.must(t, "POST", "/me/two-factor/confirm", obj{"enrolment": begun.Enrolment, "code": totp.Code(secret, totp.StepAt(time.Now()))}, nil)
}

// An administrator makes new recovery codes, asks a second factor of all administrators, and helps a colleague out of a lost one; the
// audit names who did it, and the colleague is told what is missing.
func TestBrowserTwoFactorOfOthers(t *testing.T) {
	t.Parallel()
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ben := admin.addAgent(t, "Ben Bold", "ben@desk.test", 5)
	admin.must(t, "PATCH", "/agents/"+ben.me.ID, obj{"role": "administrator"}, nil)
	ben.enrol(t, "the-password-of-an-agent")

	p := openBrowser(t, "factor", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/me/security"))
	p.until("the rule, which needs one's own first", "$('[data-rule=two-factor] [role=switch]:disabled') && $('[data-rule=two-factor]').innerText.includes('Switch it on for yourself first')")
	p.shoot("rule-first")
	admin.enrol(t, adminPass)
	p.until("the way to new codes", button("New recovery codes"))
	p.press("New recovery codes")
	p.until("the password asked for", "document.activeElement?.type === 'password'")
	p.keys(adminPass + "\r")
	p.until("ten new codes", "$$('ol code').length === 10")
	p.shoot("new-codes")
	p.press("I have kept them")
	p.until("the codes gone", "$$('ol code').length === 0 && document.body.innerText.includes('10 recovery codes left')")

	p.click("[data-rule=two-factor] [role=switch]")
	p.until("the rule kept", "$('[data-rule=two-factor] [aria-checked=true]')")
	p.press("Switch off")
	p.until("the password asked for", "document.activeElement?.type === 'password'")
	p.keys(adminPass + "\r")
	p.until("the refusal", "$$('[role=alert]').some((a) => a.innerText.includes('take that rule back first'))")

	p.do(chromedp.Navigate(d.url + "/settings/agents/" + ben.me.ID))
	p.until("that Ben has one", "$('[data-factor=true]')")
	p.press("Reset")
	p.until("the question", "$('[role=alertdialog]')?.innerText.includes('Reset the second factor of Ben Bold?')")
	p.shoot("reset-asks")
	p.click("[role=alertdialog] .danger")
	p.until("that he has none", "$('[data-factor=false]') && document.body.innerText.includes('Second factor of Ben Bold reset')")
	p.do(chromedp.Navigate(d.url + "/settings/audit"))
	for _, did := range []string{"Ana Torres switched two-factor sign-in of Ben Bold off", "Ana Torres made new recovery codes"} {
		p.until("in the audit: "+did, "$$('li[data-kind]').some((l) => l.innerText.includes("+quote(did)+"))")
	}

	q := openBrowser(t, "without", d.url+"/")
	q.signInByHand("ben@desk.test", "the-password-of-an-agent")
	q.do(chromedp.Navigate(d.url + "/settings/agents"))
	q.until("what is missing", "$$('[role=status]').some((s) => s.innerText.includes('Until you switch it on'))")
	q.shoot("needed")
	if err := ben.call("GET", "/audit", nil, nil); err == nil || !strings.Contains(err.Error(), "two_factor") {
		t.Errorf("without a second factor the audit answers %v", err)
	}
	ben.enrol(t, "the-password-of-an-agent")
	q.until("the word gone", "!$$('[role=status]').some((s) => s.innerText.includes('Until you switch it on'))")
}
