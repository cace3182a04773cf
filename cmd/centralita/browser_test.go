//go:build integration

package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/mailsim"
)

const customerAddress = "carla@customer.test"

// signInByHand fills in the form as a person would.
func (p *page) signInByHand(email, password string) {
	p.t.Helper()
	p.until("the sign-in", "$('input[type=password]')")
	p.shoot("sign-in")
	p.click("input[type=email]")
	p.keys(email)
	p.click("input[type=password]")
	p.keys(password + "\r")
	p.until("the list, with its address", "$('#list') && location.pathname.startsWith('/tickets/')") // which list that is, is known a moment later
	p.holds("window.neverReloaded = true")
}

// row finds the row of a ticket in the list by words in it.
func row(words string) string {
	return fmt.Sprintf("$$('[data-row]').find((r) => r.innerText.includes(%s))", quote(words))
}

// focused finds what has the focus.
const focused = "document.activeElement?.dataset?.row"

// An agent works with the keyboard alone: a mail arrives and appears without reload, is opened, answered and closed, and the
// customer's answer joins the ticket.
func TestBrowserAnswersMail(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	admin.setAvailable(t, true)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	p := openBrowser(t, "agent", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.keys("2")
	p.until("the empty list of one's own tickets", "location.pathname === '/tickets/mine' && $$('[data-row]').length === 0")

	first := letter{from: "Carla Gil <" + customerAddress + ">", to: supportAddress, subject: "My lamp flickers", id: "lamp@customer.test",
		text: "Good morning,\n\nsince yesterday my lamp flickers. What can I do?\n\nCarla"}
	start := time.Now()
	if err := mail.Deliver(supportAddress, first.raw()); err != nil {
		t.Fatal(err)
	}
	p.until("the mail in the list", row("My lamp flickers"))
	t.Logf("from the mailbox to the agent's screen, assigned: %v", time.Since(start).Round(time.Millisecond))
	second := letter{from: "Dario <dario@customer.test>", to: supportAddress, subject: "Where is my order?", id: "order@customer.test", text: "Is it on its way?"}
	if err := mail.Deliver(supportAddress, second.raw()); err != nil {
		t.Fatal(err)
	}
	p.until("both mails, the newer one first", "$$('[data-row]').map((r) => r.innerText.includes('order')).join() === 'true,false'")
	p.shoot("list")
	p.keys("j") // the first press goes to the list
	p.until("the cursor in the list", focused)
	p.keys("k")
	p.until("the cursor at the first row", focused+" === $$('[data-row]')[0].dataset.row")
	p.keys("j")
	p.until("the cursor at the second row", focused+" === $$('[data-row]')[1].dataset.row")
	p.keys("\r")
	p.until("the conversation", "$('#conversation')?.innerText.includes('since yesterday my lamp flickers')")
	p.keys("r")
	p.until("the cursor in the composer", inEditor)
	p.keys("Hello Carla, please tighten the bulb. Ana")
	p.keys("\r", chromedp.ModifierCtrl)
	p.until("the reply, sent", "$('#conversation .outbound .tick.sent')")
	answer := awaitMail(t, mail, customerAddress, "tighten the bulb")
	if strings.TrimSpace(strings.SplitN(answer.Text, "\n>", 2)[0]) != "Hello Carla, please tighten the bulb. Ana" {
		t.Errorf("the reply says %q", answer.Text)
	}
	if answer.InReplyTo != first.id || !strings.Contains(answer.Subject, "My lamp flickers") {
		t.Errorf("the reply answers %q and is called %q", answer.InReplyTo, answer.Subject)
	}

	thanks := letter{from: first.from, to: supportAddress, subject: "Re: My lamp flickers", id: "thanks@customer.test",
		answers: []string{first.id, answer.MessageID}, text: "It works now, thank you!"}
	if err := mail.Deliver(supportAddress, thanks.raw()); err != nil {
		t.Fatal(err)
	}
	p.until("the answer in the same conversation", "$('#conversation')?.innerText.includes('It works now, thank you!')")
	if n := ask[int](p, "$$('[data-row]').length"); n != 2 {
		t.Errorf("there are %d rows, want 2: the answer belongs to the first ticket", n)
	}
	p.shoot("conversation")
	p.leaves()
	p.keys("e")
	p.until("the closed ticket gone from the list", "$$('[data-row]').length === 1 && "+row("Where is my order?"))
	p.keys("\x1b")
	p.until("the list without a conversation", "location.pathname === '/tickets/mine'")
	p.do(chromedp.Navigate(d.url + "/settings/channels"))
	p.until("the channel, running", "document.body.innerText.includes('Mail of "+supportAddress+"')")
	p.shoot("channels")
}

// awaitMail waits until a mailbox holds a mail with these words, and that it is the only one.
func awaitMail(t *testing.T, s *mailsim.Server, address, words string) (found mailsim.Message) {
	t.Helper()
	eventually(t, patience, "a mail with "+words, func() bool {
		for _, m := range s.Mailbox(address) {
			if strings.Contains(m.Text, words) {
				found = m
				return true
			}
		}
		return false
	})
	if n := len(s.Mailbox(address)); n != 1 {
		t.Errorf("%s has %d mails", address, n)
	}
	return found
}

// talkers are an agent's workspace and a visitor's page in two browsers, each behind a network of its own that can be cut.
type talkers struct {
	t                      *testing.T
	admin                  *restClient
	mail                   *mailsim.Server
	agent, visitor         *page
	agentNet, visitorNet   *mailsim.Proxy
	conversation           string
	fromAgent, fromVisitor int // said so far
}

// network is a way to the desk that can be cut.
func (d *inProcess) network(t *testing.T) *mailsim.Proxy {
	t.Helper()
	p, err := mailsim.NewProxy(strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func startTalkers(t *testing.T) *talkers {
	t.Helper()
	mail := startMailServer(t, supportAddress)
	d := openDesk(t, "", nil)
	w := &talkers{t: t, admin: d.setUp(t), mail: mail}
	w.admin.setAvailable(t, true)
	box := w.admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), w.admin))
	chat := w.admin.connect(t, chatChannel("Lamps and more", w.admin))
	awaitIdle(t, w.admin, box.ID)
	w.agentNet, w.visitorNet = d.network(t), d.network(t)
	w.agent = openBrowser(t, "workspace", "http://"+w.agentNet.Addr()+"/")
	w.visitor = openBrowser(t, "visitor", "http://"+w.visitorNet.Addr()+"/channels/"+chat.ID+"/")
	w.agent.signInByHand(adminEmail, adminPass)
	w.agent.keys("2")
	w.visitor.until("the widget", "$('.launcher')")
	w.visitor.shoot("closed")
	w.visitor.click(".launcher")
	w.visitor.until("the open panel", "root.activeElement.tagName === 'IFRAME' && frame.activeElement.tagName === 'TEXTAREA'")
	return w
}

