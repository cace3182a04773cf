//go:build integration

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// fill writes into a field, in place of what was there.
func (p *page) fill(selector, text string) {
	p.t.Helper()
	p.click(selector)
	p.holds(fmt.Sprintf("($(%s).select?.(), true)", quote(selector)))
	p.keys(text)
}

// choose takes one of a select's options, once it is offered.
func (p *page) choose(selector, value string) {
	p.t.Helper()
	p.until(selector+" offers "+value, fmt.Sprintf("[...($(%s)?.options ?? [])].some((o) => o.value === %s)", quote(selector), quote(value)))
	p.holds(fmt.Sprintf("(() => { const e = $(%s); e.value = %s; e.dispatchEvent(new Event('change', {bubbles: true})); return true })()", quote(selector), quote(value)))
}

// An administrator makes a tag, a pipeline, a property, a team and a snippet; takes the tag away and back; sees what is
// refused at its field; and an agent's screen hears of it without reload.
func TestBrowserSettings(t *testing.T) {
	t.Parallel()
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	admin.addAgent(t, "Ben Baker", "ben@desk.test", 5)
	p := openBrowser(t, "settings", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	visit := func(path string) { p.t.Helper(); p.do(chromedp.Navigate(d.url + "/settings/" + path)) }
	listed := func(words string) {
		p.t.Helper()
		p.until(words+" in the list, and the form gone", "!$('[role=dialog] form') && $('main').innerText.includes("+quote(words)+")")
	}
	visit("tags")
	p.press("Add tag")
	p.until("the form", "$('[role=dialog] input[name=name]')")
	p.fill("[role=dialog] input[name=name]", "Refund")
	p.holds("($('[role=dialog] input[value=red]').click(), true)")
	p.shoot("tag-form")
	p.press("Save")
	listed("Refund")
	p.press("Add tag")
	p.until("the form", "$('[role=dialog] input[name=name]')")
	p.fill("[role=dialog] input[name=name]", "refund\r")
	p.until("the refusal at the field", "$('input[name=name][aria-invalid=true]') && $('.field .fault').innerText.includes('this name')")
	p.press("Cancel")
	p.until("the form gone", "!$('[role=dialog]')")
	p.settle()
	p.click("main a.line")
	p.until("the form", "$('[role=dialog] input[name=name]')")
	p.settle()
	p.press("Remove")
	p.until("the tag gone", "!$('main').innerText.includes('Refund')")
	p.until("the way back", button("Undo"))
	p.settle()
	p.press("Undo")
	listed("Refund")
	p.shoot("tags")

	visit("pipelines/new")
	p.until("the form", "$('[role=dialog] input[name=name]')")
	p.fill("[role=dialog] input[name=name]", "Repairs")
	p.holds("($$('[role=dialog] .grip')[1].focus(), true)")
	p.holds("($$('[role=dialog] .grip')[1].dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown', bubbles: true})), true)")
	p.until("the second stage is the third", "$$('[role=dialog] .stage input')[2].value === 'Waiting on us'")
	p.shoot("pipeline-form")
	p.press("Save")
	listed("New → Waiting on contact → Waiting on us → Closed")

	visit("ticket-properties/new")
	p.until("the form", "$('[role=dialog] input[name=label]')")
	p.fill("[role=dialog] input[name=label]", "Order number")
	p.until("its internal name", "$('[role=dialog] input[name=name]').value === 'order_number'")
	p.shoot("property-form")
	p.press("Save")
	listed("Order number")

	visit("teams/new")
	p.until("the form", "$('[role=dialog] input[name=name]')")
	p.fill("[role=dialog] input[name=name]", "Repairs")
	p.click("[role=dialog] input[placeholder='Add a member']")
	p.keys("Ben")
	p.until("Ben", "$$('[role=option]').length === 1")
	p.click("[role=option]")
	p.until("Ben in the team", "$$('[role=dialog] li').some((x) => x.innerText.includes('Ben Baker'))")
	p.shoot("team-form")
	p.press("Save")
	listed("Ben Baker")

	snippets(p, d.url, admin, listed)
}

// snippets writes one, and sees another that somebody else writes.
func snippets(p *page, url string, admin *restClient, listed func(string)) {
	p.t.Helper()
	p.do(chromedp.Navigate(url + "/settings/snippets/new"))
	p.until("the form", "$('[role=dialog] [role=textbox]')")
	p.fill("[role=dialog] input[name=name]", "Greeting")
	p.fill("[role=dialog] input[name=shortcut]", "hi")
	p.click("[role=dialog] [role=textbox]")
	p.keys("Good morning, {{contact.name}}")
	p.shoot("snippet-form")
	p.press("Save")
	listed(";hi")

	// What another administrator does is there at once.
	admin.must(p.t, "POST", "/snippets", obj{"name": "Farewell", "text": "Good bye"}, nil)
	listed("Farewell")
	p.shoot("snippets")
}

// An administrator connects a mailbox with a wrong password first, which is seen at its field, then with the right one; and
// reads an item again that was set aside.
func TestBrowserConnectsAMailbox(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	if err := mail.AddFolder(supportAddress, "Shop"); err != nil {
		t.Fatal(err)
	}
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	p := openBrowser(t, "connect", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/channels"))
	p.press("Connect a channel")
	p.until("the kinds", "$('a[href=\"/settings/channels/new/email\"]')")
	p.shoot("kinds")
	p.click("a[href='/settings/channels/new/email']")
	p.press("Set up by hand")
	p.until("the form", "$('form input[name=name]')")
	p.fill("input[name=name]", "Support")
	p.fill("input[name=address]", supportAddress)
	for _, s := range []struct{ name, addr string }{{"imap", mail.IMAPAddr()}, {"smtp", mail.SMTPAddr()}} {
		host, port, _ := net.SplitHostPort(s.addr)
		p.fill("input[placeholder='"+s.name+".example.com']", host)
		fields := "$('input[placeholder=\"" + s.name + ".example.com\"]').closest('.fields')"
		p.holds("(" + fields + ".querySelector('select').setAttribute('data-at', '" + s.name + "'), " + fields + ".querySelector('input[type=number]').setAttribute('data-port', '" + s.name + "'), true)")
		p.choose("select[data-at="+s.name+"]", "plain")
		p.fill("input[data-port="+s.name+"]", port)
	}
	p.fill("input[type=password]", "not-the-password")
	p.press("Test the connection")
	p.until("the fault at the password", "$('input[type=password]').getAttribute('aria-invalid') === 'true' && $('.fault').innerText.includes('log-in')")
	p.shoot("wrong-password")
	var saved struct{ Channels []channelRow }
	if admin.must(t, "GET", "/channels", nil, &saved); len(saved.Channels) != 0 {
		t.Fatalf("saved without a good test: %v", saved.Channels)
	}
	p.fill("input[type=password]", mailPassword)
	p.press("Test the connection")
	p.until("how its mails will look", "$('.preview .paper')?.innerText.includes('From')") // it moves the button
	p.press("Next")
	p.until("the routing", button("Connect"))
	p.selects("Folder to watch", "Shop")
	p.shoot("routing")
	p.selects("Folder to watch", "INBOX")
	p.press("Connect")
	p.press("Open the channel")
	id := strings.TrimPrefix(ask[string](p, "location.pathname"), "/settings/channels/")
	awaitIdle(t, admin, id)
	p.until("that it runs", "$('main').innerText.includes('Running')")
	p.readsAgain(d, admin, id)
}

// readsAgain reads what was set aside of a channel again, and throws away what cannot be had any more.
func (p *page) readsAgain(d *inProcess, admin *restClient, id string) {
	t := p.t
	t.Helper()
	raw := letter{from: "Carla <" + customerAddress + ">", to: supportAddress, subject: "Set aside", id: "aside@customer.test", text: "Was it read?"}.raw()
	blob := admin.upload(t, "mail.eml", raw) // the other one the server did not give, and does not have any more
	for item, b := range map[string]string{"uid:1:900": blob, "uid:1:901": ""} {
		cmd := deskpb.NewCommand(&deskpb.QuarantineItem{Item: &deskpb.ItemQuarantined{Item: item, Cause: "reading it failed: a fault of ours", RawBlob: b, Summary: "From: Carla " + item}})
		if _, err := d.engine.Do(t.Context(), desk.ChannelID(id).Stream(), cmd); err != nil {
			t.Fatal(err)
		}
	}
	p.until("both items", "$$('.cause').length === 2")
	p.shoot("quarantine")
	replay := func(item string) {
		p.holds("($$('li').find((x) => x.innerText.includes(" + quote(item) + ")).querySelector('button').setAttribute('data-replay', '" + item + "'), true)")
		p.click("[data-replay='" + item + "']")
	}
	replay("uid:1:901")
	p.until("that it stays, and why", "$$('.cause').length === 2 && document.body.innerText.includes('stays set aside')")
	replay("uid:1:900")
	p.until("that it was taken in", "$$('.cause').length === 1 && document.body.innerText.includes('taken in')")
	if all := admin.tickets(t, "open"); len(all) != 1 || all[0].Subject != "Set aside" {
		t.Errorf("tickets: %v", all)
	}
	p.press("Discard")
	p.until("the question", "$('[role=alertdialog]')")
	p.holds("($('[role=alertdialog] .danger').click(), true)")
	p.until("nothing left", "$$('.cause').length === 0")
	p.shoot("channel")
}

// upload keeps a file and gives its hash.
func (c *restClient) upload(t testing.TB, name string, data []byte) string {
	t.Helper()
	req, err := http.NewRequest("POST", c.base+"/api/v1/uploads?name="+name, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Centralita-CSRF", c.cookie("centralita_csrf"))
	res, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode != 201 {
		t.Fatalf("upload: %d, %v", res.StatusCode, err)
	}
	if hash, ok := out["blob"].(string); ok {
		return hash
	}
	t.Fatalf("upload answered %v", out)
	return ""
}
