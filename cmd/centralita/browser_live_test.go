//go:build integration

package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/mailsim"
)

// A row of the live board: an agent's, or that of a line.
func onBoard(kind, id string) string { return "$('[data-" + kind + "=" + quote(id) + "]')" }

// floor is a desk with a supervisor, Ben who takes one ticket at a time, and the team Sales, which gets all mail.
type floor struct {
	url            string
	mail           *mailsim.Server
	admin          *restClient
	ben, sue       *restClient
	sales, channel string
}

func openFloor(t *testing.T) *floor {
	t.Helper()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	f := &floor{url: d.url, mail: mail, admin: d.setUp(t)}
	f.ben = f.admin.addAgent(t, "Ben Bold", "ben@desk.test", 1)
	f.sue = f.admin.addAgent(t, "Sue Vance", "sue@desk.test", 5)
	f.admin.must(t, "PATCH", "/agents/"+f.sue.me.ID, obj{"role": "supervisor", "seat": false}, nil)
	var team struct{ Team struct{ ID string } }
	f.admin.must(t, "POST", "/teams", obj{"name": "Sales", "members": []obj{{"agent": f.ben.me.ID, "main": true}, {"agent": f.admin.me.ID, "main": false}}}, &team)
	f.sales = team.Team.ID
	ch := f.admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), f.ben))
	awaitIdle(t, f.admin, ch.ID)
	f.channel = ch.ID
	f.admin.must(t, "PATCH", "/channels/"+ch.ID, obj{"routing": obj{"mode": "nobody", "rules": []obj{
		{"id": "all", "name": "To sales", "mode": "users_and_teams", "teams": []string{f.sales}, "stay": true, "when": obj{"words": []string{"lamp"}}},
	}}}, nil)
	f.ben.setAvailable(t, true)
	for i, subject := range []string{"A lamp", "A second lamp", "A third lamp", "A chair"} {
		deliver(t, mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: subject, id: fmt.Sprintf("floor%d@customer.test", i), text: "Hello?"})
		eventually(t, patience, subject, func() bool { return len(f.admin.tickets(t, "open")) == i+1 })
	}
	return f
}

// A supervisor sees at once how the work stands, as it changes; sets somebody away, who is told and takes it back; and gives the first of
// a line to somebody by hand. An agent is not let in.
func TestBrowserLiveBoard(t *testing.T) {
	t.Parallel()
	f := openFloor(t)
	p := openBrowser(t, "live", f.url+"/")
	p.signInByHand("sue@desk.test", "the-password-of-an-agent")
	p.until("the first list", "$('#list')")
	p.keys("gb")
	p.until("how it stands", "location.pathname === '/live' && $('[data-live=waiting]')?.innerText === '2' && $('[data-live=loose]')?.innerText === '1' && $('[data-live=open]')?.innerText === '4'")
	ben, line := onBoard("agent", f.ben.me.ID), onBoard("line", f.sales)
	p.until("what Ben has", ben+".innerText.includes('1/1') && "+ben+".innerText.includes('#1 A lamp') && "+ben+".innerText.includes('Available')")
	p.until("the line of Sales, its first, and who could take it", line+".innerText.includes('#2 A second lamp') && "+line+".innerText.includes('Ben Bold (at capacity)')")
	deliver(t, f.mail, letter{from: "Dario <dario@customer.test>", subject: "One more lamp", id: "floor9@customer.test", text: "Is it there?"})
	took := p.until("another one, without a reload", "$('[data-live=waiting]')?.innerText === '3'")
	t.Logf("told by the socket after %v", took.Round(time.Millisecond))
	p.settle()
	p.axe("the live board", nil)
	p.shoot("board")

	p.press("At capacity")
	p.until("only who has no room", "$$('[data-agent]').length === 1 && "+ben)
	p.press("Away")
	p.until("only who is away", "$$('[data-agent]').length === 1 && !"+ben+" && location.search === '?show=away'")
	p.do(chromedp.Reload())
	p.until("the same after a reload", "$$('[data-agent]').length === 1 && !"+ben)
	p.press("All")
	p.until("everybody", "$$('[data-agent]').length === 3")

	q := f.setsBenAway(t, p)
	p.givesTheFirst(f, line)

	q.do(chromedp.Navigate(f.url + "/live"))
	q.until("that it is not for agents", "$('main')?.innerText.includes('You may not see this page')")
	if q.holds("$$('nav a').some((a) => a.getAttribute('href') === '/live')") {
		t.Error("an agent is shown the way to the live board")
	}
}

