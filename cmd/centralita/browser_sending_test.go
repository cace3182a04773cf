//go:build integration

package main

import (
	"bytes"
	"fmt"
	"image/color"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita"
)

const (
	sendingPreview = "$('.preview .paper')?.innerText"
	sendingFrame   = "$('.preview iframe')?.contentDocument?.body"
)

// An administrator says how mails look: what is wrong is seen at its field, the preview shows who it comes from and the signature
// while it is written, with a picture and the names filled in; a customer then gets just that, the automatic acknowledgement
// before it, and a file that is too large as a link, of which the composer tells.
func TestBrowserSending(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	address := freeAddress(t)
	d := openDesk(t, "", func(o *centralita.Options) { o.PublicURL = "http://" + address })
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr()))
	awaitIdle(t, admin, ch.ID)
	p := openBrowser(t, "sending", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/channels/" + ch.ID))
	p.press2("main nav a", "Sending")
	p.saysWhoItIs()
	p.writesASignature()
	p.do(chromedp.Navigate(d.url + "/settings/channels/" + ch.ID + "/sending"))
	p.until("what was saved", sendingPreview+"?.includes('Ana Torres at Acme') && "+sendingFrame+"?.innerText.includes('Best wishes, Ana')")
	awaitIdle(t, admin, ch.ID)

	deliver(t, mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: "Where is my lamp?", id: "lamp@customer.test", text: "It has not come."})
	w := &writing{p, mail, d, admin}
	ack := w.mailWith("we have your message")
	if !bytes.Contains(ack.Raw, []byte("Auto-Submitted: auto-replied")) || !strings.Contains(ack.Text, "Hello Carla,") || !strings.Contains(ack.Text, "#1.") {
		t.Errorf("the acknowledgement:\n%s", ack.Raw)
	}
	w.writesWithALargeFile(d.url, "http://"+address+"/files/")
}

// saysWhoItIs sets the sender, and is told what is wrong.
func (p *page) saysWhoItIs() {
	p.t.Helper()
	p.until("who it comes from", sendingPreview+"?.includes('Ana Torres at Mail of')")
	p.fill("input[name=from_name]", "Acme")
	p.until("the company in the preview", sendingPreview+"?.includes('Ana Torres at Acme')")
	p.fill("input[name=from_address]", "no address")
	p.until("the fault at its field", "$('input[name=from_address]').getAttribute('aria-invalid') === 'true' && $('.fault').innerText.includes('mail address')")
	p.fill("input[name=from_address]", "sales@desk.test")
	p.until("the address in the preview", sendingPreview+"?.includes('sales@desk.test')")
}

// writesASignature does so in the editor, with a picture, and as HTML.
func (p *page) writesASignature() {
	t := p.t
	t.Helper()
	signature := "$('[aria-label=Signature] [role=textbox]')"
	p.until("the editor", signature)
	p.click("[aria-label=Signature] [role=textbox]")
	p.keys("Best wishes, {{agent.first_name}} ")
	p.until("the first name in the preview", sendingFrame+"?.innerText.includes('Best wishes, Ana') && !"+sendingFrame+".innerText.includes('Torres')")
	p.holds(fmt.Sprintf(`(() => {
		const bytes = Uint8Array.from(atob(%s), (c) => c.charCodeAt(0)), data = new DataTransfer(), at = $('[aria-label=Signature] input[type=file]')
		data.items.add(new File([bytes], 'logo.png', { type: 'image/png' }))
		at.files = data.files
		at.dispatchEvent(new Event('change', { bubbles: true }))
		return true })()`, quote(photo(t, color.RGBA{200, 80, 40, 255}))))
	p.until("the picture in the editor", signature+".querySelector('img[alt=\"logo.png\"]')?.naturalWidth === 240")
	p.until("the picture in the preview", sendingFrame+"?.querySelector('img')?.naturalWidth === 240")
	p.click("input[name=acknowledge]")
	p.until("the acknowledgement in the preview", "$('.answer')?.innerText.includes('we have your message')")
	p.axe("how mails look", nil)
	p.shoot("settings")
	p.press("Save")
	p.until("that it is kept", "document.body.innerText.includes('Saved')")
	p.press2("[aria-label=Signature] .segmented button", "HTML")
	p.until("its source", "$('[aria-label=\"Signature as HTML\"]')?.value.includes('{{agent.first_name}}') && $('[aria-label=\"Signature as HTML\"]').value.includes('data:image/png;base64,')")
	p.fill("[aria-label='Signature as HTML']", "<table><tr><td style='color:#a04010'>{{agent.last_name}}</td></tr></table><script>x</script>")
	p.until("the table in the preview", sendingFrame+"?.querySelector('td')?.innerText === 'Torres' && !"+sendingFrame+".innerHTML.includes('script')")
	p.press2("[aria-label=Signature] .segmented button", "Editor")
	p.until("that the editor would lose it", "document.body.innerText.includes('more than the editor keeps')")
	p.shoot("source")
}

