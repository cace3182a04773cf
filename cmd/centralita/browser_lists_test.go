//go:build integration

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// made is what a POST of a setting answers.
type made struct{ Item struct{ ID string } }

func (l lists) makes(path string, body obj) string {
	l.t.Helper()
	var m made
	l.admin.must(l.t, "POST", path, body, &m)
	return m.Item.ID
}

// ticketID finds a ticket by its subject.
func (l lists) ticketID(subject string) string {
	l.t.Helper()
	for _, view := range []string{"open", "closed"} {
		for _, row := range l.admin.tickets(l.t, view) {
			if row.Subject == subject {
				return row.ID
			}
		}
	}
	l.t.Fatalf("no ticket %q", subject)
	return ""
}

// filters adds a filter by the keyboard: F and the words that find the field.
func (p *page) filters(field string) {
	p.t.Helper()
	p.holds("(document.querySelector('.filter-pop') || document.activeElement?.blur(), true)")
	p.keys("F")
	p.until("the menu of filters", "document.activeElement?.matches('.filter-pop input')")
	p.keys(field + "\r")
	p.until("the field "+field, "$('.filter-pop [aria-label=\"Other filters\"]')")
}

// asks chooses how the field is asked.
func (p *page) asks(how string) {
	p.t.Helper()
	p.until("how it may be asked", "$('.filter-pop select')")
	p.holds(fmt.Sprintf("(() => { const s = $('.filter-pop select'); s.value = [...s.options].find((o) => o.text === %s).value; s.dispatchEvent(new Event('change', { bubbles: true })); return true })()", quote(how)))
}

// finds types into the field of the popover.
func (p *page) finds(words string) {
	p.t.Helper()
	p.until("the field to type into", "$('.filter-pop input')")
	p.holds("($('.filter-pop input').focus(), true)")
	p.keys(words + "\r")
}

// The list is filtered by tags, stages and properties, each asked as its kind is, and follows what changes.
func TestBrowserFiltersByTagsStagesAndProperties(t *testing.T) {
	t.Parallel()
	l := openLists(t, "chips")
	vip := l.makes("/tags", obj{"name": "VIP", "colour": "red"})
	l.makes("/tags", obj{"name": "Bug", "colour": "blue"})
	l.makes("/pipelines", obj{"name": "Repairs", "default": true, "stages": []obj{{"id": "in", "name": "Arrived", "status": "new"},
		{"id": "parts", "name": "Parts ordered", "status": "waiting_on_us"}, {"id": "done", "name": "Done", "status": "closed"}}})
	cost := l.makes("/properties", obj{"name": "cost", "label": "Cost", "of": "ticket", "kind": "number"})
	l.makes("/properties", obj{"name": "delivery", "label": "Delivery", "of": "ticket", "kind": "date"})
	plan := l.makes("/properties", obj{"name": "plan", "label": "Plan", "of": "ticket", "kind": "choice", "choices": []obj{{"id": "gold", "label": "Gold"}, {"id": "free", "label": "Free"}}})
	order := l.ticketID("Where is my order")
	l.keys("3")
	only := func(words string) string { return "$$('[data-row]').length === 1 && " + row(words) }
	reset := func() {
		l.t.Helper()
		l.keys("\x1b")
		l.until("the popover gone", "!$('.filter-pop')")
		l.pressed("Reset")
		l.until("both", "$$('[data-row]').length === 2 && location.search === ''")
	}

	l.filters("Tags")
	l.finds("VIP")
	l.until("none has the tag", "$$('[data-row]').length === 0 && location.search.includes('tags')")
	l.admin.must(t, "POST", "/conversations/"+l.lamp+"/tags", obj{"add": []string{vip}}, nil)
	l.until("the one that was given it, live", only("My lamp flickers"))
	l.shoot("tags")
	l.axe("a filter by tags", nil)
	l.asks("none of")
	l.finds("VIP")
	l.until("both ways: none has it and has it not", "$$('[data-row]').length === 0 && $$('.chip-f b').some((b) => b.innerText.includes('none of VIP'))")
	l.asks("any of")
	l.finds("VIP") // once more: taken out
	l.until("the one without", only("Where is my order"))
	reset()

	l.filters("Stage")
	l.finds("Parts")
	l.until("none there yet", "$$('[data-row]').length === 0")
	l.admin.must(t, "PUT", "/conversations/"+order+"/stage", obj{"stage": "parts"}, nil)
	l.until("the one that came there, live", only("Where is my order"))
	l.finds("Arrived")
	l.until("and the one that stands in the first stage by its status", "$$('[data-row]').length === 2")
	reset()

	l.admin.must(t, "PUT", "/conversations/"+order+"/properties/"+cost, obj{"value": "9.5"}, nil)
	l.admin.must(t, "PUT", "/conversations/"+l.lamp+"/properties/"+cost, obj{"value": "100"}, nil)
	l.admin.must(t, "PUT", "/conversations/"+l.lamp+"/properties/"+plan, obj{"value": "gold"}, nil)
	l.filters("Cost")
	l.asks("at least")
	l.until("a field for numbers", "$('.filter-pop input').type === 'number'")
	l.shoot("number")
	l.finds("20")
	l.until("100 is more than 20", only("My lamp flickers")+" && $$('.chip-f b').some((b) => b.innerText === 'at least 20')")
	reset()
	l.filters("Plan")
	l.finds("Gold")
	l.until("who has gold", only("My lamp flickers"))
	l.asks("has no value")
	l.until("who has none", only("Where is my order")+" && $$('.chip-f b').some((b) => b.innerText === 'has no value')")
	l.pressed("Reset")
	l.until("both again", "$$('[data-row]').length === 2")
	l.filters("Delivery")
	l.asks("on or before")
	l.until("a field for dates", "$('.filter-pop input').type === 'date'")
}