// visitorSays types into the widget; agentSays into the composer. What is said is numbered, so that its order can be checked.
func (w *talkers) visitorSays() string {
	w.t.Helper()
	w.fromVisitor++
	text := fmt.Sprintf("visitor-%d", w.fromVisitor)
	w.visitor.click(".composer textarea")
	w.visitor.keys(text + "\r")
	return text
}

func (w *talkers) agentSays() string {
	w.t.Helper()
	w.fromAgent++
	text := fmt.Sprintf("agent-%d", w.fromAgent)
	w.agent.click("#conversation textarea")
	w.agent.keys(text)
	w.agent.keys("\r", chromedp.ModifierCtrl)
	return text
}

const (
	agentLog   = "([...($('#conversation ol')?.children || [])].map((e) => e.textContent).join('\\n'))" // also what is not laid out, far from the screen
	visitorLog = "(frame?.querySelector('.list')?.innerText || '')"
)

func sees(log, text string) string { return log + ".split(/\\s+/).includes(" + quote(text) + ")" }

var said = regexp.MustCompile(`\b(?:visitor|agent)-\d+\b`)

// compare holds both screens against the conversation as the journal has it: complete, in order, nothing twice.
func (w *talkers) compare() {
	w.t.Helper()
	var c struct {
		Timeline []struct {
			Body *struct{ Text string }
		}
	}
	w.admin.must(w.t, "GET", "/conversations/"+w.conversation, nil, &c)
	var want []string
	for _, item := range c.Timeline {
		if item.Body != nil {
			want = append(want, item.Body.Text)
		}
	}
	if n := w.fromVisitor + w.fromAgent; len(want) != n {
		w.t.Errorf("the journal holds %d messages of %d: %v", len(want), n, want)
	}
	for p, log := range map[*page]string{w.agent: agentLog, w.visitor: visitorLog} {
		got := said.FindAllString(ask[string](p, log), -1)
		if !slices.Equal(got, want) {
			w.t.Errorf("%s shows %v, want %v", p.name, got, want)
		}
	}
}

