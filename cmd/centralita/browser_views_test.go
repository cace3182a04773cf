//go:build integration

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// card finds the card of a ticket on the board by words in it, and column the column it stands in.
func card(words string) string {
	return fmt.Sprintf("$$('[data-card]').find((c) => c.innerText.includes(%s))", quote(words))
}

func inColumn(words, column string) string {
	return fmt.Sprintf("%s?.closest('[data-column]')?.dataset.column === %s", card(words), quote(column))
}

// drag takes a card to a column, as the browser tells a page of it.
func (p *page) drag(words, column string) {
	p.t.Helper()
	p.holds(fmt.Sprintf(`(() => {
		const from = %s, to = $$('[data-column]').find((c) => c.dataset.column === %s), data = new DataTransfer();
		for (const [on, kind] of [[from, 'dragstart'], [to, 'dragover'], [to, 'drop'], [from, 'dragend']])
			on.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
		return true })()`, card(words), quote(column)))
}

// lists is a desk with two tickets, and an administrator's browser that shows them.
type lists struct {
	*page
	desk  *inProcess
	admin *restClient
	lamp  string // the id of one of them
}

func openLists(t *testing.T, name string) lists {
	t.Helper()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr()))
	awaitIdle(t, admin, ch.ID)
	p := openBrowser(t, name, d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.until("the address of a list", "location.pathname.startsWith('/tickets/')")
	write := func(subject, id string) {
		t.Helper()
		l := letter{from: "Carla Gil <" + customerAddress + ">", to: supportAddress, subject: subject, id: id + "@customer.test", text: "Good morning, " + subject}
		if err := mail.Deliver(supportAddress, l.raw()); err != nil {
			t.Fatal(err)
		}
		p.until(subject, row(subject))
	}
	write("My lamp flickers", "lamp")
	write("Where is my order", "order")

	id := ""
	for _, row := range admin.tickets(t, "open") {
		if row.Subject == "My lamp flickers" {
			id = row.ID
		}
	}
	return lists{p, d, admin, id}
}

// An agent filters by the keyboard, sees tickets enter and leave by themselves, keeps the filter as a view, and goes back.
func TestBrowserFiltersAndViews(t *testing.T) {
	t.Parallel()
	l := openLists(t, "views")
	p, admin, id := l.page, l.admin, l.lamp
	// A filter by the keyboard: F, a field, a value. Both are still new and of normal priority.
	p.keys("F")
	p.until("the menu of filters", "document.activeElement?.matches('.filter-pop input')")
	p.keys("prio\r")
	p.until("its values", "$$('.filter-pop [data-item]').length === 4")
	p.keys("urg\r\x1b")
	p.until("nobody urgent", "$$('[data-row]').length === 0 && location.search.includes('urgent')")
	p.shoot("filtered")
	admin.must(t, "PUT", "/conversations/"+id+"/priority", obj{"priority": "urgent"}, nil)
	p.until("the one that became urgent, live", "$$('[data-row]').length === 1 && "+row("My lamp flickers")+" && $('[data-count]')?.innerText === '1'")
	admin.must(t, "PUT", "/conversations/"+id+"/priority", obj{"priority": "low"}, nil)
	p.until("gone when it is not urgent any more", "$$('[data-row]').length === 0")

	// The filter becomes a view of one's own: it stands in the navigation, with its size.
	p.until("the form of a view", "$('[data-view-name]') || ($('[data-view-save]')?.click(), false)") // the bar may move while the list becomes another one
	p.click("[data-view-name]")
	p.keys("Burning\r")
	p.until("the view", "location.pathname.startsWith('/tickets/vw_') && location.search === '' && $('[data-saved-views]')?.innerText.includes('Burning')")
	admin.must(t, "PUT", "/conversations/"+id+"/priority", obj{"priority": "urgent"}, nil)
	p.until("the ticket in the view, counted", "$$('[data-row]').length === 1 && $('[data-saved-views] .count')?.innerText === '1'")
	p.shoot("saved")
	admin.must(t, "PUT", "/conversations/"+id+"/priority", obj{"priority": "low"}, nil)
	p.until("gone from the view, counted", "$$('[data-row]').length === 0 && $('[data-saved-views] .count')?.innerText === '0'")
	p.do(chromedp.NavigateBack())
	p.until("back: the filter", "location.search.includes('urgent')")
	p.do(chromedp.NavigateBack())
	p.until("back: the list without the filter", "location.search === '' && $$('[data-row]').length === 2")
}