// On the board tickets are moved between stages and teams, with a way back; in the table and on the board several are chosen and
// changed at once.
func TestBrowserBoardByStageAndTeam(t *testing.T) {
	t.Parallel()
	l := openLists(t, "stages")
	l.makes("/pipelines", obj{"name": "Repairs", "default": true, "stages": []obj{{"id": "in", "name": "Arrived", "status": "new"},
		{"id": "look", "name": "Looked at", "status": "new"}, {"id": "parts", "name": "Parts ordered", "status": "waiting_on_us"}, {"id": "done", "name": "Done", "status": "closed"}}})
	ben := l.admin.addAgent(t, "Ben Bold", "ben@desk.test", 5)
	l.admin.must(t, "POST", "/teams", obj{"name": "Workshop", "members": []obj{{"agent": ben.me.ID, "main": true}}}, nil)
	l.do(chromedp.Reload()) // teams are read when a screen starts
	l.until("the list", row("My lamp flickers"))
	groups := func(by string) {
		t.Helper()
		l.holds(fmt.Sprintf("(() => { const s = $('select[aria-label=Columns]'); s.value = %s; s.dispatchEvent(new Event('change', { bubbles: true })); return true })()", quote(by)))
	}
	l.keys("3")
	l.click("[data-layout=board]")
	l.until("the board", inColumn("My lamp flickers", "New"))
	groups("stage")
	l.until("the stages", inColumn("My lamp flickers", "Arrived")+" && $$('[data-column]').length === 3") // closed ones are not in this list
	l.shoot("board")
	l.axe("the board by stage", nil)
	l.drag("My lamp flickers", "Looked at")
	l.until("the card in another stage of its status", inColumn("My lamp flickers", "Looked at"))
	l.pressed("Undo")
	l.until("back where it was", inColumn("My lamp flickers", "Arrived"))
	l.drag("My lamp flickers", "Parts ordered")
	l.until("the card in its stage", inColumn("My lamp flickers", "Parts ordered"))
	eventually(t, patience, "its stage and its status at the desk", func() bool { // the screen shows it before
		var got struct {
			Ticket struct{ Status, Stage string }
		}
		l.admin.must(t, "GET", "/conversations/"+l.lamp, nil, &got)
		return got.Ticket.Status == "waiting_on_us" && got.Ticket.Stage == "parts"
	})
	l.pressed("Undo")
	l.until("back where it was, again", inColumn("My lamp flickers", "Arrived"))

	groups("team")
	l.until("the teams", inColumn("Where is my order", "No team")+" && $$('[data-column]').some((c) => c.dataset.column === 'Workshop')")
	l.drag("Where is my order", "Workshop")
	l.until("with the team", inColumn("Where is my order", "Workshop"))
	l.pressed("Undo")
	l.until("with nobody again", inColumn("Where is my order", "No team"))
	l.holds(card("Where is my order") + ".focus()")
	l.until("the focus on the card", "document.activeElement === "+card("Where is my order"))
	l.keys(kb.ArrowRight, 1) // Alt
	l.until("with the team, by the keyboard", inColumn("Where is my order", "Workshop"))

	l.holds("(" + card("Where is my order") + ".querySelector('[data-mark]').click(), true)")
	l.until("one chosen", "$('[role=toolbar]')?.innerText.includes('1 chosen')")
	l.holds(card("My lamp flickers") + ".focus()")
	l.keys("x")
	l.until("both chosen", "$('[role=toolbar]')?.innerText.includes('2 chosen')")
	l.shoot("chosen")
	l.axe("chosen on the board", nil)
	l.keys("\x1b")
	l.until("none chosen", "!$('[role=toolbar]')?.innerText.includes('chosen')")

	l.click("[data-layout=table]")
	l.until("the table", "$$('a.line[data-row]').length === 2")
	for _, words := range []string{"My lamp flickers", "Where is my order"} {
		l.holds("(" + row(words) + ".querySelector('[data-mark]').click(), true)")
	}
	l.until("both chosen in the table, and still the table", "$('[role=toolbar]')?.innerText.includes('2 chosen') && $$('a.line.picked').length === 2 && !location.pathname.split('/')[3]")
	l.shoot("table")
	l.pressed("Close")
	l.until("both closed", "$$('[data-row]').length === 0")
}

