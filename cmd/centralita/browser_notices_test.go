//go:build integration

package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/mailsim"
)

// ears notes what a page shows through the browser and sounds: in place of the browser's own notifications, which nobody can read back,
// stand ones that remember; the tones are real ones, counted as they begin.
const ears = `
	window.heard = {asked: 0, shown: [], tones: 0};
	window.Notification = class {
		static get permission() { return localStorage.getItem('test.permission') || 'default' }
		static async requestPermission() { heard.asked++; localStorage.setItem('test.permission', 'granted'); return 'granted' }
		constructor(title, options) { heard.shown.push(title + ' | ' + options.body); heard.last = this }
		close() {}
	};
	const start = OscillatorNode.prototype.start;
	OscillatorNode.prototype.start = function (...when) { heard.tones++; return start.apply(this, when) };`

func (p *page) growEars(url string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: ears})
		return err
	}), chromedp.Navigate(url))
	p.until("the page that listens", "window.heard && $('main, #list')")
}

// tab opens another tab of the same browser, signed in as the same agent.
func (p *page) tab(name string) *page {
	p.t.Helper()
	ctx, end := chromedp.NewContext(p.ctx)
	q := &page{t: p.t, ctx: ctx, name: name}
	p.t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		p.t.Fatal(err)
	}
	q.do(chromedp.EmulateViewport(1440, 900))
	return q
}

// unseen waits until the sidebar counts so many new notifications.
func (p *page) unseen(n int) {
	p.t.Helper()
	want := fmt.Sprintf("$('nav [data-unseen]')?.innerText === '%d'", n)
	if n == 0 {
		want = "$('nav a[href=\"/notifications\"]') && !$('nav [data-unseen]')"
	}
	p.until(fmt.Sprintf("%d new notifications", n), want)
}

// saysNote lets a colleague write a note that calls an agent.
func (c *restClient) saysNote(t *testing.T, conversation, text string, called *restClient) {
	t.Helper()
	c.must(t, "POST", "/conversations/"+conversation+"/notes", obj{"message_id": "nt_" + strings.NewReplacer(" ", "_", ",", "").Replace(strings.ToLower(text)), "text": text, "mentions": []string{called.me.ID}}, nil)
}

type noticeWorld struct {
	url          string
	mail         *mailsim.Server
	admin, ben   *restClient
	conversation string
}

// openNoticeWorld is a desk where Ana has a ticket of Carla's and Ben is an administrator, too.
func openNoticeWorld(t *testing.T) *noticeWorld {
	t.Helper()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	w := &noticeWorld{url: d.url, mail: mail, admin: d.setUp(t)}
	w.admin.setAvailable(t, true)
	w.ben = w.admin.addAgent(t, "Ben Bold", "ben@desk.test", 5)
	w.admin.must(t, "PATCH", "/agents/"+w.ben.me.ID, obj{"role": "administrator"}, nil)
	ch := w.admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), w.admin))
	awaitIdle(t, w.admin, ch.ID)
	deliver(t, mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: "My lamp flickers", id: "lamp@customer.test", text: "Since yesterday."})
	eventually(t, patience, "the ticket", func() bool {
		all := w.admin.tickets(t, "mine")
		if len(all) == 1 {
			w.conversation = all[0].ID
		}
		return len(all) == 1
	})
	return w
}

// carlaWrites is another mail of the customer in the ticket.
func (w *noticeWorld) carlaWrites(t *testing.T, id, text string) {
	t.Helper()
	deliver(t, w.mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: "Re: My lamp flickers", id: id + "@customer.test", answers: []string{"lamp@customer.test"}, text: text})
}

// An agent is told what happened, in the page: also what happened while the network was away. What is looked at is seen, everywhere;
// a muted ticket is silent; what an administrator does to one's availability is said at once.
func TestBrowserNotifications(t *testing.T) {
	t.Parallel()
	w := openNoticeWorld(t)
	network, err := mailsim.NewProxy(strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = network.Close() })
	p := openBrowser(t, "notices", "http://"+network.Addr()+"/")
	p.signInByHand(adminEmail, adminPass)
	p.unseen(1)
	p.keys("gn")
	p.until("the list", "location.pathname === '/notifications' && $$('[data-notice]').length === 1")
	p.until("who assigned it", "$('[data-notice=assigned]').innerText.includes('Assigned to you') && $('[data-notice=assigned]').innerText.includes('#1 My lamp flickers')")

	network.Refuse(true)
	network.CutAll()
	told := func(n int) {
		t.Helper()
		eventually(t, patience, "so many notifications", func() bool {
			var told struct{ Unseen int }
			w.admin.must(t, "GET", "/me/notifications", nil, &told)
			return told.Unseen == n
		})
	}
	w.carlaWrites(t, "more", "It is worse now.")
	told(2)
	w.ben.saysNote(t, w.conversation, "Ana, shall I", w.admin)
	told(3)
	network.Refuse(false)
	p.until("what came meanwhile, the newest first", "$$('[data-notice]').map((n) => n.dataset.notice).join() === 'mention,reply,assigned'")
	p.unseen(3)
	p.shoot("list")

	p.click("[data-notice=reply] a")
	p.until("the ticket", "location.pathname.startsWith('/tickets/open/') && $('#conversation')?.innerText.includes('It is worse now.')")
	p.unseen(0)
	w.carlaWrites(t, "looked", "Are you there?")
	p.until("the message that is looked at", "$('#conversation')?.innerText.includes('Are you there?')")
	eventually(t, patience, "that it is seen", func() bool {
		var told struct {
			Unseen        int
			Notifications []struct{ Kind string }
		}
		w.admin.must(t, "GET", "/me/notifications", nil, &told)
		return told.Unseen == 0 && len(told.Notifications) == 4
	})

	p.mutesAndHears(t, w, "http://"+network.Addr())
}

