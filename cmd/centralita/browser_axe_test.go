//go:build integration

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/demo"
)

// look is a page of the workspace that every look goes over: the check of accessibility, and the pictures of `make screens`.
// A new page is a line here.
type look struct {
	name  string
	path  string            // {ticket}, {channel}, {chat}, {agent} and {team} are ids of the sample desk
	until string            // what is there when the page is
	then  func(p *page)     // what else is done before one looks
	as    string            // the address of who looks; the administrator when empty
	skip  map[string]string // rules of axe-core that do not hold here, each with its reason
}

var looks = []look{
	{name: "tickets", path: "/tickets/open", until: "$('[data-row]')"},
	{name: "tickets-empty", path: "/tickets/closed", until: "$('#list')"},
	{name: "conversation", path: "/tickets/open/{ticket}", until: "$('#conversation ol')"},
	{name: "details", path: "/tickets/open/{ticket}/details", until: "$('#conversation ol')"},
	{name: "table", path: "/tickets/open?layout=table", until: "$('a.line[data-row]')"},
	{name: "board", path: "/tickets/open?layout=board", until: "$('[data-card]')"},
	{name: "view-form", path: "/tickets/open?layout=table&sort=number", until: "$('[data-view-name]') || ($('[data-view-save]')?.click(), false)"},
	{name: "filters", path: "/tickets/open", until: "$('.filter-pop') || ($('[data-filter-add]')?.click(), false)"},
	{name: "ticket-new", path: "/tickets/open", until: "$('[data-row]')", then: func(p *page) {
		p.keys("c")
		p.until("the form of a ticket", "$('#new-ticket')")
	}},
	{name: "ticket-menu", path: "/tickets/open/{ticket}/details", until: "$('aside .panel header [aria-haspopup=dialog]')", then: func(p *page) {
		p.click("aside .panel header [aria-haspopup=dialog]")
		p.until("what can be done", "$('dialog.chooser[open]')")
	}},
	{name: "snooze", path: "/tickets/open/{ticket}", until: "$('#conversation ol')", then: func(p *page) {
		p.keys("z")
		p.until("the moments", "$('dialog.chooser[open]')")
	}},
	{name: "palette", path: "/tickets/open", until: "$('[data-row]')", then: openPalette},
	{name: "shortcuts", path: "/tickets/open/{ticket}", until: "$('#conversation ol')", then: func(p *page) {
		p.keys("?")
		p.until("the sheet of shortcuts", "$('[role=dialog], dialog[open]')")
	}},
	{name: "channels", path: "/settings/channels", until: "document.body.innerText.includes('Harbour chat')"},
	{name: "channel", path: "/settings/channels/{channel}", until: "$('h1')"},
	{name: "channel-new-email", path: "/settings/channels/new/email", until: "$('form')"},
	{name: "channel-kinds", path: "/settings/channels/new", until: "$('.kinds')"},
	{name: "channel-settings", path: "/settings/channels/{channel}/settings", until: "$('form')"},
	{name: "channel-tickets", path: "/settings/channels/{channel}/tickets", until: "$('[data-form=join]') && $('[data-form=flood]') && $('[data-form=folders] .select')?.disabled === false"},
	{name: "chat-settings", path: "/settings/channels/{chat}/settings", until: "$('form')"},
	{name: "channel-routing", path: "/settings/channels/{channel}/routing", until: "$('form')"},
	{name: "capacity", path: "/settings/capacity", until: "$('[data-agent]')"},
	{name: "tags", path: "/settings/tags", until: "document.body.innerText.includes('Refund')"},
	{name: "tag-new", path: "/settings/tags/new", until: "$('[role=dialog] form')"},
	{name: "pipeline-new", path: "/settings/pipelines/new", until: "$('[role=dialog] form')"},
	{name: "snippet-new", path: "/settings/snippets/new", until: "$('[role=dialog] form')"},
	{name: "macro-new", path: "/settings/macros/new", until: "$('[role=dialog] form')"},
	{name: "skill-new", path: "/settings/skills/new", until: "$('[role=dialog] form')"},
	{name: "team-new", path: "/settings/teams/new", until: "$('[role=dialog] form')"},
	{name: "agents", path: "/settings/agents", until: "document.body.innerText.includes('Clara Weiss')"},
	{name: "agent", path: "/settings/agents/{agent}", until: "$('form')"},
	{name: "agent-new", path: "/settings/agents/new", until: "$('form')"},
	{name: "agents-as-agent", path: "/settings/agents", until: "document.body.innerText.includes('Clara Weiss')", as: demo.Agents[1].Email},
	{name: "hours", path: "/settings/hours", until: "$('main .empty') || $('main h2')"},
	{name: "hours-new", path: "/settings/hours/new", until: "$('form')"},
	{name: "holidays-new", path: "/settings/hours/holidays/new", until: "$('form')"},
	{name: "teams", path: "/settings/teams", until: "document.body.innerText.includes('Support')"},
	{name: "skills", path: "/settings/skills", until: "$('h1')"},
	{name: "pipelines", path: "/settings/pipelines", until: "$('h1')"},
	{name: "ticket-properties", path: "/settings/ticket-properties", until: "$('h1')"},
	{name: "ticket-property-new", path: "/settings/ticket-properties/new", until: "$('[role=dialog] form')"},
	{name: "contact-properties", path: "/settings/contact-properties", until: "$('h1')"},
	{name: "snippets", path: "/settings/snippets", until: "$('h1')"},
	{name: "macros", path: "/settings/macros", until: "$('h1')"},
	{name: "security", path: "/me/security", until: "$('[data-rule=two-factor]')"},
	{name: "notifications", path: "/notifications", until: "$('[data-notice], .empty')"},
	{name: "notifications-of-agent", path: "/notifications", until: "$('[data-notice], .empty')", as: demo.Agents[1].Email},
	{name: "me-notifications", path: "/me/notifications", until: "$('[data-rule=desktop]')"},
	{name: "blocked", path: "/settings/blocked", until: "$('main .empty')"},
	{name: "audit", path: "/settings/audit", until: "$('li[data-kind]')"},
	{name: "search", path: "/search?q=bike", until: "$('h1, main')"},
	{name: "live", path: "/live", until: "$('[data-agent]') && $('[data-line]')"},
	{name: "agent-page", path: "/agents/{agent}", until: "$('[data-now]') && ($('[data-tickets]') || document.body.innerText.includes('No open tickets'))"},
	{name: "agent-page-of-colleague", path: "/agents/{agent}", until: "$('[data-now]')", as: demo.Agents[2].Email},
	{name: "team-page", path: "/teams/{team}", until: "$('[data-member]') && $('[data-line]') && $('[data-rules]')"},
	{name: "dashboard", path: "/dashboard", until: "$('h1')"},
	{name: "me", path: "/me", until: "$('main')"},
	{name: "me-profile", path: "/me/profile", until: "$('form, select')"},
	{name: "styleguide", path: "/styleguide", until: "$('.table')"},
	{name: "missing", path: "/nothing/here", until: "$('main')"},
}