// Tickets are moved on a board, by hand and by the keyboard, and shown as a table. A colleague who is limited to their own
// tickets sees nothing of others.
func TestBrowserBoardAndALimitedAgent(t *testing.T) {
	t.Parallel()
	l := openLists(t, "board")
	p, admin, id := l.page, l.admin, l.lamp
	// The board: by hand, and by the keyboard.
	p.keys("3")
	p.click("[data-layout=board]")
	p.until("the board", inColumn("My lamp flickers", "New")+" && location.search.includes('board')")
	p.shoot("board")
	p.drag("My lamp flickers", "Waiting on contact")
	p.until("the card in its column", inColumn("My lamp flickers", "Waiting on contact"))
	p.holds(card("Where is my order") + ".focus()")
	p.keys(kb.ArrowRight, chromedp.ModifierAlt)
	p.until("the card moved by the keyboard", inColumn("Where is my order", "Waiting on us"))
	p.do(chromedp.NavigateBack())
	p.until("back: the list", "!location.search.includes('board') && $$('[data-row]').length === 2")
	p.click("[data-layout=table]")
	p.until("the table", "$$('a.line[data-row]').length === 2")
	p.shoot("table")
	p.keys("j\r")
	p.until("the conversation in its place", "$('#conversation')?.getClientRects().length && location.pathname.split('/').length === 4 && location.search.includes('table')")

	// Somebody who sees only their own tickets.
	ben := admin.addAgent(t, "Ben Own", "ben@desk.test", 0)
	admin.must(t, "PATCH", "/agents/"+ben.me.ID, obj{"access": "own"}, nil)
	q := openBrowser(t, "limited", l.desk.url+"/")
	q.signInByHand("ben@desk.test", "the-password-of-an-agent")
	q.keys("3")
	q.until("no ticket of others", "location.pathname === '/tickets/open' && $('.empty') && $$('[data-row]').length === 0")
	admin.must(t, "PUT", "/conversations/"+id+"/owner", obj{"agent": ben.me.ID}, nil)
	q.until("the one given to him, live", "$$('[data-row]').length === 1 && "+row("My lamp flickers"))
	admin.must(t, "PUT", "/conversations/"+id+"/owner", obj{"agent": nil}, nil)
	q.until("gone when it is taken away", "$$('[data-row]').length === 0 && !$('#list').innerText.includes('lamp')")
	if q.holds("document.body.innerText.includes('order')") {
		t.Error("a limited agent reads of another's ticket")
	}
}

// A saved view has columns of its own: chosen where they are seen, kept with the view, and of no other list.
func TestBrowserColumnsOfAView(t *testing.T) {
	t.Parallel()
	l := openLists(t, "columns")
	var made struct{ Item struct{ ID string } }
	l.admin.must(t, "POST", "/views", obj{"name": "Orders", "filter": "{}", "layout": "table"}, &made)
	columns := func() (list []string) {
		t.Helper()
		var views struct {
			Items []struct {
				ID      string
				Columns []string
			}
		}
		l.admin.must(t, "GET", "/views", nil, &views)
		for _, v := range views.Items {
			if v.ID == made.Item.ID {
				list = v.Columns
			}
		}
		return list
	}
	heads := "$$('.heads > span').map((h) => h.innerText.trim()).filter(Boolean).join()"
	l.do(chromedp.Navigate(l.desk.url + "/tickets/" + made.Item.ID))
	l.until("the table with one's own columns", heads+" === 'No.,Contact,Subject,Status,Owner,Updated'")
	pick := func(words string) {
		t.Helper()
		l.until("the menu of columns", "$('[role=menuitemcheckbox]') || ($('[data-columns]')?.click(), false)")
		entry := "$$('[role=menuitemcheckbox], [role=menuitem]').find((m) => m.innerText.trim() === " + quote(words) + ")"
		l.enters(entry)
	}
	pick("Status")
	pick("Channel")
	l.keys("\x1b")
	l.until("other columns, in the address", heads+" === 'No.,Contact,Subject,Owner,Channel,Updated' && location.search.includes('columns=')")
	l.shoot("columns")
	l.until("the form of the view", "$('[data-view-name]') || ($('[data-view-edit]')?.click(), false)")
	l.shoot("form")
	l.click("[data-view-name]")
	l.keys("\r")
	l.until("the view as it was kept", "location.search === '' && !$('[data-view-name]') && "+heads+" === 'No.,Contact,Subject,Owner,Channel,Updated'")
	if got := strings.Join(columns(), ","); got != "number,contact,subject,owner,channel,updated" {
		t.Errorf("kept %q", got)
	}
	l.goes("/tickets/open")
	l.click("[data-layout=table]")
	l.until("the usual ones in another list", heads+" === 'No.,Contact,Subject,Status,Owner,Updated'")

	// Each agent's own again.
	l.goes("/tickets/" + made.Item.ID)
	l.until("the view", heads+" === 'No.,Contact,Subject,Owner,Channel,Updated'")
	pick("Each agent’s own")
	l.until("what one has elsewhere", heads+" === 'No.,Contact,Subject,Status,Owner,Updated' && location.search === '?columns=none'")
	l.until("the form", "$('[data-view-name]') || ($('[data-view-edit]')?.click(), false)")
	l.click("[data-view-name]")
	l.keys("\r")
	l.until("kept", "location.search === '' && !$('[data-view-name]')")
	if got := columns(); len(got) != 0 {
		t.Errorf("kept %q, want none", got)
	}
}