// mutesAndHears mutes the ticket, is told by an administrator, and changes the rules.
func (p *page) mutesAndHears(t *testing.T, w *noticeWorld, url string) {
	t.Helper()
	p.do(chromedp.Navigate(url + "/notifications"))
	p.until("the list, seen", "$$('[data-notice]').length >= 3 && !$('.unseen')")
	p.click("[data-notice=mention] .mute button")
	p.until("the muted ticket gone from the list", "document.body.innerText.includes('Muted') && $$('[data-notice]').length === 0")
	w.ben.must(t, "PUT", "/agents/"+w.admin.me.ID+"/availability", obj{"available": false, "reason": "Training"}, nil)
	p.until("the word of it", "$$('.notice').some((n) => n.innerText.includes('Ben Bold made you away: Training'))")
	p.until("the line of it", "$$('[data-notice]').length === 1 && $('[data-notice=availability]')")
	p.unseen(1)
	p.shoot("availability")
	p.press("Mark all as seen")
	p.unseen(0)
	p.do(chromedp.Navigate(url + "/me/notifications"))
	p.until("the muted ticket by its name", "$$('main li').some((l) => l.innerText.includes('My lamp flickers'))")
	p.shoot("rules")
	p.press("Unmute")
	p.until("no muted ticket", "!$$('main li').some((l) => l.innerText.includes('My lamp flickers'))")
	p.click("input[name=mention]")
	p.until("the rule kept", "!$('input[name=mention]').checked")
	eventually(t, patience, "that mentions are neither listed nor counted", func() bool {
		var told struct{ Notifications []struct{ Kind string } }
		w.admin.must(t, "GET", "/me/notifications", nil, &told)
		return len(told.Notifications) == 4 // assigned, two replies, availability
	})
}

// Two windows are open: the browser is asked in a press only, and each notification is shown once and sounds once. Away, it is quiet.
func TestBrowserNotificationsAreLoudOnce(t *testing.T) {
	t.Parallel()
	w := openNoticeWorld(t)
	p := openBrowser(t, "loud", w.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.growEars(w.url + "/me/notifications")
	p.until("the switches, not pressed", "$('[data-rule=desktop] [aria-checked=false]') && heard.asked === 0")
	p.click("[data-rule=desktop] [role=switch]")
	p.until("permission, asked once", "$('[data-rule=desktop] [aria-checked=true]') && heard.asked === 1")
	p.click("[data-rule=sound] [role=switch]")
	p.until("the tone, to hear it", "$('[data-rule=sound] [aria-checked=true]') && heard.tones === 2")
	p.shoot("rules")
	p.holds("(heard.tones = 0, true)")
	q := p.tab("second")
	q.growEars(w.url + "/tickets/mine")
	for _, x := range []*page{p, q} {
		x.unseen(1)
		x.click("h1, .bar .title, #list") // a window is audible once it was pressed in
	}

	shown := func() (all []string, tones int) {
		for _, x := range []*page{p, q} {
			all = append(all, ask[[]string](x, "heard.shown")...)
			tones += ask[int](x, "heard.tones")
		}
		return all, tones
	}
	for i, text := range []string{"Ana look", "and here", "once more"} {
		w.ben.saysNote(t, w.conversation, text, w.admin)
		for _, x := range []*page{p, q} {
			x.unseen(i + 2)
		}
		eventually(t, patience, "the note "+text+" shown", func() bool { all, tones := shown(); return len(all) > i && tones > 2*i+1 })
		if all, tones := shown(); len(all) != i+1 || tones != 2*(i+1) || !strings.Contains(strings.Join(all, "\n"), "My lamp flickers | Ben Bold mentioned you\n"+text) {
			t.Errorf("after %q: %q, %d tones", text, all, tones)
		}
	}

	available := func(yes bool, says string) {
		t.Helper()
		w.admin.setAvailable(t, yes)
		for _, x := range []*page{p, q} {
			x.until("that one is "+says, "$('.me')?.innerText.includes("+quote(says)+")")
		}
	}
	available(false, "Away")
	w.ben.saysNote(t, w.conversation, "while away", w.admin)
	for _, x := range []*page{p, q} {
		x.unseen(5)
	}
	available(true, "Available")
	w.ben.saysNote(t, w.conversation, "back again", w.admin)
	eventually(t, patience, "the note of who is back", func() bool {
		all, tones := shown()
		return strings.Contains(strings.Join(all, "\n"), "back again") && tones > 7
	})
	if all, tones := shown(); len(all) != 4 || tones != 8 || strings.Contains(strings.Join(all, "\n"), "while away") {
		t.Errorf("%q, %d tones", all, tones)
	}

	speaker := p
	if !p.holds("heard.last?.onclick && heard.shown.at(-1).includes('back again')") {
		speaker = q
	}
	speaker.holds("(heard.last.onclick(), true)")
	speaker.until("the ticket a press opens", "location.pathname.startsWith('/tickets/open/') && $('#conversation')?.innerText.includes('back again')")
	for _, x := range []*page{p, q} {
		x.unseen(0)
	}
}
