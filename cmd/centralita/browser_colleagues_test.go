//go:build integration

package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// An agent sees who is there and until when, and not how much colleagues have to do; whether a channel works, and not how it is
// connected. Who runs the desk sees it all; and what failed of a channel that runs again is shown as past.
func TestBrowserColleagues(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ben := admin.addAgent(t, "Ben Bold", "ben@desk.test", 5)
	admin.addAgent(t, "Cleo Calm", "cleo@desk.test", 5)
	admin.must(t, "PATCH", "/agents/"+ben.me.ID, obj{"access": "own"}, nil)
	if err := mail.SetPassword(supportAddress, "another-password"); err != nil {
		t.Fatal(err)
	}
	var out struct{ Channel channelRow }
	admin.must(t, "POST", "/channels", mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin), &out)
	id := out.Channel.ID
	admin.awaitChannel(t, id, "failed")

	p := openBrowser(t, "colleagues-admin", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/agents"))
	p.until("everybody, with their load", "$('main')?.innerText.includes('Cleo Calm') && $$('main th').length === 5 && $('main').innerText.includes('0/5')")
	p.do(chromedp.Navigate(d.url + "/settings/channels/" + id))
	p.until("a channel that fails now", "$('main .trouble .error') && !$('[data-last-error=past]')")
	p.shoot("failing")
	if err := mail.SetPassword(supportAddress, mailPassword); err != nil {
		t.Fatal(err)
	}
	admin.must(t, "PATCH", "/channels/"+id, obj{"secrets": obj{"imap_password": mailPassword, "smtp_password": mailPassword}}, nil)
	admin.awaitChannel(t, id, "running")
	p.do(chromedp.Navigate(d.url + "/settings/channels/" + id))
	p.until("what failed, as past", "$('[data-last-error=past]') && !$('main .trouble')")
	p.shoot("past")

	q := openBrowser(t, "colleagues-agent", d.url+"/")
	q.signInByHand("ben@desk.test", "the-password-of-an-agent")
	q.do(chromedp.Navigate(d.url + "/settings/agents"))
	q.until("everybody, without their load", "$('main')?.innerText.includes('Cleo Calm') && $$('main th').length === 3 && !$('main').innerText.includes('0/5')")
	q.shoot("agents")
	q.do(chromedp.Navigate(d.url + "/me/availability"))
	q.until("one's own load", "$('main')?.innerText.includes('0')")
	q.do(chromedp.Navigate(fmt.Sprintf("%s/settings/channels/%s", d.url, id)))
	q.until("whether the channel works, and no more", fmt.Sprintf("$('main .row')?.innerText.includes('Mail of %s') && !$('main .facts div') && !$('[data-last-error]')", supportAddress))
	q.shoot("channel")
}
