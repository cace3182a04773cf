//go:build integration

package main

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/demo"
)

// An administrator says what tickets count, and what somebody may have of each group; a wrong one is told at its field. Who has what is on the page, follows what
// happens, and stands beside each name where an owner is chosen.
func TestBrowserSetsCapacity(t *testing.T) {
	t.Parallel()
	d, ids := sampleDesk(t)
	admin := signIn(t, d.url, demo.Agents[0].Email, demo.Password)
	var made struct{ Item struct{ ID string } }
	admin.must(t, "POST", "/pipelines", obj{"name": "Workshop", "stages": []obj{
		{"id": "in", "name": "In the shop", "status": "waiting_on_us"}, {"id": "parked", "name": "Waits for parts", "status": "waiting_on_us"}, {"id": "out", "name": "Sent", "status": "closed"},
	}}, &made)

	p := openBrowser(t, "capacity", d.url+"/")
	p.signInByHand(demo.Agents[0].Email, demo.Password)
	p.do(chromedp.Navigate(d.url + "/settings/agents/" + admin.me.ID))
	p.fill("[name=limit-messaging]", "4")
	p.fill("[name=limit-email]", "20000")
	p.press("Save")
	p.until("the browser to refuse more than is possible", "$('[name=limit-email]:invalid')")
	p.fill("[name=limit-email]", "2")
	p.shoot("agent")
	p.press("Save")
	p.until("the list again, with the limits beside what everybody has", "location.pathname === '/settings/agents' && /messages \\d+\\/4 · email \\d+\\/2/.test($('main').innerText)")

	p.do(chromedp.Navigate(d.url + "/settings/capacity"))
	mine := "$('[data-agent=" + quote(admin.me.ID) + "]')"
	p.until("everybody, with what they have", mine+"?.innerText.includes('/2')")
	had := ask[string](p, mine+".cells[4].innerText.trim()")
	p.fill("[name=email]", "5")
	p.click("[name=status-waiting_on_contact]")
	p.click("[name=" + quote("stage-"+made.Item.ID+":parked") + "]")
	p.press("Save")
	p.until("what everybody has, counted anew", mine+".cells[4].innerText.trim() !== "+quote(had)+" && "+mine+".innerText.includes('full')")
	p.settle()
	p.axe("capacity", nil)
	p.shoot("page")
	var rules struct {
		Weights        map[string]int
		ExcludedStages []string `json:"excluded_stages"`
	}
	admin.must(t, "GET", "/capacity", nil, &rules)
	if rules.Weights["email"] != 5 || rules.Weights["chat"] != 1 || len(rules.ExcludedStages) != 1 {
		t.Errorf("kept: %+v", rules)
	}

	p.do(chromedp.Navigate(d.url + ids.Replace("/tickets/open/{ticket}")))
	p.presses("the owner", "$('#p-owner')")
	p.until("what each has of the limit that a mail counts against, and who is full", "/email \\d+\\/2 · full/.test($('dialog.chooser[open]')?.innerText ?? '') && !$('dialog.chooser[open]').innerText.includes('messages')")
	p.settle()
	p.shoot("chooser")
}
