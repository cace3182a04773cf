//go:build integration

package main

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// How a mailbox's mail becomes tickets is set on a page of its own: what is chosen is there again, and a wrong domain is marked.
func TestBrowserMailBecomesTickets(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	p := openBrowser(t, "tickets", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	address := d.url + "/settings/channels/" + ch.ID + "/tickets"
	p.do(chromedp.Navigate(address))
	p.until("the form", "$('input[name=follow_up_days]')?.value === '30' && $('input[name=by_subject]').checked")
	p.axe("how mail becomes tickets", nil)
	p.shoot("form")
	p.fill("input[name=follow_up_days]", "14")
	p.click("input[name=by_subject]")
	p.fill("input[name=domains]", "acme.test, nonsense")
	p.click("[data-form=join] [type=submit]")
	p.until("the wrong domain", "$('input[name=domains]').getAttribute('aria-invalid') === 'true' && $('main').innerText.includes('must be a domain')")
	p.fill("input[name=domains]", "acme.test")
	p.click("[data-form=join] [type=submit]")
	config := func() (c struct {
		FollowUpDays *int  `json:"follow_up_days"`
		BySubject    *bool `json:"by_subject"`
		Forwards     struct{ Domains []string }
	}) {
		var got struct {
			Channels []struct{ Config json.RawMessage }
		}
		admin.must(t, "GET", "/channels", nil, &got)
		if err := json.Unmarshal(got.Channels[0].Config, &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	eventually(t, patience, "what was chosen is kept", func() bool {
		c := config()
		return c.FollowUpDays != nil && *c.FollowUpDays == 14 && c.BySubject != nil && !*c.BySubject && slices.Equal(c.Forwards.Domains, []string{"acme.test"})
	})
	p.do(chromedp.Navigate(address))
	p.until("it again", "$('input[name=follow_up_days]')?.value === '14' && !$('input[name=by_subject]').checked && $('input[name=domains]').value === 'acme.test'")
	p.click("input[name=by_subject]")
	p.click("[data-form=join] [type=submit]")
	eventually(t, patience, "what is as by itself is not kept", func() bool { return config().BySubject == nil })
}
