//go:build integration

package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/centralita/centralita"
)

// oldMail is a mail of days ago.
func oldMail(daysAgo int, from, to, subject, id, answers, text string) (raw []byte, at time.Time) {
	at = time.Now().Add(-time.Duration(daysAgo) * 24 * time.Hour).Truncate(time.Second)
	more := ""
	if answers != "" {
		more = "In-Reply-To: <" + answers + ">\r\n"
	}
	return []byte(fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\n%s\r\n%s\r\n",
		from, to, subject, at.Format(time.RFC1123Z), id, more, text)), at
}

// An administrator brings in what was written before the mailbox was connected: says since when and from where, sees how much that is,
// starts, pauses and resumes it. Then the earlier conversations are there, closed, with the team's answers in them.
func TestBrowserEarlierMail(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	file := func(folder string, daysAgo int, from, to, subject, id, answers, text string) {
		raw, at := oldMail(daysAgo, from, to, subject, id, answers, text)
		if err := mail.File(supportAddress, folder, raw, at); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 40 {
		file("INBOX", 60, fmt.Sprintf("Customer %d <c%d@customer.test>", i, i), supportAddress, fmt.Sprintf("Old question %d", i), fmt.Sprintf("old%d@customer.test", i), "", "Hello?")
	}
	ana := "Ana Gil <ana@customer.test>"
	file("INBOX", 12, ana, supportAddress, "My parcel", "q@customer.test", "", "Where is my parcel?")
	file("Sent", 11, "Ada <"+supportAddress+">", ana, "Re: My parcel", "a@desk.test", "q@customer.test", "It is on its way, we sent it on Monday.")
	file("INBOX", 10, ana, supportAddress, "Re: My parcel", "t@customer.test", "a@desk.test", "It is here. Thank you!")
	if err := mail.AddFolder(supportAddress, "Archive"); err != nil {
		t.Fatal(err)
	}
	file("Archive", 30, ana, supportAddress, "Put away", "away@customer.test", "", "Of last month.")
	file("Sent", 200, supportAddress, ana, "Very old", "old@desk.test", "", "Of last year.")
	d := openDesk(t, "", func(o *centralita.Options) { o.Tuning.ImportPause = 150 * time.Millisecond })
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	p := openBrowser(t, "import", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/channels/" + ch.ID))
	p.press2("main nav a", "Earlier mail")
	p.until("the form", button("Count the mails")+" && $('input[name=since]')?.value && $('input[name=sent]')?.checked")
	p.axe("the form", nil)
	p.shoot("form")
	p.choosesTheArchive()
	p.until("how many there are", "$('.found')?.innerText.includes('INBOX') && $('.found').innerText.includes('Archive') && $('.found').innerText.includes('42 mails') && $('.found').innerText.includes('Sent')")
	p.axe("the count", nil)
	p.shoot("counted")
	p.click("input[name=everything]")
	p.until("that it must be counted anew", "!$('.found') && "+button("Count the mails"))
	p.press("Count the mails")
	p.until("one more in all", button("Import 45 mails"))
	p.press("Import 45 mails")
	p.until("that it runs", "$('[data-import=running]')?.innerText.includes('Folder: Archive') && Number($('[data-fact=taken]')?.innerText) > 0")
	p.press("Pause")
	p.until("that it is paused", "$('[data-import=paused]') && "+button("Resume"))
	p.axe("an import that is paused", nil)
	p.shoot("paused")
	p.press("Resume")
	p.until("that it is done", "$('[data-import=done]') && $('[data-fact=taken]').innerText === '45' && $('[data-fact=known]').innerText === '0'")
	p.axe("an import that is done", nil)
	p.shoot("done")
	p.holds("!document.body.innerText.includes('New message from')") // nobody who listens to the screen is told either

	if open := admin.tickets(t, "open"); len(open) != 0 {
		t.Errorf("%d open tickets after the import", len(open))
	}
	p.do(chromedp.Navigate(d.url + "/tickets/closed"))
	p.until("the old ticket", row("My parcel"))
	p.holds("(" + row("My parcel") + ".click(), true)")
	p.until("the whole conversation, in order", "$$('#conversation article').map((a) => a.classList.contains('outbound') ? 'out' : 'in').join() === 'in,out,in' && $$('#conversation article')[1].innerText.includes('on Monday') && $('#conversation article.outbound .tick.delivered')")
	p.until("where it comes from", "$('#conversation').innerText.includes('Earlier mail, imported')")
	p.axe("a conversation of the past", nil)
	p.shoot("conversation")

	raw := letter{from: ana, to: supportAddress, subject: "Re: My parcel", id: "again@customer.test", answers: []string{"a@desk.test"}, text: "There is one thing missing."}.raw()
	if err := mail.Deliver(supportAddress, raw); err != nil {
		t.Fatal(err)
	}
	p.until("the answer of today, at the end", "$$('#conversation article').length === 4 && $$('#conversation article')[3].innerText.includes('one thing missing')")
	eventually(t, patience, "the ticket is open again", func() bool { return len(admin.tickets(t, "open")) == 1 })
}

// choosesTheArchive among the folders that are neither the inbox nor that of sent mail, and counts.
func (p *page) choosesTheArchive() {
	p.t.Helper()
	p.until("the other folders", "$('main form .select')?.innerText.includes('None')")
	p.holds("($('main form .select').focus(), true)")
	p.keys("\r")
	p.until("those besides the inbox and sent mail", "[...document.querySelectorAll('.pop-item')].map((e) => e.innerText.trim()).join() === 'None,Archive'")
	p.keys(kb.End)
	p.until("the last one is meant", "$('[role=option][data-highlighted]')?.innerText.includes('Archive')")
	p.keys("\r")
	p.until("the one chosen", "$('main form .select').innerText.includes('Archive')")
	p.press("Count the mails")
}
