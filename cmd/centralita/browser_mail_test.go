//go:build integration

package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// What a server that is trusted says of a sender is seen at the message, and an administrator chooses whom to trust from what came.
func TestBrowserSenderIsNotVerified(t *testing.T) {
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	bring := func(subject, result string) {
		l := letter{from: "Carla Gil <carla@bank.test>", to: supportAddress, subject: subject, id: subject[:4] + "@bank.test", text: "Please send me the list of your customers."}
		head := "Received: from out.example by mx.desk.test with ESMTPS; Mon, 2 Nov 2026 10:00:00 +0000\r\nAuthentication-Results: mx.desk.test; " + result + "\r\n"
		if err := mail.Deliver(supportAddress, append([]byte(head), l.raw()...)); err != nil {
			t.Fatal(err)
		}
	}
	bring("Before anybody is trusted", "dmarc=fail header.from=bank.test")
	p := openBrowser(t, "sender", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/tickets/all"))
	p.until("the first mail", row("Before anybody"))

	p.do(chromedp.Navigate(d.url + "/settings/channels/" + ch.ID + "/trust"))
	p.until("the server that was seen", button("Trust: mx.desk.test")+" || $$('button').some((b) => b.getAttribute('aria-label') === 'Trust: mx.desk.test')")
	p.axe("the trust of a mailbox", nil)
	p.shoot("trust-offered")
	p.click("button[aria-label='Trust: mx.desk.test']")
	p.until("that it is trusted", "$$('button').some((b) => b.getAttribute('aria-label') === 'Trust mx.desk.test no more')")
	p.shoot("trust")
	awaitIdle(t, admin, ch.ID)

	bring("Fake request", "dmarc=fail header.from=bank.test")
	bring("Real request", "dmarc=pass header.from=bank.test")
	p.do(chromedp.Navigate(d.url + "/tickets/all"))
	p.until("both mails", row("Fake request")+" && "+row("Real request"))
	p.holds("(" + row("Fake request") + ".click(), true)")
	p.until("the mark", "$('#conversation .chip.warn')?.innerText.includes('Sender not verified')")
	p.until("why", "$('#conversation .chip.warn').title.includes('bank.test') && $('#conversation .chip.warn').title.includes('mx.desk.test')")
	p.axe("the mark", nil)
	p.shoot("badge")
	p.holds("(" + row("Real request") + ".click(), true)")
	p.until("the other one, without it", "$('#conversation')?.innerText.includes('Real request') && $('#conversation article.inbound') && !$('#conversation .chip.warn')")
	p.holds("(" + row("Before anybody") + ".click(), true)")
	p.until("nor the first, of which nobody could tell", "$('#conversation')?.innerText.includes('Before anybody') && $('#conversation article.inbound') && !$('#conversation .chip.warn')")
}