// Two browsers talk in real time. Then each network is cut for ten seconds while messages are written on both sides: after
// it both screens are complete and in order.
func TestBrowserChatThroughCuts(t *testing.T) {
	t.Parallel() // it waits most of the time
	w := startTalkers(t)
	text := w.visitorSays()
	w.agent.until("the visitor's ticket", row(text))
	w.agent.click("[data-row]")
	w.agent.until("the visitor's words", sees(agentLog, text))
	w.conversation = ask[string](w.agent, "location.pathname.split('/')[3]")
	w.agent.holds(`(window.takenAway = [], new MutationObserver((all) => takenAway.push(...all.flatMap((m) => [...m.removedNodes]).filter((e) => e.dataset?.item).map((e) => e.textContent)))
		.observe($('#conversation ol'), {childList: true}), true)`)
	for range 3 {
		text = w.agentSays()
		there := w.visitor.until("the agent's words", sees(visitorLog, text))
		text = w.visitorSays()
		back := w.agent.until("the visitor's words", sees(agentLog, text))
		t.Logf("agent to visitor %v, visitor to agent %v", there.Round(time.Millisecond), back.Round(time.Millisecond))
	}
	w.compare()
	w.agent.shoot("chat")
	w.visitor.shoot("chat")

	w.cutAgent()
	w.compare()
	w.cutVisitor()
	w.compare()
	if gone := ask[[]string](w.agent, "takenAway"); len(gone) > 0 {
		t.Errorf("what was shown was taken away for a moment: %q", gone)
	}
	if !w.agent.holds("window.neverReloaded") {
		t.Error("the workspace was reloaded")
	}
}

// cutAgent cuts the agent's network: the visitor goes on, a mail comes in, and the agent writes all the same.
func (w *talkers) cutAgent() {
	w.t.Helper()
	last := ""
	cut(w.t, w.agentNet, 10, func(second int) {
		last = w.visitorSays()
		switch second {
		case 2:
			w.agentSays()
		case 4:
			l := letter{from: "Elsa <elsa@customer.test>", to: supportAddress, subject: "While you were away", id: "away@customer.test", text: "Hello?"}
			if err := w.mail.Deliver(supportAddress, l.raw()); err != nil {
				w.t.Error(err)
			}
		case 6:
			w.agent.shoot("offline")
		case 9:
			if w.agent.holds(sees(agentLog, "visitor-"+fmt.Sprint(w.fromVisitor-5)) + " || " + row("While you were away")) {
				w.t.Error("the agent's network was not cut")
			}
		}
	})
	took := w.agent.until("all of it on the agent's screen", sees(agentLog, last)+" && "+row("While you were away"))
	w.agent.until("nothing under way", "!$('#conversation [aria-busy=true]')")
	w.visitor.until("what the agent wrote without network", sees(visitorLog, fmt.Sprintf("agent-%d", w.fromAgent)))
	w.t.Logf("the agent's screen is complete %v after the network came back", took.Round(time.Millisecond))
}

// cutVisitor cuts the visitor's network: the agent goes on, and the visitor writes all the same.
func (w *talkers) cutVisitor() {
	w.t.Helper()
	last := ""
	cut(w.t, w.visitorNet, 10, func(second int) {
		last = w.agentSays()
		switch second {
		case 3:
			w.visitorSays()
		case 6:
			w.visitor.shoot("offline")
		case 9:
			if w.visitor.holds(sees(visitorLog, "agent-"+fmt.Sprint(w.fromAgent-5))) {
				w.t.Error("the visitor's network was not cut")
			}
		}
	})
	took := w.visitor.until("all of it on the visitor's screen", sees(visitorLog, last))
	w.agent.until("what the visitor wrote without network", sees(agentLog, fmt.Sprintf("visitor-%d", w.fromVisitor)))
	w.agent.until("nothing under way", "!$('#conversation [aria-busy=true]')")
	w.t.Logf("the visitor's screen is complete %v after the network came back", took.Round(time.Millisecond))
}

// cut ends all connections and refuses new ones for some seconds; in each of them something happens.
func cut(t *testing.T, network *mailsim.Proxy, seconds int, each func(second int)) {
	t.Helper()
	network.Refuse(true)
	network.CutAll()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for s := range seconds {
		each(s)
		<-second.C
	}
	network.Refuse(false)
}