func openPalette(p *page) {
	p.keys("k", chromedp.ModifierCtrl)
	p.until("the palette", "$('[role=dialog] input')")
}

// sampleDesk is a desk with three agents, a mailbox, a web chat, and the nine tickets of its customers: eight mails and a chat. The ids
// are of one of the mails, of the channels and of the second agent.
func sampleDesk(t *testing.T) (d *inProcess, ids *strings.Replacer) {
	t.Helper()
	d = openDesk(t, "", nil)
	setup, err := d.engine.SetupPath()
	if err != nil {
		t.Fatal(err)
	}
	show, err := demo.Start(t.Context(), demo.Options{BaseURL: d.url, SetupPath: setup, Pace: 20 * time.Millisecond, Think: time.Hour, Work: time.Hour, Most: 12, Logger: testLogger(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(show.Close)
	admin := signIn(t, d.url, demo.Agents[0].Email, demo.Password)
	var tickets []ticket
	eventually(t, patience, "tickets of the sample customers", func() bool {
		tickets = admin.tickets(t, "open")
		return len(tickets) == 9
	})
	var channels struct{ Channels []channelRow }
	admin.must(t, "GET", "/channels", nil, &channels)
	channel := map[string]string{}
	for _, c := range channels.Channels {
		channel[c.Kind] = c.ID
	}
	var agents struct{ Agents []struct{ ID, Email string } }
	admin.must(t, "GET", "/agents", nil, &agents)
	other := slices.IndexFunc(agents.Agents, func(a struct{ ID, Email string }) bool { return a.Email == demo.Agents[1].Email })
	var teams struct{ Teams []struct{ ID string } }
	admin.must(t, "GET", "/teams", nil, &teams)
	return d, strings.NewReplacer("{team}", teams.Teams[0].ID, "{ticket}", aMail(tickets).ID, "{channel}", channel["email"], "{chat}", channel["chat"], "{agent}", agents.Agents[other].ID)
}

// lookAt goes to a page and waits until it is there and nothing moves.
func (p *page) lookAt(url string, l look) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
	p.until(l.name, l.until)
	if l.then != nil {
		l.then(p)
	}
	p.settle()
}

// settle waits until fonts are there, animations that end have ended, and the last change is painted.
func (p *page) settle() {
	p.t.Helper()
	await[bool](p, `Promise.all(document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity).map((a) => a.finished.catch(() => {})))
		.then(() => document.fonts.ready).then(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r(true)))))`)
}

// await evaluates a promise.
func await[T any](p *page, js string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %.80s: %v", p.name, js, err)
	}
	return v
}

func (p *page) scheme(scheme string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	}))
	p.settle()
}

// violation is what axe-core found.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string
		Target         []any
		FailureSummary string
	}
}

// What axe-core looks for. Another scheme gives other colours to the same elements: only what judges colours is asked again.
const (
	rules       = `['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']`
	colourRules = `{type: 'rule', values: ['color-contrast', 'link-in-text-block']}`
)