// setsBenAway lets the supervisor send Ben to lunch; he reads it at once, and comes back.
func (f *floor) setsBenAway(t *testing.T, p *page) *page {
	t.Helper()
	ben := onBoard("agent", f.ben.me.ID)
	q := openBrowser(t, "live-ben", f.url+"/")
	q.signInByHand("ben@desk.test", "the-password-of-an-agent")
	q.until("Ben's first list, and that he is told things", "$('#list') && $('nav [data-unseen], nav a[href=\"/notifications\"]')")
	p.until("that he is connected", "!"+ben+".innerText.includes('Not connected')")
	p.picks("What can be done with Ben Bold", "Lunch")
	p.until("Ben away, by whom", ben+".innerText.includes('Away: Lunch') && "+ben+".innerText.includes('by Sue Vance')")
	q.until("that he was told", "$$('[role=status], [role=alert], .notice').some((x) => x.innerText.includes('Sue Vance') && x.innerText.includes('Lunch'))")
	q.shoot("told")
	f.sue.must(t, "PUT", "/agents/"+f.ben.me.ID+"/availability", obj{"available": true}, nil)
	q.until("the newer notice alone", "$$('.notice').filter((n) => n.innerText.includes('Sue Vance made you')).length === 1 && $('.notice').innerText.includes('made you available')")
	f.sue.must(t, "PUT", "/agents/"+f.ben.me.ID+"/availability", obj{"available": false, "reason": "Training"}, nil)
	q.until("the newest alone", "$$('.notice').filter((n) => n.innerText.includes('Sue Vance made you')).length === 1 && $('.notice').innerText.includes('Training')")
	q.press("Set me back")
	p.until("Ben back", ben+".innerText.includes('Available') && !"+ben+".innerText.includes('by Sue')")
	p.picks("What can be done with Ben Bold", "Other reason…")
	p.chooses("at the dentist")
	q.until("that he was told once more, in the supervisor's words", "$$('.notice').some((n) => n.innerText.includes('at the dentist'))")
	f.ben.must(t, "PUT", "/agents/"+f.ben.me.ID+"/availability", obj{"available": true}, nil)
	q.until("nothing said of what is over", "!$$('.notice').some((n) => n.innerText.includes('made you'))")
	return q
}

// givesTheFirst gives the first of the line of Sales to Ana, by hand and by the keys.
func (p *page) givesTheFirst(f *floor, line string) {
	p.t.Helper()
	p.presses("the button to assign", line+".querySelector('button')")
	p.until("whom the rules name first", "$('dialog.chooser[open]')?.getAttribute('aria-label') === 'Give #2 to' && $('dialog.chooser[open] [role=option]').innerText.includes('Ben Bold')")
	p.shoot("assign")
	p.chooses("ana")
	p.until("the next one first", line+".innerText.includes('#3 A third lamp') && $('[data-live=waiting]').innerText === '2'")
	p.until("what Ana has", onBoard("agent", f.admin.me.ID)+".innerText.includes('#2 A second lamp')")
}

// The page of an agent says who they are, what they have, and how they came and went, page after page; a colleague sees less of it, a
// team's page its members, its line and its rules.
func TestBrowserAgentAndTeamPages(t *testing.T) {
	t.Parallel()
	f := openFloor(t)
	for i := range 22 {
		f.sue.must(t, "PUT", "/agents/"+f.ben.me.ID+"/availability", obj{"available": i%2 == 1, "reason": "Training"}, nil)
	}
	p := openBrowser(t, "pages", f.url+"/")
	p.signInByHand("sue@desk.test", "the-password-of-an-agent")
	p.until("the first list", "$('#list')")
	p.do(chromedp.Navigate(f.url + "/agents/" + f.ben.me.ID))
	p.until("who Ben is, and what he has", "$('h1')?.innerText === 'Ben Bold' && $('[data-tickets]')?.innerText.includes('#1 A lamp') && document.body.innerText.includes('1 of at most 1')")
	p.until("the first page of his history", "$$('[data-history] li').length === 20 && $('[data-history] li').innerText.includes('by Sue Vance')")
	p.press("Show earlier")
	p.until("all of it", "$$('[data-history] li').length === 23 && ![...$$('button')].some((b) => b.innerText === 'Show earlier')")
	p.settle()
	p.axe("an agent's page", nil)
	p.shoot("agent")
	p.presses("the team", "$$('a.chip').find((a) => a.innerText.includes('Sales'))")
	p.until("the team: members, line and rules", "location.pathname.startsWith('/teams/') && $$('[data-member]').length === 2 && $('[data-rules]')?.innerText.includes('To sales') && $('[data-line]')?.innerText.includes('#2 A second lamp')")
	p.until("who is not routed to", onBoard("member", f.admin.me.ID)+".innerText.includes('not routed to')")
	p.settle()
	p.axe("a team's page", nil)
	p.shoot("team")

	q := openBrowser(t, "pages-ben", f.url+"/")
	q.signInByHand("ben@desk.test", "the-password-of-an-agent")
	q.until("the first list", "$('#list')")
	q.do(chromedp.Navigate(f.url + "/agents/" + f.ben.me.ID))
	q.until("one's own page, whole", "$$('[data-history] li').length === 20 && $('[data-tickets]')")
	q.do(chromedp.Navigate(f.url + "/agents/" + f.admin.me.ID))
	q.until("a colleague's, with what colleagues see", "$('h1')?.innerText === 'Ana Torres' && $('[data-now]') && !$('[data-history]') && !$('[data-tickets]') && !document.body.innerText.includes('Limits')")
	q.do(chromedp.Navigate(f.url + "/teams/" + f.sales))
	q.until("the team without its line and rules", "$$('[data-member]').length === 2 && !$('[data-rules]') && !$('[data-line]')")
}