// writesWithALargeFile answers; the customer gets the file by the link.
func (w *writing) writesWithALargeFile(url, files string) {
	p, t := w.page, w.t
	t.Helper()
	p.do(chromedp.Navigate(url + "/"))
	p.keys("3")
	p.until("the ticket", row("Where is my lamp?"))
	w.begins("Where is my lamp?")
	p.until("the acknowledgement in the timeline", "$$('.message.outbound').some((m) => m.innerText.includes('Automatic acknowledgement') && m.innerText.includes('#1.'))")
	if got := w.admin.tickets(t, "open"); len(got) != 1 || got[0].Status != "new" {
		t.Errorf("the acknowledgement changed the ticket: %v", got)
	}
	p.keys("It left yesterday.")
	p.holds(`(() => {
		const data = new DataTransfer(), at = $('.composer input[type=file]')
		data.items.add(new File([new Uint8Array(21 << 20)], 'plans.zip', { type: 'application/zip' }))
		at.files = data.files
		at.dispatchEvent(new Event('change', { bubbles: true }))
		return true })()`)
	p.until("that it goes as a link", "$('.composer .linked')?.innerText.includes('plans.zip') && !$('.composer .primary').disabled")
	p.shoot("composer")
	p.press("Send")
	got := w.mailWith("It left yesterday.")
	for _, want := range []string{"Best wishes, Ana", "plans.zip", files} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("no %q in\n%s", want, got.Text)
		}
	}
	if !bytes.Contains(got.Raw, []byte("Ana Torres at Acme")) || !bytes.Contains(got.Raw, []byte("<sales@desk.test>")) || len(got.Raw) > 100<<10 {
		t.Errorf("%d bytes:\n%.2000s", len(got.Raw), got.Raw)
	}
	_, rest, _ := strings.Cut(got.Text, "/files/")
	token, _, _ := strings.Cut(rest, "\n")
	resp, err := http.Get(url + "/files/" + strings.TrimSpace(token))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // a test
	if resp.StatusCode != http.StatusOK || resp.ContentLength != 21<<20 || !strings.Contains(resp.Header.Get("Content-Disposition"), "plans.zip") {
		t.Errorf("the file behind the link: %s, %d bytes, %v", resp.Status, resp.ContentLength, resp.Header)
	}
}

// A team's reply address is none at first, is chosen among the mailboxes, and is what its new tickets are opened with. A ticket keeps its
// address when the mailbox sends from another one: the composer says so, and lets one choose.
func TestBrowserReplyAddress(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr()))
	awaitIdle(t, admin, ch.ID)
	type team struct {
		ID           string
		ReplyChannel string `json:"reply_channel"`
	}
	var made struct{ Team team }
	admin.must(t, "POST", "/teams", obj{"name": "Sellers", "members": []obj{{"agent": admin.me.ID, "main": true}}}, &made)
	p := openBrowser(t, "reply-address", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/teams/" + made.Team.ID))
	p.until("the mailboxes", "$('select[name=reply_channel]')?.value === '' && $('select[name=reply_channel]').options.length === 2")
	p.holds(`($('select[name=reply_channel]').value = ` + quote(ch.ID) + `, $('select[name=reply_channel]').dispatchEvent(new Event('change', {bubbles: true})), true)`)
	p.shoot("team")
	p.press("Save")
	p.until("that it is saved", "document.body.innerText.includes('Saved')")
	var opened struct {
		Ticket struct{ Channel struct{ ID string } }
	}
	admin.must(t, "POST", "/tickets", obj{"request_id": "r1", "subject": "A lamp", "contact": obj{"email": customerAddress}}, &opened)
	if opened.Ticket.Channel.ID != ch.ID {
		t.Errorf("it was opened by %q, want %q", opened.Ticket.Channel.ID, ch.ID)
	}
	config := mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr())["config"].(obj)
	config["sending"] = obj{"from_address": "shop@desk.test"}
	admin.must(t, "PATCH", "/channels/"+ch.ID, obj{"config": config}, nil)
	w := &writing{p, mail, d, admin}
	p.do(chromedp.Navigate(d.url + "/tickets/open"))
	w.begins("A lamp")
	p.until("from where it goes out", "$('[data-goes]')?.dataset.goes === "+quote(supportAddress)+" && $('[data-goes]').innerText.includes('sends from shop@desk.test by now')")
	p.axe("another address", nil)
	p.shoot("kept")
	p.press("Send from shop@desk.test")
	p.until("the other one", "$('[data-goes]')?.dataset.goes === 'shop@desk.test' && "+button("Send from "+supportAddress))
	p.click(".composer [role=textbox]")
	p.keys("We have it again.")
	p.press("Send")
	p.until("that it left", "$('#conversation article.outbound .tick.delivered, #conversation article.outbound .tick.sent')")
	if got := w.mailWith("We have it again."); !bytes.Contains(got.Raw, []byte("<shop@desk.test>")) {
		t.Errorf("it came from elsewhere:\n%.600s", got.Raw)
	}
	p.until("that there is nothing more to say", "!$('[data-goes]')")
}
