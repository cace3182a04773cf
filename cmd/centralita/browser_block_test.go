//go:build integration

package main

import (
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/demo"
)

// A sender is blocked from a ticket: what they wrote is set aside, they stand in the settings, and from there it is undone.
// A snoozed ticket comes back by itself, and a property of one's own is written beside the ticket.
func TestBrowserBlocksAndUnblocks(t *testing.T) {
	t.Parallel()
	l := openLists(t, "block")
	p, admin := l.page, l.admin
	var prop struct{ Item struct{ ID string } }
	admin.must(t, "POST", "/properties", obj{"name": "order", "label": "Order number", "of": "ticket", "kind": "text"}, &prop)
	p.opens("My lamp flickers")
	field := "#ticket-" + prop.Item.ID
	p.until("the property beside it", "$("+quote(field)+")")
	p.fill(field, "4711\r")
	eventually(t, patience, "the property is kept", func() bool {
		var got struct {
			Ticket struct{ Properties map[string]string }
		}
		admin.must(t, "GET", "/conversations/"+l.lamp, nil, &got)
		return got.Ticket.Properties[prop.Item.ID] == "4711"
	})

	snooze := func(d time.Duration) {
		t.Helper()
		admin.must(t, "PUT", "/conversations/"+l.lamp+"/snooze", obj{"until": time.Now().Add(d).UTC().Format(time.RFC3339Nano)}, nil)
	}
	snooze(time.Hour)
	p.until("the ticket laid aside", "!("+row("My lamp flickers")+")")
	snooze(time.Second)
	p.until("the ticket back by itself", row("My lamp flickers"))

	p.opens("My lamp flickers")
	p.click("aside .panel header [aria-haspopup=dialog]")
	p.chooses("block")
	p.until("what they wrote set aside", "$$('[data-row]').length === 0")
	p.do(chromedp.Navigate(l.desk.url + "/settings/blocked"))
	p.until("the sender in the settings", "$('main ul')?.innerText.includes('Carla Gil') && $('main ul').innerText.includes("+quote(customerAddress)+")")
	p.settle()
	p.axe("the blocked", nil)
	p.shoot("blocked")
	p.press("Unblock this sender")
	p.until("nobody blocked", "$('main .empty')")
	p.press("Undo")
	p.until("blocked again", "$('main ul')?.innerText.includes('Carla Gil')")
	p.press("Unblock this sender")
	p.until("nobody blocked", "$('main .empty')")
	p.do(chromedp.Navigate(l.desk.url + "/tickets/open"))
	p.until("the tickets restored", "$$('[data-row]').length === 2")
}

// A live chat is not merged into another ticket, and another ticket not into it: one is told why.
func TestBrowserRefusesToMergeAChat(t *testing.T) {
	t.Parallel()
	d, _ := sampleDesk(t)
	admin := signIn(t, d.url, demo.Agents[0].Email, demo.Password)
	type one struct {
		ID      string
		Number  int
		Channel struct{ Kind string }
	}
	kinds := map[string]one{}
	eventually(t, patience, "a ticket of each kind", func() bool {
		var list struct{ Tickets []one }
		admin.must(t, "GET", "/tickets?view=open&limit=100", nil, &list)
		for _, x := range list.Tickets {
			kinds[x.Channel.Kind] = x
		}
		return len(kinds) == 2
	})
	chat, mail := kinds["chat"], kinds["email"]
	p := openBrowser(t, "merge", d.url+"/")
	p.signInByHand(demo.Agents[0].Email, demo.Password)
	p.do(chromedp.Navigate(d.url + "/tickets/open/" + chat.ID))
	p.until("the chat", "$('#p-owner')")
	p.click("aside .panel header [aria-haspopup=dialog]")
	p.chooses("merge")
	p.until("why it stays its own", "$$('.notice').some((x) => x.innerText.includes('A live chat stays its own ticket')) && !$('dialog.chooser[open]')")
	p.shoot("refused")
	var answer struct {
		Tickets []ticket
		Refused string
	}
	admin.must(t, "GET", "/conversations/"+mail.ID+"/merge?q=%23"+strconv.Itoa(chat.Number), nil, &answer)
	if len(answer.Tickets) != 0 || answer.Refused != "kind" {
		t.Errorf("a mail into a chat: %+v", answer)
	}
}
