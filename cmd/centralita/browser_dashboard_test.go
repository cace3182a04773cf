//go:build integration

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// A supervisor sees on the dashboard what was just done, gets it as CSV, and an agent is not let in.
func TestBrowserDashboard(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	admin.setAvailable(t, true)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	for i := range 3 {
		l := letter{from: fmt.Sprintf("C%d <c%d@customer.test>", i, i), to: supportAddress, subject: fmt.Sprint("Matter ", i), id: fmt.Sprintf("d%d@customer.test", i), text: "Hello?"}
		if err := mail.Deliver(supportAddress, l.raw()); err != nil {
			t.Fatal(err)
		}
	}
	p := openBrowser(t, "dashboard", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.keys("2")
	p.until("the mails", "$$('[data-row]').length === 3")
	p.keys("gd")
	p.until("what stands", "location.pathname === '/dashboard' && $('[data-now=open]')?.innerText === '3' && $('[data-now=available]')?.innerText === '1'")
	p.until("what happened", "$('[data-total=opened]')?.innerText === '3' && $('[data-total=closed]')?.innerText === '0'")

	var list struct{ Tickets []struct{ ID string } }
	admin.must(t, "GET", "/tickets?view=mine", nil, &list)
	admin.must(t, "POST", "/conversations/"+list.Tickets[0].ID+"/replies", obj{"message_id": "m1", "text": "Good morning", "close": true}, nil)
	took := p.until("the closing, without a reload", "$('[data-now=open]')?.innerText === '2'")
	t.Logf("told by the socket after %v", took.Round(time.Millisecond))
	p.holds("($('figure .plot svg').focus(), true)")
	p.keys(kb.ArrowRight)
	p.until("the figures of a step, spoken", "$$('[aria-live]').some((x) => /Opened \\d+, Closed \\d+/.test(x.innerText)) && /Opened \\d+/.test($('figure .plot svg').getAttribute('aria-label'))")
	p.click("[aria-label=Time] button:first-child")
	p.until("the last 24 hours, with the closing", "location.search.includes('range=1d') && $('[data-total=closed]')?.innerText === '1' && $('[data-total=out]')?.innerText === '1'")
	p.until("bars of both", "$$('rect.bar.c1').length > 0 && $$('rect.bar.c2').length > 0")
	p.shoot("dashboard")
	p.click("figcaption button")
	p.until("the first chart as a table", "$$('figure table tbody tr').length >= 24")

	p.axe("the dashboard", nil)
	csv := ask[string](p, "(() => { const r = new XMLHttpRequest(); r.open('GET', $('a[href*=\"table=agents\"]').href, false); r.send(); return r.status + ' ' + r.getResponseHeader('Content-Disposition') + ' ' + r.responseText })()")
	for _, want := range []string{"200 attachment; filename=\"centralita-agents-", "\r\nAna Torres,0,1,0,1,2,1,"} {
		if !strings.Contains(csv, want) {
			t.Errorf("the CSV %q has no %q", csv, want)
		}
	}
}
