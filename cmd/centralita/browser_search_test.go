//go:build integration

package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// withFile is a letter with an attachment.
func (l letter) withFile(name, content string) []byte {
	head, text, _ := strings.Cut(string(l.raw()), "MIME-Version: 1.0\r\n")
	_, text, _ = strings.Cut(text, "\r\n\r\n")
	return fmt.Appendf(nil, "%sMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=edge\r\n\r\n--edge\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n"+
		"--edge\r\nContent-Type: application/pdf; name=\"%s\"\r\nContent-Disposition: attachment; filename=\"%s\"\r\n\r\n%s\r\n--edge--\r\n", head, text, name, name, content)
}

// An agent finds a mail by another form of a Spanish word and by the name of an attachment, with the keyboard alone, and it is
// opened at the message that says so.
func TestBrowserSearches(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr()))
	awaitIdle(t, admin, ch.ID)
	deliver := func(raw []byte) {
		t.Helper()
		if err := mail.Deliver(supportAddress, raw); err != nil {
			t.Fatal(err)
		}
	}
	invoice := letter{from: "Ana García <ana@customer.test>", to: supportAddress, subject: "Mi pedido", id: "i1@customer.test",
		text: "Buenos días,\n\nlas facturas de octubre no llegaron.\n\nAna"}
	deliver(invoice.raw())
	last := invoice.id
	for i := range 12 {
		more := letter{from: invoice.from, to: supportAddress, subject: "Re: Mi pedido", id: fmt.Sprintf("m%d@customer.test", i), answers: []string{last},
			text: strings.Repeat(fmt.Sprintf("Sigo esperando, van %d días.\n\n", i), 6)}
		deliver(more.raw())
		last = more.id
	}
	deliver(letter{from: "Bob <bob@customer.test>", to: supportAddress, subject: "Blueprints", id: "b1@customer.test", text: "See the attached file."}.withFile("plano-cocina.pdf", "%PDF-1.4"))
	deliver(letter{from: "Carl <carl@customer.test>", to: supportAddress, subject: "Something else", id: "c1@customer.test", text: "Where is my parcel?"}.raw())

	p := openBrowser(t, "search", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.until("all mails in the list", "$$('[data-row]').length === 3")
	eventually(t, patience, "all mails in the search index", func() bool { return d.engine.SearchBehind() == 0 })

	p.keys("/")
	p.until("the search with its field", "location.pathname === '/search' && document.activeElement?.getAttribute('role') === 'combobox'")
	p.shoot("search-empty")
	p.keys("facturacion ")
	p.until("nothing: it is another word", "document.body.innerText.includes('Nothing was found') || $$('[role=option]').length === 1")
	p.do(chromedp.Navigate(d.url + "/search"))
	p.until("the field", "document.activeElement?.getAttribute('role') === 'combobox'")
	p.keys("factura")
	p.until("the mail, its word marked", "$$('[role=option]').length === 1 && $('mark')?.innerText === 'facturas'")
	p.shoot("search-results")
	p.keys("\r")
	p.until("the conversation at the message", `location.pathname.startsWith('/tickets/') && (() => {
		const item = $('.arrived'), box = item?.getBoundingClientRect();
		return item?.innerText.includes('facturas de octubre') && box.top >= 0 && box.top < innerHeight })()`)
	p.shoot("search-arrived")

	p.do(chromedp.Navigate(d.url + "/search?q=plano+cocina"))
	p.until("the mail with the attachment", "$$('[role=option]').length === 1 && $('[role=option]').innerText.includes('Blueprints') && $$('mark').length === 2")
	p.do(chromedp.Navigate(d.url + "/search?q=parcel&has=attachment"))
	p.until("nothing", "document.body.innerText.includes('Nothing was found')")
	p.shoot("search-nothing")
	p.click(".narrow .off")
	p.until("what has no attachment", "$$('[role=option]').length === 1 && !location.search.includes('has')")
	p.do(chromedp.Navigate(d.url + "/search?q=status%3Abogus"))
	p.until("what is wrong with it", "$('[role=alert]')?.innerText.includes('waiting_on_us')")

	searchByTagAndTeam(t, d, admin, p)
}

// searchByTagAndTeam narrows by their chips, and by their names as they are written.
func searchByTagAndTeam(t *testing.T, d *inProcess, admin *restClient, p *page) {
	t.Helper()
	var tag struct{ Item struct{ ID string } }
	var team struct{ Team struct{ ID string } }
	admin.must(t, "POST", "/tags", obj{"name": "Año nuevo", "colour": "teal"}, &tag)
	admin.must(t, "POST", "/teams", obj{"name": "Kitchens", "members": []obj{}}, &team)
	for _, row := range admin.tickets(t, "open") {
		if row.Subject == "Blueprints" {
			admin.must(t, "POST", "/conversations/"+row.ID+"/tags", obj{"add": []string{tag.Item.ID}}, nil)
		}
		if row.Subject == "Something else" {
			admin.must(t, "PUT", "/conversations/"+row.ID+"/team", obj{"team": team.Team.ID}, nil)
		}
	}
	eventually(t, patience, "all of it in the search index", func() bool { return d.engine.SearchBehind() == 0 })
	choose := func(chip, choice string) {
		p.pressed(chip)
		entry := "$$('[role^=menuitem]').find((e) => e.innerText.trim() === " + quote(choice) + ")"
		p.until("the choice "+choice, entry)
		p.shoot("search-" + chip)
		p.holds("(" + entry + ".click(), true)")
		p.until("the menu gone", "!$('[role=menu]')")
	}
	found := func(subject string) string {
		return "$$('[role=option]').length === 1 && $('[role=option]').innerText.includes(" + quote(subject) + ")"
	}
	p.do(chromedp.Navigate(d.url + "/search"))
	choose("Tag", "Año nuevo")
	p.until("what has the tag", found("Blueprints")+" && location.search.includes('tag=tg_')")
	p.shoot("search-tagged")
	p.click(".narrow .off")
	p.until("no filter", "!location.search")
	choose("Team", "Kitchens")
	p.until("what the team has", found("Something else"))
	p.do(chromedp.Navigate(d.url + "/search?q=" + url.QueryEscape(`tag:"ano nuevo"`)))
	p.until("what has the tag of that name", found("Blueprints"))
	p.do(chromedp.Navigate(d.url + "/search?q=" + url.QueryEscape("tag:unheard ")))
	p.until("that there is none", "$('[role=alert]')?.innerText.includes('there is no tag called')")
}