// axe runs axe-core over what is shown and reports what is serious or critical. The sandboxed frames of mails are somebody
// else's pages and are left out.
func (p *page) axe(where string, skip map[string]string) {
	p.t.Helper()
	p.axeFor(rules, where, skip)
}

func (p *page) axeFor(rules, where string, skip map[string]string) {
	p.t.Helper()
	if !p.holds("window.axe") {
		source, err := os.ReadFile("../../web/node_modules/axe-core/axe.min.js")
		if err != nil {
			p.t.Fatalf("axe-core (make deps installs it): %v", err)
		}
		await[bool](p, string(source)+"\n;Promise.resolve(true)")
	}
	for _, v := range await[[]violation](p, `axe.run(document, {iframes: false, resultTypes: ['violations'],
		runOnly: `+rules+`})
		.then((r) => r.violations.map(({id, impact, help, nodes}) => ({id, impact, help, nodes: nodes.map(({html, target, failureSummary}) => ({html, target, failureSummary}))})))`) {
		grave := v.Impact == "serious" || v.Impact == "critical" || v.ID == "landmark-unique" // two parts of one name are no help to who jumps among them
		if _, known := skip[v.ID]; known || !grave {
			continue
		}
		n := v.Nodes[0]
		at, _ := json.Marshal(n.Target) // strings only
		p.t.Errorf("%s: %s (%s, %d times): %s\n  %s %.300s\n  %s", where, v.ID, v.Impact, len(v.Nodes), v.Help, at, n.HTML, n.FailureSummary)
	}
}

// picture keeps what is shown if CENTRALITA_SHOTS names a directory.
func (p *page) picture(name string) {
	p.t.Helper()
	dir := os.Getenv("CENTRALITA_SHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
	if err != nil {
		p.t.Errorf("take a picture of %s: %v", name, err)
	}
}

// Every page, in both themes and both sizes, has no serious or critical finding of axe-core and nothing wider than the
// screen. With CENTRALITA_SHOTS (make screens) each is also kept as a picture, in Spanish, too.
func TestBrowserEveryPageIsAccessible(t *testing.T) {
	t.Parallel() // the longest, beside those that wait
	d, ids := sampleDesk(t)
	pages := map[string]*page{}
	for _, l := range looks {
		who := l.as
		if who == "" {
			who = demo.Agents[0].Email
		}
		p := pages[who]
		if p == nil {
			p = openBrowser(t, who, d.url+"/")
			p.picture("sign-in")
			p.axeInBoth("sign-in", "", nil)
			p.signInByHand(who, demo.Password)
			p.holds("document.cookie = 'centralita_demo=1'")
			pages[who] = p
		}
		p.inspect(d.url+ids.Replace(l.path), l)
	}
}

// axeInBoth looks in both schemes, and keeps a picture of each under a name if there is one.
func (p *page) axeInBoth(where, picture string, skip map[string]string) {
	p.t.Helper()
	asked := rules
	for _, scheme := range []string{"light", "dark"} {
		p.scheme(scheme)
		p.axeFor(asked, where+", "+scheme, skip)
		if picture != "" {
			p.picture(picture + "-" + scheme)
		}
		asked = colourRules
	}
}

// untold finds names of texts that stand where the texts should: an area of the catalogue that its screen does not load.
const untold = `(() => {
	const found = [], nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), name = /^(?!.*\bexample\b)[a-z]+(\.[a-z_]+)+$/
	while (nodes.nextNode()) if (name.test(nodes.currentNode.data.trim())) found.push(nodes.currentNode.data.trim())
	for (const e of document.querySelectorAll('[aria-label], [title], [placeholder]')) for (const a of ['aria-label', 'title', 'placeholder']) if (name.test(e.getAttribute(a) ?? '')) found.push(e.getAttribute(a))
	return [...new Set(found)].join(', ')
})()`

func (p *page) inspect(url string, l look) {
	p.t.Helper()
	for _, size := range [][2]int64{{1440, 900}, {390, 844}} {
		p.do(chromedp.EmulateViewport(size[0], size[1]))
		p.lookAt(url, l)
		if wide := ask[int](p, "document.documentElement.scrollWidth"); wide > int(size[0]) {
			p.t.Errorf("%s at %d is %d wide", l.name, size[0], wide)
		}
		if raw := ask[string](p, untold); raw != "" {
			p.t.Errorf("%s shows names of texts instead of these: %s", l.name, raw)
		}
		p.axeInBoth(fmt.Sprintf("%s, %d", l.name, size[0]), fmt.Sprintf("%s-%d", l.name, size[0]), l.skip)
		if os.Getenv("CENTRALITA_SHOTS") != "" {
			p.scheme("light")
			p.holds("localStorage.setItem('centralita.locale', 'es') ?? true")
			p.lookAt(url, l)
			p.picture(fmt.Sprintf("%s-%d-es", l.name, size[0]))
			p.holds("localStorage.removeItem('centralita.locale') ?? true")
		}
	}
	p.do(chromedp.EmulateViewport(1440, 900))
}