// Which columns the table has is an agent's choice, kept for every device; the list of spam leads administrators to what could
// not become a message.
func TestBrowserColumnsAndSpam(t *testing.T) {
	t.Parallel()
	l := openLists(t, "columns")
	vip := l.makes("/tags", obj{"name": "VIP", "colour": "red"})
	l.admin.must(t, "POST", "/conversations/"+l.lamp+"/tags", obj{"add": []string{vip}}, nil)
	l.keys("3")
	l.click("[data-layout=table]")
	heads := "$$('.heads > span:not([class*=choose])').map((h) => h.innerText).filter(Boolean).join()"
	l.until("the usual columns", heads+" === 'No.,Contact,Subject,Status,Owner,Updated'")
	l.click("[data-columns]")
	for _, name := range []string{"Tags", "Priority", "Status"} {
		entry := "$$('[role=menuitemcheckbox]').find((m) => m.innerText.trim() === " + quote(name) + ")"
		l.until("the column "+name, entry)
		was := ask[string](l.page, entry+".ariaChecked")
		l.enters(entry)
		l.until(name+" changed, the menu still open", entry+"?.ariaChecked !== "+quote(was))
	}
	l.shoot("choose")
	l.axe("the choice of columns", nil)
	l.keys("\x1b")
	const chosen = "No.,Contact,Subject,Priority,Owner,Tags,Updated"
	l.until("the chosen columns", heads+" === '"+chosen+"' && "+row("My lamp flickers")+".innerText.includes('VIP')")
	l.shoot("table")
	l.axe("the table", nil)
	var kept struct{ Preferences struct{ Columns []string } }
	eventually(t, patience, "the columns at the desk", func() bool {
		l.admin.must(t, "GET", "/me/preferences", nil, &kept)
		return strings.Join(kept.Preferences.Columns, ",") == "number,contact,subject,priority,owner,tags,updated"
	})
	q := openBrowser(t, "laptop", l.desk.url+"/tickets/open?layout=table")
	q.signInByHand(adminEmail, adminPass)
	q.keys("3")
	q.click("[data-layout=table]")
	q.until("the same on another device", heads+" === '"+chosen+"'")

	l.holds("($$('a').find((a) => a.getAttribute('href')?.startsWith('/tickets/spam')).click(), true)")
	l.until("the way to the quarantine", "$('#list .aside a')?.innerText === 'See them in the channels'")
	l.shoot("spam")
	l.click("#list .aside a")
	l.until("the channels", "location.pathname === '/settings/channels'")
}
