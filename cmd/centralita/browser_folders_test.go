//go:build integration

package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/centralita/centralita/internal/mailsim"
)

// foldersForm is where they are chosen.
const foldersForm = "$('[data-form=folders]')"

// An administrator chooses the folder that is watched and what becomes of a mail that was taken in, from the folders that the mailbox
// has. Then it is so; and when the mailbox refuses, the channel says it.
func TestBrowserMailboxFolders(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	for _, name := range []string{"Team", "Team/Done"} {
		if err := mail.AddFolder(supportAddress, name); err != nil {
			t.Fatal(err)
		}
	}
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	p := openBrowser(t, "folders", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	page := d.url + "/settings/channels/" + ch.ID
	p.do(chromedp.Navigate(page + "/tickets"))
	p.until("the form", foldersForm+"?.querySelector('.select')?.innerText.includes('INBOX') && !"+foldersForm+".querySelector('.select').disabled && "+foldersForm+".querySelector('input[value=nothing]').checked")
	p.axe("the folders", nil)
	p.click("[data-form=folders] input[value=move]")
	p.until("where to", foldersForm+".querySelectorAll('.select').length === 2 && "+foldersForm+".innerText.includes('Choose a folder')")
	p.click("[data-form=folders] button[type=submit]")
	p.until("that the folder is missing", foldersForm+".innerText.includes('is missing')")
	p.holds("(" + foldersForm + ".querySelectorAll('.select')[1].focus(), true)")
	p.keys("\r")
	p.until("the mailbox's folders", "[...document.querySelectorAll('.pop-item')].map((e) => e.innerText.trim()).join() === 'Sent,Team,Team/Done'")
	p.shoot("choosing")
	p.keys(kb.End)
	p.until("the last one is meant", "$('[role=option][data-highlighted]')?.innerText.includes('Team/Done')")
	p.keys("\r")
	p.until("the one chosen", foldersForm+".querySelectorAll('.select')[1].innerText.includes('Team/Done')")
	p.holds("(" + foldersForm + ".scrollIntoView(), true)")
	p.shoot("move")
	p.click("[data-form=folders] button[type=submit]")
	config := func() (c struct {
		IMAP        struct{ Folder string }
		AfterIntake struct{ Do, Folder string } `json:"after_intake"`
	}) {
		var got struct {
			Channels []struct{ Config any }
		}
		got.Channels = append(got.Channels, struct{ Config any }{&c})
		admin.must(t, "GET", "/channels", nil, &got)
		return c
	}
	eventually(t, patience, "what was chosen is kept", func() bool {
		c := config()
		return c.AfterIntake.Do == "move" && c.AfterIntake.Folder == "Team/Done" && c.IMAP.Folder == ""
	})
	awaitIdle(t, admin, ch.ID)
	if err := mail.Deliver(supportAddress, []byte("From: Ana <"+customerAddress+">\r\nTo: "+supportAddress+"\r\nSubject: Hello\r\nMessage-ID: <1@x.test>\r\n\r\nHi.\r\n")); err != nil {
		t.Fatal(err)
	}
	holds := func(folder string) int {
		n, err := mail.Holds(supportAddress, folder)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	eventually(t, patience, "the mail is moved", func() bool { return holds("INBOX") == 0 && holds("Team/Done") == 1 })
	p.takesUpWhatIsHeld(mail, page)
	p.hearsOfARefusal(mail, admin, page)
}

// takesUpWhatIsHeld: a limit is set for one sender. What is beyond it says until when it waits and whose limit that is, and is taken up.
func (p *page) takesUpWhatIsHeld(mail *mailsim.Server, page string) {
	t := p.t
	t.Helper()
	p.fill("[name='flood.sender.at_once']", "200")
	p.click("[data-form=flood] button[type=submit]")
	p.until("the fault at its field", "$('[name=\"flood.sender.per_minute\"]').getAttribute('aria-invalid') === 'true' && $('[data-form=flood]').innerText.includes('must be 4 to 60000 mails')")
	p.fill("[name='flood.sender.at_once']", "1")
	p.fill("[name='flood.sender.per_minute']", "1")
	p.click("[name='flood.domain']")
	p.until("no limit for a domain", "!$('[name=\"flood.domain.at_once\"]')")
	p.axe("limits", nil)
	p.shoot("limits")
	p.click("[data-form=flood] button[type=submit]")
	p.until("that it is kept", "document.body.innerText.includes('Saved')")
	for _, subject := range []string{"First alarm", "Second alarm"} {
		if err := mail.Deliver(supportAddress, []byte("From: Bot <bot@loud.test>\r\nTo: "+supportAddress+"\r\nSubject: "+subject+"\r\nMessage-ID: <"+subject[:5]+"@loud.test>\r\n\r\nBeep.\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	p.do(chromedp.Navigate(page[:strings.Index(page, "/settings")] + "/tickets/open"))
	p.opens("Second alarm")
	p.until("until when it waits, and whose limit that is", "$('.panel [role=status]')?.innerText.match(/Held back until .*bot@loud.test sends more/s)")
	p.axe("a ticket that is held back", nil)
	p.shoot("held")
	p.press("Take it up now")
	p.until("that it does not wait", "!$('.panel [role=status]')")
}

// hearsOfARefusal: the folder is gone that mail is moved to.
func (p *page) hearsOfARefusal(mail *mailsim.Server, admin *restClient, url string) {
	t := p.t
	t.Helper()
	if err := mail.RemoveFolder(supportAddress, "Team/Done"); err != nil {
		t.Fatal(err)
	}
	if err := mail.Deliver(supportAddress, []byte("From: Ana <"+customerAddress+">\r\nTo: "+supportAddress+"\r\nSubject: More\r\nMessage-ID: <2@x.test>\r\n\r\nHi.\r\n")); err != nil {
		t.Fatal(err)
	}
	eventually(t, patience, "the channel says that it cannot be moved", func() bool {
		var got struct {
			Channels []struct {
				Health struct{ State, Warning string }
			}
		}
		admin.must(t, "GET", "/channels", nil, &got)
		h := got.Channels[0].Health
		return h.State == "running" && h.Warning != ""
	})
	p.do(chromedp.Navigate(url))
	p.until("the warning", "$('[data-warning]')?.innerText.includes('moved to “Team/Done”')")
	p.axe("a warning", nil)
	p.shoot("warning")
	p.do(chromedp.Navigate(url + "/tickets"))
	p.until("that the folder is gone", foldersForm+"?.innerText.includes('Team/Done (not in the mailbox)')")
	p.holds("(" + foldersForm + ".scrollIntoView(), true)")
	p.shoot("gone")
	p.click("[data-form=folders] button[type=submit]")
	p.until("the refusal", foldersForm+".innerText.includes('this mailbox has no folder')")
}
